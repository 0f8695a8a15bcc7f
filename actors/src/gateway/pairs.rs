//! How often one number may write to one person.
//!
//! WhatsApp Cloud API, limits: one message in six seconds for each pair. A burst may borrow within
//! six seconds of its first message; after that nothing is taken until the whole debt is paid back,
//! six seconds for each message. So three quick replies are legal, and a fourth ten seconds later is
//! not. Replies keep the burst well under the 45 that are legal, so that a person's later messages
//! are not blocked for minutes.
//!
//! The provider counts from when a message reaches it, which is known only between its leaving and
//! its answer: borrowing ends early enough for the way there, and the debt is counted from the answer
//! to the first message of a burst. A start forgets the debts; then the provider's own answer
//! (131056) does the limiting, and the message is tried again.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::model::{Effect, Millis, Recipient};

/// Pairs remembered at the same time. Beyond it an unknown pair is let through and the provider's
/// own answer (131056) does the limiting.
pub const PAIRS_MAX: usize = 50_000;

/// What one message costs.
const PERIOD_MS: u64 = 6_000;
/// How long after its first message a burst may borrow: six seconds less two for the way of the last.
const BORROW_MS: u64 = 4_000;

/// The pairs of one WhatsApp number. A machine: it is told the time.
#[derive(Debug)]
pub struct Pairs {
    /// By a hash of the person: two in 2^64 would share a limit.
    debts: HashMap<u64, Debt, RandomState>,
    burst: u32,
    swept: Millis,
}

/// What one person's messages owe.
#[derive(Clone, Copy, Debug)]
struct Debt {
    /// When all of it is paid back.
    paid: Millis,
    /// When the burst's first message left.
    begun: Millis,
    /// Messages of the burst.
    messages: u32,
}

/// Whom an effect writes to, where the provider limits pairs.
pub(super) const fn recipient(effect: &Effect) -> Option<&Recipient> {
    effect.call.recipient()
}

impl Debt {
    const fn none(now: Millis) -> Self {
        Self {
            paid: now,
            begun: now,
            messages: 0,
        }
    }
}

impl Pairs {
    /// With `burst` messages to one person in a burst, at least one.
    pub fn new(burst: u32) -> Self {
        Self {
            debts: HashMap::default(),
            burst: burst.max(1),
            swept: Millis::default(),
        }
    }

    /// When the next message to this person may leave.
    pub fn ready_at(&self, to: &Recipient, now: Millis) -> Millis {
        let Some(debt) = self.debts.get(&self.hash(to)) else {
            return now;
        };
        let borrows = debt.messages < self.burst && now.since(debt.begun) < BORROW_MS;
        if borrows { now } else { debt.paid.max(now) }
    }

    /// A message to this person leaves.
    pub fn count(&mut self, to: &Recipient, now: Millis) {
        let Some(debt) = self.debt(to, now) else {
            return;
        };
        if debt.paid <= now {
            *debt = Debt::none(now);
        }
        debt.paid = debt.paid.plus_ms(PERIOD_MS);
        debt.messages += 1;
    }

    /// The message was surely not taken, so it costs nothing.
    pub fn not_taken(&mut self, to: &Recipient) {
        let person = self.hash(to);
        let Some(debt) = self.debts.get_mut(&person) else {
            return;
        };
        debt.paid = Millis(debt.paid.0.saturating_sub(PERIOD_MS));
        debt.messages = debt.messages.saturating_sub(1);
        if debt.messages == 0 {
            self.debts.remove(&person);
        }
    }

    /// The message that left at `left` was answered, so it reached the provider no later than now.
    pub fn answered(&mut self, to: &Recipient, left: Millis, now: Millis) {
        let person = self.hash(to);
        if let Some(debt) = self.debts.get_mut(&person)
            && debt.begun == left
        {
            debt.paid = debt.paid.plus_ms(now.since(left));
        }
    }

    /// The provider says that this pair is over its limit: nothing more for `wait_ms`.
    pub fn rejected(&mut self, to: &Recipient, wait_ms: u64, now: Millis) {
        let burst = self.burst;
        if let Some(debt) = self.debt(to, now) {
            debt.paid = debt.paid.max(now.plus_ms(wait_ms));
            debt.messages = burst;
        }
    }

