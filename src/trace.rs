//! What is written to the trace log: everything that went wrong, and of what went well as much as
//! costs nothing.
//!
//! A server that takes thousands of messages a second must not write as many rows. Of ordinary
//! lines a bounded number a second is kept; warnings and errors always are, as far as the log's own
//! queue holds them.

use std::sync::atomic::{AtomicU64, Ordering};

use actors::model::Millis;

use crate::store::{Trace, TraceLevel, TraceLog};

/// Ordinary lines a second.
const ORDINARY_MAX: u64 = 100;
/// Bits of the budget that count lines; [`ORDINARY_MAX`] fits many times over.
const COUNT_BITS: u32 = 24;

/// Writes to the trace log, where there is one.
#[derive(Default)]
pub struct Tracer {
    log: Option<TraceLog>,
    /// The second in its upper bits, the lines taken within it in its lower ones.
    budget: AtomicU64,
}

impl Tracer {
    /// Writes to `log`.
    pub fn new(log: Option<TraceLog>) -> Self {
        Self {
            log,
            budget: AtomicU64::default(),
        }
    }

    /// Writes `line`, which is made only when there is a log and room in it. Never waits.
    pub fn write(&self, level: TraceLevel, at: Millis, line: impl FnOnce() -> Trace) {
        let Some(log) = &self.log else { return };
        if level != TraceLevel::Info || self.has_room(at) {
            log.record(line());
        }
    }

    fn has_room(&self, at: Millis) -> bool {
        let second = at.0 / 1000;
        let fresh = second << COUNT_BITS;
        let before = self.budget.load(Ordering::Relaxed);
        if before >> COUNT_BITS != second {
            // Two that begin a second together lose a line of the count, which harms nobody.
            self.budget.store(fresh + 1, Ordering::Relaxed);
            return true;
        }
        let taken = self.budget.fetch_add(1, Ordering::Relaxed);
        taken.wrapping_sub(fresh) < ORDINARY_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_lines_are_bounded_within_each_second() {
        let tracer = Tracer::default();
        let kept = |at: u64| (0..250).filter(|_| tracer.has_room(Millis(at))).count() as u64;
        assert_eq!(kept(1_800_000_000_100), ORDINARY_MAX);
        assert_eq!(kept(1_800_000_000_900), 0);
        assert_eq!(kept(1_800_000_001_000), ORDINARY_MAX);
    }
}
