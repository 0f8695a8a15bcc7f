//! Writing to a person without being asked: a template, ordered by an operator or by the tenant's
//! own system.
//!
//! The order carries an id that its sender made; the same id is the same order however often it
//! comes. What can be refused at once (values, approval, consent) is; the contact decides it again
//! when it comes to it, because the person may withdraw in between.

use actors::contact;
use actors::model::{ContactId, InEvent, Inbound, Key, TemplateChoice, TemplateOrder};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::{ApiError, Caller, Edge, Scope};

/// Characters of a client-made id, at most.
pub(super) const ID_CHARS_MAX: usize = 100;
/// Values of one template, at most.
const VALUES_MAX: usize = 64;

/// A template as it is ordered. Either `template` or `purpose`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    id: String,
    template: Option<String>,
    purpose: Option<String>,
    language: Option<String>,
    #[serde(default)]
    values: Vec<String>,
    media: Option<String>,
}

/// `POST /api/v1/contacts/{id}/templates`: sends a template. 202 means that the order is durable;
/// the timeline shows what became of it.
pub async fn template(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    order: Result<Json<Order>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.may(Scope::MessagesWrite)?;
    let (contact, state) = person(&edge, &caller, &id).await?;
    let Json(order) = order.map_err(|_| ApiError::Unreadable {
        expected: "JSON with id, template or purpose, and values",
    })?;
    let order = checked(order)?;
    let reading = reads(&edge, &state, &order)?;
    let scope = format!("order/{contact}");
    let now = edge.clock.now();
    let event = InEvent {
        key: Key::Contact(contact),
        id: edge
            .identity
            .id_hash(scope.as_bytes(), order.client_id.as_bytes()),
        stamp: None,
        received: now,
        body: Inbound::TemplateOrdered(order),
    };
    edge.core.ingest(vec![event]).await?;
    Ok((StatusCode::ACCEPTED, Json(reading)))
}

/// The contact with this id, when it is the caller's.
pub(super) async fn person(
    edge: &Edge,
    caller: &Caller,
    id: &str,
) -> Result<(ContactId, contact::State), ApiError> {
    let missing = ApiError::NotFound { what: "contact" };
    let id = ContactId::parse(id).map_err(|_| missing.clone())?;
    let state = edge.core.contact(id).await?;
    match state.tenant.is_some() && caller.sees(state.tenant.as_ref()) {
        true => Ok((id, state)),
        false => Err(missing),
    }
}

fn checked(order: Order) -> Result<TemplateOrder, ApiError> {
    let wrong = |name, expected| ApiError::Parameter { name, expected };
    let length = order.id.chars().count();
    if !(1..=ID_CHARS_MAX).contains(&length) {
        return Err(wrong("id", "1 to 100 characters that name this order"));
    }
    if order.values.len() > VALUES_MAX {
        return Err(wrong("values", "at most 64 texts"));
    }
    let choice = match (order.template, order.purpose, order.language) {
        (Some(name), None, language) => TemplateChoice::Named {
            name: name.into(),
            language: language.map(Into::into),
        },
        (None, Some(purpose), None) => TemplateChoice::Purpose(purpose.into()),
        _ => {
            let expected = "a template's name, with or without a language, or else a purpose";
            return Err(wrong("template", expected));
        }
    };
    Ok(TemplateOrder {
        client_id: order.id.into(),
        choice,
        values: order.values,
        media: order.media.map(Into::into),
    })
}

/// How the person would read it, when it can be sent as things stand.
fn reads(edge: &Edge, state: &contact::State, order: &TemplateOrder) -> Result<Value, ApiError> {
    let channel = state
        .channel
        .ok_or(ApiError::NotFound { what: "channel" })?;
    let directory = edge.directory.current();
    let settings = directory
        .channel_settings(&channel)
        .ok_or(ApiError::NotFound { what: "channel" })?;
    let own = state
        .language
        .map_or(settings.locale.as_str(), |own| own.tag());
    let languages = [own, settings.locale.as_str()];
    let catalogue = &settings.sending.templates;
    let template = match &order.choice {
        TemplateChoice::Purpose(purpose) => catalogue.serving(purpose, &languages)?,
        TemplateChoice::Named { name, language } => match language {
            Some(language) => catalogue.pick(name, &[language])?,
            None => catalogue.pick(name, &languages)?,
        },
    };
    let filled = template.fill(&order.values, order.media.as_deref())?;
    let allowed = state.permission.allows(template.category);
    allowed.map_err(|reason| ApiError::Unacceptable {
        code: "no_consent",
        reason: reason.to_owned(),
    })?;
    Ok(json!({
        "id": order.client_id,
        "template": template.name,
        "language": template.language,
        "category": template.category.as_str(),
        "text": filled.text(),
    }))
}
