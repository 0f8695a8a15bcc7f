//! A requester's own tickets, and nobody else's: the open ones, and the state of one with the last
//! word of the technicians.

use actors::model::{Millis, TicketLine, TicketState, TicketView, TicketWord};

use super::client::Client;
use super::convert::Skew;
use super::fault::{Fault, Missing};
use super::followup::{ACTORS, ASSIGNEE, FOLLOWUPS, REQUESTER};
use super::rich;
use super::session::Session;
use super::solution::SOLUTIONS;
use super::status::Status;
use super::wire::{self, Actor, Criterion, Entry, Row, Search, TicketRow};

/// Search options of tickets (GLPI REST API, search engine).
pub(super) mod option {
    pub const TITLE: u16 = 1;
    pub const ID: u16 = 2;
    pub const REQUESTER: u16 = 4;
    pub const STATUS: u16 = 12;
    pub const OPENED: u16 = 15;
    pub const CHANGED: u16 = 19;
}

/// A public word of the technicians.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it proposes a solution.
    pub is_solution: bool,
    /// The id of the followup or solution, each counted on its own.
    pub id: u32,
    /// The user who wrote it, when GLPI knows.
    pub author: Option<u32>,
    /// When it was written.
    pub at: Option<Millis>,
    /// Plain text.
    pub text: String,
}

impl From<Answer> for TicketWord {
    fn from(answer: Answer) -> Self {
        Self {
            is_solution: answer.is_solution,
            id: answer.id.into(),
            at: answer.at,
            text: answer.text,
        }
    }
}

/// Who is who on a ticket.
pub(super) struct Parties {
    pub requesters: Vec<u32>,
    pub technicians: Vec<(u32, u32)>,
}

impl Client {
    /// The requester's tickets that are not closed, the last changed first, at most `most` (1 to
    /// 100).
    pub async fn open_tickets(
        &self,
        requester: u32,
        most: usize,
    ) -> Result<Vec<TicketLine>, Fault> {
        if requester == 0 {
            return Ok(Vec::new());
        }
        let requester = requester.to_string();
        let range = format!("0-{}", most.clamp(1, 100) - 1);
        let criterion = |link, field, value| Criterion {
            link,
            field,
            searchtype: "equals",
            value,
        };
        let search = Search {
            criteria: vec![
                criterion(None, option::REQUESTER, requester.as_str()),
                criterion(Some("AND"), option::STATUS, "notclosed"),
            ],
            forcedisplay: &[
                option::ID,
                option::TITLE,
                option::STATUS,
                option::OPENED,
                option::CHANGED,
            ],
            sort: option::CHANGED,
            order: "DESC",
            range: &range,
            is_deleted: Some(0),
        };
        let rows = self.search(wire::TICKET, &search, "read tickets").await?;
        let skew = self.skew().await?;
        Ok(rows.iter().filter_map(|row| line(row, skew)).collect())
    }

    /// The state of a requester's own ticket; `None` when there is no such ticket, or it is somebody
    /// else's, in the trash or out of sight, which a person must not be able to tell apart.
    pub async fn own_ticket(
        &self,
        requester: u32,
        ticket: u32,
    ) -> Result<Option<TicketView>, Fault> {
        let Some((row, parties)) = self.own_row(requester, ticket).await? else {
            return Ok(None);
        };
        let (session, skew) = (self.session().await?, self.skew().await?);
        let (followups, solutions) = self.words(ticket).await?;
        let followups = answers(&followups, false, &parties, &session, skew);
        let solutions = answers(&solutions, true, &parties, &session, skew);
        let answer = followups.into_iter().chain(solutions);
        let state = TicketState::from(Status::read(&row.status));
        let rating_asked = state == TicketState::Closed && self.asks_rating(ticket).await?;
        let last = answer.max_by_key(|answer| (answer.at, answer.is_solution, answer.id));
        Ok(Some(TicketView {
            line: TicketLine {
                id: ticket.into(),
                title: rich::title(wire::string(&row.name)),
                state,
                opened: instant(&row.date, skew),
                changed: instant(&row.date_mod, skew),
            },
            priority: wire::id(&row.priority).map_or(3, |bits| bits.min(6) as u8),
            assigned: self.is_assigned(ticket, &row, &parties).await?,
            word: last.map(TicketWord::from),
            rating_asked,
        }))
    }

