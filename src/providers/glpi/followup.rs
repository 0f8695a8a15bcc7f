//! What a person adds to a ticket: a public followup, a file, the answer to a solution.
//!
//! Reopening and closing depend on the session's user, never on the author named in the body, so
//! the flags say it (GLPI REST API, conversation objects). A followup cannot be searched for; it is
//! found again by the hidden marker among those of its ticket.

use actors::model::{AttemptNo, EffectId, Reply};
use actors::ports::{Called, LookedUp};

use super::client::Client;
use super::convert::{marker, paragraph};
use super::fault::{Fault, Obstacle};
use super::status::{Status, obstacle};
use super::ticket::PREPARATION;
use super::verbs::Attachment;
use super::wire::{self, Actor, Entry, NewFollowup, TICKET};

pub(super) const FOLLOWUPS: &str = "ITILFollowup";
pub(super) const ACTORS: &str = "Ticket_User";
pub(super) const REQUESTER: u32 = 1;
pub(super) const ASSIGNEE: u32 = 2;

/// What a person adds to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The ticket's id.
    pub ticket: u32,
    /// Plain text; may be empty when there is a file.
    pub text: String,
    /// Who says it.
    pub author: Author,
    /// A file, at most 16 MiB.
    pub file: Option<Attachment>,
    /// What becomes of the ticket.
    pub then: Then,
}

/// In whose name something is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The ticket's own requester, read from the ticket.
    Requester,
    /// A user.
    User(u32),
    /// The integration user itself: a note of the service, not of a person.
    Service,
}

/// What becomes of a ticket with a followup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Its status stays.
    Keep,
    /// The solution is accepted: a solved ticket is closed.
    Close,
    /// The solution is refused: a solved or closed ticket is open again.
    Reopen,
    /// The requester's answer is there: a pending ticket goes on.
    Resume,
}

impl Client {
    /// Adds a followup once. `Done` carries the followup's id; a remark says when GLPI did not take
    /// the file or left the status as it was.
    pub async fn follow_up(
        &self,
        effect: EffectId,
        attempt: AttemptNo,
        followup: &FollowUp,
    ) -> Called {
        let preparing = self.prepare_follow_up(effect, attempt, followup);
        let author = match tokio::time::timeout(PREPARATION, preparing).await {
            Ok(Ok(Ready::Author(author))) => author,
            Ok(Ok(Ready::Made(reply))) => return Called::Done(reply),
            Ok(Err(fault)) => return fault.before_write(),
            Err(_) => return Fault::Lost("the ticket could not be read in time").not_done(),
        };
        match self.post_follow_up(effect, author, followup).await {
            Ok((id, remark)) => Called::Done(self.made(id, remark)),
            Err(fault) => {
                let fault = self.explained(followup.ticket, fault, false).await;
                fault.of_write()
            }
        }
    }

    /// Looks for the followup that an effect made.
    pub async fn find_follow_up(&self, effect: EffectId, ticket: u32) -> LookedUp {
        found(self.marked_below(effect, ticket, FOLLOWUPS).await)
    }

    async fn prepare_follow_up(
        &self,
        effect: EffectId,
        attempt: AttemptNo,
        followup: &FollowUp,
    ) -> Result<Ready, Fault> {
        if followup.text.trim().is_empty() && followup.file.is_none() {
            return Err(Fault::Ticket {
                ticket: followup.ticket,
                why: Obstacle::Senseless("a followup needs a text or a file"),
            });
        }
        if attempt.0 > 1
            && let Some(reply) = self
                .marked_below(effect, followup.ticket, FOLLOWUPS)
                .await?
        {
            return Ok(Ready::Made(reply));
        }
        let author = self.author(followup.ticket, followup.author).await?;
        Ok(Ready::Author(author))
    }

    async fn post_follow_up(
        &self,
        effect: EffectId,
        author: Option<u32>,
        followup: &FollowUp,
    ) -> Result<(u32, Option<String>), Fault> {
        let content = marked_text(effect, &followup.text, followup.file.as_ref());
        let flag = |then| (followup.then == then).then_some(1);
        let input = NewFollowup {
            itemtype: TICKET,
            items_id: followup.ticket,
            content: &content,
            is_private: 0,
            users_id: author,
            source: self.settings.request_source,
            add_close: flag(Then::Close),
            add_reopen: flag(Then::Reopen),
            pending: (followup.then == Then::Resume).then_some(0),
        };
        let what = "add followups";
        let timeout = self.settings.create_timeout;
        let mut remarks = Vec::new();
        let id = match &followup.file {
            None => self.create(FOLLOWUPS, input, timeout, what).await?,
            Some(file) => {
                let (id, taken) = self.create_with_file(FOLLOWUPS, input, file, what).await?;
                if !taken {
                    remarks.push(format!(
                        "GLPI did not take the file {}: add its extension under Setup > Dropdowns > \
                         Document types",
                        file.name
                    ));
                }
                id
            }
        };
        remarks.extend(self.unmoved(followup).await);
        Ok((id, (!remarks.is_empty()).then(|| remarks.join("; "))))
    }

