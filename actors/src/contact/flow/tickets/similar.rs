//! A second ticket about a problem that is open already: the person chooses between adding to the
//! open one and a ticket of its own.
//!
//! Alike are a ticket of the last days that is not known to be settled and a draft, when their
//! summaries share most of their words, or name the same object within a day.

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use super::super::super::plan::Plan;
use super::super::super::{Event, Ticket};
use super::super::{Draft, Flow, Turn, dialogue, handover, locale, media, say};
use super::{Deed, errand, number_of};
use crate::texts::Key;
use crate::understand::{self, Category, Intent, Reading, Wish};

/// Tickets older than this are another story, in milliseconds.
const RECENT_MS: u64 = 7 * 86_400_000;
/// The same object twice within this is taken for the same problem, in milliseconds.
const SAME_OBJECT_MS: u64 = 86_400_000;
/// Times the choice is asked for; then a ticket of its own is opened.
const ASKED_MAX: u8 = 2;
const APART: &str = "ticket.apart";

/// A draft and the open ticket it is like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Likeness {
    /// The draft.
    pub draft: Draft,
    /// The help desk's id of the open ticket.
    pub ticket: u64,
    /// How often the choice was asked for.
    pub asked: u8,
}

/// Offers to add a complete draft to a ticket it is like, if there is one.
pub(in crate::contact::flow) fn offer(plan: &mut Plan<'_>, draft: &Draft) -> bool {
    let tickets = plan.state.tickets.iter().rev();
    let mut alike = tickets.filter(|ticket| is_like(plan, draft, ticket));
    let Some(ticket) = alike.next().map(|ticket| ticket.id) else {
        return false;
    };
    ask(plan, ticket);
    wait(plan, draft.clone(), ticket, 1);
    true
}

fn is_like(plan: &Plan<'_>, draft: &Draft, ticket: &Ticket) -> bool {
    let age_ms = plan.now.since(ticket.opened);
    if ticket.state.is_settled() || age_ms > RECENT_MS {
        return false;
    }
    let category = draft.category();
    let other_field = category != ticket.category
        && category != Category::Uncategorised
        && ticket.category != Category::Uncategorised;
    if other_field {
        return false;
    }
    let object = draft.object.as_ref().map(|object| object.noun.as_str());
    let same_object = object.is_some_and(|noun| understand::names(&ticket.title, noun));
    (same_object && age_ms <= SAME_OBJECT_MS) || understand::alike(&draft.title(), &ticket.title)
}

/// Asks for the choice.
pub(super) fn ask(plan: &mut Plan<'_>, ticket: u64) {
    let number = number_of(plan, ticket, None);
    let known = plan.state.tickets.iter().find(|known| known.id == ticket);
    let title = known.map_or_else(String::new, |known| known.title.clone());
    let values = [("number", number.as_str()), ("title", &title)];
    let text = say(plan, Key::SimilarAsk, &values);
    let same = (same_id(ticket), say(plan, Key::ButtonSame, &[]).into());
    let apart = (APART.into(), say(plan, Key::ButtonApart, &[]).into());
    plan.reply_with_buttons(text, vec![same, apart]);
}

/// Moves by a pressed button; `false` when it is none of these, or nothing is asked any more.
pub(super) fn take_press(plan: &mut Plan<'_>, id: &str) -> bool {
    let Flow::Similar(likeness) = plan.state.flow.clone() else {
        return false;
    };
    if id == same_id(likeness.ticket) {
        add(plan, *likeness);
    } else if id == APART {
        open_apart(plan, *likeness);
    } else {
        return false;
    }
    true
}

/// Moves by a text.
pub(super) fn take_text(plan: &mut Plan<'_>, mut likeness: Likeness, text: &str) {
    let wish = understand::wish(locale(plan), text);
    let Ok(reading) = Reading::of(locale(plan), text) else {
        return ask(plan, likeness.ticket);
    };
    if handover::take_wish(plan, reading.intent, text) {
        return;
    }
    match (wish, reading.intent) {
        (Some(Wish::Same), _) | (_, Intent::Yes) => add(plan, likeness),
        (Some(Wish::Apart), _) | (_, Intent::No) => open_apart(plan, likeness),
        (_, Intent::Cancel) => {
            plan.reply(say(plan, Key::Cancelled, &[]));
            media::let_go(plan);
            plan.emit(Event::FlowMoved(Flow::Idle));
        }
        _ => {
            let turn = Turn {
                text: text.to_owned(),
                language: locale(plan),
            };
            likeness.draft.add(turn, &reading);
            if likeness.asked >= ASKED_MAX {
                return open_apart(plan, likeness);
            }
            ask(plan, likeness.ticket);
            wait(plan, likeness.draft, likeness.ticket, likeness.asked + 1);
        }
    }
}

fn add(plan: &mut Plan<'_>, likeness: Likeness) {
    let told = likeness.draft.transcript().join("\n");
    errand::change(plan, likeness.ticket, Deed::Comment, told);
    media::go_along(plan, likeness.ticket);
    plan.emit(Event::FlowMoved(Flow::Idle));
}

fn open_apart(plan: &mut Plan<'_>, likeness: Likeness) {
    let mut draft = likeness.draft;
    draft.apart = true;
    dialogue::resume(plan, draft);
}

fn wait(plan: &mut Plan<'_>, draft: Draft, ticket: u64, asked: u8) {
    plan.emit(Event::FlowMoved(Flow::Similar(Box::new(Likeness {
        draft,
        ticket,
        asked,
    }))));
}

fn same_id(ticket: u64) -> SmolStr {
    format_smolstr!("ticket.same:{ticket}")
}
