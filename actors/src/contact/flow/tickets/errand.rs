//! What the help desk is being asked about tickets that exist, or about the person's own user, until
//! it has answered.
//!
//! A person who waits too long is told what is on record here; the answer follows when it comes.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::super::super::plan::Plan;
use super::super::super::{Event, State};
use super::super::{Flow, say};
use super::{Awaits, Verb, account, number_of, say_unknown, show, talk};
use crate::model::{
    About, Change, EffectId, Found, LinkedBy, Outcome, Reply, Report, Then, TicketLine,
    TicketState, refusal,
};
use crate::texts::Key;

/// Errands of one contact at once; the oldest is forgotten for a further one.
const ERRANDS: usize = 8;
/// Numbers remembered of tickets that were not opened here: as many as a list shows.
const SHOWN: usize = 10;

/// Something asked of the help desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    /// Its effect.
    pub effect: EffectId,
    /// What it is.
    pub work: Work,
    /// Whether the person was told that it takes longer.
    pub late_told: bool,
    /// Whether the person was told that it could not be done yet.
    pub failure_told: bool,
}

/// What an errand is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// Tell about tickets.
    Show {
        /// Which.
        about: About,
        /// What the person wants of them.
        verb: Verb,
    },
    /// Change a ticket.
    Change {
        /// The help desk's id.
        ticket: u64,
        /// The number people read.
        number: SmolStr,
        /// How.
        deed: Deed,
    },
    /// Join the person's number to their user.
    Link {
        /// The user's e-mail.
        email: SmolStr,
        /// Whose word it is. What an operator orders is told only when it is done.
        by: LinkedBy,
    },
}

/// A change as the person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// A word was added.
    Comment,
    /// The solution was accepted.
    Accept,
    /// The solution was refused.
    Reject,
    /// It was taken back.
    Cancel,
    /// It was rated, 1 to 5.
    Rate(u8),
}

/// Asks about tickets and remembers what for.
pub(super) fn ask(plan: &mut Plan<'_>, about: About, verb: Verb, message: &SmolStr) {
    match plan.ask_tickets(about) {
        Some(effect) => {
            begin(plan, effect, Work::Show { about, verb });
            plan.show_typing(message.clone());
        }
        // Where there is no help desk, the record here is all there is to know.
        None => match about {
            About::Ticket(id) if !plan.state.tickets.iter().any(|known| known.id == id) => {
                say_unknown(plan, id);
            }
            _ => show::record(plan, about, Key::RecordOnly),
        },
    }
}

/// Changes a ticket and remembers how; `text` is what the technicians read.
pub(super) fn change(plan: &mut Plan<'_>, ticket: u64, deed: Deed, text: String) {
    let say_it = |text, then| Change::Say { text, then };
    let change = match deed {
        Deed::Comment => say_it(text, Then::Keep),
        Deed::Accept => say_it(text, Then::Close),
        Deed::Reject => say_it(text, Then::Reopen),
        Deed::Cancel => Change::Cancel { text },
        Deed::Rate(stars) => Change::Rate { stars, text },
    };
    let number = number_of(plan, ticket, None);
    match plan.change_ticket(ticket, change) {
        Some(effect) => begin(
            plan,
            effect,
            Work::Change {
                ticket,
                number,
                deed,
            },
        ),
        None => plan.reply(say(plan, Key::ChangeFailed, &[("number", &number)])),
    }
}

/// Remembers an errand.
pub(super) fn begin(plan: &mut Plan<'_>, effect: EffectId, work: Work) {
    plan.emit(Event::ErrandBegun(Errand {
        effect,
        work,
        late_told: false,
        failure_told: false,
    }));
}

/// Takes how an errand ended, or that it takes long; `false` when the report belongs to none.
pub(in crate::contact::flow) fn take_report(plan: &mut Plan<'_>, report: &Report) -> bool {
    let effect = report.effect;
    let errands = plan.state.errands.iter();
    let Some(errand) = errands
        .clone()
        .find(|errand| errand.effect == effect)
        .cloned()
    else {
        return false;
    };
    match &report.outcome {
        Outcome::Done(reply) => {
            end(plan, effect);
            done(plan, &errand, reply);
        }
        Outcome::Failed { code, .. } => {
            end(plan, effect);
            failed(plan, &errand, *code);
        }
        Outcome::Shelved { .. } => {
            failed(plan, &errand, 0);
            plan.emit(Event::ErrandFailed { effect });
        }
        Outcome::Late | Outcome::RetryAt { .. } | Outcome::InDoubt { .. } => late(plan, &errand),
    }
    true
}

fn end(plan: &mut Plan<'_>, effect: EffectId) {
    plan.emit(Event::ErrandEnded { effect });
    plan.close(effect);
}

fn done(plan: &mut Plan<'_>, errand: &Errand, reply: &Reply) {
    match &errand.work {
        Work::Show { about, verb } => match reply.found.as_deref() {
            Some(found) => show::found(plan, *about, *verb, found),
            None => failed(plan, errand, 0),
        },
        Work::Change {
            ticket,
            number,
            deed,
        } => changed(plan, *ticket, number, *deed, reply.found.as_deref()),
        Work::Link { email, .. } => account::done(plan, email),
    }
}

