//! How much an outbox holds, and what happens to what is too much.

use super::Outbox;
use super::entry::{Entry, State};

/// Effects under way at which an entity stops consuming inputs.
pub const OPEN_MAX: usize = 1_000;
/// Effects one entity may have on the operators' lists.
pub const SHELF_MAX: usize = 200;
/// Ended effects kept in memory until a step takes note of their report.
pub const REPORTS_MAX: usize = 1_000;

impl Outbox {
    /// How many more effects may be planned before the entity should stop consuming inputs.
    pub fn room(&self) -> usize {
        let active = self
            .entries
            .iter()
            .filter(|entry| entry.is_active())
            .count();
        OPEN_MAX.saturating_sub(active)
    }

    /// Forgets what has ended and keeps the shelf and the reports within their bounds.
    pub(super) fn sweep(&mut self) {
        let on_shelf = |entry: &&mut Entry| matches!(entry.state, State::Shelved(_));
        let shelved = self.entries.iter_mut().filter(on_shelf).count();
        let overflow = shelved.saturating_sub(SHELF_MAX);
        for entry in self.entries.iter_mut().filter(on_shelf).take(overflow) {
            let reason = "nobody dealt with it before 200 newer ones were shelved";
            entry.give_up(reason, self.now, &mut self.actions);
        }
        let reporting = |entry: &&mut Entry| matches!(entry.state, State::Ended { .. });
        let reports = self.entries.iter_mut().filter(reporting).count();
        let overflow = reports.saturating_sub(REPORTS_MAX);
        for entry in self.entries.iter_mut().filter(reporting).take(overflow) {
            entry.state = State::Gone;
        }
        self.entries
            .retain(|entry| !matches!(entry.state, State::Gone));
        // Room for four is a kilobyte, and most contacts that are awake wait for nothing.
        if self.entries.is_empty() {
            self.entries = Vec::new();
        }
    }
}
