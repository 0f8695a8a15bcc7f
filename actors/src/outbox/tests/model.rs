//! A shell, a journal, a gateway and a provider in miniature, with an oracle that sees everything.
//!
//! The provider's truth is known: when each try took effect, if it did. The oracle checks every
//! send against it and against the journal's numbering, so the properties only choose what happens.

mod oracle;

use std::collections::BTreeMap;

use super::*;
use crate::journal::LastAttempt;
pub(super) use oracle::Known;

/// A slow request of the model's provider takes effect at the latest this long after it was sent.
const SLOWEST_MS: u64 = 30_000;

/// What the model's provider does with the oldest call in flight.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    Done,
    NotDone,
    Refused,
    /// The answer is lost; the request took effect or not.
    Lost {
        effect: bool,
    },
    NotStarted,
    Spared,
}

struct Flight {
    effect: EffectId,
    no: AttemptNo,
    since: Millis,
    recorded_with_step: bool,
}

pub(super) struct World {
    pub(super) outbox: Outbox,
    pub(super) now: Millis,
    pub(super) known: BTreeMap<EffectId, Known>,
    flights: Vec<Flight>,
    look_ups: Vec<(EffectId, Millis)>,
    order: Vec<EffectId>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            outbox: Outbox::restore(key(), Vec::new(), Rules::default(), START),
            now: START,
            known: BTreeMap::new(),
            flights: Vec::new(),
            look_ups: Vec::new(),
            order: Vec::new(),
        }
    }

    /// One step of the entity: effects become durable, the first one maybe with its `Sending`.
    pub(super) fn plan(&mut self, mut effects: Vec<Effect>, with_first: bool) {
        for effect in &mut effects {
            effect.id = id(self.order.len() as u64);
            self.order.push(effect.id);
            let known = Known {
                effect: effect.clone(),
                planned: self.now,
                order: self.order.len(),
                last: None,
                took_effect: Vec::new(),
                redriven: false,
                surely_not_done: true,
                repeats: 0,
                started: false,
                closed: false,
            };
            self.known.insert(effect.id, known);
        }
        let started = self.outbox.would_start(&effects, self.now);
        let started = started.filter(|_| with_first);
        if let Some(index) = started {
            let effect = effects[index].id;
            self.record_sending(effect, AttemptNo(1), false);
        }
        self.outbox.plan(effects, started, self.now);
        self.drain();
    }

    /// The provider answers the call in flight that `pick` chooses.
    pub(super) fn answer(&mut self, pick: usize, how: How) {
        if self.flights.is_empty() {
            return;
        }
        let flight = self.flights.remove(pick % self.flights.len());
        self.end_flight(flight, how);
    }

    fn end_flight(&mut self, flight: Flight, how: How) {
        let Flight {
            effect, no, since, ..
        } = flight;
        let known = self.known.get_mut(&effect).expect("only known effects fly");
        let disposable = known.effect.class == Class::Disposable;
        let how = match how {
            How::NotStarted if flight.recorded_with_step || known.recorded() == no => How::NotDone,
            How::Spared if disposable => How::NotDone,
            how => how,
        };
        known.surely_not_done = matches!(how, How::NotDone | How::NotStarted | How::Spared);
        if matches!(how, How::Done | How::Lost { effect: true }) {
            let slowest = since.plus_ms(SLOWEST_MS);
            known.took_effect.push(self.now.min(slowest));
        }
        let called = |called| Event::Called { effect, no, called };
        let until = self.now.plus_ms(5_000);
        let event = match how {
            How::Done => called(done()),
            How::NotDone => called(not_done(None)),
            How::Refused => called(refused()),
            How::Lost { .. } => called(unknown()),
            How::NotStarted => Event::NotStarted {
                effect,
                no,
                until: Some(until),
            },
            How::Spared => Event::Spared {
                effect,
                no,
                until,
                reason: "probe failed".into(),
            },
        };
        self.on(event);
    }

    /// The provider answers the oldest search, truthfully for the instant it was asked.
    pub(super) fn answer_search(&mut self, answered: bool) {
        if self.look_ups.is_empty() {
            return;
        }
        let (effect, asked) = self.look_ups.remove(0);
        let found = self.known[&effect]
            .took_effect
            .iter()
            .any(|at| *at <= asked);
        let looked = match (answered, found) {
            (false, _) => LookedUp::Unanswered {
                reason: "down".into(),
            },
            (true, true) => LookedUp::Found(Reply::default()),
            (true, false) => LookedUp::NotFound,
        };
        self.on(Event::LookedUp { effect, looked });
    }

    /// A status arrives for something that took effect.
    pub(super) fn status(&mut self, pick: usize) {
        let did = |known: &&Known| !known.took_effect.is_empty();
        let candidates: Vec<_> = self.known.values().filter(did).collect();
        if candidates.is_empty() {
            return;
        }
        let effect = candidates[pick % candidates.len()].effect.id;
        self.on(Event::Proof {
            effect,
            rank: DeliveryRank::Sent,
            provider_id: "wamid".into(),
            failure: None,
        });
        self.on(Event::StatusesSeen { at: self.now });
    }

    /// A step takes note of every report of an effect that has ended.
    pub(super) fn close(&mut self) {
        let ended = |known: &&mut Known| known.has_ended() && known.effect.report;
        let mut effects = Vec::new();
        for known in self.known.values_mut().filter(ended) {
            known.closed = true;
            effects.push(known.effect.id);
        }
        self.on(Event::Closed { effects });
    }

    /// An operator redrives everything that is shelved.
    pub(super) fn redrive(&mut self) {
        let shelved = |known: &&mut Known| known.is_shelved();
        let mut effects = Vec::new();
        for known in self.known.values_mut().filter(shelved) {
            known.redriven = true;
            effects.push(known.effect.id);
        }
        for effect in effects {
            self.on(Event::Redriven { effect });
        }
    }

    /// Time passes; the gateway answers every call within 40 s.
    pub(super) fn pass(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        loop {
            let oldest = self.flights.iter().map(|flight| flight.since).min();
            let answer_by = oldest.map(|since| since.plus_ms(40_000));
            let due = self.outbox.next_due();
            assert!(
                due.is_none_or(|due| due > self.now),
                "due and not done: {:?}",
                self.outbox
            );
            let next = answer_by.into_iter().chain(due).min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            if answer_by.is_some_and(|by| by <= self.now) {
                let oldest = self.flights.iter().position(|f| Some(f.since) == oldest);
                self.answer(
                    oldest.expect("it was just found"),
                    How::Lost { effect: false },
                );
            }
            self.drain();
        }
        self.now = end;
        self.drain();
    }

    /// The process dies and a new one takes up what is on record. Calls in flight took effect where
    /// `took_effect` says so.
    pub(super) fn crash(&mut self, took_effect: u64) {
        for (index, flight) in self.flights.drain(..).enumerate() {
            let known = self.known.get_mut(&flight.effect).expect("known");
            if took_effect >> (index % 64) & 1 == 1 {
                known.took_effect.push(flight.since.plus_ms(SLOWEST_MS));
            }
            known.surely_not_done = false;
        }
        self.look_ups.clear();
        self.order.iter().for_each(|id| {
            let known = self.known.get_mut(id).expect("known");
            known.started |= known.last.is_some();
        });
        let open = self.order.iter().map(|id| &self.known[id]);
        let open = open
            .filter(|known| known.is_open())
            .map(|known| OpenEffect {
                effect: known.effect.clone(),
                planned: known.planned,
                last: known.last.clone(),
            });
        self.outbox = Outbox::restore(key(), open.collect(), Rules::default(), self.now);
        self.drain();
    }

    pub(super) fn on(&mut self, event: Event) {
        self.outbox.on(event, self.now);
        self.drain();
    }

    /// Everything in flight and every search, oldest first.
    pub(super) fn answer_everything(&mut self, how: How) {
        while !self.flights.is_empty() {
            self.answer(0, how);
        }
        while !self.look_ups.is_empty() {
            self.answer_search(true);
        }
    }

    fn drain(&mut self) {
        loop {
            let actions = self.outbox.poll(self.now);
            if actions.is_empty() {
                return;
            }
            for action in actions {
                self.carry_out(action);
            }
        }
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Send {
                effect,
                no,
                possible_repeat,
                sending_recorded,
                pinned: _,
            } => {
                self.check_send(&effect, no, possible_repeat);
                let disposable = effect.class == Class::Disposable;
                // The gate is entered before anything is recorded; half of the model's gates are
                // asked again later, so recording happens only for what begins.
                if !sending_recorded && !disposable {
                    self.record_sending(effect.id, no, possible_repeat);
                }
                self.flights.push(Flight {
                    effect: effect.id,
                    no,
                    since: self.now,
                    recorded_with_step: sending_recorded,
                });
            }
            Action::LookUp { effect } => self.look_ups.push((effect.id, self.now)),
            Action::Record { attempt, expect } => self.record_outcome(&attempt, expect),
            Action::Tell { effect } => self.on(Event::Told { effect: effect.id }),
            Action::Report(report) => {
                let known = &self.known[&report.effect];
                assert!(known.effect.report || report.outcome == Outcome::Late);
                let last = known.last.as_ref().and_then(|last| last.outcome.as_ref());
                let recorded = last.map(|(_, outcome)| outcome) == Some(&report.outcome);
                assert!(recorded || report.outcome == Outcome::Late, "{report:?}");
            }
        }
    }

    fn record_sending(&mut self, effect: EffectId, no: AttemptNo, possible_repeat: bool) {
        let now = self.now;
        let known = self.known.get_mut(&effect).expect("known");
        assert_eq!(
            no,
            known.recorded().next(),
            "a new try takes the next number"
        );
        known.last = Some(LastAttempt {
            no,
            sent: now,
            possible_repeat,
            line: None,
            outcome: None,
        });
    }

    fn record_outcome(&mut self, attempt: &Attempt, expect: AttemptNo) {
        let Attempt::Outcome {
            effect,
            no,
            at,
            outcome,
        } = attempt
        else {
            panic!("the outbox records outcomes only");
        };
        let known = self.known.get_mut(effect).expect("known");
        assert_eq!(expect, known.recorded(), "the journal would refuse it");
        assert!(*no >= expect, "numbers never go back");
        assert_ne!(*outcome, Outcome::Late);
        let begun = known.last.as_ref();
        let (sent, possible_repeat) =
            begun.map_or((*at, false), |last| (last.sent, last.possible_repeat));
        known.last = Some(LastAttempt {
            no: *no,
            sent,
            possible_repeat,
            line: None,
            outcome: Some((*at, outcome.clone())),
        });
    }
}
