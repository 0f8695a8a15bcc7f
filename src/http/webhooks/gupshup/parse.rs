//! From a verified body to inbound events.
//!
//! A body with `entry` is of version 3 whatever it was subscribed as, because answers of flows come
//! in Meta's form on addresses of version 2 too. What can be read but has no place (another app's
//! traffic, an unknown kind) is handed back with the reason and its raw JSON. Only a body that is
//! no JSON is an error.

use actors::model::{
    ChannelId, DeliveryRank, Identity, IdentityKey, InEvent, Inbound, Key, Message, Millis, Phone,
    Receipt, Seconds, TenantId,
};
use bytes::Bytes;
use serde_json::value::RawValue;
use smol_str::{SmolStr, format_smolstr};

use super::verify::Verified;
use super::{v2, v3, wire};
use crate::http::webhooks::meta::parse::short;
use crate::http::webhooks::meta::wire::Text;
use crate::http::webhooks::meta::{Batch, Unplaced, Unreadable, Why};
use crate::providers::gupshup::{plain_words, trouble};

/// Milliseconds and seconds are told apart by their size: as seconds this is the year 2286.
const SECONDS_MAX: u64 = 10_000_000_000;

/// The channel a webhook address stands for.
#[derive(Clone, Debug)]
pub struct Line {
    /// The organisation.
    pub tenant: TenantId,
    /// The channel.
    pub channel: ChannelId,
    /// Whether it is the channel's second line.
    pub second: bool,
    /// Makes message ids of this number unlike any other's, whichever line tells of them.
    pub messages: SmolStr,
    /// Its app's name at Gupshup, which version 2 names; traffic of another app is not placed.
    pub app: SmolStr,
    /// Its app's id, which version 3 names.
    pub app_id: SmolStr,
}

/// Reads a body that came to `line` at `received`.
pub fn read(
    body: &Verified,
    line: &Line,
    identities: &IdentityKey,
    received: Millis,
) -> Result<Batch, Unreadable> {
    let body = body.body();
    let mut reader = Reader {
        scope: format!("gupshup/{}", line.app_id),
        body,
        line,
        identities,
        received,
        batch: Batch::default(),
    };
    let text = std::str::from_utf8(body).map_err(|_| Unreadable)?;
    match serde_json::from_str::<wire::Envelope<'_>>(text) {
        Ok(envelope) => reader.envelope(envelope),
        Err(error) if error.is_data() => {
            // Reading stops at the first surprise; whether the rest is JSON is still to be seen.
            serde_json::from_str::<&RawValue>(text).map_err(|_| Unreadable)?;
            reader.unplaced(Why::UnknownShape, body);
        }
        Err(_) => return Err(Unreadable),
    }
    Ok(reader.batch)
}

pub(super) struct Reader<'a> {
    /// Makes ids of everything but messages unlike any other app's.
    pub scope: String,
    pub body: &'a Bytes,
    pub line: &'a Line,
    pub identities: &'a IdentityKey,
    pub received: Millis,
    pub batch: Batch,
}

