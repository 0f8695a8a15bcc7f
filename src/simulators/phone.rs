//! The phones of the people: they write, tap, read and watch, over the simulators' own paths.
//! The demo page and the tests use them; the webhooks that follow are the provider's.

pub mod file;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};
use tokio_stream::wrappers::{BroadcastStream, WatchStream};
use tokio_stream::{Stream, StreamExt};

use super::Site;
use super::gupshup;
use super::gupshup::app::App;
use super::meta::inbound::{self, Typed, TypedError};
use super::meta::line::Line;
use super::whatsapp::people::{People, PhoneEvent};

/// A business number of either provider.
enum Number {
    Meta(Arc<Line>),
    Gupshup(Arc<App>),
}

impl Number {
    fn people(&self) -> &People {
        match self {
            Self::Meta(line) => &line.people,
            Self::Gupshup(app) => &app.people,
        }
    }
}

/// Query of a conversation listing.
#[derive(Debug, Deserialize)]
pub struct After {
    #[serde(default)]
    after: u64,
}

/// `POST /_phone/{channel}/{wa_id}/messages`.
pub async fn write(
    State(site): State<Arc<Site>>,
    Path((channel, wa_id)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Response {
    let number = match number(&site, &channel) {
        Ok(number) => number,
        Err(missing) => return missing,
    };
    let typed = match Typed::deserialize(&body) {
        Ok(typed) => typed,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let written = match &number {
        Number::Meta(line) => inbound::write(line, &wa_id, typed),
        Number::Gupshup(app) => gupshup::inbound::write(app, &wa_id, typed),
    };
    match written {
        Ok(written) => Json(json!({"id": written.id, "n": written.n})).into_response(),
        Err(error @ TypedError::Throughput) => {
            refused(StatusCode::TOO_MANY_REQUESTS, &error.to_string())
        }
        Err(error) => refused(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// `GET /_phone/{channel}/{wa_id}/messages?after=N`.
pub async fn list(
    State(site): State<Arc<Site>>,
    Path((channel, who)): Path<(String, String)>,
    Query(query): Query<After>,
) -> Response {
    match number(&site, &channel) {
        Ok(number) => {
            let people = number.people();
            let messages = people.with(&who, |person| person.since(query.after));
            Json(json!({"messages": messages})).into_response()
        }
        Err(missing) => missing,
    }
}

/// `GET /_phone/{channel}/{wa_id}/events`: server-sent events `message`, `status`, `typing`.
pub async fn events(
    State(site): State<Arc<Site>>,
    Path((channel, who)): Path<(String, String)>,
) -> Response {
    match number(&site, &channel) {
        Ok(number) => {
            let closing = site.closing.clone();
            let stream = shown_on(number.people().watch(), who);
            Sse::new(until(stream, closing))
                .keep_alive(KeepAlive::default())
                .into_response()
        }
        Err(missing) => missing,
    }
}

fn shown_on(
    feed: broadcast::Receiver<Arc<PhoneEvent>>,
    who: String,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    // A reader that lags misses events and reads them from the listing.
    BroadcastStream::new(feed).filter_map(move |event| {
        let event = event.ok().filter(|event| event.who == who)?;
        Some(Ok(Event::default()
            .event(event.event)
            .data(event.data.to_string())))
    })
}

/// Ends a stream when the simulators close: an open event stream would hold up their end.
pub fn until<T>(
    stream: impl Stream<Item = T>,
    closing: watch::Receiver<bool>,
) -> impl Stream<Item = T> {
    let end = WatchStream::new(closing)
        .filter(|closed| *closed)
        .map(|_| None);
    stream.map(Some).merge(end).map_while(|item| item)
}

/// `POST /_verify/{channel}`: the verification call with a wrong and with the right token, as
/// Meta does it before a subscription is enabled.
pub async fn verify(State(site): State<Arc<Site>>, Path(channel): Path<String>) -> Response {
    let settings = match number(&site, &channel) {
        Ok(Number::Meta(line)) => line.settings(),
        Ok(Number::Gupshup(_)) => {
            return refused(
                StatusCode::BAD_REQUEST,
                "Gupshup makes no verification call",
            );
        }
        Err(missing) => return missing,
    };
    let Some(address) = settings.callback_url.clone() else {
        return refused(StatusCode::BAD_REQUEST, "the channel has no callback_url");
    };
    let challenge = (site.around.ids.bits() >> 33).to_string();
    let call = async |token: &str| {
        let query = [
            ("hub.mode", "subscribe"),
            ("hub.challenge", &challenge),
            ("hub.verify_token", token),
        ];
        let answer = site.client.get(&address).query(&query).send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.text().await.ok()?))
    };
    let wrong = call("not-the-token").await;
    let right = call(&settings.verify_token).await;
    let refuses = wrong.as_ref().is_some_and(|(status, _)| *status == 403);
    let agrees = right
        .as_ref()
        .is_some_and(|(status, body)| *status == 200 && *body == challenge);
    Json(json!({
        "verified": refuses && agrees,
        "wrong_token_status": wrong.map(|(status, _)| status),
        "right_token_status": right.as_ref().map(|(status, _)| status),
        "challenge_returned": agrees,
    }))
    .into_response()
}

#[expect(
    clippy::result_large_err,
    reason = "the error is the response itself, made once per miss"
)]
fn number(site: &Site, channel: &str) -> Result<Number, Response> {
    let missing = || refused(StatusCode::NOT_FOUND, &format!("no channel {channel}"));
    let line = site.meta.line(channel).map(Number::Meta);
    let app = || site.gupshup.app(channel).map(Number::Gupshup);
    line.or_else(app).ok_or_else(missing)
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}
