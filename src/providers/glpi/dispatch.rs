//! From effects to the client's operations, and from their ends to what an outbox understands.
//!
//! A person's own effects are guarded here: the user behind their phone must be one of the ticket's
//! requesters, read from GLPI at that moment, else the effect is refused in the words of a ticket
//! that does not exist. Writes are found again by their hidden marker, or by comparing the ticket
//! with what was wanted; questions are simply asked again.

use actors::model::{
    About, By, Call, Change, Effect, Found, Reply, Requester, Then as Wanted, TicketChange,
    TicketQuestion,
};
use actors::ports::{Called, LookedUp, Provider, Request};

use super::client::Client;
use super::fault::{Fault, Obstacle};
use super::followup::{Author, FollowUp, Then};
use super::removal::Cancellation;
use super::solution::Solution;
use super::status::Status;
use super::ticket::PREPARATION;
use super::update::TicketUpdate;
use crate::providers::Boxed;

/// Tickets told in a list: as many as WhatsApp shows rows.
const LIST_MAX: usize = 10;

/// Whose word it is, and how the ticket stands.
struct Guarded {
    author: Author,
    status: Option<Status>,
}

impl Provider for Client {
    fn call<'a>(&'a self, request: Request<'a>) -> Boxed<'a, Called> {
        match request.call {
            Call::OpenTicket(draft) => {
                Box::pin(self.open_ticket(request.effect, request.attempt, draft))
            }
            Call::AskTickets(question) => Box::pin(self.ask_tickets(question)),
            Call::ChangeTicket(asked) => Box::pin(self.change_ticket(request, asked)),
            Call::LinkRequester(link) => Box::pin(self.link_requester(link)),
            other => Box::pin(std::future::ready(Called::Refused {
                code: 0,
                reason: format!("GLPI cannot do {}", other.name()),
            })),
        }
    }

    fn look_up<'a>(&'a self, effect: &'a Effect) -> Boxed<'a, LookedUp> {
        match &effect.call {
            Call::OpenTicket(_) => Box::pin(self.find_ticket(effect.id)),
            Call::ChangeTicket(asked) => Box::pin(self.find_change(effect, asked)),
            Call::LinkRequester(link) => Box::pin(self.find_linked(link)),
            _ => Box::pin(std::future::ready(LookedUp::Unsupported)),
        }
    }
}

impl Client {
    async fn ask_tickets(&self, question: &TicketQuestion) -> Called {
        match self.found(question).await {
            Ok(found) => Called::Done(Reply {
                at: Some(actors::ports::Clock::now(&*self.clock)),
                found: Some(Box::new(found)),
                ..Reply::default()
            }),
            Err(fault) => fault.not_done(),
        }
    }

    async fn found(&self, question: &TicketQuestion) -> Result<Found, Fault> {
        let Some(user) = self.user_of(&question.requester).await? else {
            return Ok(Found::Stranger);
        };
        let one = match question.about {
            About::Person => return Ok(Found::Known),
            About::Ticket(ticket) => number(ticket),
            About::Open => {
                let mut lines = self.open_tickets(user, LIST_MAX).await?;
                match lines.as_slice() {
                    [only] => number(only.id),
                    _ => {
                        lines.truncate(LIST_MAX);
                        return Ok(Found::Open(lines));
                    }
                }
            }
        };
        let view = match one {
            Some(ticket) => self.own_ticket(user, ticket).await?,
            None => None,
        };
        Ok(view.map_or(Found::NoTicket, |view| Found::Ticket(Box::new(view))))
    }

    async fn user_of(&self, requester: &Requester) -> Result<Option<u32>, Fault> {
        self.find_requester(requester.phone.as_ref(), requester.email.as_deref())
            .await
    }

    async fn change_ticket(&self, request: Request<'_>, asked: &TicketChange) -> Called {
        let Some(ticket) = number(asked.ticket) else {
            let (ticket, why) = (0, Obstacle::NotTheirs);
            return Fault::Ticket { ticket, why }.of_write();
        };
        let guarding = self.guard(ticket, &asked.by);
        let guarded = match tokio::time::timeout(PREPARATION, guarding).await {
            Ok(Ok(guarded)) => guarded,
            Ok(Err(fault)) => return fault.before_write(),
            Err(_) => return Fault::Lost("the ticket could not be read in time").not_done(),
        };
        let called = self
            .carry_out(request, ticket, &guarded, &asked.change)
            .await;
        match called {
            Called::Done(reply) => Called::Done(self.standing(ticket, &asked.change, reply).await),
            other => other,
        }
    }

