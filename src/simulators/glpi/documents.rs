//! Uploads and downloads (GLPI REST API, media and documents). A refused file answers 201 and
//! says so in `upload_result`; the check is by extension; a multipart without a file is
//! reported as too big.

use bytes::Bytes;
use ring::digest;
use serde_json::{Map, Value, json};

use super::super::exchange::{Arrived, Provider, Reply};
use super::super::multipart::{self, Part};
use super::errors::Failure;
use super::house::{FILES_MAX, House};
use super::php::truthy;
use super::schema::Kind;
use super::session::Session;
use super::{json_reply, writes};

/// Bytes of one request at most (`post_max_size`).
const POST_MAX: usize = 16 * 1024 * 1024;

/// The manifest and the files of an upload.
pub type Form = (Map<String, Value>, Vec<Part>);

/// A file of the form after the check of its type.
struct Upload<'a> {
    name: &'a str,
    mime: &'a str,
    bytes: &'a Bytes,
    allowed: bool,
}

/// The manifest of a multipart request; `None` when the request is none.
pub fn manifest(request: &Arrived) -> Option<Result<Form, Failure>> {
    let kind = request.header("content-type")?;
    if !kind.starts_with("multipart/form-data") {
        return None;
    }
    Some(read(kind, &request.body))
}

fn read(kind: &str, body: &Bytes) -> Result<Form, Failure> {
    let too_big = || {
        Failure::new(
            400,
            "ERROR_UPLOAD_FILE_TOO_BIG_POST_MAX_SIZE",
            "The file seems too big",
        )
    };
    let parts = multipart::parse(kind, body)
        .filter(|_| body.len() <= POST_MAX)
        .ok_or_else(too_big)?;
    let (files, fields): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|part| part.filename.is_some() && part.name != "uploadManifest");
    if files.is_empty() {
        return Err(too_big());
    }
    let text = fields
        .iter()
        .find(|part| part.name == "uploadManifest")
        .map(Part::text);
    let manifest: Option<Map<String, Value>> =
        text.and_then(|text| serde_json::from_str(&text).ok());
    let manifest = manifest.filter(|manifest| manifest.get("input").is_some_and(Value::is_object));
    let manifest = manifest.ok_or_else(|| {
        Failure::new(
            400,
            "ERROR_JSON_PAYLOAD_INVALID",
            "JSON payload seems not valid",
        )
    })?;
    Ok((manifest, files))
}

/// Creates an item with files: a document, or a ticket or followup with documents linked.
pub fn create(
    house: &mut House,
    session: &Session,
    kind: Kind,
    manifest: &Map<String, Value>,
    files: &[Part],
    request: &Arrived,
    random: u64,
) -> Result<Reply, Failure> {
    let input = manifest
        .get("input")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let uploads: Vec<_> = files.iter().map(|file| check(house, file)).collect();
    let refused = uploads
        .iter()
        .find(|upload| !upload.allowed)
        .map(|upload| upload.name.to_owned());
    let strict = truthy(input.get("_only_if_upload_succeed"));
    if let Some(name) = refused.as_ref().filter(|_| strict) {
        return Err(Failure::new(
            400,
            "ERROR_GLPI_ADD",
            format!("File {name} not found."),
        ));
    }
    let failed = |message| Failure::new(400, "ERROR_GLPI_ADD", message);
    let prefix = format!("{:014x}.{:08}", random >> 8, random % 100_000_000);
    let result: Vec<Value> = uploads
        .iter()
        .map(|upload| describe(upload, &prefix))
        .collect();

    let (id, message) = if kind == Kind::Document {
        let (id, message) = writes::add(house, session, kind, &input).map_err(failed)?;
        if let Some(upload) = uploads.first().filter(|upload| upload.allowed) {
            keep(house, id, upload);
        }
        if let Some(itemtype) = input
            .get("itemtype")
            .filter(|_| input.contains_key("items_id"))
        {
            let link =
                json!({"documents_id": id, "itemtype": itemtype, "items_id": input["items_id"]});
            link_document(house, session, &link).map_err(failed)?;
        }
        (id, message)
    } else {
        let (id, mut message) = writes::add(house, session, kind, &input).map_err(failed)?;
        for upload in &uploads {
            if !upload.allowed {
                message = format!("File {} not found.", upload.name);
                continue;
            }
            let fields = json!({"name": upload.name, "entities_id": session.entity});
            let fields = fields.as_object().cloned().unwrap_or_default();
            let (document, _) =
                writes::add(house, session, Kind::Document, &fields).map_err(failed)?;
            keep(house, document, upload);
            let itemtype = kind.schema().itemtype;
            let link = json!({"documents_id": document, "itemtype": itemtype, "items_id": id});
            link_document(house, session, &link).map_err(failed)?;
            message = "Document copy succeeded.".to_owned();
        }
        (id, message)
    };
    let location = format!(
        "{}/{}/{id}",
        request.base_url(Provider::Glpi),
        kind.schema().itemtype
    );
    let answer = json!({"id": id, "message": message, "upload_result": {"filename": result}});
    Ok(json_reply(201, &answer).with("location", &location))
}

