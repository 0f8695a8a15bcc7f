//! Opening a ticket once, and finding it again.
//!
//! Everything before the creating request may be repeated, so its failure means "not done". Once
//! the creating request has left, only an answer or a search for the hidden marker tells whether
//! the ticket exists; a slow create can commit after its time-out.

use std::time::Duration;

use actors::model::{AttemptNo, EffectId, Found, Millis, Reply, TicketDraft};
use actors::ports::{Called, LookedUp};

use super::client::Client;
use super::convert::{Skew, content, marker, title};
use super::fault::Fault;
use super::requester::Requester;
use super::wire::{self, Criterion, NewTicket, Notification, Search, Ticket};

/// Search options of tickets (GLPI REST API, search engine).
mod option {
    pub const ID: u16 = 2;
    pub const CONTENT: u16 = 21;
}

/// A measured difference between the clocks is good for this long: GLPI's wall clock jumps when
/// daylight saving begins or ends.
const SKEW_MS_MAX: u64 = 15 * 60 * 1000;

/// How long session, search for an earlier ticket and requester may take together before the
/// creating request leaves. Beyond it the try is given up as not done, so that the creating request
/// starts at a known distance from the attempt's `Sending` record.
pub const PREPARATION: Duration = Duration::from_secs(15);

/// What is known before the creating request leaves.
enum Prepared {
    Ready(Requester),
    Made(Reply),
}

impl Client {
    pub(super) async fn open_ticket(
        &self,
        effect: EffectId,
        attempt: AttemptNo,
        draft: &TicketDraft,
    ) -> Called {
        let preparing = tokio::time::timeout(PREPARATION, self.prepare(effect, attempt, draft));
        let requester = match preparing.await {
            Ok(Ok(Prepared::Ready(requester))) => requester,
            Ok(Ok(Prepared::Made(reply))) => return Called::Done(reply),
            Ok(Err(fault)) => return fault.not_done(),
            Err(_) => return Fault::Lost("the requester could not be read in time").not_done(),
        };
        match self.post_ticket(effect, draft, &requester).await {
            Ok(id) => Called::Done(Reply {
                found: requester.newcomer.then(|| Box::new(Found::Newcomer)),
                ..self.reply(id, requester.remarks).await
            }),
            Err(fault) => fault.of_creation(),
        }
    }

    async fn prepare(
        &self,
        effect: EffectId,
        attempt: AttemptNo,
        draft: &TicketDraft,
    ) -> Result<Prepared, Fault> {
        // An earlier try may have made it, whatever was believed about it then.
        if attempt.0 > 1
            && let Some(reply) = self.marked(effect).await?
        {
            return Ok(Prepared::Made(reply));
        }
        let requester = self.requester(draft).await?;
        let session = self.session().await?;
        if !self.sees(&session, requester.entity).await? {
            return Err(Fault::Entity(requester.entity));
        }
        Ok(Prepared::Ready(requester))
    }

    pub(super) async fn find_ticket(&self, effect: EffectId) -> LookedUp {
        match self.marked(effect).await {
            Ok(Some(reply)) => LookedUp::Found(reply),
            Ok(None) => LookedUp::NotFound,
            Err(fault) => LookedUp::Unanswered {
                reason: fault.to_string(),
            },
        }
    }

    async fn post_ticket(
        &self,
        effect: EffectId,
        draft: &TicketDraft,
        requester: &Requester,
    ) -> Result<u32, Fault> {
        let email = draft.email.as_deref().filter(|_| requester.user.is_none());
        let ticket = NewTicket {
            name: &title(draft),
            content: &content(effect, draft),
            urgency: draft.urgency.clamp(1, 5),
            kind: self.settings.ticket_type,
            entities_id: requester.entity,
            requester: requester.user.unwrap_or(0),
            notification: email.map(|email| Notification {
                use_notification: [1],
                alternative_email: [email],
            }),
            source: self.settings.request_source,
        };
        let timeout = self.settings.create_timeout;
        self.create("Ticket", ticket, timeout, "create tickets")
            .await
    }

    /// The ticket that carries the effect's marker.
    async fn marked(&self, effect: EffectId) -> Result<Option<Reply>, Fault> {
        let marker = marker(effect);
        let search = Search {
            criteria: vec![Criterion {
                link: None,
                field: option::CONTENT,
                searchtype: "contains",
                value: &marker,
            }],
            forcedisplay: &[option::ID],
            sort: option::ID,
            order: "ASC",
            range: "0-9",
            is_deleted: None,
        };
        let rows = self.search("Ticket", &search, "read tickets").await?;
        let mut ids: Vec<u32> = rows.iter().filter_map(|row| row.id(option::ID)).collect();
        ids.sort_unstable();
        ids.dedup();
        let Some(first) = ids.first().copied() else {
            return Ok(None);
        };
        let mut remarks = Vec::new();
        if ids.len() > 1 {
            remarks.push(format!("{} tickets carry this ticket's marker", ids.len()));
        }
        Ok(Some(self.reply(first, remarks).await))
    }

    /// The ticket exists; when it was made is asked on the way out and never worth a failure.
    async fn reply(&self, id: u32, remarks: Vec<String>) -> Reply {
        let at = self.created_at(id).await.ok().flatten();
        Reply {
            id: id.to_string().into(),
            at: Some(at.unwrap_or_else(|| self.clock.now())),
            remark: (!remarks.is_empty()).then(|| remarks.join("; ").into()),
            ..Reply::default()
        }
    }

    async fn created_at(&self, id: u32) -> Result<Option<Millis>, Fault> {
        let ticket: Ticket = self
            .get(&["Ticket", &id.to_string()], "read tickets")
            .await?;
        let date = ticket.date_creation.as_str().or(ticket.date.as_str());
        let Some(date) = date else {
            return Ok(None);
        };
        Ok(self.skew().await?.and_then(|skew| skew.instant(date)))
    }

    /// GLPI's wall clock against ours, measured not long ago.
    pub(super) async fn skew(&self) -> Result<Option<Skew>, Fault> {
        let now = self.clock.now();
        let at_log_in = self.session().await?.skew;
        if let Some(skew) = at_log_in.filter(|skew| now.since(skew.measured) <= SKEW_MS_MAX) {
            return Ok(Some(skew));
        }
        let full: wire::Session = self.get(&["getFullSession"], "read its session").await?;
        let midway = now.plus_ms(self.clock.now().since(now) / 2);
        let glpi_now = full.session.glpi_currenttime.as_str();
        Ok(glpi_now.and_then(|glpi| Skew::measure(glpi, midway)))
    }
}
