//! From a request to the function that answers it: parameters as PHP reads them, paths, and
//! the headers every answer carries (GLPI REST API, transport).

use axum::http::{HeaderValue, Method, header};
use serde_json::{Map, Value};

use super::super::exchange::{Arrived, Reply};
use super::errors::Failure;
use super::house::House;
use super::schema::Kind;
use super::session::Session;
use super::{documents, options, php, reads, search, session, writes};

/// Everything behind the App-Token.
pub fn route(
    house: &mut House,
    request: &Arrived,
    path: &[&str],
    params: &Map<String, Value>,
    random: (u64, u64),
) -> Result<Reply, Failure> {
    if path[0] == "initSession" {
        return session::init(house, request, params, random);
    }
    let (token, session) = session::find(house, request, params)?;
    if let Some(answer) = session::endpoint(house, path[0], &token, &session, params) {
        return answer;
    }
    match path {
        ["getMultipleItems"] => reads::multiple(house, &session, params, request),
        ["listSearchOptions", itemtype] => Ok(json_reply(200, &options::list(kind_of(itemtype)?))),
        ["search", itemtype] => search::search(house, &session, kind_of(itemtype)?, params),
        [itemtype, rest @ ..] => items(
            house,
            &session,
            (kind_of(itemtype)?, rest),
            params,
            request,
            random.0,
        ),
        [] => Err(Failure::new(
            400,
            "ERROR_RESOURCE_MISSING",
            "resource is missing",
        )),
    }
}

/// `{Itemtype}`, `{Itemtype}/{id}`, `{Itemtype}/{id}/{Child}` and `{Itemtype}/{id}/{Child}/{id}`.
fn items(
    house: &mut House,
    session: &Session,
    (kind, rest): (Kind, &[&str]),
    params: &Map<String, Value>,
    request: &Arrived,
    random: u64,
) -> Result<Reply, Failure> {
    let number = |text: &str| {
        text.parse::<i64>()
            .map_err(|_| Failure::new(400, "ERROR_RESOURCE_MISSING", "id must be a number"))
    };
    let (above, kind, id) = match rest {
        [] => (None, kind, None),
        [id] => (None, kind, Some(number(id)?)),
        [id, child] => (Some((kind, number(id)?)), child_of(child)?, None),
        [id, child, child_id] => (
            Some((kind, number(id)?)),
            child_of(child)?,
            Some(number(child_id)?),
        ),
        _ => {
            return Err(Failure::new(
                400,
                "ERROR_RESOURCE_MISSING",
                "too many path segments",
            ));
        }
    };
    match (request.method.as_str(), id) {
        ("GET" | "HEAD", Some(id)) => {
            let answer = reads::one(house, session, kind, id, params, request)?;
            let bytes =
                (kind == Kind::Document).then(|| documents::download(house, id, params, request));
            Ok(bytes.flatten().unwrap_or(answer))
        }
        ("GET" | "HEAD", None) => reads::list(house, session, kind, above, params, request),
        ("POST", _) => match documents::manifest(request) {
            Some(read) => {
                let (manifest, files) = read?;
                documents::create(house, session, kind, &manifest, &files, request, random)
            }
            None => writes::create(house, session, kind, params, request),
        },
        ("PUT" | "PATCH", id) => writes::update(house, session, kind, id, params),
        ("DELETE", id) => writes::delete(house, session, kind, id, params),
        _ => Err(Failure::new(
            405,
            "ERROR_METHOD_NOT_ALLOWED",
            "method not allowed",
        )),
    }
}

fn kind_of(itemtype: &str) -> Result<Kind, Failure> {
    Kind::parse(itemtype).ok_or_else(|| {
        let text = "resource not found or not an instance of CommonDBTM";
        Failure::new(400, "ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM", text)
    })
}

fn child_of(itemtype: &str) -> Result<Kind, Failure> {
    Kind::parse(itemtype).ok_or_else(|| {
        let text = "parent itemtype not found or not an instance of CommonDBTM";
        Failure::new(400, "ERROR_ITEMTYPE_NOT_FOUND_NOR_COMMONDBTM", text)
    })
}

/// Query and body as one set; the body is read only in the kinds PHP would read.
pub fn parameters(request: &Arrived) -> Result<Map<String, Value>, Failure> {
    let mut params = php::parameters(&request.query);
    let kind = request.header("content-type").unwrap_or_default();
    if request.body.is_empty() {
        return Ok(params);
    }
    if request.is_json() {
        if request.method == Method::GET {
            let text = "GET Request should not have json payload (http body)";
            return Err(Failure::new(400, "ERROR_JSON_PAYLOAD_FORBIDDEN", text));
        }
        match request.json() {
            Some(Value::Object(body)) => params.extend(body.clone()),
            Some(Value::Array(_)) => {}
            _ => {
                return Err(Failure::new(
                    400,
                    "ERROR_JSON_PAYLOAD_INVALID",
                    "JSON payload seems not valid",
                ));
            }
        }
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        params.extend(php::parameters(&String::from_utf8_lossy(&request.body)));
    }
    Ok(params)
}

/// JSON with the headers GLPI always sends.
pub fn json_reply(status: u16, value: &Value) -> Reply {
    let mut reply = Reply::json(status, value);
    let always = [
        (header::CACHE_CONTROL, "no-store, no-cache, must-revalidate"),
        (header::PRAGMA, "no-cache"),
        (header::EXPIRES, "Mon, 26 Jul 1997 05:00:00 GMT"),
    ];
    reply
        .headers
        .extend(always.map(|(name, value)| (name, HeaderValue::from_static(value))));
    reply
}

/// The answer to a browser that asks what it may do.
pub fn options_reply() -> Reply {
    Reply::text(200, "application/json; charset=UTF-8", "")
        .with(
            "access-control-allow-methods",
            "PUT, GET, POST, DELETE, OPTIONS",
        )
        .with(
            "access-control-allow-headers",
            "origin, content-type, accept, session-token, authorization, app-token",
        )
}
