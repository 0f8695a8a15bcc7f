//! Marketing that waits when the person withdraws their consent.

use super::Outbox;
use super::entry::{Entry, State};
use crate::model::{Millis, Priority};

/// Why marketing ends that waited when the person withdrew.
pub(crate) const WITHDRAWN: &str = "the person withdrew their consent before it was sent";

impl Outbox {
    /// Whether marketing waits here, on its way or on a list.
    pub fn holds_marketing(&self) -> bool {
        let waits = |entry: &Entry| entry.is_active() || matches!(entry.state, State::Shelved(_));
        self.entries
            .iter()
            .any(|entry| entry.effect.priority == Priority::Marketing && waits(entry))
    }

    /// Ends the marketing that waits. What is at a gateway is stopped at its door, what is in doubt
    /// is never repeated anyway.
    pub(super) fn withdraw_marketing(&mut self, now: Millis) {
        let waits = |entry: &&mut Entry| {
            entry.effect.priority == Priority::Marketing
                && matches!(entry.state, State::Queued { .. })
                && !entry.uncertain
        };
        for entry in self.entries.iter_mut().filter(waits) {
            entry.drop_unsent(WITHDRAWN, now, &mut self.actions);
        }
    }
}
