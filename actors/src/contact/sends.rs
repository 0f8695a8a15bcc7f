//! How far the last messages to a person came, and under which ids the provider knows them.
//! Delivery status only moves forward.
//!
//! Where a provider echoes the effect id, the effect finds its message. Where it tells only ids of
//! its own, a message is named once its send is reported; a receipt that overtakes the report is
//! kept until then.

use std::collections::VecDeque;

use ring::digest;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::model::{DeliveryRank, EffectId, Key, Receipt};

/// How many sends are remembered.
const REMEMBERED: usize = 24;
/// How many receipts of messages without a name are kept.
const EARLY: usize = 12;
/// Ids kept of one message: the provider's own and WhatsApp's.
const NAMES: usize = 2;

/// The delivery ranks of the last 24 messages to one person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sends {
    last: VecDeque<Sent>,
    early: VecDeque<Receipt>,
}

/// One message to the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sent {
    effect: [u8; 8],
    rank: Option<DeliveryRank>,
    names: Vec<Name>,
    /// How often the same message had been sent before and was not, for reasons of the provider's.
    tries: u8,
}

/// The first 8 bytes of the SHA-256 of a provider's id: two of 24 messages would share it once in
/// 2^55 people.
type Name = [u8; 8];

impl Sends {
    /// Remembers a message that was decided, forgetting the oldest beyond 24.
    pub fn planned(&mut self, effect: EffectId) {
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back(Sent {
            effect: effect.hash,
            rank: None,
            names: Vec::new(),
            tries: 0,
        });
    }

    /// Remembers a message that takes the place of one that was not sent.
    pub fn planned_again(&mut self, effect: EffectId, instead_of: EffectId) {
        let tries = self.tries(instead_of).saturating_add(1);
        self.planned(effect);
        if let Some(sent) = self.find_mut(effect) {
            sent.tries = tries;
        }
    }

    /// How often the same message had been sent before.
    pub fn tries(&self, effect: EffectId) -> u8 {
        self.find(effect).map_or(0, |sent| sent.tries)
    }

    /// Whether `rank` says more about the message than is known. A message that is no longer
    /// remembered is not advanced.
    pub fn advances(&self, effect: EffectId, rank: DeliveryRank) -> bool {
        self.find(effect).is_some_and(|sent| Some(rank) > sent.rank)
    }

    /// Moves a message forward; never back.
    pub fn advance(&mut self, effect: EffectId, rank: DeliveryRank) {
        if let Some(sent) = self.find_mut(effect) {
            sent.rank = sent.rank.max(Some(rank));
        }
    }

    /// The rank of a remembered message.
    pub fn rank(&self, effect: EffectId) -> Option<DeliveryRank> {
        self.find(effect).and_then(|sent| sent.rank)
    }

    /// Whether the message is remembered.
    pub fn holds(&self, effect: EffectId) -> bool {
        self.find(effect).is_some()
    }

    /// The message of `own` that the provider knows under one of `ids`.
    pub fn named(&self, own: Key, ids: &[SmolStr]) -> Option<EffectId> {
        let known = |sent: &&Sent| ids.iter().any(|id| sent.names.contains(&name(id)));
        let sent = self.last.iter().rev().find(known)?;
        Some(EffectId {
            key: own,
            hash: sent.effect,
        })
    }

    /// Whether the message lacks one of `ids` and has room for it.
    pub fn learns(&self, effect: EffectId, ids: &[SmolStr]) -> bool {
        self.find(effect).is_some_and(|sent| {
            sent.names.len() < NAMES && ids.iter().any(|id| !sent.names.contains(&name(id)))
        })
    }

    /// Notes the provider's ids of a message. Its early receipts are no longer kept.
    pub fn name(&mut self, effect: EffectId, ids: &[SmolStr]) {
        let Some(sent) = self.find_mut(effect) else {
            return;
        };
        for name in ids.iter().map(name) {
            if sent.names.len() < NAMES && !sent.names.contains(&name) {
                sent.names.push(name);
            }
        }
        let names = sent.names.clone();
        self.early
            .retain(|receipt| !receipt.ids.iter().any(|id| names.contains(&name(id))));
    }

