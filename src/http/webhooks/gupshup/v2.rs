//! Bodies of version 2: one item each, in Gupshup's own words (Gupshup, v2 envelope).

use actors::model::{
    Billed, Consent, ConsentScope, Identity, InEvent, Inbound, Key, Message, Phone, Seconds,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::parse::{Reader, Told, stamp};
use super::{kinds, wire};
use crate::http::webhooks::meta::Why;
use crate::http::webhooks::meta::parse::short;
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
    let nobody = wire::Sender::default();
    let sender = message.sender.as_ref().unwrap_or(&nobody);
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
    let content = kinds::content(&message.kind, message.payload);
    let context = kinds::context(&message);
    let body = Message {
        tenant: reader.line.tenant.clone(),
        channel: reader.line.channel,
        second_line: reader.line.second,
        provider_id: id.into(),
        from,
        profile_name: sender.name.some().map(short),
        content,
        context,
        identities,
    };
    Ok(reader.message(Key::Contact(contact), id, told, body))
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
        scope: ConsentScope::Everything,
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
