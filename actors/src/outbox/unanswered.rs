//! Which send a receipt proves that names no effect.
//!
//! A provider that echoes nothing tells only its own id of a message, and the answer that would have
//! told us that id may be lost. A lane has one effect in flight, so a receipt of a message nobody
//! knows, sent since the one unanswered send of this person began, is that send's. When there are
//! two, or when the receipt may be an old message's (only acceptance, sending and failure come
//! promptly), nothing is concluded, and the doubt takes its usual way.

use smol_str::SmolStr;

use super::Outbox;
use super::doubt::Doubt;
use super::entry::{Entry, State};
use crate::model::{DeliveryRank, EffectId, Lane, Millis, Outcome};

/// How far the provider's clock may be behind ours; its stamps may have whole seconds.
const CLOCKS_APART_MS: u64 = 5_000;

impl Outbox {
    /// The one send whose answer is missing and that may be the message which the provider calls
    /// `ids`, as told at `told`.
    pub fn unanswered(
        &self,
        ids: &[SmolStr],
        rank: DeliveryRank,
        told: Millis,
    ) -> Option<EffectId> {
        let prompt = rank <= DeliveryRank::Failed;
        let answered = |entry: &Entry| match &entry.state {
            State::Ended { outcome, .. } => {
                matches!(outcome, Outcome::Done(reply) if ids.contains(&reply.id))
            }
            _ => false,
        };
        if !prompt || self.entries.iter().any(answered) {
            return None;
        }
        // A receipt proves nothing about what another provider was asked to send.
        let same_line = |entry: &Entry| {
            let own_ids = self.rules.own_ids;
            own_ids.is_none_or(|line| entry.line.or(entry.effect.gateway) == Some(line))
        };
        let awaiting = |entry: &&Entry| entry.awaits_answer() && same_line(entry);
        let mut waiting = self.entries.iter().filter(awaiting);
        let only = waiting.next().filter(|_| waiting.next().is_none())?;
        let since = only.begun?;
        (told.plus_ms(CLOCKS_APART_MS) >= since).then_some(only.effect.id)
    }
}

impl Entry {
    fn awaits_answer(&self) -> bool {
        let to_the_person = self.effect.lane == Lane::Person && !self.is_worthless_late();
        let open = matches!(
            self.state,
            State::Sending { .. } | State::Doubt(Doubt::Status { .. } | Doubt::Desk { .. })
        );
        to_the_person && open
    }
}
