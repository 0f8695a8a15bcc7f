//! Taking a ticket back: into the trash where the profile permits it, or cancelled with a word.

use actors::model::{AttemptNo, EffectId};
use actors::ports::{Called, LookedUp};

use super::client::Client;
use super::fault::{Fault, Obstacle};
use super::followup::{Author, FOLLOWUPS, FollowUp, Then, found};
use super::status::Status;
use super::wire::{self, TICKET, TicketColumns};

/// A ticket that its requester no longer wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// The ticket's id.
    pub ticket: u32,
    /// Why, in plain text for the technicians.
    pub text: String,
    /// Who takes it back.
    pub author: Author,
}

impl Client {
    /// Puts a ticket into the trash. The stock Technician profile may not, and Observer only its
    /// own; then [`Client::cancel`] is the way.
    pub async fn delete_ticket(&self, ticket: u32) -> Called {
        match self.trash(TICKET, ticket, "delete tickets").await {
            Ok(()) => Called::Done(self.made(ticket, None)),
            Err(fault) => match self.explained(ticket, fault, false).await {
                Fault::Ticket {
                    why: Obstacle::InTrash | Obstacle::Gone,
                    ..
                } => Called::Done(self.made(ticket, Some("it was deleted already".into()))),
                fault => fault.of_write(),
            },
        }
    }

    /// Whether a ticket is deleted.
    pub async fn find_deletion(&self, ticket: u32) -> LookedUp {
        let row = self.ticket_row(ticket).await;
        found(match row {
            Err(Fault::Refused { status: 404, .. }) => Ok(Some(self.made(ticket, None))),
            Err(fault) => Err(fault),
            Ok(row) => {
                let gone = wire::id(&row.is_deleted) == Some(1);
                Ok(gone.then(|| self.made(ticket, None)))
            }
        })
    }

    /// Cancels a ticket: a public followup with the reason, then the status "closed". `Done`
    /// carries the followup's id; a ticket that is closed already keeps its status.
    pub async fn cancel(
        &self,
        effect: EffectId,
        attempt: AttemptNo,
        cancellation: &Cancellation,
    ) -> Called {
        let ticket = cancellation.ticket;
        let word = FollowUp {
            ticket,
            text: cancellation.text.clone(),
            author: cancellation.author,
            file: None,
            then: Then::Keep,
        };
        let said = match self.follow_up(effect, attempt, &word).await {
            Called::Done(reply) => reply,
            other => return other,
        };
        let closed = TicketColumns {
            status: Some(Status::Closed.number()),
            ..TicketColumns::default()
        };
        match self.change(TICKET, ticket, closed, "close tickets").await {
            Ok(()) => Called::Done(said),
            // A later try finds the word said and only closes.
            Err(fault) => self.explained(ticket, fault, false).await.of_write(),
        }
    }

    /// Whether a cancellation is complete: its word is said and the ticket closed.
    pub async fn find_cancellation(&self, effect: EffectId, ticket: u32) -> LookedUp {
        let said = match self.marked_below(effect, ticket, FOLLOWUPS).await {
            Ok(Some(said)) => said,
            other => return found(other),
        };
        found(self.ticket_row(ticket).await.map(|row| {
            let closed = Status::read(&row.status) == Status::Closed;
            closed.then_some(said)
        }))
    }
}
