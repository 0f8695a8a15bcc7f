//! Claims about the outbox. [`Bench`] is a shell in miniature: it keeps the time and sorts actions.

mod doubts;
mod lanes;
mod lines;
mod model;
mod properties;
mod questions;
mod reports;
mod restarts;
mod retries;
mod unanswered;

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::model::{
    About, Attempt, AttemptNo, Class, ContactId, DeliveryRank, IdHash, InSeq, Inbound, Priority,
    Recipient, Reply, Report, Requester, Shelf, TicketDraft, TicketQuestion,
};
use crate::ports::{Called, LookedUp};

const START: Millis = Millis(1_700_000_000_000);

fn key() -> Key {
    Key::Contact(ContactId([9; 16]))
}

fn gateway(n: u8) -> GatewayId {
    GatewayId([n; 16])
}

pub(crate) fn id(n: u64) -> EffectId {
    EffectId::derive(key(), InSeq(n), IdHash([3; 8]), 0)
}

/// A reply in the person's lane; tests change what they are about.
pub(crate) fn reply(n: u64) -> Effect {
    Effect {
        id: id(n),
        lane: Lane::Person,
        priority: Priority::Reply,
        class: Class::Reply,
        gateway: Some(gateway(1)),
        expires: None,
        report: false,
        call: Call::SendText {
            to: Recipient::UserId("US.1".into()),
            text: format!("text {n}"),
        },
    }
}

pub(crate) fn of_class(n: u64, class: Class) -> Effect {
    Effect { class, ..reply(n) }
}

pub(crate) fn ticket(n: u64) -> Effect {
    Effect {
        lane: Lane::Ticket(0),
        class: Class::Searchable,
        gateway: Some(gateway(2)),
        report: true,
        call: Call::OpenTicket(Box::new(TicketDraft {
            title: "printer".into(),
            description: "the printer is silent".into(),
            transcript: vec!["no imprime".into()],
            urgency: 3,
            category: crate::understand::Category::Printing,
            requester_name: "Ana".into(),
            requester_area: "Ventas".into(),
            phone: None,
            email: None,
        })),
        ..reply(n)
    }
}

pub(crate) fn read_mark(n: u64) -> Effect {
    Effect {
        lane: Lane::Free,
        class: Class::Disposable,
        call: Call::MarkRead {
            message: "wamid.1".into(),
            typing: true,
        },
        ..reply(n)
    }
}

/// Nobody waits for its answer after a minute.
pub(crate) fn question(n: u64) -> Effect {
    Effect {
        lane: Lane::Free,
        class: Class::Repeatable,
        gateway: Some(gateway(2)),
        expires: Some(START.plus_ms(60_000)),
        report: true,
        call: Call::AskTickets(Box::new(TicketQuestion {
            requester: Requester::default(),
            about: About::Open,
        })),
        ..reply(n)
    }
}

fn tell(n: u64) -> Effect {
    Effect {
        class: Class::Searchable,
        gateway: None,
        call: Call::Tell {
            to: Key::Contact(ContactId([5; 16])),
            input: Box::new(Inbound::Woken {
                due: START.floor_seconds(),
            }),
        },
        ..reply(n)
    }
}

pub(crate) fn done() -> Called {
    Called::Done(Reply {
        id: "made".into(),
        at: None,
        remark: None,
        ..Reply::default()
    })
}

pub(crate) fn not_done(wish_s: Option<u64>) -> Called {
    Called::NotDone {
        reason: "connection refused".into(),
        retry_after: wish_s.map(Duration::from_secs),
        counts_against: true,
    }
}

pub(crate) fn refused() -> Called {
    Called::Refused {
        code: 131_026,
        reason: "undeliverable".into(),
    }
}

pub(crate) fn unknown() -> Called {
    Called::Unknown {
        reason: "time-out".into(),
    }
}

struct Bench {
    outbox: Outbox,
    now: Millis,
    /// Everything polled so far.
    actions: Vec<Action>,
}

