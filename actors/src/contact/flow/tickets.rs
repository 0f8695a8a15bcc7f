//! What a person does with tickets that exist: ask how one stands, see the open ones, add to one,
//! answer a solution, take one back, rate one.
//!
//! Everything is asked of the help desk at that moment, as the person's own, and answered when its
//! report comes back ([`errand`]). Buttons and rows name a verb and a ticket, `ticket.<verb>:<id>`;
//! who sends a message with them needs nothing else, and a press is understood in every flow. Where
//! words are missing the bot asks for them ([`talk`]), and an unfinished draft goes on afterwards.

mod account;
mod errand;
mod menu;
mod show;
mod similar;
mod talk;
mod verb;

use smol_str::SmolStr;

pub(super) use account::offer as offer_account;
pub use account::{LinkEnd, Linking};
pub(super) use errand::take_report;
pub use errand::{Deed, Errand, Work};
pub use similar::Likeness;
pub(super) use similar::offer as offer_similar;
pub use talk::{Awaits, Talk};
pub use verb::Verb;

use super::super::plan::Plan;
use super::{Flow, TransferCause, dialogue, handover, locale, offset, say};
use crate::model::{About, EffectId, LinkedBy, Millis, TicketLine, TicketState};
use crate::ports::Mode;
use crate::texts::{self, Key};
use crate::understand::{self, Intent, Reading, Wish};

/// Takes note of one of the person's own tickets that they are told of.
pub(super) fn learn(plan: &mut Plan<'_>, line: &TicketLine) {
    errand::seen(plan, line.id, line.state);
    errand::shown(plan, std::iter::once(line));
}

/// Takes note of an operator's order to join the person's number to their user.
pub(super) fn link_ordered(plan: &mut Plan<'_>, effect: EffectId, email: SmolStr) {
    let by = LinkedBy::Operator;
    errand::begin(plan, effect, Work::Link { email, by });
}

/// Moves by a pressed button or a chosen row; `false` when it is none of these.
pub(super) fn take_press(plan: &mut Plan<'_>, id: &str, message: &SmolStr) -> bool {
    match id {
        menu::REPORT => dialogue_or_queue(plan),
        menu::MINE => show_open(plan, message),
        menu::STATE => talk::begin(plan, Awaits::Number),
        menu::PERSON => {
            handover::transfer(plan, TransferCause::Asked, None);
        }
        menu::ACCOUNT => return account::take_wish(plan, None, message),
        account::SKIP => account::skip(plan),
        _ => {
            if similar::take_press(plan, id) {
                return true;
            }
            let Some((verb, ticket, detail)) = verb::pressed(id) else {
                return false;
            };
            act(plan, verb, ticket, detail, message);
        }
    }
    true
}

/// Moves by a text that concerns tickets that exist; `false` when it does not.
pub(super) fn take_text(plan: &mut Plan<'_>, text: &str, message: &SmolStr) -> bool {
    match plan.state.flow.clone() {
        Flow::OnTicket(talk) => {
            // What is no such word is read once more, by what lay beneath.
            talk::take_text(plan, *talk, text, message) || take_text(plan, text, message)
        }
        Flow::Similar(likeness) => {
            similar::take_text(plan, *likeness, text);
            true
        }
        Flow::Idle => take_wish(plan, text, message, false),
        Flow::Asking(_) => take_wish(plan, text, message, true),
        // Everything written belongs to the burst, or to people.
        Flow::Gathering(_) | Flow::WithPeople(_) => false,
    }
}

/// Asks again what is open, if it is about tickets that exist.
pub(super) fn ask_again(plan: &mut Plan<'_>) -> bool {
    match plan.state.flow.clone() {
        Flow::OnTicket(talk) => talk::ask(plan, talk.awaits),
        Flow::Similar(likeness) => similar::ask(plan, likeness.ticket),
        Flow::Idle | Flow::Asking(_) | Flow::Gathering(_) | Flow::WithPeople(_) => return false,
    }
    true
}

/// While people have the conversation a press does what needs no further word of the bot's.
pub(super) fn take_press_beside(plan: &mut Plan<'_>, id: &str, message: &SmolStr) {
    let Some((verb, ticket, detail)) = verb::pressed(id) else {
        return;
    };
    let complete = match verb {
        Verb::State | Verb::Accept => true,
        Verb::Cancel => detail == verb::YES,
        Verb::Rate => matches!(detail.parse(), Ok(1..=5_u8)),
        Verb::Comment | Verb::Reject => false,
    };
    if complete {
        act(plan, verb, ticket, detail, message);
    }
}