    /// Keeps a receipt until its message is named; the oldest leaves when there are too many.
    pub fn keep(&mut self, receipt: &Receipt) {
        if self.early.len() == EARLY {
            self.early.pop_front();
        }
        self.early.push_back(receipt.clone());
    }

    /// The kept receipts of the message with this id, oldest first.
    pub fn early<'a>(&'a self, id: &'a SmolStr) -> impl Iterator<Item = &'a Receipt> {
        self.early
            .iter()
            .filter(move |receipt| receipt.ids.contains(id))
    }

    fn find(&self, effect: EffectId) -> Option<&Sent> {
        self.last.iter().find(|sent| sent.effect == effect.hash)
    }

    fn find_mut(&mut self, effect: EffectId) -> Option<&mut Sent> {
        self.last.iter_mut().find(|sent| sent.effect == effect.hash)
    }
}

fn name(id: &SmolStr) -> Name {
    let digest = digest::digest(&digest::SHA256, id.as_bytes());
    let mut name = Name::default();
    name.copy_from_slice(&digest.as_ref()[..8]);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ContactId, IdHash, InSeq};

    fn effect() -> EffectId {
        let key = Key::Contact(ContactId([1; 16]));
        EffectId::derive(key, InSeq(1), IdHash([0; 8]), 0)
    }

    fn receipt(ids: &[&str], rank: DeliveryRank) -> Receipt {
        Receipt {
            ids: ids.iter().map(|id| (*id).into()).collect(),
            rank,
            failure: None,
            trouble: None,
        }
    }

    #[test]
    fn statuses_in_any_order_end_at_the_furthest() {
        use DeliveryRank::*;
        for order in [
            [Sent, Delivered, Read],
            [Read, Delivered, Sent],
            [Delivered, Sent, Read],
        ] {
            let mut sends = Sends::default();
            sends.planned(effect());
            for rank in order {
                sends.advance(effect(), rank);
            }
            assert_eq!(sends.rank(effect()), Some(Read));
            assert!(!sends.advances(effect(), Delivered));
        }
    }

    #[test]
    fn a_failure_stands_until_delivery_is_proved() {
        use DeliveryRank::*;
        let mut sends = Sends::default();
        sends.planned(effect());
        sends.advance(effect(), Failed);
        sends.advance(effect(), Sent);
        assert_eq!(sends.rank(effect()), Some(Failed));
        sends.advance(effect(), Delivered);
        assert_eq!(sends.rank(effect()), Some(Delivered));
    }

    #[test]
    fn a_message_is_found_by_either_of_its_names() {
        let mut sends = Sends::default();
        sends.planned(effect());
        assert_eq!(sends.named(effect().key, &["gs".into()]), None);
        sends.name(effect(), &["gs".into()]);
        assert!(sends.learns(effect(), &["gs".into(), "wamid".into()]));
        sends.name(effect(), &["gs".into(), "wamid".into()]);
        for ids in [&["gs"][..], &["wamid"], &["other", "gs"]] {
            let ids: Vec<SmolStr> = ids.iter().map(|id| (*id).into()).collect();
            assert_eq!(sends.named(effect().key, &ids), Some(effect()), "{ids:?}");
        }
        assert!(
            !sends.learns(effect(), &["third".into()]),
            "two names at most"
        );
    }

    #[test]
    fn early_receipts_wait_for_their_message_and_are_bounded() {
        let mut sends = Sends::default();
        sends.planned(effect());
        sends.keep(&receipt(&["gs"], DeliveryRank::Sent));
        assert_eq!(sends.early(&"gs".into()).count(), 1);
        sends.name(effect(), &["gs".into()]);
        assert_eq!(sends.early(&"gs".into()).count(), 0);
        for n in 0..100 {
            sends.keep(&receipt(&[&n.to_string()], DeliveryRank::Read));
        }
        assert_eq!(sends.early.len(), EARLY);
    }
}
