//! Contacts: found by their number, and everything that happened with them.

use actors::contact::transitions::Stage;
use actors::contact::{self, Flow};
use actors::journal::Entry;
use actors::model::{ContactId, Effect, Identity, InSeq, Inbound, Key, Name, Phone, TenantId};
use actors::texts::Locale;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::gaps::Gaps;
use super::line::{self, Line};
use crate::directory::Reach;
use crate::http::{ApiError, Caller, Edge, Scope};

/// Contacts followed from one to the older one it joined.
const JOINS_MAX: usize = 4;
/// Lines of a timeline in one answer, at most.
const LINES_MAX: usize = 5_000;

/// Which contact is looked for.
#[derive(Debug, Deserialize)]
pub struct ByPhone {
    phone: String,
    tenant: Option<String>,
}

/// How much of a timeline is wanted.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default = "lines")]
    limit: usize,
}

const fn lines() -> usize {
    500
}

/// A contact by its id.
#[derive(Debug, Serialize)]
pub struct Found {
    id: String,
    tenant: String,
}

/// A contact's history.
#[derive(Debug, Serialize)]
pub struct Timeline {
    contact: String,
    /// Older lines that the limit left out.
    omitted: usize,
    entries: Vec<Line>,
}

/// `GET /api/v1/contacts?phone=…`: the id under which a number's contact is known. The operators of
/// the service say whose contact they mean with `&tenant=…`.
pub async fn by_phone(
    State(edge): State<Edge>,
    caller: Caller,
    query: Result<Query<ByPhone>, QueryRejection>,
) -> Result<Json<Found>, ApiError> {
    caller.may(Scope::ContactsRead)?;
    let expected = "a number with its country code, such as 51999888777";
    let bad_phone = ApiError::Parameter {
        name: "phone",
        expected,
    };
    let Query(query) = query.map_err(|_| bad_phone.clone())?;
    let phone = Phone::parse(&query.phone).map_err(|_| bad_phone)?;
    let tenant = tenant_of(&caller, query.tenant.as_deref())?;
    let id = edge.identity.contact_id(&tenant, &Identity::Phone(phone));
    if edge.core.timeline(Key::Contact(id)).await?.is_empty() {
        return Err(ApiError::NotFound { what: "contact" });
    }
    Ok(Json(Found {
        id: id.to_string(),
        tenant: tenant.to_string(),
    }))
}

/// `GET /api/v1/contacts/{id}`: what is known of a person, and who has the conversation.
pub async fn one(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::ContactsRead)?;
    let (id, state, _) = known(&edge, &caller, &id).await?;
    let profile = &state.profile;
    let tickets = state.tickets.iter().rev().map(|ticket| {
        json!({
            "id": ticket.id,
            "number": ticket.number,
            "title": ticket.title,
            "opened": line::time(ticket.opened),
        })
    });
    Ok(Json(json!({
        "id": id.to_string(),
        "tenant": state.tenant.as_ref().map(Name::as_str),
        "name": profile.name,
        "display_name": profile.display_name,
        "area": profile.area,
        "phone": profile.phone.as_ref().map(Phone::digits),
        "language": state.language.map(Locale::tag),
        "messages": state.messages,
        "window_ends": state.window_end.map(|end| line::time(end.to_millis())),
        "conversation": conversation(&state),
        "help_desk_user": {
            "email": state.linking.email,
            "waits_for_operator": state.linking.waits,
        },
        "tickets": tickets.collect::<Vec<_>>(),
    })))
}

/// Where the conversation stands.
fn conversation(state: &contact::State) -> Value {
    let Flow::WithPeople(attended) = &state.flow else {
        let stage = format!("{:?}", Stage::of(&state.flow)).to_lowercase();
        return json!({"with": "bot", "stage": stage});
    };
    json!({
        "with": "people",
        "queue": attended.queue.as_ref().map(Name::as_str),
        "cause": attended.cause.name(),
        "since": line::time(attended.since),
        "heard": line::time(attended.heard),
        "operator": attended.operator,
        "bot_answers_again": line::time(attended.until.to_millis()),
    })
}

