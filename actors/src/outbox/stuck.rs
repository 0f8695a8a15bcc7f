//! What is stuck in outboxes, counted over all living ones.
//!
//! An entity with anything under way is alive, so the living outboxes are all that matter. Each adds
//! its share to the totals and takes it back when it is dropped, however that comes about.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Outbox;
use super::entry::{Entry, State};
use crate::model::Lane;

/// What is stuck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stuck {
    /// Lanes whose head was begun and waits (for its next try, its circuit, or the end of a doubt)
    /// while others wait behind it.
    pub lanes: u32,
    /// Effects of which nobody knows whether they were done.
    pub in_doubt: u32,
}

impl Outbox {
    /// What is stuck here.
    pub fn stuck(&self) -> Stuck {
        let mut stuck = Stuck::default();
        for (index, entry) in self.entries.iter().enumerate() {
            stuck.in_doubt += u32::from(matches!(entry.state, State::Doubt(_)));
            stuck.lanes += u32::from(self.blocks(index, entry));
        }
        stuck
    }

    /// Whether this is the first that holds up its lane.
    fn blocks(&self, index: usize, entry: &Entry) -> bool {
        let holds = |entry: &Entry| {
            let waits = matches!(entry.state, State::Queued { .. } | State::Doubt(_));
            waits && entry.begun.is_some()
        };
        let lane = &entry.effect.lane;
        let same = |other: &&Entry| other.effect.lane == *lane;
        let waits = |other: &Entry| matches!(other.state, State::Queued { .. });
        *lane != Lane::Free
            && holds(entry)
            && !self.entries[..index].iter().filter(same).any(holds)
            && (self.entries.iter().filter(same)).any(|other| other.begun.is_none() && waits(other))
    }
}

/// Sums over all living outboxes.
#[derive(Debug, Default)]
pub struct StuckTotals {
    lanes: AtomicU64,
    in_doubt: AtomicU64,
}

impl StuckTotals {
    /// What is stuck now.
    pub fn now(&self) -> (u64, u64) {
        let read = |sum: &AtomicU64| sum.load(Ordering::Relaxed);
        (read(&self.lanes), read(&self.in_doubt))
    }
}

/// What one outbox adds to the totals.
#[derive(Debug)]
pub struct StuckShare {
    totals: Arc<StuckTotals>,
    share: Stuck,
}

impl StuckShare {
    /// Nothing yet.
    pub fn of(totals: &Arc<StuckTotals>) -> Self {
        let share = Stuck::default();
        let totals = Arc::clone(totals);
        Self { totals, share }
    }

    /// The outbox's share is this from now on.
    pub fn is_now(&mut self, stuck: Stuck) {
        let before = std::mem::replace(&mut self.share, stuck);
        // Differences wrap, and so does the sum: it comes out right in any order.
        let change = |sum: &AtomicU64, from: u32, to: u32| {
            if from != to {
                let difference = u64::from(to).wrapping_sub(u64::from(from));
                sum.fetch_add(difference, Ordering::Relaxed);
            }
        };
        change(&self.totals.lanes, before.lanes, stuck.lanes);
        change(&self.totals.in_doubt, before.in_doubt, stuck.in_doubt);
    }
}

impl Drop for StuckShare {
    fn drop(&mut self) {
        self.is_now(Stuck::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Class, Effect, Millis};
    use crate::outbox::lane::overtakes;
    use crate::outbox::tests::{of_class, read_mark, reply};
    use crate::outbox::{Event, Rules};
    use crate::ports::Called;

    const NOW: Millis = Millis(1_700_000_000_000);

    fn outbox(effects: Vec<Effect>) -> Outbox {
        let key = effects[0].id.key;
        let mut outbox = Outbox::restore(key, Vec::new(), Rules::default(), NOW);
        outbox.plan(effects, None, NOW);
        outbox.poll(NOW);
        outbox
    }

    #[test]
    fn a_lane_is_blocked_while_its_head_waits_and_others_wait_behind_it() {
        let mut outbox = outbox(vec![of_class(1, Class::Once), reply(2), read_mark(3)]);
        let none = Stuck::default();
        assert_eq!(outbox.stuck(), none, "its head is being sent");
        let first = outbox.entries[0].effect.id;
        let called = Called::Unknown {
            reason: "reset".into(),
        };
        let no = outbox.entries[0].no;
        let effect = first;
        outbox.on(Event::Called { effect, no, called }, NOW);
        let blocked = Stuck {
            lanes: 1,
            in_doubt: 1,
        };
        assert_eq!(outbox.stuck(), blocked);
        let later = NOW.plus_ms(200_000);
        outbox.poll(later);
        assert_eq!(outbox.stuck(), none, "the lane went on without it");
    }

    #[test]
    fn a_share_leaves_the_totals_with_its_outbox() {
        let totals = Arc::new(StuckTotals::default());
        let mut shares = [StuckShare::of(&totals), StuckShare::of(&totals)];
        let stuck = |lanes, in_doubt| Stuck { lanes, in_doubt };
        shares[0].is_now(stuck(2, 5));
        shares[1].is_now(stuck(1, 1));
        assert_eq!(totals.now(), (3, 6));
        shares[0].is_now(stuck(0, 1));
        assert_eq!(totals.now(), (1, 2));
        drop(shares);
        assert_eq!(totals.now(), (0, 0));
    }

    #[test]
    fn an_entry_begun_before_an_older_one_of_its_lane_is_noticed() {
        let mut outbox = outbox(vec![
            reply(1),
            reply(2),
            reply(3),
            read_mark(4),
            read_mark(5),
        ]);
        assert_eq!(outbox.take_overtaken(), 0);
        let entries = &outbox.entries;
        // The first is being sent; the second waits for it, and the third for both.
        assert!(!overtakes(entries, &entries[1]));
        assert!(overtakes(entries, &entries[2]));
        assert!(
            !overtakes(entries, &entries[4]),
            "the free lane has no order"
        );
    }
}
