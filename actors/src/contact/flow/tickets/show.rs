//! Tickets in words: one with everything a requester may know, the open ones in a list, and what is
//! on record here while the help desk is silent.

use super::super::super::plan::Plan;
use super::super::{Flow, cut, local_date, locale, say};
use super::errand::{seen, shown};
use super::{Awaits, Verb, number_of, say_unknown, talk};
use crate::model::{About, Found, Millis, Row, TicketLine, TicketState, TicketView};
use crate::texts::{self, Key};

/// Longest word of a technician's that is shown, in bytes; the rest is in the help desk.
const WORD_BYTES: usize = 600;
/// Longest title in a list, in bytes.
const TITLE_BYTES: usize = 60;
/// Characters below the label of a row (WhatsApp Cloud API, length and count limits).
const DESCRIPTION_CHARS: usize = 72;

/// Tells what the help desk answered.
pub(super) fn found(plan: &mut Plan<'_>, about: About, verb: Verb, found: &Found) {
    match (found, about) {
        (Found::Ticket(view), About::Open) if verb == Verb::Comment => {
            chosen(
                plan,
                view,
                Awaits::Comment {
                    ticket: view.line.id,
                },
            );
        }
        (Found::Ticket(view), About::Open) if verb == Verb::Cancel => {
            chosen(
                plan,
                view,
                Awaits::Cancel {
                    ticket: view.line.id,
                },
            );
        }
        (Found::Ticket(view), _) => ticket(plan, view),
        (Found::Open(lines), _) if !lines.is_empty() => list(plan, verb, lines),
        (Found::NoTicket | Found::Stranger, About::Ticket(id)) => say_unknown(plan, id),
        _ => plan.reply(say(plan, Key::TicketNone, &[])),
    }
}

/// The only open ticket is the one that was meant. The person may have gone on meanwhile; then its
/// buttons say what can be done.
fn chosen(plan: &mut Plan<'_>, view: &TicketView, awaits: Awaits) {
    match plan.state.flow {
        Flow::Idle => talk::begin(plan, awaits),
        _ => ticket(plan, view),
    }
}

/// One ticket: title, state in words, dates and the last public word.
fn ticket(plan: &mut Plan<'_>, view: &TicketView) {
    let line = &view.line;
    seen(plan, line.id, line.state);
    shown(plan, std::iter::once(line));
    let number = number_of(plan, line.id, line.opened);
    let dates = [line.opened, line.changed].map(|at| dated(plan, at));
    let state = texts::ticket_state(locale(plan), line.state);
    let values = [
        ("number", number.as_str()),
        ("title", &line.title),
        ("state", &state),
        ("opened", &dates[0]),
        ("changed", &dates[1]),
    ];
    let mut text = say(plan, Key::TicketView, &values);
    if let Some(word) = &view.word {
        let key = match word.is_solution {
            true => Key::TicketSolution,
            false => Key::TicketWord,
        };
        let said = shortened(&word.text, WORD_BYTES);
        let at = dated(plan, word.at);
        text.push_str("\n\n");
        text.push_str(&say(plan, key, &[("date", &at), ("text", &said)]));
    }
    let buttons = choices(view).into_iter();
    let buttons = buttons.map(|(verb, key)| (verb.id(line.id), say(plan, key, &[]).into()));
    plan.reply_with_buttons(text, buttons.collect());
}

/// What can be done with a ticket in its state.
fn choices(view: &TicketView) -> Vec<(Verb, Key)> {
    let (comment, cancel) = (
        (Verb::Comment, Key::ButtonComment),
        (Verb::Cancel, Key::ButtonTicketCancel),
    );
    match view.line.state {
        TicketState::Pending => vec![(Verb::Comment, Key::ButtonAnswer), cancel],
        TicketState::Solved => vec![
            (Verb::Accept, Key::ButtonAccept),
            (Verb::Reject, Key::ButtonReject),
        ],
        TicketState::Closed if view.rating_asked => vec![
            (Verb::Rate, Key::ButtonRate),
            (Verb::Reject, Key::ButtonReopen),
        ],
        TicketState::Closed => vec![(Verb::Reject, Key::ButtonReopen)],
        _ => vec![comment, cancel],
    }
}

/// The open tickets: a line each, and a row each to choose one.
fn list(plan: &mut Plan<'_>, verb: Verb, lines: &[TicketLine]) {
    shown(plan, lines.iter());
    let mut text = say(plan, Key::TicketList, &[]);
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        seen(plan, line.id, line.state);
        let number = number_of(plan, line.id, line.opened);
        let state = texts::ticket_state(locale(plan), line.state);
        let title = shortened(&line.title, TITLE_BYTES);
        text.push_str(&format!("\n• {number} · {title} · {state}"));
        let description: String = format!("{state} · {title}")
            .chars()
            .take(DESCRIPTION_CHARS)
            .collect();
        rows.push(Row {
            id: verb.id(line.id),
            title: number,
            description: description.into(),
        });
    }
    let button = say(plan, Key::TicketListButton, &[]);
    plan.reply_with_list(text, button, rows);
}

/// What is known here of the tickets asked about, in the sentence `key`.
pub(super) fn record(plan: &mut Plan<'_>, about: About, key: Key) {
    let asked = |id: u64, state: TicketState| match about {
        About::Ticket(asked) => id == asked,
        About::Open => state != TicketState::Closed,
        About::Person => false,
    };
    let known = plan.state.tickets.iter();
    let known = known.filter(|ticket| asked(ticket.id, ticket.state));
    let lines: Vec<String> = known
        .map(|ticket| {
            let opened = local_date(plan, ticket.opened);
            let state = texts::ticket_state(locale(plan), ticket.state);
            let values = [
                ("number", ticket.number.as_str()),
                ("title", &ticket.title),
                ("state", &state),
                ("opened", &opened),
            ];
            say(plan, Key::RecordLine, &values)
        })
        .collect();
    let record = match lines.is_empty() {
        true => say(plan, Key::RecordNone, &[]),
        false => lines.join("\n"),
    };
    plan.notify(say(plan, key, &[("record", &record)]));
}

fn dated(plan: &Plan<'_>, at: Option<Millis>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| local_date(plan, at))
}

fn shortened(text: &str, bytes: usize) -> String {
    let text = text.trim();
    match cut(text, bytes) {
        whole if whole.len() == text.len() => text.to_owned(),
        begun => format!("{}…", begun.trim_end()),
    }
}
