//! Where entities are read back: on the thread that asks, or on one that may wait.
//!
//! What was written lately is in the page cache, and reading it costs less than handing the work to
//! another thread and back. A read that had to wait for the disk would hold up everything else on its
//! thread, so after one of those the next ones go, for a while, to threads made for waiting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::model::Millis;

/// A read from the page cache takes some tens of microseconds, one from a disk at least a hundred.
const SLOW: Duration = Duration::from_micros(500);
/// How long reads are taken for slow after one was.
const SLOW_FOR_MS: u64 = 1_000;

/// Whether reads had to wait for the disk lately.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    until: AtomicU64,
}

impl Waits {
    /// Whether a read should be made on a thread that may wait.
    pub fn are_likely(&self, now: Millis) -> bool {
        now.0 < self.until.load(Ordering::Relaxed)
    }

    /// A read took so long.
    pub fn took(&self, time: Duration, now: Millis) {
        if time >= SLOW {
            self.until
                .fetch_max(now.plus_ms(SLOW_FOR_MS).0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_slow_read_the_next_ones_wait_elsewhere_for_a_second() {
        let waits = Waits::default();
        let now = Millis(1_800_000_000_000);
        waits.took(Duration::from_micros(40), now);
        assert!(!waits.are_likely(now));
        waits.took(Duration::from_millis(3), now);
        assert!(waits.are_likely(now.plus_ms(999)));
        assert!(!waits.are_likely(now.plus_ms(1_000)));
    }
}