/// Tells what a change came to, and asks for a rating where the help desk does.
fn changed(plan: &mut Plan<'_>, ticket: u64, number: &str, deed: Deed, found: Option<&Found>) {
    let (state, rating_asked) = match found {
        Some(Found::Changed {
            state,
            rating_asked,
        }) => (Some(*state), *rating_asked),
        _ => (None, false),
    };
    if let Some(state) = state {
        seen(plan, ticket, state);
    }
    let stays_open = |state: TicketState| state != TicketState::Closed;
    let key = match deed {
        Deed::Comment => Key::CommentDone,
        Deed::Accept if state.is_some_and(stays_open) => Key::ChangeRefused,
        Deed::Accept => Key::AcceptDone,
        Deed::Reject if state.is_some_and(TicketState::is_settled) => Key::CommentDone,
        Deed::Reject => Key::RejectDone,
        Deed::Cancel => Key::CancelDone,
        Deed::Rate(_) => Key::RateDone,
    };
    plan.notify(say(plan, key, &[("number", number)]));
    if rating_asked && deed == Deed::Accept {
        match plan.state.flow {
            Flow::Idle => talk::begin(plan, Awaits::Stars { ticket }),
            _ => talk::ask_stars(plan, ticket),
        }
    }
}

fn failed(plan: &mut Plan<'_>, errand: &Errand, code: u32) {
    match &errand.work {
        Work::Show { about, .. } => match errand.late_told {
            true => plan.notify(say(plan, Key::RecordSilent, &[])),
            false => show::record(plan, *about, Key::RecordLate),
        },
        Work::Change { ticket, .. } if code == refusal::NOT_THEIRS => say_unknown(plan, *ticket),
        Work::Change { .. } if errand.failure_told => {}
        Work::Change { number, .. } => {
            let key = match code {
                refusal::WRONG_STATE => Key::ChangeRefused,
                refusal::NO_SURVEY => Key::RateNone,
                _ => Key::ChangeFailed,
            };
            plan.notify(say(plan, key, &[("number", number)]));
        }
        Work::Link { email, by } => match by {
            LinkedBy::Person => account::failed(plan, errand, email, code),
            LinkedBy::Operator => {}
        },
    }
}

fn late(plan: &mut Plan<'_>, errand: &Errand) {
    if errand.late_told {
        return plan.emit(Event::Ignored {
            reason: "the person knows that it takes longer".into(),
        });
    }
    plan.emit(Event::ErrandLate {
        effect: errand.effect,
    });
    match &errand.work {
        Work::Show { about, .. } => show::record(plan, *about, Key::RecordLate),
        Work::Change { number, .. } => {
            plan.notify(say(plan, Key::ChangeLate, &[("number", number)]));
        }
        Work::Link { by, .. } => match by {
            LinkedBy::Person => plan.notify(say(plan, Key::LinkLate, &[])),
            LinkedBy::Operator => {}
        },
    }
}

/// Remembers the numbers of tickets that were not opened here, so that they keep them.
pub(super) fn shown<'a>(plan: &mut Plan<'_>, lines: impl Iterator<Item = &'a TicketLine>) {
    let new = |line: &&TicketLine| {
        let state = &plan.state;
        !state.tickets.iter().any(|ticket| ticket.id == line.id)
            && !state.shown.iter().any(|(id, _)| *id == line.id)
    };
    let numbers = lines.filter(new);
    let numbers = numbers.map(|line| (line.id, number_of(plan, line.id, line.opened)));
    let numbers: Vec<_> = numbers.collect();
    if !numbers.is_empty() {
        plan.emit(Event::TicketsShown(numbers));
    }
}

/// Learns the state of a ticket that is known here.
pub(super) fn seen(plan: &mut Plan<'_>, id: u64, state: TicketState) {
    let known = plan.state.tickets.iter().find(|ticket| ticket.id == id);
    if known.is_some_and(|ticket| ticket.state != state) {
        plan.emit(Event::TicketSeen { id, state });
    }
}

impl State {
    pub(in crate::contact) fn apply_errand(&mut self, event: &Event) {
        match event {
            Event::ErrandBegun(errand) => {
                if self.errands.len() == ERRANDS {
                    self.errands.remove(0);
                }
                self.errands.push(errand.clone());
            }
            Event::ErrandLate { effect } => {
                let mut errands = self.errands.iter_mut();
                if let Some(errand) = errands.find(|errand| errand.effect == *effect) {
                    errand.late_told = true;
                }
            }
            Event::ErrandFailed { effect } => {
                let mut errands = self.errands.iter_mut();
                if let Some(errand) = errands.find(|errand| errand.effect == *effect) {
                    errand.failure_told = true;
                }
            }
            Event::ErrandEnded { effect } => {
                self.errands.retain(|errand| errand.effect != *effect);
            }
            Event::TicketsShown(numbers) => {
                let again = |id: u64| numbers.iter().any(|(shown, _)| *shown == id);
                self.shown.retain(|(id, _)| !again(*id));
                self.shown.extend(numbers.iter().cloned());
                let beyond = self.shown.len().saturating_sub(SHOWN);
                self.shown.drain(..beyond);
            }
            Event::TicketSeen { id, state } => {
                let mut tickets = self.tickets.iter_mut();
                if let Some(ticket) = tickets.find(|ticket| ticket.id == *id) {
                    ticket.state = *state;
                }
            }
            _ => {}
        }
    }
}
