//! The numbers of records, across the lanes of a journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers records from 1. Within a lane they rise, and no two lanes share one, so that records of
/// different entities (an alias that moved, a list of what waits for an operator) have an order too.
/// Clones count on together.
#[derive(Debug, Clone)]
pub struct Sequence(Arc<AtomicU64>);

impl Default for Sequence {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(1)))
    }
}

impl Sequence {
    /// The next number is `next` or a later one.
    pub fn at_least(&self, next: u64) {
        self.0.fetch_max(next, Ordering::AcqRel);
    }

    /// The number that the next record gets.
    pub fn next(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Takes `count` numbers; gives the first.
    pub(super) fn take(&self, count: u64) -> u64 {
        self.0.fetch_add(count, Ordering::AcqRel)
    }

    /// Gives numbers of refused records back, if no other lane has taken later ones meanwhile.
    pub(super) fn give_back(&self, first: u64, count: u64) {
        // Otherwise a gap is left, which nobody minds.
        let _ = self
            .0
            .compare_exchange(first + count, first, Ordering::AcqRel, Ordering::Acquire);
    }
}
