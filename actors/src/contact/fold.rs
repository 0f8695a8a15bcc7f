//! Reading a contact's recorded states and events, of any release.

use super::{Event, State};
use crate::fold::{Folded, UnreadableState, put_events, take, take_state};
use crate::model::Step;

/// Encodes the events of one step.
pub fn encode_events(events: &[Event]) -> Vec<u8> {
    put_events(events)
}

/// Decodes the events of a step recorded under `schema`, lifting old shapes.
pub fn decode_events(schema: u16, bytes: &[u8]) -> Result<Vec<Event>, UnreadableState> {
    take(schema, bytes)
}

impl State {
    /// Decodes a snapshot, lifting old shapes.
    pub fn decode(bytes: &[u8]) -> Result<Self, UnreadableState> {
        take_state(bytes)
    }

    /// Folds one recorded step.
    pub fn fold(&mut self, step: &Step) -> Result<(), UnreadableState> {
        for event in decode_events(step.schema, &step.events)? {
            self.apply(&event);
        }
        Ok(())
    }
}

impl Folded for State {
    fn decode(bytes: &[u8]) -> Result<Self, UnreadableState> {
        Self::decode(bytes)
    }

    fn fold(&mut self, step: &Step) -> Result<(), UnreadableState> {
        self.fold(step)
    }
}
