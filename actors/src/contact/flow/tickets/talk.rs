//! A word about a ticket that exists, which the bot asked for: which ticket, what to add, what is
//! still wrong, whether it is really to be cancelled, how many stars; or the e-mail of the person's
//! own user ([`account`]).
//!
//! It lies above whatever was open, which goes on when the word was given or the person gave up.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::super::super::Event;
use super::super::super::plan::Plan;
use super::super::{Flow, dialogue, handover, locale, queue, say};
use super::{Deed, Verb, account, cancel, errand, number_of, tell_state, verb};
use crate::model::Row;
use crate::texts::Key;
use crate::understand::{self, Intent, Reading};

/// Times a ticket's number is asked for; then what was written is taken as something else.
const ASKED_MAX: u8 = 2;

/// What is awaited, and what lies beneath.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Talk {
    /// The word.
    pub awaits: Awaits,
    /// How often it was asked for.
    pub asked: u8,
    /// What was open before and goes on afterwards.
    pub beneath: Flow,
}

/// The word that is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Awaits {
    /// The number of a ticket whose state is wanted.
    Number,
    /// What to add.
    Comment {
        /// The help desk's id.
        ticket: u64,
    },
    /// What is still wrong although it is called solved.
    Reason {
        /// The help desk's id.
        ticket: u64,
    },
    /// Whether it is really to be cancelled.
    Cancel {
        /// The help desk's id.
        ticket: u64,
    },
    /// A rating, 1 to 5.
    Stars {
        /// The help desk's id.
        ticket: u64,
    },
    /// The e-mail of their user at the help desk.
    Email,
}

/// Asks for a word; a burst that is gathered becomes its ticket first.
pub(super) fn begin(plan: &mut Plan<'_>, awaits: Awaits) {
    queue::end_early(plan);
    let beneath = match plan.state.flow.clone() {
        Flow::OnTicket(talk) => talk.beneath,
        open => open,
    };
    ask(plan, awaits);
    wait(plan, awaits, 1, beneath);
}

/// Asks for the word, again or for the first time.
pub(super) fn ask(plan: &mut Plan<'_>, awaits: Awaits) {
    let number = |plan: &Plan<'_>, ticket| number_of(plan, ticket, None);
    match awaits {
        Awaits::Number => plan.reply(say(plan, Key::StateAsk, &[])),
        Awaits::Comment { ticket } => {
            let number = number(plan, ticket);
            plan.reply(say(plan, Key::CommentAsk, &[("number", &number)]));
        }
        Awaits::Reason { ticket } => {
            let number = number(plan, ticket);
            plan.reply(say(plan, Key::RejectAsk, &[("number", &number)]));
        }
        Awaits::Cancel { ticket } => {
            let number = number(plan, ticket);
            let text = say(plan, Key::CancelAsk, &[("number", &number)]);
            let button = |detail, key| (Verb::Cancel.id_with(ticket, detail), say(plan, key, &[]));
            let yes = button(verb::YES, Key::ButtonYesCancel);
            let no = button(verb::NO, Key::ButtonKeep);
            let buttons = [yes, no].map(|(id, title)| (id, title.into()));
            plan.reply_with_buttons(text, buttons.into());
        }
        Awaits::Stars { ticket } => ask_stars(plan, ticket),
        Awaits::Email => account::ask(plan),
    }
}

/// The five ratings as rows.
pub(super) fn ask_stars(plan: &mut Plan<'_>, ticket: u64) {
    let number = number_of(plan, ticket, None);
    let stars = [
        ("5", Key::Rate5),
        ("4", Key::Rate4),
        ("3", Key::Rate3),
        ("2", Key::Rate2),
        ("1", Key::Rate1),
    ];
    let rows = stars.map(|(stars, key)| Row {
        id: Verb::Rate.id_with(ticket, stars),
        title: say(plan, key, &[]).into(),
        description: "".into(),
    });
    let text = say(plan, Key::RateAsk, &[("number", &number)]);
    let button = say(plan, Key::ButtonRate, &[]);
    plan.reply_with_list(text, button, rows.into());
}

/// Takes the word; `false` when the text is something else, which then is read as if nothing had
/// been asked.
pub(super) fn take_text(plan: &mut Plan<'_>, talk: Talk, text: &str, message: &SmolStr) -> bool {
    if talk.awaits == Awaits::Email {
        return account::take_text(plan, talk, text, message);
    }
    let reading = Reading::of(locale(plan), text).ok();
    let intent = reading.map_or(Intent::Other, |reading| reading.intent);
    if intent == Intent::Cancel && !matches!(talk.awaits, Awaits::Cancel { .. }) {
        plan.reply(say(plan, Key::TalkLeft, &[]));
        leave(plan);
        return true;
    }
    if intent == Intent::HumanRequest && handover::take_wish(plan, intent, text) {
        return true;
    }
    match talk.awaits {
        Awaits::Number => match understand::ticket_number(locale(plan), text) {
            Some(ticket) => {
                leave(plan);
                tell_state(plan, Some(ticket), message);
            }
            None if matches!(intent, Intent::StatusQuery { .. }) => {
                uncover(plan);
                return false;
            }
            None if talk.asked < ASKED_MAX => {
                ask(plan, talk.awaits);
                wait(plan, talk.awaits, talk.asked + 1, talk.beneath);
            }
            None => {
                uncover(plan);
                return false;
            }
        },
        Awaits::Comment { ticket } => {
            errand::change(plan, ticket, Deed::Comment, text.to_owned());
            leave(plan);
        }
        Awaits::Reason { ticket } => {
            errand::change(plan, ticket, Deed::Reject, text.to_owned());
            leave(plan);
        }
        Awaits::Cancel { ticket } => {
            match intent {
                Intent::Yes | Intent::Cancel => cancel(plan, ticket),
                _ => plan.reply(say(plan, Key::CancelKept, &[])),
            }
            leave(plan);
        }
        Awaits::Stars { ticket } => {
            let stars = understand::ticket_number(locale(plan), text);
            match stars.and_then(|stars| u8::try_from(stars).ok()) {
                Some(stars @ 1..=5) => {
                    errand::change(plan, ticket, Deed::Rate(stars), String::new());
                    leave(plan);
                }
                _ => {
                    uncover(plan);
                    return false;
                }
            }
        }
        Awaits::Email => unreachable!("taken above"),
    }
    true
}

/// Gives the word up, if one is awaited; what lies beneath goes on with its question.
pub(super) fn leave(plan: &mut Plan<'_>) {
    if uncover(plan) && !plan.state.flow.is_idle() {
        dialogue::ask_again(plan);
    }
}

/// The same without a word, because a text is on its way to it.
pub(super) fn uncover(plan: &mut Plan<'_>) -> bool {
    let Flow::OnTicket(talk) = plan.state.flow.clone() else {
        return false;
    };
    plan.emit(Event::FlowMoved(talk.beneath));
    true
}

pub(super) fn wait(plan: &mut Plan<'_>, awaits: Awaits, asked: u8, beneath: Flow) {
    plan.emit(Event::FlowMoved(Flow::OnTicket(Box::new(Talk {
        awaits,
        asked,
        beneath,
    }))));
}
