//! Where Gupshup's webhooks come in: the same order as Meta's, with the address as the proof.
//!
//! A wrong secret is answered like an address that does not exist, so that guessing tells nothing.
//! The answer is 200 with an empty body: older bots of Gupshup's sent what came back to the person.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use actors::model::{IdHash, Millis};
use axum::extract::{Path, Request, State};
use bytes::Bytes;

use super::{ApiError, Came, Edge};
use crate::config::{Channel, Provider};
use crate::http::body;
use crate::http::webhooks::gupshup::{self, Line, PathSecret};

/// `POST /webhooks/gupshup/{channel}/{secret}`: messages, receipts, billing and consent, in bodies
/// of both versions.
pub(in crate::http) async fn receive(
    State(edge): State<Edge>,
    Path((name, secret)): Path<(String, String)>,
    request: Request,
) -> Result<(), ApiError> {
    let (parts, body) = request.into_parts();
    let work = pin!(async {
        let begun = Instant::now();
        let channel = super::channel(&edge, &name, Provider::Gupshup)?;
        let body = body::read(&parts.headers, body, super::bounds(&edge)).await?;
        let received = edge.clock.now();
        let came = (received, begun);
        let taken = take(&edge, &channel, &secret, body.clone(), came).await;
        super::note(&edge, "webhooks::gupshup", received, &body, &taken);
        taken.map(drop)
    });
    super::within_bounds(&edge, work).await
}

/// Verifies and reads a body and makes its events durable; gives the hash of the first event.
async fn take(
    edge: &Edge,
    channel: &Arc<Channel>,
    given: &str,
    body: Bytes,
    (received, begun): (Millis, Instant),
) -> Result<Option<IdHash>, ApiError> {
    let unknown = ApiError::NotFound { what: "channel" };
    let app = channel.gupshup.as_ref().ok_or(unknown.clone())?;
    let secret = PathSecret::new(app.path_secret.expose());
    let verified = gupshup::verify(&secret, given, body).map_err(|wrong| {
        tracing::warn!(channel = %channel.id, %wrong, "a webhook was refused");
        unknown
    })?;
    let line = Line {
        tenant: channel.tenant.clone(),
        channel: channel.channel_id(),
        second: channel.is_second(Provider::Gupshup),
        messages: channel.message_scope().into(),
        app: app.name.as_str().into(),
        app_id: app.id.as_str().into(),
    };
    let batch = gupshup::read(&verified, &line, &edge.identity, received)
        .map_err(|_| ApiError::Unreadable { expected: "JSON" })?;
    let came = Came {
        provider: "gupshup",
        tenant: &line.tenant,
        channel: line.channel,
        received,
        begun,
    };
    super::accept(edge, came, &channel.id, batch).await
}
