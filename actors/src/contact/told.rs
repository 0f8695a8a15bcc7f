//! What a person was told of their tickets, so that each change of one is told once, however often
//! the help desk's changes are found: again on purpose, after a crash, by poll and by webhook.
//!
//! The dedup ring is no place for this: an assignment is found again with every later change of its
//! ticket, for as long as the ticket lives, and would flood it. A help desk's own ids grow, so for
//! each ticket the last [`IDS`] of each kind and the greatest that was forgotten say what is new, in
//! about 150 bytes; the last [`TICKETS`] tickets with news are kept. A ticket that was forgotten
//! starts again as one never seen: what was written before is not found any more, and assignments
//! count only when they surely are new.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::model::{GatewayId, TicketState};

/// Tickets remembered, the one without news for longest leaves first.
pub const TICKETS: usize = 24;
/// Ids of each kind remembered of a ticket.
const IDS: usize = 8;

/// What a person was told of each of their tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told(VecDeque<Known>);

/// What a person was told of one ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The help desk.
    pub gateway: GatewayId,
    /// Its id of the ticket.
    pub ticket: u64,
    /// The state last found.
    pub state: Option<TicketState>,
    /// Which stay in that state it was.
    pub stay: Option<SmolStr>,
    /// Assignments of technicians.
    pub technicians: Ids,
    /// Assignments of groups.
    pub groups: Ids,
    /// What technicians wrote.
    pub followups: Ids,
    /// Their solutions.
    pub solutions: Ids,
    /// Files they put in front of the person.
    #[serde(default)]
    pub files: Ids,
    /// A solution was told before the ticket was found solved.
    pub solved_ahead: bool,
}

/// Growing ids, of which some are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    last: VecDeque<u64>,
    horizon: u64,
}

impl Told {
    /// What is remembered of a ticket.
    pub fn of(&self, gateway: GatewayId, ticket: u64) -> Option<&Known> {
        self.0.iter().find(|known| known.is(gateway, ticket))
    }

    /// Remembers a ticket as the one with the latest news.
    pub fn remember(&mut self, known: &Known) {
        self.0.retain(|kept| !kept.is(known.gateway, known.ticket));
        if self.0.len() == TICKETS {
            self.0.pop_front();
        }
        self.0.push_back(known.clone());
    }

    /// Takes over what another contact that is the same person was told, where nothing is
    /// remembered here.
    pub fn merge(&mut self, other: &Self) {
        for known in &other.0 {
            if self.of(known.gateway, known.ticket).is_none() && self.0.len() < TICKETS {
                self.0.push_front(known.clone());
            }
        }
    }
}

impl Known {
    /// A ticket of which nothing was told.
    pub fn new(gateway: GatewayId, ticket: u64) -> Self {
        Self {
            gateway,
            ticket,
            state: None,
            stay: None,
            technicians: Ids::default(),
            groups: Ids::default(),
            followups: Ids::default(),
            solutions: Ids::default(),
            files: Ids::default(),
            solved_ahead: false,
        }
    }

    fn is(&self, gateway: GatewayId, ticket: u64) -> bool {
        self.ticket == ticket && self.gateway == gateway
    }
}

impl Ids {
    /// Those that are remembered one by one.
    pub fn last(&self) -> impl Iterator<Item = u64> + use<'_> {
        self.last.iter().copied()
    }

    /// Takes note of an id; whether it was new.
    pub fn learn(&mut self, id: u64) -> bool {
        if id <= self.horizon || self.last.contains(&id) {
            return false;
        }
        self.last.push_back(id);
        if self.last.len() > IDS
            && let Some((at, smallest)) = self.last.iter().copied().enumerate().min_by_key(|e| e.1)
        {
            self.last.remove(at);
            self.horizon = self.horizon.max(smallest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_a_late_neighbour_still_is() {
        let mut ids = Ids::default();
        assert!(ids.learn(12) && ids.learn(14) && ids.learn(13));
        assert!(!ids.learn(12) && !ids.learn(13));
        for id in 20..40 {
            assert!(ids.learn(id));
        }
        for id in 0..40 {
            assert!(
                !ids.learn(id),
                "{id} was told, or is older than what was told"
            );
        }
        assert_eq!(ids.last.len(), IDS);
    }

    #[test]
    fn memory_is_bounded_by_the_latest_news() {
        let gateway = GatewayId([1; 16]);
        let mut told = Told::default();
        for ticket in 0..30 {
            told.remember(&Known::new(gateway, ticket));
            told.remember(&Known::new(gateway, 0));
        }
        assert_eq!(told.0.len(), TICKETS);
        assert!(told.of(gateway, 0).is_some() && told.of(gateway, 1).is_none());
        assert!(
            told.of(GatewayId([2; 16]), 0).is_none(),
            "another help desk"
        );
    }
}
