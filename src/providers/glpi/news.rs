//! What happened to a ticket since the last look, as its requester may be told.
//!
//! Left out is what the requester and this service wrote, what is private, and what this service did
//! in the requester's name: a state that was entered with one of its own entries is its own doing.
//! A stay in a state is named by what tells it from another stay in the same state, because GLPI has
//! no id for it.

use actors::model::{EffectId, Millis, TicketFact, TicketLine, TicketState};
use actors::ports::{TicketOwner, TicketStory};

use super::changes::Watermark;
use super::client::Client;
use super::convert::{Skew, wall_clock_ms};
use super::fault::{Fault, Missing};
use super::files::Looked;
use super::followup::FOLLOWUPS;
use super::own::{Answer, answers, instant};
use super::rich;
use super::session::Session;
use super::solution::SOLUTIONS;
use super::status::Status;
use super::wire::{self, Entry, TicketRow};

/// How far apart a state's date and that of the entry that caused it may be, in milliseconds.
const TOGETHER_MS: i64 = 2_000;
/// What every marker of this service begins with.
const MARKER: &str = "chasqui:";
/// Length of an effect id's text.
const EFFECT_CHARS: usize = 51;
/// Requesters of one ticket whose numbers are read.
const REQUESTERS_MAX: usize = 3;

/// Everything that is read of a ticket.
struct Reading {
    row: TicketRow,
    followups: Vec<Entry>,
    solutions: Vec<Entry>,
    skew: Option<Skew>,
}

impl Client {
    /// Whose ticket it is; `None` when it went or is out of sight.
    pub(super) async fn ticket_owner(&self, ticket: u32) -> Result<Option<TicketOwner>, Fault> {
        let Some(row) = gone_is_none(self.ticket_row(ticket).await)? else {
            return Ok(None);
        };
        if wire::id(&row.is_deleted) == Some(1) {
            return Ok(None);
        }
        let effect = marked_by(wire::string(&row.content));
        let mut phones = Vec::new();
        let requesters = self.parties(ticket).await?.requesters;
        for user in requesters.into_iter().take(REQUESTERS_MAX) {
            phones.extend(self.phones_of(user).await?);
        }
        Ok(Some(TicketOwner { effect, phones }))
    }

    /// What happened to a ticket since the mark; `None` when it went.
    pub(super) async fn ticket_story(
        &self,
        ticket: u32,
        mark: &Watermark,
    ) -> Result<Option<TicketStory>, Fault> {
        let since = mark.overlapped();
        let Some(row) = gone_is_none(self.ticket_row(ticket).await)? else {
            return Ok(None);
        };
        let parties = self.parties(ticket).await?;
        let groups = self.groups(ticket).await?;
        let parent = (wire::TICKET, ticket);
        let old = |page: &[Entry]| {
            let last = page.last();
            last.is_none_or(|entry| wire::string(&entry.date_creation) < since.as_str())
        };
        let followups: Vec<Entry> = self
            .below_until(parent, FOLLOWUPS, "read tickets", old)
            .await?;
        let solutions: Vec<Entry> = self
            .below_until(parent, SOLUTIONS, "read tickets", |_: &[Entry]| false)
            .await?;
        let (session, skew) = (self.session().await?, self.skew().await?);
        let reading = Reading {
            row,
            followups,
            solutions,
            skew,
        };

        let taken = wire::string(&reading.row.takeintoaccountdate) >= since.as_str();
        // With several, the one date of GLPI's does not tell whose it is.
        let fresh = taken && parties.technicians.len() + groups.len() == 1;
        let assigned = |group, id: u32| TicketFact::Assigned {
            group,
            id: id.into(),
            fresh,
        };
        let mut facts: Vec<(Option<Millis>, TicketFact)> = Vec::new();
        let mut said = Vec::new();
        let technicians = parties.technicians.iter();
        facts.extend(technicians.map(|(row, _)| (None, assigned(false, *row))));
        facts.extend(groups.iter().map(|(row, _)| (None, assigned(true, *row))));
        for (entries, is_solution) in [(&reading.followups, false), (&reading.solutions, true)] {
            let words = answers(entries, is_solution, &parties, &session, skew);
            let fresh = words
                .into_iter()
                .filter(|word| is_since(entries, word.id, &since));
            let mut fresh: Vec<Answer> = fresh.collect();
            fresh.sort_by_key(|word| word.id);
            said.extend(fresh.iter().map(|word| (is_solution, word.id)));
            facts.extend(
                fresh
                    .into_iter()
                    .map(|word| (word.at, TicketFact::Word(word.into()))),
            );
        }
        let looked = Looked {
            ticket,
            requesters: &parties.requesters,
            words: &said,
            since: &since,
            skew,
        };
        facts.extend(self.files_of(&looked).await?);
        if let Some((at, fact)) = stay(ticket, &reading, &since, &session) {
            facts.push((at, fact));
        }
        // Stable: what shares a second stays in the order above, the state last.
        facts.sort_by_key(|(at, _)| *at);
        let survey = match Status::read(&reading.row.status) {
            Status::Closed => self.survey_waits(ticket).await?,
            _ => false,
        };
        Ok(Some(TicketStory {
            line: line(ticket, &reading),
            survey,
            changes: facts.into_iter().map(|(_, fact)| fact).collect(),
        }))
    }
}

