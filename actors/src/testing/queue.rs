//! Everything that is going to happen, in order of time; what falls on the same instant happens in
//! an order that the seed chooses.

use std::collections::BTreeMap;

use crate::journal::disk::sim::Dice;
use crate::model::Millis;

/// The future.
#[derive(Debug)]
pub(super) struct Queue<T> {
    events: BTreeMap<(Millis, u64, u64), T>,
    scheduled: u64,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self {
            events: BTreeMap::new(),
            scheduled: 0,
        }
    }

    pub(super) fn at(&mut self, at: Millis, dice: &mut Dice, event: T) {
        self.scheduled += 1;
        self.events.insert((at, dice.roll(), self.scheduled), event);
    }

    pub(super) fn next(&mut self) -> Option<(Millis, T)> {
        let ((at, ..), event) = self.events.pop_first()?;
        Some((at, event))
    }
}
