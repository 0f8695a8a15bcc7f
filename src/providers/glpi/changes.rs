//! What technicians changed since the last look, each change under an id that stays the same.
//!
//! GLPI 9.5 and 10 tell nobody, so they are polled by last change (GLPI REST API, change
//! detection): the mark is GLPI's own date of the last row read, a look begins 2 s before it
//! because dates have whole seconds, and pages are cut by date, not by offset, because a ticket
//! that changes meanwhile moves to the end. The same change may therefore be told again; who keeps
//! the ids tells a person once.

use std::collections::HashSet;

use actors::model::Millis;

use super::client::Client;
use super::convert::Skew;
use super::fault::{Fault, Missing};
use super::own::{Answer, answers, instant, option};
use super::status::Status;
use super::wire::{self, Criterion, Entry, Search, TicketRow};

/// Seconds looked at again.
const OVERLAP_S: i64 = 2;
/// Rows of one search; doubled while all of them share one second.
const PAGE: usize = 100;
/// Rows of the largest search.
const PAGE_MAX: usize = 12_800;
/// Concerned tickets read in one look before the mark is moved.
const READ_MAX: usize = 200;

/// GLPI's date of the last change read, in the integration user's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Watermark(String);

impl Watermark {
    /// Reads a kept mark, `YYYY-MM-DD HH:MM:SS`.
    pub fn parse(text: &str) -> Option<Self> {
        civil(text).map(|_| Self(text.to_owned()))
    }

    /// The form in which it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn minus_s(&self, seconds: i64) -> Self {
        use jiff::ToSpan;
        let earlier = civil(&self.0).and_then(|at| at.checked_sub(seconds.seconds()).ok());
        let text = earlier.map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string());
        Self(text.unwrap_or_else(|| self.0.clone()))
    }
}

fn civil(text: &str) -> Option<jiff::civil::DateTime> {
    jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()
}

/// One change of one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Stays the same however often the change is told: `followup:12`, `status:7:5:…`.
    pub id: String,
    /// The ticket.
    pub ticket: u32,
    /// What happened.
    pub what: What,
    /// When, where GLPI keeps it.
    pub at: Option<Millis>,
}

/// What happened to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A technician has it; the user.
    Assigned(u32),
    /// A group has it; the group.
    AssignedGroup(u32),
    /// It has a new state; "new" is never told.
    Status(Status),
    /// A technician wrote in public.
    FollowedUp(Answer),
    /// A technician proposes a solution.
    Proposed(Answer),
}

/// What one look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The changes, ticket by ticket in the order of their last change.
    pub changes: Vec<Change>,
    /// Where the next look begins. Keep it once the changes are kept.
    pub watermark: Watermark,
    /// There is more; look again at once.
    pub more: bool,
}

impl Client {
    /// The mark of this moment: nothing before it is told.
    pub async fn watermark_now(&self) -> Result<Watermark, Fault> {
        let full: wire::Session = self.get(&["getFullSession"], "read its session").await?;
        let now = wire::string(&full.session.glpi_currenttime);
        Watermark::parse(now).ok_or_else(|| Fault::Server {
            status: 200,
            code: "a session without the current time".into(),
        })
    }

    /// The changes of the tickets that `concerns` accepts since the mark. After a fault look again
    /// from the same mark.
    pub async fn changes_since(
        &self,
        since: &Watermark,
        concerns: impl Fn(u32) -> bool + Send + Sync,
    ) -> Result<Changes, Fault> {
        let first = since.minus_s(OVERLAP_S);
        let (mut from, mut page) = (first.clone(), PAGE);
        let mut found = Changes {
            changes: Vec::new(),
            watermark: since.clone(),
            more: false,
        };
        let (mut seen, mut read) = (HashSet::new(), 0);
        loop {
            let rows = self.changed_after(&from, page).await?;
            let full = rows.len() == page;
            for (ticket, date) in &rows {
                if !seen.insert((*ticket, date.clone())) {
                    continue;
                }
                if concerns(*ticket) {
                    read += 1;
                    let of_ticket = self.changes_of(*ticket, &first).await?;
                    found.changes.extend(of_ticket);
                }
                if *date > found.watermark {
                    found.watermark = date.clone();
                }
            }
            let Some((_, last)) = rows.last().filter(|_| full) else {
                return Ok(found);
            };
            // Strict comparison: this begins with the whole of the last second.
            let next = last.minus_s(1);
            if next > from {
                (from, page) = (next, PAGE);
                if read >= READ_MAX {
                    found.more = true;
                    return Ok(found);
                }
            } else if page < PAGE_MAX {
                page *= 2;
            } else {
                tracing::warn!(
                    rows = page,
                    "more GLPI tickets changed in one second than are read"
                );
                (from, page) = (last.clone(), PAGE);
            }
        }
    }

    /// Tickets changed after `from`, oldest change first.
    async fn changed_after(
        &self,
        from: &Watermark,
        page: usize,
    ) -> Result<Vec<(u32, Watermark)>, Fault> {
        let range = format!("0-{}", page - 1);
        let search = Search {
            criteria: vec![Criterion {
                link: None,
                field: option::CHANGED,
                searchtype: "morethan",
                value: from.as_str(),
            }],
            forcedisplay: &[option::ID, option::CHANGED],
            sort: option::CHANGED,
            order: "ASC",
            range: &range,
            is_deleted: Some(0),
        };
        let rows = self.search(wire::TICKET, &search, "read tickets").await?;
        let rows = rows.iter().filter_map(|row| {
            let date = row.texts(option::CHANGED).into_iter().next()?;
            Some((row.id(option::ID)?, Watermark::parse(&date)?))
        });
        Ok(rows.collect())
    }

