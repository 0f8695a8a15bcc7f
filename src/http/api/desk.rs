//! What waits for an operator: dead letters, uncertain sends and quarantined inputs.

use actors::journal::{Desk, OpenEffect};
use actors::model::{InEvent, Inbound, Outcome, Shelf};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{contacts, line};
use crate::http::{ApiError, Caller, Edge, Scope};
use crate::providers::glpi::Alert;

/// Rows read from each list; an operator works from the oldest on.
pub(super) const ROWS_MAX: usize = 1_000;
/// A dead letter should be dealt with this long after it was planned.
const DUE_MS: u64 = 24 * 3_600_000;

/// `GET /api/v1/dead-letters`: effects whose every retry was used up, oldest first.
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
    let rows = desk
        .shelved
        .iter()
        .filter(|open| lies_on(open) == Some(shelf))
        .filter(|open| caller.sees(contacts::tenant(&open.effect, edge).as_ref()))
        .map(row);
    Ok(Json(json!({ name: rows.collect::<Vec<_>>() })))
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

fn row(open: &OpenEffect) -> Value {
    let mut row = line::effect(&open.effect);
    row["contact"] = open.effect.id.key.to_string().into();
    row["planned"] = line::time(open.planned).into();
    row["due"] = line::time(open.planned.plus_ms(DUE_MS)).into();
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
