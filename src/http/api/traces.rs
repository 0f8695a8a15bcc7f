//! The trace log: what went in and out of each part.

use actors::model::Millis;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::line::time;
use super::setup::{for_the_service, told};
use crate::directory::Reach;
use crate::http::{ApiError, Caller, Edge, Scope};
use crate::store::{TraceLevel, WantedTraces};

/// Lines in one answer, at most.
const LINES_MAX: u32 = 1_000;

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    correlation: Option<String>,
    level: Option<String>,
    module: Option<String>,
    since: Option<String>,
    limit: Option<u32>,
}

/// `GET /api/v1/traces`: the newest lines, newest first. The log knows no tenants, so it is for the
/// operators of the service alone.
pub async fn traces(
    State(edge): State<Edge>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::HealthRead)?;
    if !matches!(caller.reach(), Reach::Platform) {
        return Err(for_the_service());
    }
    let parameter = |name, expected| ApiError::Parameter { name, expected };
    let expected = "correlation, level, module, since and a number for limit";
    let Query(asked) = asked.map_err(|_| parameter("query", expected))?;
    let level = asked
        .level
        .map(|word| TraceLevel::from_word(&word).ok_or(parameter("level", "info, warn or error")));
    let since = asked.since.map(|text| {
        let at: Option<Timestamp> = text.parse().ok();
        let ms = at.and_then(|at| u64::try_from(at.as_millisecond()).ok());
        ms.map(Millis).ok_or(parameter(
            "since",
            "an instant such as 2026-01-31T12:00:00Z",
        ))
    });
    let wanted = WantedTraces {
        correlation_id: asked.correlation,
        level: level.transpose()?,
        module: asked.module,
        since: since.transpose()?,
        limit: asked.limit.unwrap_or(100).min(LINES_MAX),
    };
    let database = edge.setup.as_ref().ok_or(ApiError::DATABASE_AWAY)?;
    let found = database.traces(&wanted).await;
    let found = found.map_err(|error| told(error, "trace"))?;
    let lines = found.into_iter().map(|trace| {
        json!({
            "at": time(trace.at),
            "level": trace.level.as_str(),
            "module": trace.module,
            "direction": trace.direction.as_str(),
            "correlation": trace.correlation_id,
            "payload_sha256": trace.payload_digest.map(hex::encode),
            "message": trace.message,
        })
    });
    Ok(Json(json!({"traces": lines.collect::<Vec<_>>()})))
}
