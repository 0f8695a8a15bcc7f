//! What a gateway remembers of its help desk, and the events that change it. New variants are
//! appended; changed ones need a new schema version and a lift in [`crate::fold`].

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::fold::{Folded, UnreadableState, put_state, take, take_state};
use crate::gateway::quota::TemplateHours;
use crate::journal::StateBytes;
use crate::model::{Polled, ReadTicket, Step, TemplateTaken};

/// Tickets kept that need not be read again; a ticket and a date are about 30 bytes.
pub const READ_MAX: usize = 1_000;

/// A gateway's state: the fold of its events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The help desk's date of the last change dealt with; none before the first look.
    pub mark: Option<SmolStr>,
    /// Read since then, and found again by the next look.
    pub read: VecDeque<ReadTicket>,
    /// News given to contacts since the gateway began.
    pub given: u64,
    /// Times the help desk itself said that something changed.
    pub nudges: u64,
    /// Templates that left by this gateway's business number, by the hour.
    #[serde(default)]
    pub templates: TemplateHours,
}

/// One change of a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A look ended.
    Looked(Polled),
    /// The help desk said that something changed.
    Nudged,
    /// A template was counted, or is counted no longer.
    TemplateCounted(TemplateTaken),
    /// The input is none that a gateway acts on.
    Ignored,
}

impl State {
    /// Whether this ticket was read since its last change.
    pub fn has_read(&self, ticket: &ReadTicket) -> bool {
        self.read.contains(ticket)
    }

    /// Applies one recorded event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Looked(polled) => {
                self.mark = Some(polled.mark.clone());
                self.given += u64::from(polled.given);
                for ticket in &polled.read {
                    if !self.has_read(ticket) {
                        self.read.push_back(ticket.clone());
                    }
                }
                self.read.retain(|ticket| ticket.changed > polled.from);
                while self.read.len() > READ_MAX {
                    self.read.pop_front();
                }
            }
            Event::Nudged => self.nudges += 1,
            Event::TemplateCounted(taken) => self.templates.apply(taken),
            Event::Ignored => {}
        }
    }
}

impl StateBytes for State {
    fn encode(&self, out: &mut Vec<u8>) {
        put_state(self, out);
    }
}

impl Folded for State {
    fn decode(bytes: &[u8]) -> Result<Self, UnreadableState> {
        take_state(bytes)
    }

    fn fold(&mut self, step: &Step) -> Result<(), UnreadableState> {
        let events: Vec<Event> = take(step.schema, &step.events)?;
        for event in events {
            self.apply(&event);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polled(mark: u32, from: u32, read: &[(u64, u32)]) -> Polled {
        let date = |second: u32| SmolStr::from(format!("2026-11-22 10:{second:04}"));
        let tickets = read.iter().map(|(ticket, second)| ReadTicket {
            ticket: *ticket,
            changed: date(*second),
        });
        Polled {
            mark: date(mark),
            from: date(from),
            read: tickets.collect(),
            given: 1,
        }
    }

    #[test]
    fn what_the_next_look_does_not_find_is_forgotten() {
        let mut state = State::default();
        state.apply(&Event::Looked(polled(10, 8, &[(1, 8), (2, 9), (3, 10)])));
        let kept: Vec<u64> = state.read.iter().map(|read| read.ticket).collect();
        assert_eq!(kept, [2, 3]);
        state.apply(&Event::Looked(polled(12, 10, &[(4, 12), (4, 12)])));
        let kept: Vec<u64> = state.read.iter().map(|read| read.ticket).collect();
        assert_eq!((kept, state.given), (vec![4], 2));
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_the_newest() {
        let many: Vec<(u64, u32)> = (0..1_500).map(|ticket| (ticket, 9)).collect();
        let mut state = State::default();
        state.apply(&Event::Looked(polled(9, 7, &many)));
        assert_eq!(state.read.len(), READ_MAX);
        assert_eq!(state.read.back().map(|read| read.ticket), Some(1_499));
        let mut bytes = Vec::new();
        state.encode(&mut bytes);
        assert!(bytes.len() < 60 * 1024, "{}", bytes.len());
    }
}