/// A ticket that went between the search and now, or is out of sight, tells nothing.
fn gone_is_none(row: Result<TicketRow, Fault>) -> Result<Option<TicketRow>, Fault> {
    match row {
        Ok(row) => Ok(Some(row)),
        Err(Fault::Refused { status: 404, .. } | Fault::SetUp(Missing::Right(_))) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The effect that opened a ticket with this text. The marker stands at the end; what a person typed
/// stands before it.
fn marked_by(content: &str) -> Option<EffectId> {
    let at = content.rfind(MARKER)? + MARKER.len();
    EffectId::parse(content.get(at..at + EFFECT_CHARS)?).ok()
}

fn is_since(entries: &[Entry], id: u32, since: &Watermark) -> bool {
    let entry = entries.iter().find(|entry| wire::id(&entry.id) == Some(id));
    entry.is_some_and(|entry| wire::string(&entry.date_creation) >= since.as_str())
}

fn line(ticket: u32, reading: &Reading) -> TicketLine {
    let row = &reading.row;
    TicketLine {
        id: ticket.into(),
        title: rich::title(wire::string(&row.name)),
        state: Status::read(&row.status).into(),
        opened: instant(&row.date, reading.skew),
        changed: instant(&row.date_mod, reading.skew),
    }
}

/// The stay in the ticket's present state. `None` when the state is "new", was entered before the
/// look, or by this service.
fn stay(
    ticket: u32,
    reading: &Reading,
    since: &Watermark,
    session: &Session,
) -> Option<(Option<Millis>, TicketFact)> {
    let row = &reading.row;
    let status = Status::read(&row.status);
    let entered = match status {
        Status::New | Status::Other(_) => return None,
        Status::Pending => &row.begin_waiting_date,
        Status::Solved => &row.solvedate,
        Status::Closed => &row.closedate,
        Status::Assigned | Status::Planned => &serde_json::Value::Null,
    };
    let number = status.number();
    let state = TicketState::from(status);
    if let Some(date) = entered.as_str() {
        if date < since.as_str() || is_own_doing(reading, date, session) {
            return None;
        }
        let stay = format!("{ticket}:{number}:{date}").into();
        return Some((
            instant(entered, reading.skew),
            TicketFact::Stay { state, stay },
        ));
    }
    // No date tells when work began again; what was proposed, refused and waited for does.
    let refused = reading
        .solutions
        .iter()
        .filter(|entry| wire::id(&entry.status) == Some(4))
        .count();
    let (proposed, waited_s) = (
        reading.solutions.len(),
        wire::id(&row.waiting_duration).unwrap_or(0),
    );
    let stay = format!("{ticket}:{number}:{proposed}.{refused}.{waited_s}").into();
    let at = instant(&row.date_mod, reading.skew);
    Some((at, TicketFact::Stay { state, stay }))
}

/// Whether this service wrote an entry when the state was entered: accepting a solution, taking a
/// ticket back and the like are a followup or a solution with the marker.
fn is_own_doing(reading: &Reading, date: &str, session: &Session) -> bool {
    let entered = wall_clock_ms(date);
    let mut entries = reading.followups.iter().chain(&reading.solutions);
    entries.any(|entry| {
        let ours = wire::string(&entry.content).contains(MARKER)
            || wire::id(&entry.users_id) == session.user;
        let written = wall_clock_ms(wire::string(&entry.date_creation));
        let apart_ms = entered.zip(written).map(|(a, b)| (a - b).abs());
        ours && apart_ms.is_some_and(|apart_ms| apart_ms <= TOGETHER_MS)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn reading(row: Value, followups: Value, solutions: Value) -> Reading {
        Reading {
            row: serde_json::from_value(row).expect("a row"),
            followups: serde_json::from_value(followups).expect("entries"),
            solutions: serde_json::from_value(solutions).expect("entries"),
            skew: None,
        }
    }

    fn stay_of(row: Value, followups: Value, solutions: Value) -> Option<String> {
        let since = Watermark::parse("2026-11-22 10:00:00").expect("a date");
        let session = Session::of_user(Some(6));
        let (_, fact) = stay(7, &reading(row, followups, solutions), &since, &session)?;
        match fact {
            TicketFact::Stay { stay, .. } => Some(stay.to_string()),
            other => panic!("no stay: {other:?}"),
        }
    }

    #[test]
    fn a_stay_in_a_state_has_one_id_whatever_else_changes() {
        let solved = json!({"status": 5, "solvedate": "2026-11-22 10:00:00", "date_mod": "x"});
        let none = || json!([]);
        assert_eq!(
            stay_of(solved, none(), none()).as_deref(),
            Some("7:5:2026-11-22 10:00:00")
        );
        let long_ago = json!({"status": 5, "solvedate": "2026-11-22 09:59:59"});
        assert_eq!(stay_of(long_ago, none(), none()), None);
        assert_eq!(stay_of(json!({"status": 1}), none(), none()), None);
        let first = || json!({"status": 2});
        let later = json!({"status": 2, "waiting_duration": 90});
        let id = stay_of(first(), none(), none());
        assert_ne!(id, stay_of(later, none(), none()));
        assert_ne!(id, stay_of(first(), none(), json!([{"status": 4}])));
    }

    #[test]
    fn a_state_entered_with_our_own_entry_is_our_own_doing() {
        let closed = || json!({"status": 6, "closedate": "2026-11-22 10:00:05"});
        let entry = |author: u32, content: &str, date: &str| json!([{"id": 1, "users_id": author, "content": content, "date_creation": date}]);
        let (ours, date) = ("<p>ok</p><!-- chasqui:e01 -->", "2026-11-22 10:00:04");
        assert_eq!(stay_of(closed(), entry(9, ours, date), json!([])), None);
        assert_eq!(stay_of(closed(), entry(6, "ok", date), json!([])), None);
        let before = "2026-11-22 10:00:02";
        assert!(stay_of(closed(), entry(9, ours, before), json!([])).is_some());
        assert!(stay_of(closed(), entry(9, "ok", date), json!([])).is_some());
    }

    #[test]
    fn the_last_marker_of_a_text_names_the_effect() {
        let key = actors::model::Key::Contact(actors::model::ContactId([7; 16]));
        let effect = |nth| {
            let position = actors::model::InSeq(nth);
            EffectId::derive(key, position, actors::model::IdHash([1; 8]), 0)
        };
        let typed = format!("<p>chasqui:{}</p><!-- chasqui:{} -->", effect(1), effect(2));
        assert_eq!(marked_by(&typed), Some(effect(2)));
        assert_eq!(marked_by("<p>chasqui:</p>"), None);
        assert_eq!(marked_by("<p>hola</p>"), None);
    }
}
