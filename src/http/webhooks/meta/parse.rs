//! From a verified body to inbound events.
//!
//! Every entry, change, message and status is walked: WhatsApp usually sends one of each, and
//! batches after an outage. What can be read but has no place (another number's traffic, a status
//! of a message that is not ours, an item without id or sender, an unknown field) is handed back
//! with the reason and its raw JSON, so that it can be counted and kept. Only a body that is no JSON
//! is an error.

pub use actors::model::WhyUnplaced as Why;
use actors::model::{
    ChannelId, Consent, ConsentScope, DeliveryRank, EffectId, Identity, IdentityKey, InEvent,
    Inbound, Key, Message, Millis, Phone, Seconds, Status, TenantId,
};
use bytes::Bytes;
use serde_json::value::RawValue;
use smol_str::{SmolStr, format_smolstr};

use super::person::{Person, contact_of};
use super::verify::Verified;
use super::{kinds, wire};
use crate::providers::meta::plain_words;

/// WhatsApp allows 4,096 characters of text; what is longer is no message of a person's and would
/// not fit a decision's bound.
pub(in crate::http::webhooks) const TEXT_BYTES_MAX: usize = 32 * 1024;
/// Fields that tell of templates. What they say is a hint: the provider's list is the truth.
pub(in crate::http::webhooks) const TEMPLATE_FIELDS: [&str; 4] = [
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
];
/// Names of kinds, of people and of buttons are cut to this.
const NAME_CHARS_MAX: usize = 200;

/// The channel a webhook address stands for.
#[derive(Clone, Debug)]
pub struct Line {
    /// The organisation.
    pub tenant: TenantId,
    /// The channel.
    pub channel: ChannelId,
    /// Its number's id at Meta; traffic of any other number is not placed.
    pub phone_number_id: SmolStr,
    /// Whether it is the channel's second line.
    pub second: bool,
    /// Makes message ids of this number unlike any other's, whichever line tells of them.
    pub messages: SmolStr,
}

/// What a body held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// In the order of the body.
    pub events: Vec<InEvent>,
    /// What has no place, in the order of the body.
    pub unplaced: Vec<Unplaced>,
    /// Whether something was told about the channel's templates.
    pub templates: bool,
}

/// An item that could be read but not given to an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// Why not.
    pub why: Why,
    /// The item's JSON as it came. It holds personal data: never for logs.
    pub raw: Bytes,
}

/// The body is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is no JSON")]
pub struct Unreadable;

/// Reads a body that came to `line` at `received`.
pub fn read(
    body: &Verified<Bytes>,
    line: &Line,
    identities: &IdentityKey,
    received: Millis,
) -> Result<Batch, Unreadable> {
    let body = body.body();
    let mut reader = Reader {
        body,
        line,
        identities,
        received,
        batch: Batch::default(),
    };
    let text = std::str::from_utf8(body).map_err(|_| Unreadable)?;
    if let Ok(usual) = serde_json::from_str::<wire::Usual<'_>>(text) {
        let changes = || usual.entry.iter().flat_map(|entry| &entry.changes);
        if changes().next().is_some() && changes().all(|change| reader.is_usual(change)) {
            let values = changes().filter_map(|change| change.value.as_ref());
            values.for_each(|value| reader.items(value));
            return Ok(reader.batch);
        }
    }
    let envelope = match serde_json::from_str::<wire::Envelope<'_>>(text) {
        Ok(envelope) => envelope,
        Err(error) if error.is_data() => {
            // Reading stops at the first surprise; whether the rest is JSON is still to be seen.
            serde_json::from_str::<&RawValue>(text).map_err(|_| Unreadable)?;
            reader.unplaced(Why::UnknownShape, body);
            return Ok(reader.batch);
        }
        Err(_) => return Err(Unreadable),
    };
    let mut changes = envelope
        .entry
        .into_iter()
        .flatten()
        .flat_map(|entry| entry.changes.into_iter().flatten())
        .peekable();
    if changes.peek().is_none() {
        reader.unplaced(Why::UnknownShape, body);
    }
    changes.for_each(|change| reader.change(change));
    Ok(reader.batch)
}