    /// Whether they may: a person only on a ticket that is theirs and not in the trash.
    async fn guard(&self, ticket: u32, by: &By) -> Result<Guarded, Fault> {
        let By::Requester(requester) = by else {
            let (author, status) = (Author::Service, None);
            return Ok(Guarded { author, status });
        };
        let theirs = match self.user_of(requester).await? {
            Some(user) => self
                .own_status(user, ticket)
                .await?
                .map(|status| (user, status)),
            None => None,
        };
        match theirs {
            Some((user, status)) => Ok(Guarded {
                author: Author::User(user),
                status: Some(status),
            }),
            None => Err(Fault::Ticket {
                ticket,
                why: Obstacle::NotTheirs,
            }),
        }
    }

    async fn carry_out(
        &self,
        request: Request<'_>,
        ticket: u32,
        guarded: &Guarded,
        change: &Change,
    ) -> Called {
        let (effect, attempt, author) = (request.effect, request.attempt, guarded.author);
        match change {
            Change::Say { text, then } => {
                let then = match (then, guarded.status) {
                    (Wanted::Keep, Some(Status::Pending)) => Then::Resume,
                    (Wanted::Keep, _) => Then::Keep,
                    (Wanted::Close, _) => Then::Close,
                    (Wanted::Reopen, _) => Then::Reopen,
                };
                let word = FollowUp {
                    ticket,
                    text: text.clone(),
                    author,
                    file: None,
                    then,
                };
                self.follow_up(effect, attempt, &word).await
            }
            Change::Solve { text } => {
                let solution = Solution {
                    ticket,
                    text: text.clone(),
                    author,
                    kind: None,
                };
                self.solve(effect, attempt, &solution).await
            }
            Change::Update(update) => self.update_ticket(ticket, &columns(update)).await,
            Change::Cancel { text } => {
                let cancellation = Cancellation {
                    ticket,
                    text: text.clone(),
                    author,
                };
                self.cancel(effect, attempt, &cancellation).await
            }
            Change::Delete => self.delete_ticket(ticket).await,
            Change::Rate { stars, text } => self.rate(ticket, *stars, text).await,
        }
    }

    async fn find_change(&self, effect: &Effect, asked: &TicketChange) -> LookedUp {
        let Some(ticket) = number(asked.ticket) else {
            return LookedUp::NotFound;
        };
        let looked = match &asked.change {
            Change::Say { .. } => self.find_follow_up(effect.id, ticket).await,
            Change::Solve { .. } => self.find_solution(effect.id, ticket).await,
            Change::Update(update) => self.find_update(ticket, &columns(update)).await,
            Change::Cancel { .. } => self.find_cancellation(effect.id, ticket).await,
            Change::Delete => self.find_deletion(ticket).await,
            Change::Rate { stars, .. } => self.find_rating(ticket, *stars).await,
        };
        match looked {
            LookedUp::Found(reply) => {
                LookedUp::Found(self.standing(ticket, &asked.change, reply).await)
            }
            other => other,
        }
    }

    /// Tells how the ticket stands now. What was done is done, so failing to read it is no failure.
    async fn standing(&self, ticket: u32, change: &Change, mut reply: Reply) -> Reply {
        if matches!(change, Change::Delete) {
            return reply;
        }
        let Ok(row) = self.ticket_row(ticket).await else {
            return reply;
        };
        let status = Status::read(&row.status);
        let rating_asked = status == Status::Closed
            && !matches!(change, Change::Rate { .. } | Change::Cancel { .. })
            && self.asks_rating(ticket).await.unwrap_or(false);
        reply.found = Some(Box::new(Found::Changed {
            state: status.into(),
            rating_asked,
        }));
        reply
    }
}

fn columns(update: &actors::model::TicketUpdate) -> TicketUpdate {
    TicketUpdate {
        title: update.title.clone(),
        description: update.description.clone(),
        urgency: update.urgency,
        category: update.category,
        pending: update.pending,
        ..TicketUpdate::default()
    }
}

/// GLPI's ids have 32 bits; a number beyond is nobody's ticket.
fn number(ticket: u64) -> Option<u32> {
    u32::try_from(ticket).ok().filter(|ticket| *ticket > 0)
}
