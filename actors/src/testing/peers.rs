//! What carries the messages: a WhatsApp-like provider, as a machine.
//!
//! It knows the truth: what took effect, when, and how often. The world decides which requests
//! reach it and which answers are lost.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::model::{Call, DeliveryRank, EffectId, Millis, Reply};

/// Messages by the effect id they carry.
#[derive(Debug, Default)]
pub(super) struct Whatsapp {
    taken: BTreeMap<EffectId, Vec<Millis>>,
    bodies: BTreeMap<EffectId, Call>,
}

impl Whatsapp {
    /// A message is taken; gives how often it has been taken now.
    pub(super) fn take(&mut self, effect: EffectId, call: &Call, now: Millis) -> usize {
        self.bodies.entry(effect).or_insert_with(|| call.clone());
        let times = self.taken.entry(effect).or_default();
        times.push(now);
        times.len()
    }

    /// Whether this is what was sent under the id before.
    pub(super) fn is_same(&self, effect: EffectId, call: &Call) -> bool {
        self.bodies.get(&effect).is_none_or(|first| first == call)
    }

    pub(super) fn reply(effect: EffectId) -> Reply {
        Reply {
            id: provider_id(effect),
            at: None,
            remark: None,
            found: None,
        }
    }

    /// Messages taken, in order of effect.
    pub(super) fn taken(&self) -> impl Iterator<Item = (&EffectId, &Vec<Millis>)> {
        self.taken.iter()
    }
}

/// The provider's id of a message.
pub(super) fn provider_id(effect: EffectId) -> SmolStr {
    format!("wamid.{effect}").into()
}

/// How far a message comes, and when it is told, at the earliest.
pub(super) const STATUSES: [(DeliveryRank, u64); 3] = [
    (DeliveryRank::Sent, 100),
    (DeliveryRank::Delivered, 400),
    (DeliveryRank::Read, 2_000),
];
