//! How the actors, the journal and the gateways are.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::http::{ApiError, Caller, Edge, Scope};

/// `GET /api/v1/health/actors`.
pub async fn actors(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::HealthRead)?;
    Ok(Json(edge.core.health().await))
}
