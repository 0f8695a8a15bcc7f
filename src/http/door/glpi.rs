//! Where GLPI 11's webhooks come in: the same order as WhatsApp's. What is made durable is that GLPI
//! said something; the connection's poller then looks at once.

use std::sync::Arc;

use actors::model::{IdHash, Millis, Name};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Deserialize;

use super::{ApiError, Edge};
use crate::config::GlpiConnection;
use crate::http::body;
use crate::http::webhooks::glpi::{self, Signed, WebhookSecret};

const SIGNATURE: &str = "x-glpi-signature";
const STAMP: &str = "x-glpi-timestamp";

/// What GLPI asks before it sends.
#[derive(Deserialize)]
pub(in crate::http) struct Challenge {
    crc_token: String,
}

/// `GET /webhooks/glpi/{connection}`: GLPI asks whether this address knows the secret.
pub(in crate::http) async fn challenge(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    query: Result<Query<Challenge>, QueryRejection>,
) -> Result<String, ApiError> {
    let (_, secret) = connection(&edge, &name)?;
    let Query(query) = query.map_err(|_| ApiError::VerifyToken)?;
    glpi::answer_challenge(&secret, &query.crc_token).ok_or(ApiError::VerifyToken)
}

/// `POST /webhooks/glpi/{connection}`: something changed.
pub(in crate::http) async fn receive(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    request: Request,
) -> Result<(), ApiError> {
    let (connection, secret) = connection(&edge, &name)?;
    let (parts, body) = request.into_parts();
    let body = body::read(&parts.headers, body, super::bounds(&edge)).await?;
    let received = edge.clock.now();
    let taken = take(
        &edge,
        &connection,
        &secret,
        &parts.headers,
        body.clone(),
        received,
    )
    .await;
    super::note(&edge, "webhooks::glpi", received, &body, &taken);
    taken.map(drop)
}

/// Verifies and reads a body and makes its event durable; gives the event's hash.
async fn take(
    edge: &Edge,
    connection: &GlpiConnection,
    secret: &WebhookSecret,
    headers: &HeaderMap,
    body: Bytes,
    received: Millis,
) -> Result<Option<IdHash>, ApiError> {
    let signed = Signed {
        signature: headers.get(SIGNATURE).map(|value| value.as_bytes()),
        stamp: headers.get(STAMP).map(|value| value.as_bytes()),
    };
    let verified = glpi::verify(secret, signed, body, received).map_err(|forged| {
        tracing::warn!(connection = %connection.id, %forged, "a webhook was refused");
        ApiError::Signature
    })?;
    let event =
        glpi::read(&verified, connection.gateway_id(), &edge.identity, received).map_err(|_| {
            ApiError::Unreadable {
                expected: "a JSON object",
            }
        })?;
    let id = event.id;
    edge.core.ingest(vec![event]).await?;
    Ok(Some(id))
}

/// The connection that an address stands for, and its secret; one without a secret takes no
/// webhooks.
fn connection(edge: &Edge, name: &str) -> Result<(Arc<GlpiConnection>, WebhookSecret), ApiError> {
    let directory = edge.directory.current();
    let name = Name::new(name).ok();
    let found = name.and_then(|name| directory.glpi_connection(&name).cloned());
    let secret =
        |found: &Arc<GlpiConnection>| WebhookSecret::new(found.webhook_secret.as_ref()?.expose());
    let found = found.and_then(|found| Some((found.clone(), secret(&found)?)));
    found.ok_or(ApiError::NotFound { what: "connection" })
}
