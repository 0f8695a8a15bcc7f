//! An outbox as health sees it.

use serde::Serialize;

use super::Outbox;
use super::entry::State;
use crate::model::Shelf;

/// Counts by state, for health.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct View {
    /// Waiting for their first try.
    pub planned: usize,
    /// Handed to a gateway or to the relay.
    pub sending: usize,
    /// Surely not done, waiting for the next try.
    pub retrying: usize,
    /// Nobody knows whether they were done.
    pub in_doubt: usize,
    /// Of the planned and retrying ones, those that wait for their gateway's circuit or gate.
    pub held: usize,
    /// Ended, their report not yet consumed.
    pub reporting: usize,
    /// Every retry was used up.
    pub dead_letters: usize,
    /// Unknown outcome that must not be repeated without an operator.
    pub uncertain: usize,
}

impl Outbox {
    /// Counts by state.
    pub fn view(&self) -> View {
        let mut view = View::default();
        for entry in &self.entries {
            let count = match &entry.state {
                State::Queued { .. } if entry.begun.is_some() => &mut view.retrying,
                State::Queued { .. } => &mut view.planned,
                State::Sending { .. } => &mut view.sending,
                State::Doubt(_) => &mut view.in_doubt,
                State::Ended { .. } => &mut view.reporting,
                State::Shelved(Shelf::DeadLetter) => &mut view.dead_letters,
                State::Shelved(Shelf::Uncertain) => &mut view.uncertain,
                State::Gone => continue,
            };
            *count += 1;
            view.held += usize::from(entry.hold.is_some());
        }
        view
    }
}
