//! Bodies of version 3: Meta's, passed on, with Gupshup's ids added (Gupshup, v3 events).

use actors::model::{InEvent, Key, Message, Seconds};
use serde_json::value::RawValue;

use super::parse::{Reader, Told, stamp};
use super::{v2, wire};
use crate::http::webhooks::meta::Why;
use crate::http::webhooks::meta::kinds;
use crate::http::webhooks::meta::parse::{TEMPLATE_FIELDS, short};
use crate::http::webhooks::meta::person::{Person, contact_of};
use crate::http::webhooks::meta::wire as meta;

/// Reads every change of every entry.
pub(super) fn read(reader: &mut Reader<'_>, entries: Vec<wire::Entry<'_>>) {
    let changes = entries
        .into_iter()
        .flat_map(|entry| entry.changes.into_iter().flatten());
    let mut any = false;
    for raw in changes {
        any = true;
        change(reader, raw);
    }
    if !any {
        reader.whole(Why::UnknownShape);
    }
}

fn change(reader: &mut Reader<'_>, raw: &RawValue) {
    let Ok(change) = serde_json::from_str::<wire::Change<'_>>(raw.get()) else {
        return reader.unplaced(Why::UnknownShape, raw.get().as_bytes());
    };
    if TEMPLATE_FIELDS.contains(&&*change.field.0) {
        reader.batch.templates = true;
        return;
    }
    let Some(value) = change.value else {
        return reader.unplaced(Why::UnknownField, raw.get().as_bytes());
    };
    if let Some(billing) = value.billing {
        let billing = kinds::read(Some(billing)).ok_or(Why::UnknownShape);
        let billed = billing.and_then(|billing| v2::billed(reader, billing, None));
        return place(reader, billed.map(Some), raw);
    }
    let messages = value.messages.unwrap_or_default();
    let statuses = value.statuses.unwrap_or_default();
    if messages.is_empty() && statuses.is_empty() {
        return reader.unplaced(Why::UnknownField, raw.get().as_bytes());
    }
    let contacts = value.contacts.unwrap_or_default().into_iter();
    let contacts: Vec<meta::Contact<'_>> =
        contacts.filter_map(|raw| kinds::read(Some(raw))).collect();
    for raw in messages {
        let placed = message(reader, raw, &contacts);
        place(reader, placed.map(Some), raw);
    }
    for raw in statuses {
        let placed = status(reader, raw);
        place(reader, placed, raw);
    }
}

fn place(reader: &mut Reader<'_>, placed: Result<Option<InEvent>, Why>, raw: &RawValue) {
    match placed {
        Ok(event) => reader.batch.events.extend(event),
        Err(why) => reader.unplaced(why, raw.get().as_bytes()),
    }
}

fn message(
    reader: &Reader<'_>,
    raw: &RawValue,
    contacts: &[meta::Contact<'_>],
) -> Result<InEvent, Why> {
    let message: meta::Message<'_> =
        serde_json::from_str(raw.get()).map_err(|_| Why::UnknownShape)?;
    let id = message.id.some().ok_or(Why::NoId)?;
    let contact = contact_of(&message, contacts);
    let person = Person::of(&message, contact);
    let first = person.identities.first().ok_or(Why::NoSender)?;
    let key = reader.identities.contact_id(&reader.line.tenant, first);
    let name = contact.and_then(|contact| contact.profile.as_ref());
    let (content, context) = kinds::told(raw);
    let body = Message {
        tenant: reader.line.tenant.clone(),
        channel: reader.line.channel,
        second_line: reader.line.second,
        provider_id: id.into(),
        from: person.answer_to,
        profile_name: name.and_then(|profile| profile.name.some()).map(short),
        content,
        context,
        identities: person.identities,
    };
    let told = stamp(&message.timestamp);
    Ok(reader.message(Key::Contact(key), id, told, body))
}

/// `None` for the call that only proves that the address works.
fn status(reader: &Reader<'_>, raw: &RawValue) -> Result<Option<InEvent>, Why> {
    let status: wire::Status<'_> =
        serde_json::from_str(raw.get()).map_err(|_| Why::UnknownShape)?;
    if status.kind.0 == "set-callback" {
        return Ok(None);
    }
    let key = reader.contact(&status.recipient_id, &status.recipient_user_id)?;
    // Refusals of Gupshup's own stand in the status, WhatsApp's in `errors`.
    let error = status.errors.iter().flatten().next();
    let told: Option<Seconds> = stamp(&status.timestamp);
    let told = Told {
        status: &status.status.0,
        ids: &[&status.gs_id, &status.id],
        stamp: told,
        code: error.map_or(&status.code, |error| &error.code),
        reason: error.map_or(&status.reason, |error| &error.title),
    };
    reader.receipt(key, told).map(Some)
}
