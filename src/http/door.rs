//! Where WhatsApp's webhooks come in.
//!
//! The order is fixed: the address must name a channel, the size is looked at before the body, the
//! signature is checked over the raw bytes, only then the body is read, and the answer is 200 only
//! after every event of it is durable. Nothing is decided here. When the journal refuses, the
//! answer is 503 and the provider comes again; what it repeats is recognised.

use std::sync::Arc;

use actors::model::Name;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};

use super::body::{self, Bounds};
use super::seams::MetaDoor;
use super::webhooks::meta::{self, Handshake};
use super::{ApiError, Edge};

const SIGNATURE: &str = "x-hub-signature-256";

/// `GET /webhooks/meta/{channel}`: Meta asks whether this address is ours.
pub(super) async fn handshake(
    State(edge): State<Edge>,
    Path(channel): Path<String>,
    query: Result<Query<Handshake>, QueryRejection>,
) -> Result<String, ApiError> {
    let door = meta_door(&edge, &channel)?;
    let Query(query) = query.map_err(|_| ApiError::VerifyToken)?;
    meta::challenge(&query, door.verify_token.expose()).ok_or(ApiError::VerifyToken)
}

/// `POST /webhooks/meta/{channel}`: messages and statuses.
pub(super) async fn receive(
    State(edge): State<Edge>,
    Path(channel): Path<String>,
    request: Request,
) -> Result<(), ApiError> {
    let door = meta_door(&edge, &channel)?;
    let bounds = Bounds {
        max_bytes: edge.bounds.webhook_bytes_max,
        within: edge.bounds.request_time,
    };
    let (headers, body) = body::read(request, bounds).await?;
    let signature = headers.get(SIGNATURE).map(|value| value.as_bytes());
    let verified = meta::verify(&door.app_secret, signature, body).map_err(|forged| {
        tracing::warn!(channel, %forged, "a webhook was refused");
        ApiError::Signature
    })?;
    let received = edge.clock.now();
    let batch = meta::read(&verified, &door.line, &edge.identity, received)
        .map_err(|_| ApiError::Unreadable { expected: "JSON" })?;
    for item in &batch.unplaced {
        let why = item.why.name();
        metrics::counter!("chasqui_webhook_unplaced_total", "provider" => "meta", "why" => why)
            .increment(1);
    }
    edge.unplaced.keep(&door.line, received, batch.unplaced);
    if !batch.events.is_empty() {
        edge.core.ingest(batch.events).await?;
    }
    Ok(())
}

fn meta_door(edge: &Edge, channel: &str) -> Result<Arc<MetaDoor>, ApiError> {
    let name = Name::new(channel).ok();
    let door = name.and_then(|name| edge.directory.meta_door(&name));
    door.ok_or(ApiError::NotFound { what: "channel" })
}