impl Reader<'_> {
    fn envelope(&mut self, envelope: wire::Envelope<'_>) {
        if let Some(entries) = envelope.entry {
            // A flow's answer may come without the app's id; the address has proven it.
            match envelope.gs_app_id.some() {
                Some(id) if id != self.line.app_id => self.whole(Why::OtherNumber),
                _ => v3::read(self, entries),
            }
        } else if envelope.app.some().is_some_and(|app| app != self.line.app) {
            self.whole(Why::OtherNumber);
        } else if envelope.kind.0 == "template-event" {
            self.batch.templates = true;
        } else {
            match v2::read(self, &envelope) {
                Ok(Some(event)) => self.batch.events.push(event),
                Ok(None) => {}
                Err(why) => self.whole(why),
            }
        }
    }

    /// The contact of a person known by these names; a number before a user id.
    pub fn contact(&self, phone: &Text<'_>, user_id: &Text<'_>) -> Result<Key, Why> {
        let phone = Phone::parse(&phone.0).ok().map(Identity::Phone);
        let user_id = user_id.some().map(|id| Identity::UserId(short(id)));
        let identity = phone.or(user_id).ok_or(Why::NoSender)?;
        let id = self.identities.contact_id(&self.line.tenant, &identity);
        Ok(Key::Contact(id))
    }

    /// An event that is the same whenever it comes again.
    pub fn event(&self, key: Key, id: &str, stamp: Option<Seconds>, body: Inbound) -> InEvent {
        InEvent {
            key,
            id: self
                .identities
                .id_hash(self.scope.as_bytes(), id.as_bytes()),
            stamp,
            received: self.received,
            body,
        }
    }

    /// A message, which is the same whichever line of its number tells of it.
    pub fn message(&self, key: Key, id: &str, stamp: Option<Seconds>, message: Message) -> InEvent {
        let scope = self.line.messages.as_bytes();
        InEvent {
            id: self.identities.id_hash(scope, id.as_bytes()),
            ..self.event(key, id, stamp, Inbound::Message(message))
        }
    }

    /// How far a message came.
    pub fn receipt(&self, key: Key, told: Told<'_, '_>) -> Result<InEvent, Why> {
        let rank = rank(told.status).ok_or(Why::UnknownStatus)?;
        let mut ids: Vec<SmolStr> = Vec::with_capacity(2);
        // Gupshup's id is the one that joins; WhatsApp's own is all that comes after a week.
        for id in told.ids.iter().filter_map(|id| id.some()).map(short) {
            if ids.len() < 2 && !ids.contains(&id) {
                ids.push(id);
            }
        }
        let first = ids.first().ok_or(Why::NoId)?;
        let same = format!("receipt/{first}/{}", told.status);
        let failure = (rank == DeliveryRank::Failed).then(|| failure(told.code, told.reason));
        let code = told.code.number().filter(|_| rank == DeliveryRank::Failed);
        let receipt = Receipt {
            ids,
            rank,
            failure,
            trouble: code.and_then(trouble),
        };
        Ok(self.event(key, &same, told.stamp, Inbound::Receipt(receipt)))
    }

    /// Hands the whole body back.
    pub fn whole(&mut self, why: Why) {
        self.unplaced(why, &self.body.clone());
    }

    /// Hands an item of the body back.
    pub fn unplaced(&mut self, why: Why, raw: &[u8]) {
        self.batch.unplaced.push(Unplaced {
            why,
            raw: self.body.slice_ref(raw),
        });
    }
}

/// How far a message came, before it is an event.
pub(super) struct Told<'r, 'a> {
    /// `sent`, `delivered`, …
    pub status: &'r str,
    /// Ids of the message, the one that joins first; empty ones do not count.
    pub ids: &'r [&'r Text<'a>],
    pub stamp: Option<Seconds>,
    pub code: &'r Text<'a>,
    pub reason: &'r Text<'a>,
}

fn rank(status: &str) -> Option<DeliveryRank> {
    Some(match status {
        "enqueued" | "accepted" => DeliveryRank::Accepted,
        "sent" => DeliveryRank::Sent,
        "delivered" => DeliveryRank::Delivered,
        "read" => DeliveryRank::Read,
        "played" => DeliveryRank::Played,
        "failed" => DeliveryRank::Failed,
        _ => return None,
    })
}

/// Code and plain words of a failure, Gupshup's own words behind them: some codes had another
/// meaning once.
fn failure(code: &Text<'_>, reason: &Text<'_>) -> (u32, SmolStr) {
    let code = code.number().unwrap_or(0);
    let words = plain_words(code).filter(|_| code != 0);
    let reason = match (words, reason.some()) {
        (Some(words), None) => SmolStr::new_static(words),
        (Some(words), Some(theirs)) => format_smolstr!("{words} (Gupshup: {})", short(theirs)),
        (None, Some(theirs)) => format_smolstr!("Gupshup says: {}", short(theirs)),
        (None, None) => SmolStr::new_static("Gupshup gave no reason"),
    };
    (code, reason)
}

/// An instant in seconds or milliseconds, as a number or a text.
pub(super) fn stamp(text: &Text<'_>) -> Option<Seconds> {
    let number: u64 = text.0.parse().ok()?;
    let seconds = match number {
        ..=SECONDS_MAX => number,
        _ => number / 1_000,
    };
    u32::try_from(seconds).ok().map(Seconds)
}
