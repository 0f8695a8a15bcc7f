//! Tickets as people may know them: what a help desk tells of one, in words that no product owns.

use serde::{Deserialize, Serialize};

use super::Millis;

/// A ticket's state, as help desks of the ITIL tradition have it (GLPI REST API, ticket).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TicketState {
    /// Nobody has it yet.
    New,
    /// Somebody is assigned.
    Assigned,
    /// Somebody is assigned and a task is planned.
    Planned,
    /// It waits, usually for the requester.
    Pending,
    /// Solved; the requester may refuse the solution.
    Solved,
    /// Closed.
    Closed,
    /// A state that only this help desk has.
    Other(u8),
}

impl TicketState {
    /// Whether work on it is over.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Solved | Self::Closed)
    }
}

/// A ticket in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketLine {
    /// The help desk's id.
    pub id: u64,
    /// Its title, plain.
    pub title: String,
    /// Its state.
    pub state: TicketState,
    /// When it was opened.
    pub opened: Option<Millis>,
    /// When it last changed.
    pub changed: Option<Millis>,
}

/// A ticket as its requester may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketView {
    /// Id, title, state and dates.
    pub line: TicketLine,
    /// 1 very low to 6 major.
    pub priority: u8,
    /// Whether a technician or a group has it.
    pub assigned: bool,
    /// The last public word of somebody other than the requester.
    pub word: Option<TicketWord>,
    /// Whether the help desk waits for the requester's rating.
    pub rating_asked: bool,
}

/// A public word of the technicians on a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketWord {
    /// Whether it proposes a solution.
    pub is_solution: bool,
    /// The help desk's id of it; words and solutions are counted each on its own.
    pub id: u64,
    /// When it was written.
    pub at: Option<Millis>,
    /// Plain text.
    pub text: String,
}
