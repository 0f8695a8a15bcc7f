//! Bodies of version 2: one item each, in Gupshup's own words (Gupshup, v2 envelope).

use actors::model::{
    Billed, Consent, Content, Identity, InEvent, Inbound, Key, Message, Phone, Seconds,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::parse::{Reader, Told, stamp};
use super::wire;
use crate::http::webhooks::meta::Why;
use crate::http::webhooks::meta::parse::{TEXT_BYTES_MAX, cut, short};
use crate::http::webhooks::meta::wire::Text;

/// Reads an item; `None` for one that only proves that the address works.
pub(super) fn read(
    reader: &Reader<'_>,
    envelope: &wire::Envelope<'_>,
) -> Result<Option<InEvent>, Why> {
    let payload = envelope.payload.ok_or(Why::UnknownShape)?;
    let told = stamp(&envelope.timestamp);
    match &*envelope.kind.0 {
        "message" => message(reader, shape(payload)?, told).map(Some),
        "message-event" => event(reader, &shape(payload)?, told).map(Some),
        "user-event" => user_event(reader, &shape(payload)?, told),
        "billing-event" => billed(reader, shape(payload)?, told).map(Some),
        _ => Err(Why::UnknownField),
    }
}

fn shape<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, Why> {
    serde_json::from_str(raw.get()).map_err(|_| Why::UnknownShape)
}

fn message(
    reader: &Reader<'_>,
    message: wire::Message<'_>,
    told: Option<Seconds>,
) -> Result<InEvent, Why> {
    let id = message.id.some().ok_or(Why::NoId)?;
    let sender = message.sender.unwrap_or_default();
    let phones = [&sender.phone, &message.source].map(|text| Phone::parse(&text.0).ok());
    let from = phones.into_iter().flatten().next();
    let user_id = sender.user_id.some().map(short).map(Identity::UserId);
    let identities: Vec<Identity> = from
        .clone()
        .map(Identity::Phone)
        .into_iter()
        .chain(user_id)
        .collect();
    let first = identities.first().ok_or(Why::NoSender)?;
    let contact = reader.identities.contact_id(&reader.line.tenant, first);
    let content = content(&message.kind, message.payload)?;
    let body = Inbound::Message(Message {
        tenant: reader.line.tenant.clone(),
        channel: reader.line.channel,
        provider_id: id.into(),
        from,
        profile_name: sender.name.some().map(short),
        content,
        identities,
    });
    Ok(reader.event(Key::Contact(contact), id, told, body))
}

/// What a message says. A button is known by its keys, because its type has two names.
fn content(kind: &Text<'_>, payload: Option<&RawValue>) -> Result<Content, Why> {
    let kind = match &*kind.0 {
        "text" | "quick_reply" | "button_reply" | "list_reply" => {
            let said: wire::Said<'_> = payload.map(shape).transpose()?.unwrap_or_default();
            match (&*kind.0, said.text.some()) {
                ("text", Some(text)) => {
                    return Ok(Content::Text(cut(text, TEXT_BYTES_MAX).to_owned()));
                }
                ("text", None) => "text",
                _ => return Ok(button(&said)),
            }
        }
        "file" => "document",
        "" => "unknown",
        other => other,
    };
    Ok(Content::Other { kind: short(kind) })
}

/// Our id of the button came with it; without one its label has to do.
fn button(said: &wire::Said<'_>) -> Content {
    let title = said.title.some().or(said.text.some()).unwrap_or_default();
    Content::Button {
        id: short(said.postback_text.some().unwrap_or_default()),
        title: short(title),
    }
}

fn event(
    reader: &Reader<'_>,
    event: &wire::Event<'_>,
    told: Option<Seconds>,
) -> Result<InEvent, Why> {
    let key = reader.contact(&event.destination, &event.user_id)?;
    let nothing = wire::Told::default();
    let payload = event.payload.as_ref().unwrap_or(&nothing);
    let told = Told {
        status: &event.kind.0,
        ids: &[&event.gs_id, &event.id, &payload.whatsapp_message_id],
        stamp: stamp(&payload.ts).or(told),
        code: &payload.code,
        reason: &payload.reason,
    };
    reader.receipt(key, told)
}

fn user_event(
    reader: &Reader<'_>,
    event: &wire::UserEvent<'_>,
    told: Option<Seconds>,
) -> Result<Option<InEvent>, Why> {
    let given = match &*event.kind.0 {
        "sandbox-start" => return Ok(None),
        "opted-in" => true,
        "opted-out" => false,
        _ => return Err(Why::UnknownStatus),
    };
    let key = reader.contact(&event.phone, &Text::default())?;
    let at = told.map_or(0, |told| told.0);
    let same = format!("consent/{}/{given}/{at}", event.phone.0);
    let body = Inbound::Consent(Consent {
        channel: reader.line.channel,
        given,
    });
    Ok(Some(reader.event(key, &same, told, body)))
}

/// A message is billed once for Gupshup's id of it.
pub(super) fn billed(
    reader: &Reader<'_>,
    billing: wire::Billing<'_>,
    told: Option<Seconds>,
) -> Result<InEvent, Why> {
    let of = billing.deductions.ok_or(Why::UnknownShape)?;
    let references = billing.references.ok_or(Why::UnknownShape)?;
    let key = reader.contact(&references.destination, &Text::default())?;
    let ids = [&references.gs_id, &references.id];
    let id = ids.into_iter().find_map(Text::some).ok_or(Why::NoId)?;
    // Before July 2025 the type was the category.
    let category = [&of.category, &of.conversation_type, &of.kind];
    let category = category.into_iter().find_map(Text::some);
    let body = Inbound::Billed(Billed {
        ids: vec![short(id)],
        billable: of.billable.0,
        category: short(category.unwrap_or_default()),
        model: short(&of.model.0),
        kind: short(&of.kind.0),
        conversation: references.conversation_id.some().map(short),
    });
    Ok(reader.event(key, &format!("billed/{id}"), told, body))
}
