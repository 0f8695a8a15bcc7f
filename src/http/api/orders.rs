//! What an operator can have done: a shelved effect sent again or taken off its list, an input that
//! had been set aside consumed after all or taken off its list, a parked contact brought back to
//! life.
//!
//! The answer is 202: the order is carried out by the contact's actor in its own time, and the lists
//! show when it has.

use actors::model::{ContactId, EffectId, InEvent, InSeq};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::contacts;
use super::desk::{ROWS_MAX, owns};
use crate::directory::Reach;
use crate::http::{ApiError, Caller, Edge, Scope};

type Ordered = Result<(StatusCode, Json<Value>), ApiError>;

/// `POST /api/v1/effects/{id}/redrive`: sends a dead letter or an uncertain send again, at the end
/// of its lane. Whoever redrives an uncertain send takes the risk that it is seen twice.
pub async fn redrive(State(edge): State<Edge>, caller: Caller, Path(id): Path<String>) -> Ordered {
    let effect = shelved(&edge, &caller, &id).await?;
    edge.core.redrive(effect);
    Ok(ordered("redrive", &id))
}

/// `POST /api/v1/effects/{id}/dismiss`: takes a dead letter or an uncertain send off its list.
pub async fn dismiss(State(edge): State<Edge>, caller: Caller, Path(id): Path<String>) -> Ordered {
    let effect = shelved(&edge, &caller, &id).await?;
    edge.core.dismiss(effect);
    Ok(ordered("dismiss", &id))
}

/// `POST /api/v1/quarantine/{position}/release`: lets an input that had been set aside be consumed
/// after all, once and after everything accepted so far; its old place is gone. The order is durable
/// with the answer. An input that fails again comes back to the list at a new position.
pub async fn release(
    State(edge): State<Edge>,
    caller: Caller,
    Path(position): Path<String>,
) -> Ordered {
    let (at, input) = set_aside(&edge, &caller, &position).await?;
    edge.core.release(at, input).await?;
    Ok(ordered("release", &position))
}

/// `POST /api/v1/quarantine/{position}/dismiss`: takes an input off the list for good; it is never
/// consumed.
pub async fn discard(
    State(edge): State<Edge>,
    caller: Caller,
    Path(position): Path<String>,
) -> Ordered {
    let (at, input) = set_aside(&edge, &caller, &position).await?;
    edge.core.discard(input.key, at).await?;
    Ok(ordered("dismiss", &position))
}

/// `POST /api/v1/contacts/{id}/unpark`: lets a contact that failed too often be brought to life
/// again. For the operators of the service: a parked contact cannot say whose it is.
pub async fn unpark(State(edge): State<Edge>, caller: Caller, Path(id): Path<String>) -> Ordered {
    caller.may(Scope::EffectsWrite)?;
    let missing = ApiError::NotFound { what: "contact" };
    let contact = ContactId::parse(&id).map_err(|_| missing.clone())?;
    if *caller.reach() != Reach::Platform {
        return Err(missing);
    }
    edge.core.unpark(contact);
    Ok(ordered("unpark", &id))
}

fn ordered(what: &str, id: &str) -> (StatusCode, Json<Value>) {
    (
        StatusCode::ACCEPTED,
        Json(json!({"ordered": what, "id": id})),
    )
}

/// The effect with this id, when it is on a shelf and the caller's.
async fn shelved(edge: &Edge, caller: &Caller, id: &str) -> Result<EffectId, ApiError> {
    caller.may(Scope::EffectsWrite)?;
    let missing = ApiError::NotFound {
        what: "effect on a list",
    };
    let id = EffectId::parse(id).map_err(|_| missing.clone())?;
    let desk = edge.core.desk(ROWS_MAX).await?;
    let found = desk.shelved.iter().find(|open| open.effect.id == id);
    let effect = &found.ok_or(missing.clone())?.effect;
    let own = caller.sees(contacts::tenant(effect, edge).as_ref());
    own.then_some(id).ok_or(missing)
}

/// The input set aside at this position, when it is the caller's.
async fn set_aside(
    edge: &Edge,
    caller: &Caller,
    position: &str,
) -> Result<(InSeq, InEvent), ApiError> {
    caller.may(Scope::EffectsWrite)?;
    let missing = ApiError::NotFound {
        what: "input in quarantine",
    };
    let position = position.parse().map(InSeq).map_err(|_| missing.clone())?;
    let desk = edge.core.desk(ROWS_MAX).await?;
    let mut rows = desk.quarantined.into_iter();
    let found = rows.find(|(at, input, _)| *at == position && owns(caller, input));
    let (at, input, _) = found.ok_or(missing)?;
    Ok((at, input))
}
