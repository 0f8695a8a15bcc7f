//! What the core asks a help desk to find out what technicians did.
//!
//! A look goes from the mark of the last one: which tickets changed, whose they are, and for those of
//! people known here, what happened. The help desk's dates stay its own text; nothing here reads
//! them except by comparing, which is why they must sort as text.

use std::time::Duration;

use futures::future::BoxFuture;
use smol_str::SmolStr;

use crate::model::{EffectId, GatewayId, Phone, ReadTicket, Release, TicketFact, TicketLine};

/// A help desk that can be asked what changed. Implementations never retry.
pub trait HelpDesk: Send + Sync + 'static {
    /// The mark of this moment: nothing before it is news.
    fn mark(&self) -> BoxFuture<'_, Result<SmolStr, Unanswered>>;

    /// The tickets that changed since the mark, oldest change first.
    fn changed_since<'a>(
        &'a self,
        mark: &'a str,
    ) -> BoxFuture<'a, Result<ChangedTickets, Unanswered>>;

    /// Whose ticket it is; `None` when it went.
    fn owner(&self, ticket: u64) -> BoxFuture<'_, Result<Option<TicketOwner>, Unanswered>>;

    /// What happened to a ticket since the mark; `None` when it went.
    fn news<'a>(
        &'a self,
        ticket: u64,
        mark: &'a str,
    ) -> BoxFuture<'a, Result<Option<TicketStory>, Unanswered>>;

    /// The product's release.
    fn release(&self) -> BoxFuture<'_, Result<Release, Unanswered>>;
}

/// The tickets that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedTickets {
    /// Each with the date of its last change, oldest first.
    pub tickets: Vec<ChangedTicket>,
    /// Where the next look begins, once these are dealt with.
    pub mark: SmolStr,
    /// The date after which that look really begins: the mark's last seconds are looked at again,
    /// because dates have whole seconds.
    pub from: SmolStr,
    /// There is more; look again at once.
    pub more: bool,
}

/// A ticket that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedTicket {
    /// The ticket and the date of its last change.
    pub read: ReadTicket,
    /// Whether that date is surely past, so that no later change can carry it too.
    pub settled: bool,
}

/// Whose ticket it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketOwner {
    /// The effect that opened it, when this service did.
    pub effect: Option<EffectId>,
    /// The requesters' numbers.
    pub phones: Vec<Phone>,
}

/// What happened to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketStory {
    /// The ticket as it is.
    pub line: TicketLine,
    /// Whether a survey waits for the requester's answer.
    pub survey: bool,
    /// The changes, oldest first, without what the requester and this service did.
    pub changes: Vec<TicketFact>,
}

/// A question that got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Why, in plain words.
    pub reason: String,
    /// The help desk's wish, honoured within bounds.
    pub retry_after: Option<Duration>,
    /// Whether it says something about the help desk's health (counts for the circuit).
    pub counts_against: bool,
}

/// How a help desk is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The help desk's gateway.
    pub gateway: GatewayId,
    /// How often it is looked at.
    pub every: Duration,
}