/// A contact of the caller's by its id, as the person it turned out to be, and up to which input
/// its state goes. Another tenant's contact does not exist for the caller.
pub(super) async fn known(
    edge: &Edge,
    caller: &Caller,
    id: &str,
) -> Result<(ContactId, contact::State, InSeq), ApiError> {
    let missing = ApiError::NotFound { what: "contact" };
    let mut id = ContactId::parse(id).map_err(|_| missing.clone())?;
    let (mut state, mut consumed) = edge.core.contact_at(id).await?;
    // A contact that joined another has never been joined itself, but two may have crossed.
    for _ in 0..JOINS_MAX {
        let Some(Key::Contact(older)) = state.joined else {
            break;
        };
        id = older;
        (state, consumed) = edge.core.contact_at(id).await?;
    }
    let own = state.tenant.is_some() && caller.sees(state.tenant.as_ref());
    own.then_some((id, state, consumed)).ok_or(missing)
}

/// `GET /api/v1/contacts/{id}/timeline?limit=…`: the newest lines, oldest first. Another tenant's
/// contact does not exist for the caller.
pub async fn timeline(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Timeline>, ApiError> {
    caller.may(Scope::ContactsRead)?;
    let missing = ApiError::NotFound { what: "contact" };
    let id = ContactId::parse(&id).map_err(|_| missing.clone())?;
    let expected = "a number of lines";
    let Query(wanted) = wanted.map_err(|_| ApiError::Parameter {
        name: "limit",
        expected,
    })?;
    let entries = edge.core.timeline(Key::Contact(id)).await?;
    if entries.is_empty() || !caller.sees(owner(&entries, &edge).as_ref()) {
        return Err(missing);
    }
    let mut entries = lines_of(since_forgotten(&entries));
    let omitted = entries.len().saturating_sub(wanted.limit.min(LINES_MAX));
    entries.drain(..omitted);
    Ok(Json(Timeline {
        contact: id.to_string(),
        omitted,
        entries,
    }))
}

/// What was recorded before a person was forgotten is shown to nobody, though it lies sealed in the
/// journal for a while.
fn since_forgotten(entries: &[Entry]) -> &[Entry] {
    let forgets = |entry: &Entry| matches!(entry, Entry::Input(_, event) if matches!(event.fact(), Inbound::Erased));
    let from = entries.iter().rposition(forgets).unwrap_or(0);
    &entries[from..]
}

pub(super) fn tenant_of(caller: &Caller, asked: Option<&str>) -> Result<TenantId, ApiError> {
    let expected = "the id of a tenant";
    let asked = asked.map(Name::new).transpose();
    let asked = asked.map_err(|_| ApiError::Parameter {
        name: "tenant",
        expected,
    })?;
    match (caller.reach(), asked) {
        (Reach::Tenant(own), None) => Ok(own.clone()),
        (Reach::Tenant(own), Some(asked)) if asked == *own => Ok(asked),
        (Reach::Tenant(_), Some(_)) => Err(ApiError::NotFound { what: "contact" }),
        (Reach::Platform, Some(asked)) => Ok(asked),
        (Reach::Platform, None) => Err(ApiError::Parameter {
            name: "tenant",
            expected,
        }),
    }
}

/// The tenant that the records of a contact name: every message does, and every effect through its
/// gateway's connection.
fn owner(entries: &[Entry], edge: &Edge) -> Option<TenantId> {
    entries.iter().find_map(|entry| match entry {
        Entry::Input(_, event) => match event.fact() {
            Inbound::Message(message) => Some(message.tenant.clone()),
            _ => None,
        },
        Entry::Step(_, step) => step.effects.iter().find_map(|effect| tenant(effect, edge)),
        Entry::Attempt(_) | Entry::Note(_) => None,
    })
}

/// The tenant through whose connection an effect leaves.
pub(super) fn tenant(effect: &Effect, edge: &Edge) -> Option<TenantId> {
    let directory = edge.directory.current();
    let gateway = directory.gateway_settings(effect.gateway.as_ref()?)?;
    Some(gateway.tenant.clone())
}

fn lines_of(entries: &[Entry]) -> Vec<Line> {
    let mut gaps = Gaps::default();
    let mut lines = Vec::with_capacity(entries.len());
    if let Some(Entry::Step(version, _)) = entries.iter().find(|e| matches!(e, Entry::Step(..)))
        && version.0 > 1
    {
        let words = "earlier records have left the journal".to_owned();
        let facts = json!({"first_version": version.0});
        lines.push(Line {
            kind: "gap",
            at: None,
            words,
            facts,
        });
    }
    for entry in entries {
        lines.extend(gaps.follow(entry).into_iter().map(|gap| Line {
            kind: "gap",
            at: Some(line::time(gap.at)),
            words: "a later message went first, because this one had no end in time".to_owned(),
            facts: json!({"effect": gap.passed.to_string(), "by": gap.by.to_string()}),
        }));
        lines.push(line::of(entry));
    }
    lines
}
