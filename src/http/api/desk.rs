//! What waits for an operator: dead letters, uncertain sends and quarantined inputs.

use actors::journal::{Desk, OpenEffect};
use actors::model::{InEvent, Inbound, Millis, Outcome, Shelf};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{contacts, line};
use crate::http::{ApiError, Caller, Edge, Scope};
use crate::providers::glpi::Alert;

/// Rows read from each list; an operator works from the oldest on.
pub(super) const ROWS_MAX: usize = 1_000;
/// A person must have dealt with an effect so long after its last try. The alert on
/// `chasqui_oldest_dead_letter_age_seconds` waits as long.
const DUE_MS: u64 = 24 * 3_600_000;

/// `GET /api/v1/dead-letters`: effects whose every retry was used up, oldest first, each with who
/// answers for it and until when.
pub async fn dead_letters(
    State(edge): State<Edge>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    shelf(&edge, &caller, Shelf::DeadLetter, "dead_letters").await
}

/// `GET /api/v1/uncertain-sends`: effects whose outcome is unknown and that may not be repeated by
/// the server itself, oldest first.
pub async fn uncertain_sends(
    State(edge): State<Edge>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    shelf(&edge, &caller, Shelf::Uncertain, "uncertain_sends").await
}

/// `GET /api/v1/quarantine`: inputs that were set aside, oldest first.
pub async fn quarantine(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, ApiError> {
    let desk = read(&edge, &caller).await?;
    let seen = desk
        .quarantined
        .iter()
        .filter(|(_, event, _)| owns(&caller, event));
    let rows = seen.map(|(position, event, reason)| {
        json!({
            "position": position.0,
            "contact": event.key.to_string(),
            "received": line::time(event.fact_received()),
            "reason": reason,
        })
    });
    Ok(Json(json!({"quarantine": rows.collect::<Vec<_>>()})))
}

/// Whether an input belongs to the caller's tenant; one that names no tenant is shown to the
/// operators of the service alone.
pub(super) fn owns(caller: &Caller, input: &InEvent) -> bool {
    match input.fact() {
        Inbound::Message(message) => caller.sees(Some(&message.tenant)),
        Inbound::Operator(command) => caller.sees(Some(&command.tenant)),
        Inbound::Unplaced(item) => caller.sees(Some(&item.tenant)),
        Inbound::TicketNews(news) => caller.sees(Some(&news.tenant)),
        _ => caller.sees(None),
    }
}

async fn shelf(
    edge: &Edge,
    caller: &Caller,
    shelf: Shelf,
    name: &str,
) -> Result<Json<Value>, ApiError> {
    let desk = read(edge, caller).await?;
    let now = edge.clock.now();
    let directory = edge.directory.current();
    let mut overdue = 0;
    let mut rows = Vec::new();
    for open in desk
        .shelved
        .iter()
        .filter(|open| lies_on(open) == Some(shelf))
    {
        let tenant = contacts::tenant(&open.effect, edge);
        if !caller.sees(tenant.as_ref()) {
            continue;
        }
        let mut row = row(open, now);
        overdue += u64::from(row["overdue"] == true);
        let tenant = tenant.and_then(|tenant| directory.tenant(&tenant).cloned());
        row["owner"] = tenant.map(|tenant| tenant.responsible.clone()).into();
        rows.push(row);
    }
    Ok(Json(json!({ name: rows, "overdue": overdue })))
}

async fn read(edge: &Edge, caller: &Caller) -> Result<Desk, ApiError> {
    caller.may(Scope::EffectsRead)?;
    Ok(edge.core.desk(ROWS_MAX).await?)
}

fn lies_on(open: &OpenEffect) -> Option<Shelf> {
    match &open.last.as_ref()?.outcome.as_ref()?.1 {
        Outcome::Shelved { shelf, .. } => Some(*shelf),
        _ => None,
    }
}

fn row(open: &OpenEffect, now: Millis) -> Value {
    let mut row = line::effect(&open.effect);
    row["contact"] = open.effect.id.key.to_string().into();
    row["planned"] = line::time(open.planned).into();
    let tried = open.last.as_ref().map_or(open.planned, |last| last.sent);
    let due = tried.plus_ms(DUE_MS);
    row["due"] = line::time(due).into();
    row["overdue"] = (now > due).into();
    if let Some(last) = &open.last {
        row["attempts"] = last.no.0.into();
        if let Some((at, outcome)) = &last.outcome {
            row["since"] = line::time(*at).into();
            row["words"] = line::outcome_words(outcome).into();
            if let Outcome::Shelved { reason, .. } = outcome
                && let Some(alert) = Alert::of_reason(reason)
            {
                row["alert"] = alert.name().into();
                row["repair"] = alert.repair().into();
            }
        }
    }
    row
}