/// The bytes of a document, when the request asks for them.
pub fn download(
    house: &House,
    id: i64,
    params: &Map<String, Value>,
    request: &Arrived,
) -> Option<Reply> {
    let by_header = request.header("accept") == Some("application/octet-stream");
    let by_query = params.get("alt").and_then(Value::as_str) == Some("media");
    if !by_header && !by_query {
        return None;
    }
    let document = house.store.get(Kind::Document, id)?;
    let name = document.text("filename");
    let bytes = house.files.get(&id).cloned().unwrap_or_default();
    let reply = Reply::text(200, "application/octet-stream", bytes);
    let disposition = format!("filename=\"{name}\"; filename*=utf-8''{name}");
    let mut reply = reply
        .with("content-disposition", &disposition)
        .with("etag", document.text("sha1sum"));
    if let Ok(mime) = document.text("mime").parse() {
        reply.headers[0].1 = mime;
    }
    Some(reply)
}

fn check<'a>(house: &House, file: &'a Part) -> Upload<'a> {
    let name = file.filename.as_deref().unwrap_or_default();
    // Clients may send a whole path; only its last part is the name.
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_lowercase());
    let allowed = extension.is_some_and(|extension| {
        house.store.rows(Kind::DocumentType).any(|row| {
            row.int("is_uploadable") != 0 && row.text("ext").eq_ignore_ascii_case(&extension)
        })
    });
    let mime = file.mime.as_deref().unwrap_or("application/octet-stream");
    Upload {
        name,
        mime,
        bytes: &file.bytes,
        allowed,
    }
}

fn describe(upload: &Upload<'_>, prefix: &str) -> Value {
    let mut result = json!({
        "name": format!("{prefix}{}", upload.name),
        "size": upload.bytes.len(),
        "type": upload.mime,
        "prefix": prefix,
        "display": upload.name,
        "filesize": format!("{} B", upload.bytes.len()),
        "id": format!("docfilename{}", upload.bytes.len()),
    });
    if !upload.allowed {
        result["error"] = "Filetype not allowed".into();
    }
    result
}

fn keep(house: &mut House, id: i64, upload: &Upload<'_>) {
    let sha1 = hex::encode(digest::digest(
        &digest::SHA1_FOR_LEGACY_USE_ONLY,
        upload.bytes,
    ));
    let (folder, name) = sha1.split_at(2);
    let path = format!("BIN/{folder}/{name}");
    for (column, value) in [
        ("filename", upload.name),
        ("filepath", &path),
        ("mime", upload.mime),
        ("sha1sum", &sha1),
    ] {
        house.store.set(Kind::Document, id, column, value);
    }
    if house.files.len() >= FILES_MAX
        && let Some(oldest) = house.files.keys().min().copied()
    {
        house.files.remove(&oldest);
    }
    house.files.insert(id, upload.bytes.clone());
}

fn link_document(house: &mut House, session: &Session, link: &Value) -> Result<(), Value> {
    let fields = link.as_object().cloned().unwrap_or_default();
    writes::add(house, session, Kind::DocumentItem, &fields).map(|_| ())
}
