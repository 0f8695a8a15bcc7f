//! One look at a help desk: which tickets changed, whose they are, what happened. A machine without
//! I/O; the poller asks what it wants to know and hands it the answers.
//!
//! The order is fixed: news are given to their contacts first, the mark is moved last. Whatever ends
//! a look before that leaves the mark where it was, and the next look finds the same again.

use std::collections::VecDeque;

use smol_str::SmolStr;

use super::entity::State;
use crate::model::{
    GatewayId, IdentityKey, InEvent, Inbound, Key, Millis, Polled, ReadTicket, TenantId,
    TicketFact, TicketNews,
};
use crate::ports::{ChangedTicket, ChangedTickets, TicketOwner, TicketStory};

/// What a look wants next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// The mark of this moment: there is none yet.
    Mark,
    /// The tickets that changed since.
    Changed {
        /// The mark.
        since: SmolStr,
    },
    /// Whose ticket it is.
    Owner {
        /// The ticket.
        ticket: u64,
    },
    /// Which of the people known here that is.
    Contact {
        /// What the help desk tells of the owner.
        owner: TicketOwner,
    },
    /// What happened to the ticket.
    News {
        /// The ticket.
        ticket: u64,
        /// Since when.
        since: SmolStr,
    },
    /// To make this input durable.
    Give(Box<InEvent>),
    /// Nothing more. `more` when the next look should follow at once.
    End {
        /// Whether there is more to read.
        more: bool,
    },
}

/// A look in progress.
#[derive(Clone, Debug)]
pub struct Look {
    gateway: GatewayId,
    tenant: TenantId,
    state: State,
    phase: Phase,
    found: ChangedTickets,
    waiting: VecDeque<ChangedTicket>,
    gifts: VecDeque<InEvent>,
    read: Vec<ReadTicket>,
    given: u32,
}

#[derive(Clone, Debug)]
enum Phase {
    Begin,
    Owner(ChangedTicket),
    Contact(ChangedTicket, TicketOwner),
    News(ChangedTicket, Key),
    Tickets,
    Move(Box<InEvent>),
    End,
}

impl Look {
    /// A look of `gateway` from where it stands.
    pub fn new(gateway: GatewayId, tenant: TenantId, state: State) -> Self {
        Self {
            gateway,
            tenant,
            state,
            phase: Phase::Begin,
            found: ChangedTickets::default(),
            waiting: VecDeque::new(),
            gifts: VecDeque::new(),
            read: Vec::new(),
            given: 0,
        }
    }

    /// What it wants next. Asking twice gives the same.
    pub fn next(&mut self, identity: &IdentityKey, now: Millis) -> Next {
        if let Some(gift) = self.gifts.front() {
            return Next::Give(Box::new(gift.clone()));
        }
        if let Phase::Tickets = self.phase {
            self.phase = match self.waiting.pop_front() {
                Some(ticket) => Phase::Owner(ticket),
                None => self.end(identity, now),
            };
        }
        match &self.phase {
            Phase::Begin => match &self.state.mark {
                Some(mark) => Next::Changed {
                    since: mark.clone(),
                },
                None => Next::Mark,
            },
            Phase::Owner(ticket) => Next::Owner {
                ticket: ticket.read.ticket,
            },
            Phase::Contact(_, owner) => Next::Contact {
                owner: owner.clone(),
            },
            Phase::News(ticket, _) => Next::News {
                ticket: ticket.read.ticket,
                since: self.state.mark.clone().unwrap_or_default(),
            },
            Phase::Move(polled) => Next::Give(polled.clone()),
            Phase::Tickets | Phase::End => Next::End {
                more: self.found.more,
            },
        }
    }

    /// Answers [`Next::Mark`].
    pub fn marked(&mut self, mark: SmolStr) {
        self.found = ChangedTickets {
            from: mark.clone(),
            mark,
            ..ChangedTickets::default()
        };
        self.phase = Phase::Tickets;
    }

    /// Answers [`Next::Changed`].
    pub fn found(&mut self, mut found: ChangedTickets) {
        self.waiting = std::mem::take(&mut found.tickets)
            .into_iter()
            .filter(|ticket| !self.state.has_read(&ticket.read))
            .collect();
        self.found = found;
        self.phase = Phase::Tickets;
    }

    /// Answers [`Next::Owner`].
    pub fn owned(&mut self, owner: Option<TicketOwner>) {
        if let Phase::Owner(ticket) = &self.phase {
            let ticket = ticket.clone();
            match owner {
                Some(owner) => self.phase = Phase::Contact(ticket, owner),
                None => self.done_with(ticket),
            }
        }
    }