    /// How a requester's own ticket stands.
    pub(super) async fn own_status(
        &self,
        requester: u32,
        ticket: u32,
    ) -> Result<Option<Status>, Fault> {
        let own = self.own_row(requester, ticket).await?;
        Ok(own.map(|(row, _)| Status::read(&row.status)))
    }

    async fn own_row(
        &self,
        requester: u32,
        ticket: u32,
    ) -> Result<Option<(TicketRow, Parties)>, Fault> {
        let row = match self.ticket_row(ticket).await {
            Err(Fault::Refused { status: 404, .. }) => return Ok(None),
            Err(Fault::SetUp(Missing::Right(_))) => return Ok(None),
            row => row?,
        };
        let parties = self.parties(ticket).await?;
        let deleted = wire::id(&row.is_deleted) == Some(1);
        let theirs = !deleted && parties.requesters.contains(&requester);
        Ok(theirs.then_some((row, parties)))
    }

    pub(super) async fn parties(&self, ticket: u32) -> Result<Parties, Fault> {
        let actors: Vec<Actor> = self.below(ticket, ACTORS, "read tickets").await?;
        let of = |role| {
            let rows = actors
                .iter()
                .filter(move |a| wire::id(&a.role) == Some(role));
            rows.filter_map(|a| Some((wire::id(&a.id)?, wire::id(&a.users_id)?)))
        };
        Ok(Parties {
            requesters: of(REQUESTER)
                .map(|(_, user)| user)
                .filter(|u| *u > 0)
                .collect(),
            technicians: of(ASSIGNEE).collect(),
        })
    }

    /// The last page of followups and solutions, newest first.
    pub(super) async fn words(&self, ticket: u32) -> Result<(Vec<Entry>, Vec<Entry>), Fault> {
        let (parent, what) = ((wire::TICKET, ticket), "read tickets");
        let page = |item| self.below_until(parent, item, what, |_: &[Entry]| true);
        Ok((page(FOLLOWUPS).await?, page(SOLUTIONS).await?))
    }

    async fn is_assigned(
        &self,
        ticket: u32,
        row: &TicketRow,
        parties: &Parties,
    ) -> Result<bool, Fault> {
        if !parties.technicians.is_empty() || Status::read(&row.status) == Status::Assigned {
            return Ok(true);
        }
        Ok(!self.groups(ticket).await?.is_empty())
    }

    /// Assigned groups: row and group.
    pub(super) async fn groups(&self, ticket: u32) -> Result<Vec<(u32, u32)>, Fault> {
        let rows: Vec<Actor> = self.below(ticket, "Group_Ticket", "read tickets").await?;
        let assigned = rows
            .iter()
            .filter(|row| wire::id(&row.role) == Some(ASSIGNEE));
        let ids = assigned.filter_map(|row| Some((wire::id(&row.id)?, wire::id(&row.groups_id)?)));
        Ok(ids.collect())
    }
}

/// The public words that are neither the requester's nor written by this service.
pub(super) fn answers(
    entries: &[Entry],
    is_solution: bool,
    parties: &Parties,
    session: &Session,
    skew: Option<Skew>,
) -> Vec<Answer> {
    let public = entries.iter().filter(|entry| {
        let author = wire::id(&entry.users_id);
        let ours = wire::string(&entry.content).contains("chasqui:") || author == session.user;
        let theirs = author.is_some_and(|author| parties.requesters.contains(&author));
        wire::id(&entry.is_private).unwrap_or(0) == 0 && !ours && !theirs
    });
    let answers = public.filter_map(|entry| {
        Some(Answer {
            is_solution,
            id: wire::id(&entry.id)?,
            author: wire::id(&entry.users_id).filter(|user| *user > 0),
            at: instant(&entry.date_creation, skew),
            text: rich::plain(wire::string(&entry.content)),
        })
    });
    answers.collect()
}

pub(super) fn instant(date: &serde_json::Value, skew: Option<Skew>) -> Option<Millis> {
    skew?.instant(date.as_str()?)
}

fn line(row: &Row, skew: Option<Skew>) -> Option<TicketLine> {
    let first = |field| row.texts(field).into_iter().next();
    let date = |field| first(field).and_then(|date| skew?.instant(&date));
    Some(TicketLine {
        id: row.id(option::ID)?.into(),
        title: rich::title(&first(option::TITLE).unwrap_or_default()),
        state: Status::read(&row.id(option::STATUS)?.into()).into(),
        opened: date(option::OPENED),
        changed: date(option::CHANGED),
    })
}
