//! How far the last messages to a person came. Delivery status only moves forward.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::model::{DeliveryRank, EffectId};

/// How many sends are remembered.
const REMEMBERED: usize = 24;

/// The delivery ranks of the last 24 messages to one person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sends {
    last: VecDeque<([u8; 8], Option<DeliveryRank>)>,
}

impl Sends {
    /// Remembers a message that was decided, forgetting the oldest beyond 24.
    pub fn planned(&mut self, effect: EffectId) {
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back((effect.hash, None));
    }

    /// Whether `rank` says more about the message than is known. A message that is no longer
    /// remembered is not advanced.
    pub fn advances(&self, effect: EffectId, rank: DeliveryRank) -> bool {
        self.last
            .iter()
            .any(|(hash, known)| *hash == effect.hash && Some(rank) > *known)
    }

    /// Moves a message forward; never back.
    pub fn advance(&mut self, effect: EffectId, rank: DeliveryRank) {
        for (hash, known) in &mut self.last {
            if *hash == effect.hash {
                *known = (*known).max(Some(rank));
            }
        }
    }

    /// The rank of a remembered message.
    pub fn rank(&self, effect: EffectId) -> Option<DeliveryRank> {
        self.last
            .iter()
            .find(|(hash, _)| *hash == effect.hash)
            .and_then(|(_, rank)| *rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ContactId, IdHash, InSeq, Key};

    #[test]
    fn statuses_in_any_order_end_at_the_furthest() {
        use DeliveryRank::*;
        let key = Key::Contact(ContactId([1; 16]));
        let effect = EffectId::derive(key, InSeq(1), IdHash([0; 8]), 0);
        for order in [
            [Sent, Delivered, Read],
            [Read, Delivered, Sent],
            [Delivered, Sent, Read],
        ] {
            let mut sends = Sends::default();
            sends.planned(effect);
            for rank in order {
                sends.advance(effect, rank);
            }
            assert_eq!(sends.rank(effect), Some(Read));
            assert!(!sends.advances(effect, Delivered));
        }
    }

    #[test]
    fn a_failure_stands_until_delivery_is_proved() {
        use DeliveryRank::*;
        let key = Key::Contact(ContactId([1; 16]));
        let effect = EffectId::derive(key, InSeq(1), IdHash([0; 8]), 0);
        let mut sends = Sends::default();
        sends.planned(effect);
        sends.advance(effect, Failed);
        sends.advance(effect, Sent);
        assert_eq!(sends.rank(effect), Some(Failed));
        sends.advance(effect, Delivered);
        assert_eq!(sends.rank(effect), Some(Delivered));
    }
}
