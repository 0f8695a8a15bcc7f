//! The help desk of a world: a GLPI-like machine that knows every ticket, whose it is and how it
//! stands, and technicians who work on them.
//!
//! It knows the truth; the world decides which requests reach it and which answers are lost.

use std::collections::BTreeMap;

use crate::journal::disk::sim::Dice;
use crate::model::{
    About, By, Call, Change, Effect, EffectId, Found, Link, Millis, Phone, Reply, Requester, Then,
    TicketChange, TicketLine, TicketQuestion, TicketState, TicketView, TicketWord, refusal,
};
use crate::ports::{Called, LookedUp};

/// Tickets, and what else was made, by the hidden marker they carry.
#[derive(Debug, Default)]
pub(super) struct Glpi {
    made: BTreeMap<EffectId, Vec<(u64, Millis)>>,
    documents: BTreeMap<EffectId, Vec<(u64, Millis)>>,
    words: BTreeMap<EffectId, usize>,
    tickets: BTreeMap<u64, Standing>,
    /// The users who were here before, by e-mail, with the phone that was joined to them.
    users: BTreeMap<&'static str, Phone>,
}

/// The e-mails of users who have no phone at first.
const USERS: [&str; 2] = ["ana@empresa.pe", "luis@empresa.pe"];

/// One ticket.
#[derive(Debug)]
struct Standing {
    owner: Option<Phone>,
    title: String,
    state: TicketState,
    opened: Millis,
    changed: Millis,
}

impl Glpi {
    /// A request takes effect; gives how many things carry its marker now, if it leaves one.
    pub(super) fn take(&mut self, effect: &Effect, now: Millis) -> Option<usize> {
        match &effect.call {
            Call::OpenTicket(draft) => {
                let id = self.tickets.len() as u64 + 1;
                let ticket = Standing {
                    owner: draft.phone.clone(),
                    title: draft.title.clone(),
                    state: TicketState::New,
                    opened: now,
                    changed: now,
                };
                self.tickets.insert(id, ticket);
                let made = self.made.entry(effect.id).or_default();
                made.push((id, now));
                Some(made.len())
            }
            Call::AttachFile(_) => {
                let id = self.documents.len() as u64 + 1;
                let documents = self.documents.entry(effect.id).or_default();
                documents.push((id, now));
                Some(documents.len())
            }
            Call::ChangeTicket(asked) if self.permits(asked) => {
                self.change(asked, now);
                let leaves_a_word = matches!(
                    asked.change,
                    Change::Say { .. } | Change::Solve { .. } | Change::Cancel { .. }
                );
                if !leaves_a_word {
                    return None;
                }
                let words = self.words.entry(effect.id).or_default();
                *words += 1;
                Some(*words)
            }
            Call::LinkRequester(link) => {
                if self.linkable(link).is_ok() {
                    let user = USERS.into_iter().find(|user| *user == link.email);
                    let user = user.expect("linkable users are listed");
                    self.users.insert(user, link.phone.clone());
                }
                None
            }
            _ => None,
        }
    }

    /// What a request that took effect is answered.
    pub(super) fn answer(&self, effect: &Effect) -> Called {
        match &effect.call {
            Call::OpenTicket(draft) => {
                let phone = draft.phone.as_ref();
                let known = self.users.values().any(|held| Some(held) == phone);
                Called::Done(Reply {
                    found: (!known).then(|| Box::new(Found::Newcomer)),
                    ..self.reply(effect.id).unwrap_or_default()
                })
            }
            Call::LinkRequester(link) => match self.linkable(link) {
                Ok(()) => Called::Done(Reply::default()),
                Err(code) => Called::Refused {
                    code,
                    reason: "not to be joined".to_owned(),
                },
            },
            Call::AttachFile(_) => Called::Done(self.reply(effect.id).unwrap_or_default()),
            Call::AskTickets(question) => Called::Done(told(self.found(question))),
            Call::ChangeTicket(asked) => match self.tickets.get(&asked.ticket) {
                Some(ticket) if self.permits(asked) => Called::Done(told(Found::Changed {
                    state: ticket.state,
                    rating_asked: ticket.state == TicketState::Closed,
                })),
                _ => Called::Refused {
                    code: refusal::NOT_THEIRS,
                    reason: "none of theirs".to_owned(),
                },
            },
            _ => Called::Done(Reply::default()),
        }
    }

    /// Looks for what an effect made.
    pub(super) fn find(&self, effect: &Effect) -> LookedUp {
        let found = match &effect.call {
            Call::ChangeTicket(_) => {
                let said = self.words.contains_key(&effect.id);
                said.then(Reply::default)
            }
            Call::LinkRequester(link) => self.is_linked(link).then(Reply::default),
            _ => self.reply(effect.id),
        };
        found.map_or(LookedUp::NotFound, LookedUp::Found)
    }

