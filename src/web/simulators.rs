//! The phone and the tickets of the demo, passed on from the simulators' own paths.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use reqwest::{Client, RequestBuilder};

use super::Demo;
use crate::http::{self, ApiError};

/// Time for one answer that is not a stream.
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// Largest file of the page: larger ones than the server keeps can be tried.
const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// Where the simulators are, and a client for them.
#[derive(Clone, Debug)]
pub struct Simulators {
    url: String,
    client: Client,
}

impl Simulators {
    /// Simulators behind `url` (no slash at the end).
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn new(url: String) -> Result<Self, reqwest::Error> {
        // The process may have chosen its cryptography already; any choice will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(ANSWER_TIME)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { url, client })
    }

    pub(super) fn phone_events(&self, channel: &str, wa_id: &str) -> RequestBuilder {
        self.client.get(self.phone(channel, wa_id, "events"))
    }

    pub(super) fn ticket_events(&self) -> RequestBuilder {
        self.client.get(format!("{}/_world/glpi/events", self.url))
    }

    pub(super) fn glpi(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/glpi/apirest.php/{path}", self.url);
        self.client.request(method, url)
    }

    pub(super) fn control(&self, method: Method) -> RequestBuilder {
        self.client
            .request(method, format!("{}/_control", self.url))
    }

    fn phone(&self, channel: &str, wa_id: &str, what: &str) -> String {
        format!("{}/_phone/{channel}/{wa_id}/{what}", self.url)
    }
}

/// A channel's name and a person's number as they stand in a path, checked so that nothing else
/// can be reached through them.
pub(super) fn checked(channel: &str, wa_id: &str) -> Result<(), ApiError> {
    if actors::model::Name::new(channel).is_err() {
        return Err(ApiError::NotFound { what: "channel" });
    }
    if actors::model::Phone::parse(wa_id).is_err() || !wa_id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ApiError::NotFound { what: "phone" });
    }
    Ok(())
}

/// `GET /demo/phone/{channel}/{wa_id}/messages`: the conversation as the phone shows it.
pub(super) async fn conversation(
    State(demo): State<Demo>,
    Path((channel, wa_id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    checked(&channel, &wa_id)?;
    let simulators = &demo.0.simulators;
    pass_on(
        simulators
            .client
            .get(simulators.phone(&channel, &wa_id, "messages")),
    )
    .await
}

/// `POST /demo/phone/{channel}/{wa_id}/messages`: the person writes or taps.
pub(super) async fn write(
    State(demo): State<Demo>,
    Path((channel, wa_id)): Path<(String, String)>,
    request: axum::extract::Request,
) -> Result<Response, ApiError> {
    checked(&channel, &wa_id)?;
    let bounds = http::body::Bounds {
        max_bytes: 64 * 1024,
        within: ANSWER_TIME,
    };
    let (parts, body) = request.into_parts();
    let body = http::body::read(&parts.headers, body, bounds).await?;
    // Another site's form cannot send this type without asking first.
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(ApiError::Unreadable {
            expected: "application/json",
        });
    }
    let simulators = &demo.0.simulators;
    let request = simulators
        .client
        .post(simulators.phone(&channel, &wa_id, "messages"));
    pass_on(
        request
            .header(header::CONTENT_TYPE, "application/json")
            .body(body),
    )
    .await
}

/// `POST /demo/phone/{channel}/{wa_id}/files?kind=…&name=…`: the person sends a file.
pub(super) async fn send_file(
    State(demo): State<Demo>,
    Path((channel, wa_id)): Path<(String, String)>,
    Query(about): Query<Vec<(String, String)>>,
    request: axum::extract::Request,
) -> Result<Response, ApiError> {
    checked(&channel, &wa_id)?;
    let bounds = http::body::Bounds {
        max_bytes: FILE_BYTES_MAX,
        within: 2 * ANSWER_TIME,
    };
    let (parts, body) = request.into_parts();
    let body = http::body::read(&parts.headers, body, bounds).await?;
    // Another site's script cannot set this without asking first.
    if !parts.headers.contains_key("x-chasqui-demo") {
        return Err(ApiError::Unreadable {
            expected: "a file from the demo's page",
        });
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).cloned();
    let simulators = &demo.0.simulators;
    let request = simulators
        .client
        .post(simulators.phone(&channel, &wa_id, "files"))
        .query(&about)
        .body(body);
    pass_on(match kind {
        Some(kind) => request.header(header::CONTENT_TYPE, kind),
        None => request,
    })
    .await
}

/// `GET /demo/phone/{channel}/{wa_id}/files/{message}`: the file that a message shows. Whatever it
/// is, it runs nothing here: only pictures, sounds and films keep their type.
pub(super) async fn show_file(
    State(demo): State<Demo>,
    Path((channel, wa_id, message)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    checked(&channel, &wa_id)?;
    let missing = ApiError::NotFound { what: "file" };
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '/' | '?' | '#' | '%');
    if !message.chars().all(plain) || message.starts_with('.') {
        return Err(missing);
    }
    let simulators = &demo.0.simulators;
    let address = simulators.phone(&channel, &wa_id, &format!("files/{message}"));
    let asked = simulators.client.get(address).timeout(ANSWER_TIME).send();
    let answer = asked.await.map_err(|_| missing.clone())?;
    if !answer.status().is_success() {
        return Err(missing);
    }
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let shown = ["image/jpeg", "image/png", "image/webp", "audio/", "video/"];
    let kind = match shown.iter().any(|own| kind.starts_with(own)) {
        true => kind.to_owned(),
        false => "application/octet-stream".to_owned(),
    };
    let body = answer.bytes().await.map_err(|_| missing)?;
    Ok(([(header::CONTENT_TYPE, kind)], Body::from(body)).into_response())
}

/// `GET /demo/tickets`: the newest tickets.
pub(super) async fn tickets(State(demo): State<Demo>) -> Result<Response, ApiError> {
    let simulators = &demo.0.simulators;
    pass_on(
        simulators
            .client
            .get(format!("{}/_world/glpi/tickets", simulators.url)),
    )
    .await
}

async fn pass_on(request: RequestBuilder) -> Result<Response, ApiError> {
    let away = |error: reqwest::Error| {
        tracing::warn!(error = %error.without_url(), "the simulators did not answer");
        ApiError::Busy {
            code: "simulators_away",
            reason: "the simulators do not answer",
            retry_after: Duration::from_secs(1),
        }
    };
    let answer = request.timeout(ANSWER_TIME).send().await.map_err(away)?;
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let body: Bytes = answer.bytes().await.map_err(away)?;
    Ok((
        status,
        [(header::CONTENT_TYPE, "application/json")],
        Body::from(body),
    )
        .into_response())
}