    /// Answers [`Next::Contact`].
    pub fn is_of(&mut self, contact: Option<Key>) {
        if let Phase::Contact(ticket, _) = &self.phase {
            let ticket = ticket.clone();
            match contact {
                Some(contact) => self.phase = Phase::News(ticket, contact),
                None => self.done_with(ticket),
            }
        }
    }

    /// Answers [`Next::News`].
    pub fn told(&mut self, story: Option<TicketStory>, identity: &IdentityKey, now: Millis) {
        let Phase::News(ticket, contact) = &self.phase else {
            return;
        };
        let (ticket, contact) = (ticket.clone(), *contact);
        if let Some(story) = story.filter(|story| !story.changes.is_empty()) {
            let parts: Vec<TicketNews> = self.parts(story);
            self.given += 1;
            self.gifts.extend(
                parts
                    .into_iter()
                    .map(|news| input(contact, news, identity, now)),
            );
        }
        self.done_with(ticket);
    }

    /// Answers [`Next::Give`]: the input is durable.
    pub fn given(&mut self) {
        if self.gifts.pop_front().is_some() {
            return;
        }
        if let Phase::Move(_) = self.phase {
            self.phase = Phase::End;
        }
    }

    /// Whether the input being given is the one that moves the mark, and what it says.
    pub fn moves(&self) -> Option<&Polled> {
        match &self.phase {
            Phase::Move(event) if self.gifts.is_empty() => match &event.body {
                Inbound::Polled(polled) => Some(polled),
                _ => None,
            },
            _ => None,
        }
    }

    fn done_with(&mut self, ticket: ChangedTicket) {
        if ticket.settled {
            self.read.push(ticket.read);
        }
        self.phase = Phase::Tickets;
    }

    /// One ticket's story in inputs of bounded size.
    fn parts(&self, story: TicketStory) -> Vec<TicketNews> {
        let cut = |change: TicketFact| match change {
            TicketFact::Word(mut word) => {
                let mut end = word.text.len().min(TicketNews::WORDS_BYTES_MAX);
                while !word.text.is_char_boundary(end) {
                    end -= 1;
                }
                word.text.truncate(end);
                TicketFact::Word(word)
            }
            other => other,
        };
        let changes: Vec<TicketFact> = story.changes.into_iter().map(cut).collect();
        let part = |changes: &[TicketFact]| TicketNews {
            tenant: self.tenant.clone(),
            gateway: self.gateway,
            line: story.line.clone(),
            survey: story.survey,
            changes: changes.to_vec(),
        };
        changes.chunks(TicketNews::CHANGES_MAX).map(part).collect()
    }

    /// The mark is moved when there is anything to remember.
    fn end(&mut self, identity: &IdentityKey, now: Millis) -> Phase {
        let same_mark = self.state.mark.as_ref() == Some(&self.found.mark);
        if same_mark && self.read.is_empty() && self.given == 0 {
            return Phase::End;
        }
        let polled = Polled {
            mark: self.found.mark.clone(),
            from: self.found.from.clone(),
            read: std::mem::take(&mut self.read),
            given: self.given,
        };
        let name = format!("{}/{}/{}", self.gateway, polled.mark, now.0);
        Phase::Move(Box::new(InEvent {
            key: Key::Gateway(self.gateway),
            id: identity.id_hash(b"polled", name.as_bytes()),
            stamp: None,
            received: now,
            body: Inbound::Polled(polled),
        }))
    }
}

/// The input that gives a contact its news. The same changes are the same input.
fn input(contact: Key, news: TicketNews, identity: &IdentityKey, now: Millis) -> InEvent {
    let mut name = format!("{contact}/{}/{}", news.gateway, news.line.id);
    for change in &news.changes {
        let part = match change {
            TicketFact::Assigned { group, id, .. } => format!("/a{}{id}", u8::from(*group)),
            TicketFact::Word(word) => format!("/w{}{}", u8::from(word.is_solution), word.id),
            TicketFact::File(file) => format!("/f{}", file.id),
            TicketFact::Stay { stay, .. } => format!("/s{stay}"),
        };
        name.push_str(&part);
    }
    InEvent {
        key: contact,
        id: identity.id_hash(b"news", name.as_bytes()),
        stamp: None,
        received: now,
        body: Inbound::TicketNews(Box::new(news)),
    }
}