    async fn changes_of(&self, ticket: u32, since: &Watermark) -> Result<Vec<Change>, Fault> {
        match self.read_changes(ticket, since).await {
            // It went between the search and now: nothing to tell.
            Err(Fault::Refused { status: 404, .. } | Fault::SetUp(Missing::Right(_))) => {
                Ok(Vec::new())
            }
            changes => changes,
        }
    }

    async fn read_changes(&self, ticket: u32, since: &Watermark) -> Result<Vec<Change>, Fault> {
        let row = self.ticket_row(ticket).await?;
        let parties = self.parties(ticket).await?;
        let groups = self.groups(ticket).await?;
        let (followups, solutions) = self.words(ticket).await?;
        let (session, skew) = (self.session().await?, self.skew().await?);
        let change = |id, what, at| Change {
            id,
            ticket,
            what,
            at,
        };
        let mut changes = Vec::new();
        for (row, user) in &parties.technicians {
            changes.push(change(
                format!("technician:{row}"),
                What::Assigned(*user),
                None,
            ));
        }
        for (row, group) in groups {
            changes.push(change(
                format!("group:{row}"),
                What::AssignedGroup(group),
                None,
            ));
        }
        let recent = |entries: &[Entry]| -> HashSet<u32> {
            let recent = entries
                .iter()
                .filter(|entry| wire::string(&entry.date_creation) >= since.as_str());
            recent.filter_map(|entry| wire::id(&entry.id)).collect()
        };
        let (new_words, new_solutions) = (recent(&followups), recent(&solutions));
        let words = answers(&followups, false, &parties, &session, skew);
        for answer in words
            .into_iter()
            .rev()
            .filter(|a| new_words.contains(&a.id))
        {
            let (id, at) = (format!("followup:{}", answer.id), answer.at);
            changes.push(change(id, What::FollowedUp(answer), at));
        }
        let proposed = answers(&solutions, true, &parties, &session, skew);
        for answer in proposed
            .into_iter()
            .rev()
            .filter(|a| new_solutions.contains(&a.id))
        {
            let (id, at) = (format!("solution:{}", answer.id), answer.at);
            changes.push(change(id, What::Proposed(answer), at));
        }
        if let Some((id, at)) = state(ticket, &row, &solutions, since, skew) {
            changes.push(change(id, What::Status(Status::read(&row.status)), at));
        }
        Ok(changes)
    }
}

/// The id of the ticket's present state: its number and what tells this stay in it from an earlier
/// one. `None` when the state is "new" or was told long ago.
fn state(
    ticket: u32,
    row: &TicketRow,
    solutions: &[Entry],
    since: &Watermark,
    skew: Option<Skew>,
) -> Option<(String, Option<Millis>)> {
    let status = Status::read(&row.status);
    let entered = match status {
        Status::New | Status::Other(_) => return None,
        Status::Pending => &row.begin_waiting_date,
        Status::Solved => &row.solvedate,
        Status::Closed => &row.closedate,
        Status::Assigned | Status::Planned => &serde_json::Value::Null,
    };
    let number = status.number();
    if let Some(date) = entered.as_str() {
        let at = instant(entered, skew);
        return (date >= since.as_str()).then(|| (format!("status:{ticket}:{number}:{date}"), at));
    }
    // No date tells when work began again; what was proposed, refused and waited for does.
    let refused = solutions
        .iter()
        .filter(|entry| wire::id(&entry.status) == Some(4))
        .count();
    let waited_s = wire::id(&row.waiting_duration).unwrap_or(0);
    let stay = format!("{}.{refused}.{waited_s}", solutions.len());
    Some((format!("status:{ticket}:{number}:{stay}"), None))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(value: serde_json::Value) -> TicketRow {
        serde_json::from_value(value).expect("a row")
    }

    fn mark(text: &str) -> Watermark {
        Watermark::parse(text).expect("a date")
    }

    #[test]
    fn marks_step_over_midnight_and_refuse_words() {
        let mark = mark("2026-11-22 00:00:01");
        assert_eq!(mark.minus_s(2).as_str(), "2026-11-21 23:59:59");
        assert_eq!(Watermark::parse("yesterday"), None);
    }

    #[test]
    fn a_stay_in_a_state_has_one_id_whatever_else_changes() {
        let since = mark("2026-11-22 10:00:00");
        let id = |value| state(7, &row(value), &[], &since, None).map(|(id, _)| id);
        let solved = json!({"status": 5, "solvedate": "2026-11-22 10:00:00", "date_mod": "x"});
        assert_eq!(
            id(solved).as_deref(),
            Some("status:7:5:2026-11-22 10:00:00")
        );
        let long_ago = json!({"status": 5, "solvedate": "2026-11-22 09:59:59"});
        assert_eq!(id(long_ago), None);
        assert_eq!(id(json!({"status": 1})), None);
        let (first, later) = (
            json!({"status": 2}),
            json!({"status": 2, "waiting_duration": 90}),
        );
        assert_ne!(id(first.clone()), id(later));
        let refused: Entry = serde_json::from_value(json!({"status": 4})).expect("an entry");
        let reopened = state(7, &row(first.clone()), &[refused], &since, None);
        assert_ne!(id(first), reopened.map(|(id, _)| id));
    }
}