    /// What is remembered of this person, if there is room.
    fn debt(&mut self, to: &Recipient, now: Millis) -> Option<&mut Debt> {
        let person = self.hash(to);
        if self.debts.len() >= PAIRS_MAX && !self.debts.contains_key(&person) {
            self.sweep(now);
            if self.debts.len() >= PAIRS_MAX {
                return None;
            }
        }
        Some(self.debts.entry(person).or_insert(Debt::none(now)))
    }

    /// Pairs remembered.
    pub fn len(&self) -> usize {
        self.debts.len()
    }

    /// Whether no pair is remembered.
    pub fn is_empty(&self) -> bool {
        self.debts.is_empty()
    }

    fn hash(&self, to: &Recipient) -> u64 {
        let hasher = self.debts.hasher();
        match to {
            Recipient::Phone(phone) => hasher.hash_one((1_u8, phone)),
            Recipient::UserId(id) => hasher.hash_one((2_u8, id)),
        }
    }

    /// Forgets who owes nothing; at most once a second, because it visits everybody.
    fn sweep(&mut self, now: Millis) {
        if now.since(self.swept) >= 1_000 {
            self.swept = now;
            self.debts.retain(|_, debt| debt.paid > now);
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
    fn a_burst_leaves_at_once_and_is_paid_back_whole_before_the_next_message() {
        let mut pairs = Pairs::new(10);
        for n in 0..10 {
            let now = START.plus_ms(n * 100);
            assert_eq!(send_when_ready(&mut pairs, &person(1), now), now);
        }
        let next = send_when_ready(&mut pairs, &person(1), START.plus_ms(1_000));
        assert_eq!(next, START.plus_ms(60_000));
        let other = send_when_ready(&mut pairs, &person(2), START);
        assert_eq!(other, START, "another person");
    }

    #[test]
    fn after_three_quick_replies_the_fourth_waits_for_the_whole_debt() {
        let mut pairs = Pairs::new(10);
        for n in 0..3 {
            pairs.count(&person(1), START.plus_ms(n * 500));
        }
        let ten_later = START.plus_ms(10_000);
        assert_eq!(pairs.ready_at(&person(1), ten_later), START.plus_ms(18_000));
        let paid = START.plus_ms(18_000);
        assert_eq!(send_when_ready(&mut pairs, &person(1), paid), paid);
        let borrowed = send_when_ready(&mut pairs, &person(1), paid.plus_ms(1));
        assert_eq!(borrowed, paid.plus_ms(1), "a new burst borrows again");
    }

    #[test]
    fn one_message_in_six_seconds_never_waits() {
        let mut pairs = Pairs::new(1);
        for n in 0..100 {
            let now = START.plus_ms(n * 6_000);
            assert_eq!(send_when_ready(&mut pairs, &person(1), now), now);
        }
    }

    #[test]
    fn the_debt_runs_from_the_answer_to_the_first_message() {
        let mut pairs = Pairs::new(10);
        pairs.count(&person(1), START);
        pairs.answered(&person(1), START, START.plus_ms(900));
        pairs.count(&person(1), START.plus_ms(1_000));
        pairs.answered(&person(1), START.plus_ms(1_000), START.plus_ms(1_900));
        let later = START.plus_ms(5_000);
        assert_eq!(pairs.ready_at(&person(1), later), START.plus_ms(12_900));
    }

    #[test]
    fn a_rejected_pair_waits_as_long_as_it_is_told() {
        let mut pairs = Pairs::new(10);
        pairs.count(&person(1), START);
        pairs.not_taken(&person(1));
        pairs.rejected(&person(1), 16_000, START);
        assert_eq!(pairs.ready_at(&person(1), START).since(START), 16_000);
    }

    #[test]
    fn what_was_not_taken_costs_nothing() {
        let mut pairs = Pairs::new(3);
        for n in 0..30 {
            let now = START.plus_ms(n * 1_000);
            assert_eq!(send_when_ready(&mut pairs, &person(1), now), now);
            pairs.not_taken(&person(1));
        }
        assert!(pairs.is_empty());
    }

    #[test]
    fn memory_is_bounded_and_the_settled_make_room() {
        let mut pairs = Pairs::new(10);
        for n in 0..PAIRS_MAX + 100 {
            pairs.count(&person(n), START);
        }
        assert_eq!(pairs.len(), PAIRS_MAX);
        let later = START.plus_ms(7_000);
        pairs.count(&person(PAIRS_MAX + 500), later);
        assert_eq!(pairs.len(), 1);
    }
}