/// Asks how a ticket stands; without a number the only open one is meant, or one of a list.
pub(super) fn tell_state(plan: &mut Plan<'_>, ticket: Option<u64>, message: &SmolStr) {
    let about = ticket.map_or(About::Open, About::Ticket);
    errand::ask(plan, about, Verb::State, message);
}

fn show_open(plan: &mut Plan<'_>, message: &SmolStr) {
    errand::ask(plan, About::Open, Verb::State, message);
}

/// The person's own ticket to which something is to be added now. Whose a ticket is that was only
/// named is not known here, and a file must not land on somebody else's.
pub(super) fn awaited_on(plan: &Plan<'_>) -> Option<u64> {
    let Flow::OnTicket(talk) = &plan.state.flow else {
        return None;
    };
    let (Awaits::Comment { ticket } | Awaits::Reason { ticket }) = talk.awaits else {
        return None;
    };
    let opened = plan.state.tickets.iter().any(|known| known.id == ticket);
    let shown = plan.state.shown.iter().any(|(known, _)| *known == ticket);
    (opened || shown).then_some(ticket)
}

/// A file was all there was to add.
pub(super) fn file_taken(plan: &mut Plan<'_>) {
    if let Flow::OnTicket(talk) = &plan.state.flow
        && matches!(talk.awaits, Awaits::Comment { .. })
        && awaited_on(plan).is_some()
    {
        talk::leave(plan);
    }
}

/// What a press of a ticket's button does.
fn act(plan: &mut Plan<'_>, verb: Verb, ticket: u64, detail: &str, message: &SmolStr) {
    match (verb, detail) {
        (Verb::State, _) => tell_state(plan, Some(ticket), message),
        (Verb::Comment, _) => talk::begin(plan, Awaits::Comment { ticket }),
        (Verb::Reject, _) => talk::begin(plan, Awaits::Reason { ticket }),
        (Verb::Accept, _) => {
            talk::leave(plan);
            accept(plan, ticket);
        }
        (Verb::Cancel, verb::YES) => {
            talk::leave(plan);
            cancel(plan, ticket);
        }
        (Verb::Cancel, verb::NO) => {
            plan.reply(say(plan, Key::CancelKept, &[]));
            talk::leave(plan);
        }
        (Verb::Cancel, _) => talk::begin(plan, Awaits::Cancel { ticket }),
        (Verb::Rate, stars) => match stars.parse() {
            Ok(stars @ 1..=5) => {
                talk::leave(plan);
                errand::change(plan, ticket, Deed::Rate(stars), String::new());
            }
            _ => talk::begin(plan, Awaits::Stars { ticket }),
        },
    }
}

fn accept(plan: &mut Plan<'_>, ticket: u64) {
    let word = say(plan, Key::AcceptText, &[]);
    errand::change(plan, ticket, Deed::Accept, word);
}

fn cancel(plan: &mut Plan<'_>, ticket: u64) {
    let word = say(plan, Key::CancelText, &[]);
    errand::change(plan, ticket, Deed::Cancel, word);
}

/// Moves by a wish. With a draft open only what names what it means counts; the draft stays.
fn take_wish(plan: &mut Plan<'_>, text: &str, message: &SmolStr, drafting: bool) -> bool {
    match understand::wish(locale(plan), text) {
        Some(Wish::Menu) => menu::show(plan),
        Some(Wish::Mine) => show_open(plan, message),
        Some(Wish::Comment { number, words }) => {
            return comment(plan, number, words, message, drafting);
        }
        Some(Wish::Cancel {
            number: Some(ticket),
        }) => talk::begin(plan, Awaits::Cancel { ticket }),
        Some(Wish::Rate {
            number: Some(ticket),
        }) => talk::begin(plan, Awaits::Stars { ticket }),
        Some(Wish::Account { words }) => {
            return account::take_wish(plan, words.as_deref(), message);
        }
        _ if drafting => return false,
        Some(Wish::Cancel { number: None }) => match only_open(plan) {
            Some(ticket) => talk::begin(plan, Awaits::Cancel { ticket }),
            None => errand::ask(plan, About::Open, Verb::Cancel, message),
        },
        Some(Wish::Rate { number: None }) => match last_in(plan, TicketState::Closed) {
            Some(ticket) => talk::begin(plan, Awaits::Stars { ticket }),
            None => return false,
        },
        wish => {
            return answers_solution(plan, wish.as_ref(), text) || asks_state(plan, text, message);
        }
    }
    true
}