struct Reader<'a> {
    body: &'a Bytes,
    line: &'a Line,
    identities: &'a IdentityKey,
    received: Millis,
    batch: Batch,
}

impl Reader<'_> {
    fn change(&mut self, raw: &RawValue) {
        let Ok(change) = serde_json::from_str::<wire::Change<'_>>(raw.get()) else {
            return self.unplaced(Why::UnknownShape, raw.get().as_bytes());
        };
        if TEMPLATE_FIELDS.contains(&&*change.field.0) {
            self.batch.templates = true;
            return;
        }
        let known = matches!(&*change.field.0, "messages" | "user_preferences");
        let Some(value) = change.value.filter(|_| known) else {
            return self.unplaced(Why::UnknownField, raw.get().as_bytes());
        };
        if !value.has_items() {
            return self.unplaced(Why::UnknownField, raw.get().as_bytes());
        }
        if !self.is_own(&value) {
            return self.unplaced(Why::OtherNumber, raw.get().as_bytes());
        }
        self.items(&value);
    }

    /// Whether a change holds nothing but what its items say one by one.
    fn is_usual(&self, change: &wire::Change<'_>) -> bool {
        let value = change.value.as_ref().filter(|value| value.has_items());
        change.field.0 == "messages" && value.is_some_and(|value| self.is_own(value))
    }

    /// Whether it is about this line's number.
    fn is_own(&self, value: &wire::Value<'_>) -> bool {
        let metadata = value.metadata.as_ref();
        metadata.is_some_and(|metadata| metadata.phone_number_id.0 == *self.line.phone_number_id)
    }

    fn items(&mut self, value: &wire::Value<'_>) {
        let contacts = value.contacts.iter().flatten();
        let contacts = contacts.filter_map(|raw| serde_json::from_str(raw.get()).ok());
        let contacts: Vec<wire::Contact<'_>> = contacts.collect();
        for raw in value.messages.iter().flatten() {
            let placed = self.message(raw, &contacts);
            self.place(placed, raw);
        }
        for raw in value.statuses.iter().flatten() {
            let placed = self.status(raw);
            self.place(placed, raw);
        }
        for raw in value.user_preferences.iter().flatten() {
            let placed = self.preference(raw);
            self.place(placed, raw);
        }
    }

    /// The official signal that a person wants no more marketing, or wants it again.
    fn preference(&self, raw: &RawValue) -> Result<InEvent, Why> {
        let told: wire::Preference<'_> =
            serde_json::from_str(raw.get()).map_err(|_| Why::UnknownShape)?;
        let given = match (&*told.category.0, &*told.value.0) {
            ("marketing_messages", "stop") => false,
            ("marketing_messages", "resume" | "signup") => true,
            _ => return Err(Why::UnknownStatus),
        };
        let phone = Phone::parse(&told.wa_id.0).ok().map(Identity::Phone);
        let user_id = told.user_id.some().map(|id| Identity::UserId(short(id)));
        let identity = phone.or(user_id).ok_or(Why::NoSender)?;
        let contact = self.identities.contact_id(&self.line.tenant, &identity);
        let same = format!("{contact}/{}/{}", told.value.0, told.timestamp.0);
        Ok(InEvent {
            key: Key::Contact(contact),
            id: self.identities.id_hash(b"meta-preference", same.as_bytes()),
            stamp: told.timestamp.number().map(Seconds),
            received: self.received,
            body: Inbound::Consent(Consent {
                channel: self.line.channel,
                given,
                scope: ConsentScope::Marketing,
            }),
        })
    }

    fn message(&self, raw: &RawValue, contacts: &[wire::Contact<'_>]) -> Result<InEvent, Why> {
        let message: wire::Message<'_> =
            serde_json::from_str(raw.get()).map_err(|_| Why::UnknownShape)?;
        let id = message.id.some().ok_or(Why::NoId)?;
        let contact = contact_of(&message, contacts);
        let person = Person::of(&message, contact);
        let first = person.identities.first().ok_or(Why::NoSender)?;
        let key = Key::Contact(self.identities.contact_id(&self.line.tenant, first));
        let name = contact.and_then(|contact| contact.profile.as_ref());
        let (content, context) = kinds::told_by(&message, raw);
        Ok(InEvent {
            key,
            id: self
                .identities
                .id_hash(self.line.messages.as_bytes(), id.as_bytes()),
            stamp: message.timestamp.number().map(Seconds),
            received: self.received,
            body: Inbound::Message(Message {
                tenant: self.line.tenant.clone(),
                channel: self.line.channel,
                second_line: self.line.second,
                provider_id: id.into(),
                from: person.answer_to,
                profile_name: name.and_then(|p| p.name.some()).map(short),
                content,
                context,
                identities: person.identities,
            }),
        })
    }

    fn status(&self, raw: &RawValue) -> Result<InEvent, Why> {
        let status: wire::Status<'_> =
            serde_json::from_str(raw.get()).map_err(|_| Why::UnknownShape)?;
        let echoed = status.biz_opaque_callback_data.some();
        let effect = echoed
            .and_then(|id| EffectId::parse(id).ok())
            // Only people are written to through this provider.
            .filter(|effect| matches!(effect.key, Key::Contact(_)))
            .ok_or(Why::NotOurs)?;
        let rank = rank(&status.status.0).ok_or(Why::UnknownStatus)?;
        let same = format!("{effect}/{}", status.status.0);
        Ok(InEvent {
            key: effect.key,
            id: self.identities.id_hash(b"meta-status", same.as_bytes()),
            stamp: status.timestamp.number().map(Seconds),
            received: self.received,
            body: Inbound::Status(Status {
                effect,
                provider_id: short(&status.id.0),
                rank,
                failure: (rank == DeliveryRank::Failed).then(|| failure(&status)),
            }),
        })
    }

    fn place(&mut self, placed: Result<InEvent, Why>, raw: &RawValue) {
        match placed {
            Ok(event) => self.batch.events.push(event),
            Err(why) => self.unplaced(why, raw.get().as_bytes()),
        }
    }

    fn unplaced(&mut self, why: Why, raw: &[u8]) {
        self.batch.unplaced.push(Unplaced {
            why,
            raw: self.body.slice_ref(raw),
        });
    }
}

