//! Files on a phone: a person sends one, whose bytes go to the provider's keep and which the message
//! names there, and looks at one.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::super::Site;
use super::super::gupshup;
use super::super::meta::inbound::{self, SentFile, Typed};
use super::{Number, number, refused};

/// Largest file of a phone: one byte more than servers take must fit.
const FILE_BYTES_MAX: usize = 20 * 1024 * 1024;

/// What is said about the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// `image`, `video`, `audio`, `voice`, `document` or `sticker`.
    kind: String,
    /// What the person wrote below it.
    caption: Option<String>,
    /// Its name, of documents.
    name: Option<String>,
    /// Message id; made up when absent.
    id: Option<String>,
}

/// `GET /_phone/{channel}/{wa_id}/files/{id}`: the file that the message with this id shows.
pub async fn show(
    State(site): State<Arc<Site>>,
    Path((channel, wa_id, message)): Path<(String, String, String)>,
) -> Response {
    let number = match number(&site, &channel) {
        Ok(number) => number,
        Err(missing) => return missing,
    };
    let people = number.people();
    let file = people.with(&wa_id, |person| person.file_of(&message));
    let found = file.and_then(|id| match &number {
        Number::Meta(line) => site.meta.file(&id, &line.settings().phone_number_id),
        Number::Gupshup(app) => site.gupshup.file(&id, &app.settings().id),
    });
    match found {
        Some(file) => {
            let kind = file.headers.into_iter().map(|(_, value)| value).next();
            let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
            ([(header::CONTENT_TYPE, kind)], file.body).into_response()
        }
        None => refused(StatusCode::NOT_FOUND, "the message shows no file"),
    }
}

/// `POST /_phone/{channel}/{wa_id}/files?kind=…`: the body is the file, its content type the file's.
pub async fn send(
    State(site): State<Arc<Site>>,
    Path((channel, wa_id)): Path<(String, String)>,
    Query(about): Query<About>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let number = match number(&site, &channel) {
        Ok(number) => number,
        Err(missing) => return missing,
    };
    const KINDS: [&str; 6] = ["image", "video", "audio", "voice", "document", "sticker"];
    if !KINDS.contains(&about.kind.as_str()) {
        return refused(StatusCode::BAD_REQUEST, "an unknown kind of file");
    }
    let Ok(bytes) = to_bytes(body, FILE_BYTES_MAX).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "the file is too large");
    };
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mime = text(header::CONTENT_TYPE).unwrap_or("application/octet-stream");
    let host = text(header::HOST).unwrap_or("localhost");
    let keep = match &number {
        Number::Meta(line) => site
            .meta
            .keep_file(&line.settings().phone_number_id, mime, bytes),
        Number::Gupshup(app) => site
            .gupshup
            .keep_file(&app.settings().id, mime, bytes, host),
    };
    let typed = Typed {
        file: Some(SentFile {
            kind: about.kind,
            mime: mime.to_owned(),
            caption: about.caption,
            name: about.name,
            kept: keep,
        }),
        id: about.id,
        ..Typed::default()
    };
    let written = match &number {
        Number::Meta(line) => inbound::write(line, &wa_id, typed),
        Number::Gupshup(app) => gupshup::inbound::write(app, &wa_id, typed),
    };
    match written {
        Ok(written) => Json(json!({"id": written.id, "n": written.n})).into_response(),
        Err(error) => refused(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}
