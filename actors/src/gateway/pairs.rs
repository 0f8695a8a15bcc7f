//! How often one number may write to one person.
//!
//! WhatsApp Cloud API, limits: one message in six seconds for each pair, with a debt that allows a
//! burst. Replies keep the burst at ten, well under the 45 that are legal, so that a person's later
//! messages are not blocked for minutes.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::model::{Call, Effect, Millis, Recipient};

/// Pairs remembered at the same time. Beyond it an unknown pair is let through and the provider's
/// own answer (131056) does the limiting.
pub const PAIRS_MAX: usize = 50_000;

const PERIOD_MS: u64 = 6_000;
const BURST: u64 = 10;

/// The pairs of one WhatsApp number. A machine: it is told the time.
#[derive(Debug, Default)]
pub struct Pairs {
    /// Until when each person's messages are paid for (generic cell rate algorithm), by a hash of
    /// the person: two in 2^64 would share a limit.
    paid_until: HashMap<u64, Millis, RandomState>,
    swept: Millis,
}

/// Whom an effect writes to, where the provider limits pairs.
pub(super) const fn recipient(effect: &Effect) -> Option<&Recipient> {
    match &effect.call {
        Call::SendText { to, .. } | Call::SendButtons { to, .. } => Some(to),
        Call::MarkRead { .. } | Call::OpenTicket(_) | Call::Tell { .. } => None,
    }
}

impl Pairs {
    /// When the next message to this person may leave.
    pub fn ready_at(&self, to: &Recipient, now: Millis) -> Millis {
        let paid_until = self.paid_until.get(&self.hash(to)).copied();
        let paid_until = paid_until.unwrap_or(now);
        let debt_ms = paid_until.since(now);
        now.plus_ms(debt_ms.saturating_sub((BURST - 1) * PERIOD_MS))
    }

    /// A message to this person leaves.
    pub fn count(&mut self, to: &Recipient, now: Millis) {
        let person = self.hash(to);
        if self.paid_until.len() >= PAIRS_MAX && !self.paid_until.contains_key(&person) {
            self.sweep(now);
            if self.paid_until.len() >= PAIRS_MAX {
                return;
            }
        }
        let paid_until = self.paid_until.entry(person).or_insert(now);
        *paid_until = now.max(*paid_until).plus_ms(PERIOD_MS);
    }

    /// The provider says that this pair is over its limit: nothing more for `wait_ms`.
    pub fn rejected(&mut self, to: &Recipient, wait_ms: u64, now: Millis) {
        let person = self.hash(to);
        if let Some(paid_until) = self.paid_until.get_mut(&person) {
            let full = now.plus_ms((BURST - 1) * PERIOD_MS + wait_ms);
            *paid_until = full.max(*paid_until);
        }
    }

    /// Pairs remembered.
    pub fn len(&self) -> usize {
        self.paid_until.len()
    }

    /// Whether no pair is remembered.
    pub fn is_empty(&self) -> bool {
        self.paid_until.is_empty()
    }

    fn hash(&self, to: &Recipient) -> u64 {
        let hasher = self.paid_until.hasher();
        match to {
            Recipient::Phone(phone) => hasher.hash_one((1_u8, phone)),
            Recipient::UserId(id) => hasher.hash_one((2_u8, id)),
        }
    }

    /// Forgets who owes nothing; at most once a second, because it visits everybody.
    fn sweep(&mut self, now: Millis) {
        if now.since(self.swept) >= 1_000 {
            self.swept = now;
            self.paid_until.retain(|_, paid_until| *paid_until > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Millis = Millis(1_000_000);

    fn person(n: usize) -> Recipient {
        Recipient::UserId(format!("US.{n}").into())
    }

    fn send_when_ready(pairs: &mut Pairs, to: &Recipient, now: Millis) -> Millis {
        let at = pairs.ready_at(to, now);
        pairs.count(to, at);
        at
    }

    #[test]
    fn ten_come_at_once_and_then_one_in_six_seconds() {
        let mut pairs = Pairs::default();
        let mut now = START;
        for n in 0..30_u64 {
            now = send_when_ready(&mut pairs, &person(1), now);
            let expected_ms = n.saturating_sub(9) * 6_000;
            assert_eq!(now.since(START), expected_ms, "message {n}");
        }
        assert_eq!(
            send_when_ready(&mut pairs, &person(2), START),
            START,
            "another person"
        );
    }

    #[test]
    fn after_a_minute_of_silence_the_burst_is_back() {
        let mut pairs = Pairs::default();
        for _ in 0..10 {
            pairs.count(&person(1), START);
        }
        assert!(pairs.ready_at(&person(1), START) > START);
        let later = START.plus_ms(60_000);
        for _ in 0..10 {
            assert_eq!(send_when_ready(&mut pairs, &person(1), later), later);
        }
    }

    #[test]
    fn a_rejected_pair_waits_as_long_as_it_is_told() {
        let mut pairs = Pairs::default();
        pairs.count(&person(1), START);
        pairs.rejected(&person(1), 16_000, START);
        assert_eq!(pairs.ready_at(&person(1), START).since(START), 16_000);
    }

    #[test]
    fn memory_is_bounded_and_the_settled_make_room() {
        let mut pairs = Pairs::default();
        for n in 0..PAIRS_MAX + 100 {
            pairs.count(&person(n), START);
        }
        assert_eq!(pairs.len(), PAIRS_MAX);
        let later = START.plus_ms(7_000);
        pairs.count(&person(PAIRS_MAX + 500), later);
        assert_eq!(pairs.len(), 1);
    }
}