fn rank(status: &str) -> Option<DeliveryRank> {
    Some(match status {
        "accepted" => DeliveryRank::Accepted,
        "sent" => DeliveryRank::Sent,
        "delivered" => DeliveryRank::Delivered,
        "read" => DeliveryRank::Read,
        "played" => DeliveryRank::Played,
        "failed" => DeliveryRank::Failed,
        _ => return None,
    })
}

/// Code and plain words of a failure; Meta's own title for a code that has none here.
fn failure(status: &wire::Status<'_>) -> (u32, SmolStr) {
    let Some(error) = status.errors.iter().flatten().next() else {
        return (0, SmolStr::new_static("WhatsApp gave no reason"));
    };
    let code = error.code.number().unwrap_or(0);
    match plain_words(code).filter(|_| code != 0) {
        Some(words) => (code, SmolStr::new_static(words)),
        None => (
            code,
            format_smolstr!("WhatsApp says: {}", short(&error.title.0)),
        ),
    }
}

/// A name, cut to [`NAME_CHARS_MAX`].
pub(in crate::http::webhooks) fn short(text: &str) -> SmolStr {
    match text.char_indices().nth(NAME_CHARS_MAX) {
        Some((end, _)) => SmolStr::new(&text[..end]),
        None => SmolStr::new(text),
    }
}

/// The beginning of a text that fits `bytes_max`.
pub(in crate::http::webhooks) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}
