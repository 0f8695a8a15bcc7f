//! Who waits for people, queue by queue.

use actors::model::{Name, TenantId};
use actors::waiting::{COMPLAINT_MS, ROOM_MAX, Waiting};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::contacts::tenant_of;
use super::line::time;
use crate::http::{ApiError, Caller, Edge, Scope};

/// Whose queue is meant; for the operators of the service.
#[derive(Debug, Deserialize)]
pub struct Whose {
    tenant: Option<String>,
}

/// `GET /api/v1/queues/{id}/waiting`: everybody who is with the people of this queue, the longest
/// there first; a complaint that nobody took within 20 s has `alarm`.
pub async fn waiting(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    whose: Result<Query<Whose>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::ContactsRead)?;
    let missing = ApiError::NotFound { what: "queue" };
    let queue = Name::new(&id).map_err(|_| missing.clone())?;
    let asked = whose.ok().and_then(|Query(whose)| whose.tenant);
    let tenant: TenantId = tenant_of(&caller, asked.as_deref())?;
    let found = edge.directory.current().queue(&tenant, &queue).cloned();
    let row = found.ok_or(missing)?;
    let now = edge.clock.now();
    let rows = edge.core.waiting(&tenant, &queue);
    let waiting: Vec<Value> = rows
        .iter()
        .map(|row: &Waiting| {
            json!({
                "contact": row.contact.to_string(),
                "name": row.name,
                "cause": row.cause.name(),
                "since": time(row.since),
                "waited_s": now.since(row.since) / 1_000,
                "heard": time(row.heard),
                "bot_answers_again": time(row.until.to_millis()),
                "operator": row.operator,
                "alarm": row.is_alarming(now),
            })
        })
        .collect();
    Ok(Json(json!({
        "queue": row.id.as_str(),
        "name": row.name,
        "members": row.members,
        // After a start the list is made up again from the conversations themselves.
        "complete": edge.core.waiting_is_complete(),
        "listed_max": ROOM_MAX,
        "alarm_after_ms": COMPLAINT_MS,
        "waiting": waiting,
    })))
}
