//! A ticket's states, and what stands in the way of a change that GLPI refused.

use actors::model::TicketState;

use super::client::Client;
use super::fault::{Fault, Obstacle};
use super::wire::{self, TicketRow};

/// A ticket's state (GLPI REST API, ticket, enums).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
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
    /// A number that tickets do not have.
    Other(u8),
}

impl Status {
    /// GLPI's number.
    pub const fn number(self) -> u8 {
        match self {
            Self::New => 1,
            Self::Assigned => 2,
            Self::Planned => 3,
            Self::Pending => 4,
            Self::Solved => 5,
            Self::Closed => 6,
            Self::Other(number) => number,
        }
    }

    /// Whether work on it is over.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Solved | Self::Closed)
    }

    pub(super) fn read(value: &serde_json::Value) -> Self {
        match wire::id(value).and_then(|number| u8::try_from(number).ok()) {
            Some(1) => Self::New,
            Some(2) => Self::Assigned,
            Some(3) => Self::Planned,
            Some(4) => Self::Pending,
            Some(5) => Self::Solved,
            Some(6) => Self::Closed,
            other => Self::Other(other.unwrap_or(0)),
        }
    }
}

impl From<Status> for TicketState {
    fn from(status: Status) -> Self {
        match status {
            Status::New => Self::New,
            Status::Assigned => Self::Assigned,
            Status::Planned => Self::Planned,
            Status::Pending => Self::Pending,
            Status::Solved => Self::Solved,
            Status::Closed => Self::Closed,
            Status::Other(number) => Self::Other(number),
        }
    }
}

impl Client {
    pub(super) async fn ticket_row(&self, ticket: u32) -> Result<TicketRow, Fault> {
        self.get(&[wire::TICKET, &ticket.to_string()], "read tickets")
            .await
    }

    /// Replaces a refusal of GLPI's, whose text is translated, by what reading the ticket tells.
    /// `solving` says that a solved ticket, too, stands in the way.
    pub(super) async fn explained(&self, ticket: u32, refusal: Fault, solving: bool) -> Fault {
        let Fault::Refused { what, status, code } = &refusal else {
            return refusal;
        };
        // Too many requests, or a session that is refused twice, say nothing about the ticket.
        if *status == 401 || *status == 405 || code == "ERROR_BAD_ARRAY" {
            return refusal;
        }
        let why = match self.ticket_row(ticket).await {
            Err(Fault::Refused { status: 404, .. }) => Obstacle::Gone,
            Err(Fault::SetUp(_)) => Obstacle::Hidden,
            Err(_) => return refusal,
            Ok(row) if wire::id(&row.is_deleted) == Some(1) => Obstacle::InTrash,
            Ok(row) => match Status::read(&row.status) {
                Status::Closed => Obstacle::Closed,
                Status::Solved if solving => Obstacle::Solved,
                _ => Obstacle::Unexplained(what),
            },
        };
        Fault::Ticket { ticket, why }
    }
}

/// What stands in the way of reading a ticket before changing it.
pub(super) fn obstacle(ticket: u32, fault: Fault) -> Fault {
    match fault {
        Fault::Refused { status: 404, .. } => Fault::Ticket {
            ticket,
            why: Obstacle::Gone,
        },
        Fault::SetUp(super::fault::Missing::Right(_)) => Fault::Ticket {
            ticket,
            why: Obstacle::Hidden,
        },
        fault => fault,
    }
}