impl Bench {
    fn new() -> Self {
        Self::restored(Vec::new())
    }

    fn restored(open: Vec<OpenEffect>) -> Self {
        let outbox = Outbox::restore(key(), open, Rules::default(), START);
        let mut bench = Self {
            outbox,
            now: START,
            actions: Vec::new(),
        };
        bench.poll();
        bench
    }

    fn with(effects: Vec<Effect>) -> Self {
        let mut bench = Self::new();
        bench.plan(effects);
        bench
    }

    fn plan(&mut self, effects: Vec<Effect>) {
        self.outbox.plan(effects, None, self.now);
        self.poll();
    }

    fn on(&mut self, event: Event) {
        self.outbox.on(event, self.now);
        self.poll();
    }

    fn called(&mut self, n: u64, no: u32, called: Called) {
        let no = AttemptNo(no);
        let effect = id(n);
        self.on(Event::Called { effect, no, called });
    }

    fn looked(&mut self, n: u64, looked: LookedUp) {
        let effect = id(n);
        self.on(Event::LookedUp { effect, looked });
    }

    fn proof(&mut self, n: u64, rank: DeliveryRank) {
        self.on(Event::Proof {
            effect: id(n),
            rank,
            provider_id: "wamid.9".into(),
            failure: None,
        });
    }

    /// Lets time pass, polling whenever something is due.
    fn pass(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        while let Some(due) = self.outbox.next_due().filter(|due| *due <= end) {
            assert!(
                due > self.now,
                "{due:?} was due already and poll did not do it"
            );
            self.now = due;
            self.poll();
        }
        self.now = end;
        self.poll();
    }

    fn poll(&mut self) {
        let actions = self.outbox.poll(self.now);
        self.actions.extend(actions);
        assert_eq!(self.outbox.poll(self.now), [], "one poll does everything");
    }

    /// Effect and number of every send so far.
    fn sends(&self) -> Vec<(EffectId, u32)> {
        let sends = self.actions.iter().filter_map(|action| match action {
            Action::Send { effect, no, .. } => Some((effect.id, no.0)),
            _ => None,
        });
        sends.collect()
    }

    fn sent(&self) -> Vec<EffectId> {
        self.sends().into_iter().map(|(id, _)| id).collect()
    }

    fn look_ups(&self) -> usize {
        let look_up = |action: &&Action| matches!(action, Action::LookUp { .. });
        self.actions.iter().filter(look_up).count()
    }

    /// The outcomes recorded of an effect, with number and expectation.
    fn outcomes(&self, n: u64) -> Vec<(u32, u32, Outcome)> {
        let outcomes = self.actions.iter().filter_map(|action| match action {
            Action::Record { attempt, expect } if attempt.effect() == id(n) => match attempt {
                Attempt::Outcome { no, outcome, .. } => Some((no.0, expect.0, outcome.clone())),
                Attempt::Sending { .. } => None,
            },
            _ => None,
        });
        outcomes.collect()
    }

    fn last_outcome(&self, n: u64) -> Option<Outcome> {
        self.outcomes(n).pop().map(|(_, _, outcome)| outcome)
    }

    fn reports(&self) -> Vec<Report> {
        let reports = self.actions.iter().filter_map(|action| match action {
            Action::Report(report) => Some(report.clone()),
            _ => None,
        });
        reports.collect()
    }

    fn possible_repeats(&self) -> usize {
        let repeat = |action: &&Action| {
            matches!(
                action,
                Action::Send {
                    possible_repeat: true,
                    ..
                }
            )
        };
        self.actions.iter().filter(repeat).count()
    }
}

fn is_shelved(outcome: Option<Outcome>, on: Shelf) -> bool {
    matches!(outcome, Some(Outcome::Shelved { shelf, .. }) if shelf == on)
}

fn share(effect: Effect) -> Arc<Effect> {
    Arc::new(effect)
}