    /// The followup is there whatever its flag did; a profile's life cycle may forbid the move.
    async fn unmoved(&self, followup: &FollowUp) -> Option<String> {
        if followup.then == Then::Keep {
            return None;
        }
        let status = Status::read(&self.ticket_row(followup.ticket).await.ok()?.status);
        let moved = match followup.then {
            Then::Keep => true,
            Then::Close => status == Status::Closed,
            Then::Reopen => !status.is_settled(),
            Then::Resume => status != Status::Pending,
        };
        (!moved).then(|| {
            format!(
                "ticket {} stayed {status:?}: look at the life cycle of the integration user's \
                 profile",
                followup.ticket
            )
        })
    }

    /// The user in whose name something is written on a ticket.
    pub(super) async fn author(&self, ticket: u32, author: Author) -> Result<Option<u32>, Fault> {
        match author {
            Author::Service => Ok(None),
            Author::User(user) => Ok(Some(user)),
            Author::Requester => Ok(self.requesters_of(ticket).await?.first().copied()),
        }
    }

    /// The requesters of a ticket who have an account.
    pub(super) async fn requesters_of(&self, ticket: u32) -> Result<Vec<u32>, Fault> {
        let actors: Vec<Actor> = self
            .below(ticket, ACTORS, "read tickets")
            .await
            .map_err(|fault| obstacle(ticket, fault))?;
        let mut requesters: Vec<(u32, u32)> = actors
            .iter()
            .filter(|actor| wire::id(&actor.role) == Some(REQUESTER))
            .filter_map(|actor| Some((wire::id(&actor.id)?, wire::id(&actor.users_id)?)))
            .filter(|(_, user)| *user > 0)
            .collect();
        requesters.sort_unstable();
        Ok(requesters.into_iter().map(|(_, user)| user).collect())
    }

    /// What an effect made below a ticket. A ticket that is gone holds nothing.
    pub(super) async fn marked_below(
        &self,
        effect: EffectId,
        ticket: u32,
        item: &'static str,
    ) -> Result<Option<Reply>, Fault> {
        let marker = marker(effect);
        let carries = |entry: &Entry| wire::string(&entry.content).contains(&marker);
        let entries = self
            .below_until(
                (TICKET, ticket),
                item,
                "read tickets",
                |page: &[Entry]| page.iter().any(carries),
            )
            .await;
        let entries = match entries {
            Err(Fault::Refused { status: 404, .. }) => return Ok(None),
            entries => entries?,
        };
        let ids = entries.iter().filter(|entry| carries(entry));
        // The oldest: a doubled one would be the younger.
        let id = ids.filter_map(|entry| wire::id(&entry.id)).min();
        Ok(id.map(|id| self.made(id, None)))
    }

    pub(super) fn made(&self, id: u32, remark: Option<String>) -> Reply {
        Reply {
            id: id.to_string().into(),
            at: Some(self.clock.now()),
            remark: remark.map(Into::into),
            ..Reply::default()
        }
    }
}

/// What is known before a followup leaves.
enum Ready {
    Author(Option<u32>),
    Made(Reply),
}

pub(super) fn found(sought: Result<Option<Reply>, Fault>) -> LookedUp {
    match sought {
        Ok(Some(reply)) => LookedUp::Found(reply),
        Ok(None) => LookedUp::NotFound,
        Err(fault) => LookedUp::Unanswered {
            reason: fault.to_string(),
        },
    }
}

/// Rich text of what a person wrote, with the hidden marker of its effect.
pub(super) fn marked_text(effect: EffectId, text: &str, file: Option<&Attachment>) -> String {
    let mut html = String::new();
    paragraph(&mut html, text);
    if let (true, Some(file)) = (html.is_empty(), file) {
        paragraph(&mut html, &file.name);
    }
    html.push_str(&format!("<!-- {} -->", marker(effect)));
    html
}