fn comment(
    plan: &mut Plan<'_>,
    number: Option<u64>,
    words: Option<String>,
    message: &SmolStr,
    drafting: bool,
) -> bool {
    match (number.or_else(|| only_open(plan)), words) {
        (Some(ticket), Some(words)) => errand::change(plan, ticket, Deed::Comment, words),
        (Some(ticket), None) => talk::begin(plan, Awaits::Comment { ticket }),
        (None, _) if drafting => return false,
        (None, _) => errand::ask(plan, About::Open, Verb::Comment, message),
    }
    true
}

/// Whether the text answers the solution of a ticket that is known to be solved.
fn answers_solution(plan: &mut Plan<'_>, wish: Option<&Wish>, text: &str) -> bool {
    let Some(ticket) = last_in(plan, TicketState::Solved) else {
        return false;
    };
    let bare = || Reading::of(locale(plan), text).ok().map(|read| read.intent);
    let accepted = match wish {
        Some(Wish::Accept) => true,
        Some(Wish::Reject) => false,
        None => match bare() {
            Some(Intent::Yes) => true,
            Some(Intent::No) => false,
            _ => return false,
        },
        Some(_) => return false,
    };
    match accepted {
        true => accept(plan, ticket),
        false => talk::begin(plan, Awaits::Reason { ticket }),
    }
    true
}

/// In queue mode nobody else reads the text; a question for a state is no report.
fn asks_state(plan: &mut Plan<'_>, text: &str, message: &SmolStr) -> bool {
    let in_queue = matches!(plan.settings.map(|s| s.mode), Some(Mode::Queue { .. }));
    if !in_queue {
        return false;
    }
    match Reading::of(locale(plan), text) {
        Ok(Reading {
            intent: Intent::StatusQuery { number },
            symptom: None,
            ..
        }) => {
            tell_state(plan, number, message);
            true
        }
        _ => false,
    }
}

/// The ticket that is meant when none is named: the only one that is not known to be settled.
fn only_open(plan: &Plan<'_>) -> Option<u64> {
    let tickets = plan.state.tickets.iter();
    let mut open = tickets.filter(|ticket| !ticket.state.is_settled());
    match (open.next(), open.next()) {
        (Some(only), None) => Some(only.id),
        _ => None,
    }
}

/// The last ticket known to be in a state.
fn last_in(plan: &Plan<'_>, state: TicketState) -> Option<u64> {
    let mut tickets = plan.state.tickets.iter().rev();
    tickets
        .find(|ticket| ticket.state == state)
        .map(|ticket| ticket.id)
}

/// A new problem is to be told.
fn dialogue_or_queue(plan: &mut Plan<'_>) {
    match plan.settings.map(|settings| settings.mode) {
        Some(Mode::Queue { .. }) => plan.reply(say(plan, Key::AskProblem, &[])),
        Some(Mode::Dialogue) | None => dialogue::ask_again(plan),
    }
}

/// The number people read: as it was told before, or as the year of opening makes it; the bare id
/// of a ticket of which nothing is known.
pub(super) fn number_of(plan: &Plan<'_>, id: u64, opened: Option<Millis>) -> SmolStr {
    let known = plan.state.tickets.iter().find(|ticket| ticket.id == id);
    if let Some(ticket) = known {
        return ticket.number.clone();
    }
    let shown = plan.state.shown.iter().find(|(shown, _)| *shown == id);
    if let Some((_, number)) = shown {
        return number.clone();
    }
    let Some(at) = opened else {
        return id.to_string().into();
    };
    let settings = plan.settings;
    let prefix = settings.map_or("TK", |settings| settings.ticket_prefix.as_str());
    let year = texts::year((at.0 / 1_000) as i64, offset(plan, at));
    texts::ticket_number(prefix, year, id).into()
}

/// The words for a ticket nobody finds, or that is somebody else's.
fn say_unknown(plan: &mut Plan<'_>, id: u64) {
    let number = id.to_string();
    plan.reply(say(plan, Key::StatusUnknown, &[("number", &number)]));
}
