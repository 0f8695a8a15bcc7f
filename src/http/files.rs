//! Files that are on their way to a person, for the provider that fetches them.
//!
//! The address is its own proof: this server made it for one file and one hour ([`Links`]). Whatever
//! does not hold, a wrong proof, a past hour, a forgotten person, looks like nothing there.
//!
//! [`Links`]: crate::providers::media::Links

use actors::model::ContactId;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::{ApiError, Edge, api};
use crate::providers::media::holds;

/// What proves the address.
#[derive(Debug, Deserialize)]
pub(super) struct Proof {
    /// Seconds since 1970.
    until: u64,
    proof: String,
}

/// `GET /files/{contact}/{name}?until=…&proof=…`.
pub(super) async fn serve(
    State(edge): State<Edge>,
    Path((contact, name)): Path<(String, String)>,
    query: Result<Query<Proof>, QueryRejection>,
) -> Result<Response, ApiError> {
    let missing = ApiError::NotFound { what: "file" };
    let contact = ContactId::parse(&contact).map_err(|_| missing.clone())?;
    let Query(Proof { until, proof }) = query.map_err(|_| missing.clone())?;
    let now_s = edge.clock.now().0 / 1_000;
    if !holds(&edge.identity, (contact, &name), (until, &proof), now_s) {
        return Err(missing);
    }
    let reading = edge.core.media(contact, name).await.map_err(|error| {
        tracing::error!(%error, %contact, "a file could not be given to its provider");
        ApiError::Internal
    })?;
    Ok(api::media::download(reading.ok_or(missing)?))
}