    /// A technician takes up a ticket, asks, or solves it.
    pub(super) fn work(&mut self, dice: &mut Dice, now: Millis) {
        for ticket in self.tickets.values_mut() {
            let next = match (ticket.state, dice.below(4)) {
                (TicketState::New, 0) => TicketState::Assigned,
                (TicketState::Assigned, 0) => TicketState::Pending,
                (TicketState::Assigned | TicketState::Pending, 1) => TicketState::Solved,
                _ => continue,
            };
            ticket.state = next;
            ticket.changed = now;
        }
    }

    /// The ticket that was opened last.
    pub(super) fn last(&self) -> u64 {
        self.tickets.len() as u64
    }

    /// Tickets by marker.
    pub(super) fn tickets(&self) -> impl Iterator<Item = (&EffectId, &Vec<(u64, Millis)>)> {
        self.made.iter()
    }

    /// Documents by marker.
    pub(super) fn documents(&self) -> impl Iterator<Item = (&EffectId, &Vec<(u64, Millis)>)> {
        self.documents.iter()
    }

    fn reply(&self, marker: EffectId) -> Option<Reply> {
        let made = self.made.get(&marker);
        let made = made.or_else(|| self.documents.get(&marker))?;
        let (id, at) = made.first()?;
        Some(Reply {
            id: id.to_string().into(),
            at: Some(*at),
            ..Reply::default()
        })
    }

    fn is_linked(&self, link: &Link) -> bool {
        self.users.get(link.email.as_str()) == Some(&link.phone)
    }

    /// Whether a number may be joined to a user, or is already; else why not.
    fn linkable(&self, link: &Link) -> Result<(), u32> {
        if self.is_linked(link) {
            return Ok(());
        }
        if !USERS.contains(&link.email.as_str()) {
            return Err(refusal::NO_USER);
        }
        let mut users = self.users.values();
        if users.any(|held| *held == link.phone) {
            return Err(refusal::OTHER_USER);
        }
        match self.users.get(link.email.as_str()) {
            Some(_) => Err(refusal::OTHER_PHONE),
            None => Ok(()),
        }
    }

    fn permits(&self, asked: &TicketChange) -> bool {
        let Some(ticket) = self.tickets.get(&asked.ticket) else {
            return false;
        };
        match &asked.by {
            By::Operator => true,
            By::Requester(requester) => is_theirs(ticket, requester),
        }
    }

    fn change(&mut self, asked: &TicketChange, now: Millis) {
        let Some(ticket) = self.tickets.get_mut(&asked.ticket) else {
            return;
        };
        ticket.changed = now;
        ticket.state = match (&asked.change, ticket.state) {
            (Change::Say { then, .. }, state) => match (then, state) {
                (Then::Keep, TicketState::Pending) => TicketState::Assigned,
                (Then::Close, TicketState::Solved) => TicketState::Closed,
                (Then::Reopen, TicketState::Solved | TicketState::Closed) => TicketState::Assigned,
                (_, state) => state,
            },
            (Change::Solve { .. }, _) => TicketState::Solved,
            (Change::Cancel { .. }, _) => TicketState::Closed,
            (_, state) => state,
        };
    }

    fn found(&self, question: &TicketQuestion) -> Found {
        let known = |ticket: &Standing| is_theirs(ticket, &question.requester);
        if question.about == About::Person && is_user(&question.requester) {
            return Found::Known;
        }
        if !self.tickets.values().any(known) {
            return Found::Stranger;
        }
        let theirs = self.tickets.iter().filter(|(_, ticket)| known(ticket));
        match question.about {
            About::Person => Found::Known,
            About::Ticket(id) => match self.tickets.get(&id).filter(|ticket| known(ticket)) {
                Some(ticket) => Found::Ticket(Box::new(view(id, ticket))),
                None => Found::NoTicket,
            },
            About::Open => {
                let open = theirs.filter(|(_, ticket)| ticket.state != TicketState::Closed);
                let lines = open.map(|(id, ticket)| line(*id, ticket));
                Found::Open(lines.take(10).collect())
            }
        }
    }
}

/// Three numbers in four are users' from the beginning; whoever else has a ticket became one.
fn is_user(requester: &Requester) -> bool {
    let digits = requester.phone.as_ref().map(Phone::digits);
    digits.is_some_and(|digits| !digits.ends_with(['0', '4', '8']))
}

fn is_theirs(ticket: &Standing, requester: &Requester) -> bool {
    requester.phone.is_some() && ticket.owner == requester.phone
}

fn told(found: Found) -> Reply {
    Reply {
        found: Some(Box::new(found)),
        ..Reply::default()
    }
}

fn line(id: u64, ticket: &Standing) -> TicketLine {
    TicketLine {
        id,
        title: ticket.title.clone(),
        state: ticket.state,
        opened: Some(ticket.opened),
        changed: Some(ticket.changed),
    }
}

fn view(id: u64, ticket: &Standing) -> TicketView {
    let solution = TicketWord {
        is_solution: true,
        id: 1,
        at: Some(ticket.changed),
        text: "Listo".to_owned(),
    };
    TicketView {
        line: line(id, ticket),
        priority: 3,
        assigned: ticket.state != TicketState::New,
        word: ticket.state.is_settled().then_some(solution),
        rating_asked: ticket.state == TicketState::Closed,
    }
}
