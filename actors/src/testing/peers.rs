//! What carries the messages: a WhatsApp-like provider, as a machine.
//!
//! It knows the truth: what took effect, when, and how often. The world decides which requests
//! reach it and which answers are lost.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::model::{Call, DeliveryRank, EffectId, Kept, Millis, Reply};

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
            ..Reply::default()
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

/// A file as the store of a world keeps it; the same effect fetches the same file.
pub(super) fn kept(effect: EffectId) -> Reply {
    let name: String = effect
        .hash
        .iter()
        .map(|byte| format!("{byte:04x}"))
        .collect();
    let kept = Kept {
        name: name.into(),
        size: 1_000,
        mime: "image/jpeg".into(),
        digest: [effect.hash[0]; 32],
    };
    Reply {
        id: kept.name.clone(),
        kept: Some(Box::new(kept)),
        ..Reply::default()
    }
}
