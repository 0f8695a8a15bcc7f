//! The ceiling: a bare axum handler that checks a webhook's signature and parses it, and does
//! nothing else. It runs as a process of its own (`chasqui-loadtest bare`), as the server does. With
//! `--provider URL` it also sends one reply for each webhook before it answers, and is a bare relay.

mod relay;

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use ring::hmac;
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::world::{Carrier, Channel};
use relay::Relay;

/// More numbers than any load world has.
const CHANNELS_MAX: usize = 256;

/// What the handler knows.
#[derive(Debug)]
struct Known {
    numbers: HashMap<String, Number>,
    relay: Option<Relay>,
}

/// One of Meta's numbers.
#[derive(Debug)]
struct Number {
    /// Checks the signatures of its webhooks.
    key: hmac::Key,
    /// The head of its replies; empty without a relay.
    head: String,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    changes: Vec<Change<'a>>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    value: Value<'a>,
}

#[derive(Deserialize)]
struct Value<'a> {
    #[serde(borrow, default)]
    messages: Vec<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    from: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow)]
    body: Cow<'a, str>,
}

/// Serves until it is told to stop; tells its address on standard output. With a `provider`, which is
/// `http://host:port` of simulators, each webhook is replied to there.
///
/// # Errors
/// When the provider's address cannot be read, and those of listening.
pub async fn serve(provider: Option<&str>) -> anyhow::Result<()> {
    let relay = provider.map(Relay::to).transpose()?;
    let channels = (0..CHANNELS_MAX)
        .map(Channel::meta)
        .chain([Channel::demo()]);
    let number = |channel: Channel| {
        let Carrier::Meta { app_secret, .. } = &channel.carrier else {
            return None;
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes());
        let head = relay.as_ref().and_then(|relay| relay.head(&channel));
        let head = head.unwrap_or_default();
        Some((channel.slug, Number { key, head }))
    };
    let numbers = channels.filter_map(number).collect();
    let router = Router::new()
        .route("/webhooks/meta/{channel}", post(take))
        .with_state(Arc::new(Known { numbers, relay }));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{{\"event\":\"listening\",\"bare\":\"http://{address}\"}}"
    )?;
    out.flush()?;
    drop(out);
    let listener = listener.tap_io(|stream| {
        // Answers are small; waiting for more bytes to join them only adds latency.
        let _ = stream.set_nodelay(true);
    });
    let mut told = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        _ = told.recv() => {}
    }
    Ok(())
}

async fn take(
    State(known): State<Arc<Known>>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Some(number) = known.numbers.get(&channel) else {
        return StatusCode::NOT_FOUND;
    };
    let signature = headers
        .get("x-hub-signature-256")
        .map(|value| value.as_bytes());
    if !is_signed(&number.key, signature, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    let Some(sender) = sender(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    if let Some(relay) = &known.relay {
        // A refused reply would be cheaper than one that is taken, and the rate a false one.
        if !matches!(relay.reply(&number.head, &sender).await, Ok(200)) {
            return StatusCode::BAD_GATEWAY;
        }
    }
    StatusCode::OK
}

fn is_signed(key: &hmac::Key, signature: Option<&[u8]>, body: &[u8]) -> bool {
    let mut tag = [0; 32];
    let hex = signature.and_then(|value| value.strip_prefix(b"sha256="));
    hex.is_some_and(|hex| hex::decode_to_slice(hex, &mut tag).is_ok())
        && hmac::verify(key, body, &tag).is_ok()
}

/// Who wrote the first complete message of a body; `None` when it has none, or is none of Meta's.
fn sender(body: &[u8]) -> Option<Cow<'_, str>> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
    let entries = envelope.entry.into_iter();
    let changes = entries.flat_map(|entry| entry.changes);
    let mut messages = changes.flat_map(|change| change.value.messages);
    let is_whole = |message: &Message<'_>| {
        let text = message
            .text
            .as_ref()
            .is_none_or(|text| !text.body.is_empty());
        text && !message.from.is_empty() && !message.id.is_empty() && !message.timestamp.is_empty()
    };
    messages.find(is_whole).map(|message| message.from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::{Content, Message, Writer};

    #[test]
    fn what_the_generator_writes_is_signed_and_parsed() {
        let channel = Channel::meta(0);
        let message = Message {
            number: 1,
            stamp: 2,
            content: Content::Text("hola"),
        };
        let request = Writer::new(&channel, "x", 1).request("51900000001", &[message]);
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix("x-hub-signature-256: "));
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"load-app-secret-00");
        assert!(is_signed(&key, line.map(str::as_bytes), body.as_bytes()));
        assert!(!is_signed(&key, line.map(str::as_bytes), b"{}"));
        assert!(!is_signed(&key, None, body.as_bytes()));
        assert_eq!(sender(body.as_bytes()).as_deref(), Some("51900000001"));
        assert_eq!(sender(b"[]"), None);
    }
}
