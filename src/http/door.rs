//! Where WhatsApp's webhooks come in.
//!
//! The order is fixed: the address must name a channel, the size is looked at before the body, the
//! signature is checked over the raw bytes, only then the body is read, and the answer is 200 only
//! after every event of it is durable. Nothing is decided here. When the journal refuses, the
//! answer is 503 and the provider comes again; what it repeats is recognised.

pub(super) mod glpi;
pub(super) mod gupshup;

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use actors::model::{IdHash, Millis, Name};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use bytes::Bytes;

use super::body::{self, Bounds};
use super::unplaced::{self, Came};
use super::webhooks::meta::{self, AppSecret, Batch, Handshake, Line};
use super::{ApiError, Edge, within_bounds};
use crate::config::{Channel, Provider};
use crate::store::{Direction, Trace, TraceLevel};

const SIGNATURE: &str = "x-hub-signature-256";

/// `GET /webhooks/meta/{channel}`: Meta asks whether this address is ours.
pub(super) async fn handshake(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    query: Result<Query<Handshake>, QueryRejection>,
) -> Result<String, ApiError> {
    let channel = channel(&edge, &name, Provider::Meta)?;
    let Query(query) = query.map_err(|_| ApiError::VerifyToken)?;
    meta::challenge(&query, channel.verify_token.expose()).ok_or(ApiError::VerifyToken)
}

/// `POST /webhooks/meta/{channel}`: messages and statuses.
pub(super) async fn receive(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    request: Request,
) -> Result<(), ApiError> {
    let (parts, body) = request.into_parts();
    let work = pin!(async {
        let begun = Instant::now();
        let channel = channel(&edge, &name, Provider::Meta)?;
        let body = body::read(&parts.headers, body, bounds(&edge)).await?;
        let received = edge.clock.now();
        let came = (received, begun);
        let taken = take(&edge, &channel, &parts.headers, body.clone(), came).await;
        note(&edge, "webhooks::meta", received, &body, &taken);
        taken.map(drop)
    });
    within_bounds(&edge, work).await
}

/// Verifies and reads a body and makes its events durable; gives the hash of the first event.
async fn take(
    edge: &Edge,
    channel: &Channel,
    headers: &HeaderMap,
    body: Bytes,
    (received, begun): (Millis, Instant),
) -> Result<Option<IdHash>, ApiError> {
    let secret = AppSecret::new(channel.app_secret.expose()).map_err(|_| ApiError::Signature)?;
    let signature = headers.get(SIGNATURE).map(|value| value.as_bytes());
    let verified = meta::verify(&secret, signature, body).map_err(|forged| {
        tracing::warn!(channel = %channel.id, %forged, "a webhook was refused");
        ApiError::Signature
    })?;
    let line = line(channel);
    let batch = meta::read(&verified, &line, &edge.identity, received)
        .map_err(|_| ApiError::Unreadable { expected: "JSON" })?;
    let came = Came {
        provider: "meta",
        tenant: &line.tenant,
        channel: line.channel,
        received,
        begun,
    };
    accept(edge, came, &channel.id, batch).await
}

/// Makes everything in a body durable, what belongs to nobody as inputs of its channel; gives the
/// hash of the first event.
async fn accept(
    edge: &Edge,
    came: Came<'_>,
    channel: &Name,
    batch: Batch,
) -> Result<Option<IdHash>, ApiError> {
    let Batch {
        mut events,
        unplaced,
        templates,
    } = batch;
    let unplaced = unplaced.into_iter().map(|item| (item.why, item.raw));
    events.extend(unplaced::inputs(came, &edge.identity, unplaced));
    let first = events.first().map(|event| event.id);
    if !events.is_empty() {
        let watched = edge.spans.watched(&events);
        let recorded = edge.recorder.messages(&events);
        edge.core.ingest(events).await?;
        edge.meters.accepted(came.begun);
        edge.spans.webhook(came.provider, came.begun, &watched);
        edge.recorder.note(came.provider, &recorded);
    }
    if templates {
        edge.catalogues.hint(channel.clone());
    }
    Ok(first)
}

/// Counts a webhook and leaves a line in the trace log; its correlation is the first event's input
/// hash.
fn note(
    edge: &Edge,
    module: &'static str,
    at: Millis,
    body: &Bytes,
    taken: &Result<Option<IdHash>, ApiError>,
) {
    let provider = module.trim_start_matches("webhooks::");
    edge.meters.answered(provider, taken);
    let level = match taken {
        Ok(_) => TraceLevel::Info,
        Err(_) => TraceLevel::Warn,
    };
    edge.tracer.write(level, at, || Trace {
        at,
        level,
        module: module.to_owned(),
        direction: Direction::In,
        correlation_id: match taken {
            Ok(Some(first)) => format!("in_{first:?}"),
            _ => String::new(),
        },
        payload_digest: Some(Trace::digest_of(body)),
        message: match taken {
            Ok(_) => "taken".to_owned(),
            Err(error) => format!("not taken: {}", error.code()),
        },
    });
}

/// The bounds of a webhook's body.
fn bounds(edge: &Edge) -> Bounds {
    Bounds {
        max_bytes: edge.bounds.webhook_bytes_max,
        within: edge.bounds.request_time,
    }
}

/// The channel that a webhook address stands for, where this provider carries its messages.
fn channel(edge: &Edge, name: &str, provider: Provider) -> Result<Arc<Channel>, ApiError> {
    let directory = edge.directory.current();
    let name = Name::new(name).ok();
    let found = name.and_then(|name| directory.channel(&name).cloned());
    let carried = found.filter(|channel| channel.uses(provider));
    carried.ok_or(ApiError::NotFound { what: "channel" })
}

fn line(channel: &Channel) -> Line {
    Line {
        tenant: channel.tenant.clone(),
        channel: channel.channel_id(),
        second: channel.is_second(Provider::Meta),
        messages: channel.message_scope().into(),
        phone_number_id: channel.phone_number_id.as_str().into(),
    }
}
