//! The promises, checked after each step against the durable records and the peers' own books.

use std::collections::{BTreeMap, BTreeSet};

use crate::contact::{self, Event, State};
use crate::journal::StateBytes;
use crate::journal::memory::Record;
use crate::model::{
    Attempt, AttemptNo, Class, DeliveryRank, Effect, EffectId, IdHash, InEvent, InSeq, Inbound,
    Key, Lane, Outcome, Step, Version,
};

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The number of the invariant in ARCHITECTURE.md; 0 for "comes to rest".
    pub invariant: u8,
    /// What was seen.
    pub what: String,
}

/// The books of one world.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// Durable records read so far.
    read: usize,
    effects: BTreeMap<EffectId, Fate>,
    decided: usize,
    taken: BTreeSet<(Key, IdHash)>,
    ranks: BTreeMap<EffectId, DeliveryRank>,
    states: BTreeMap<(Key, Version), Vec<u8>>,
    /// Messages whose webhook was answered 200.
    acknowledged: BTreeSet<(Key, IdHash)>,
    consumed: BTreeMap<Key, InSeq>,
    versions: BTreeMap<Key, Version>,
    pub(super) violation: Option<Violation>,
}

/// An effect as the durable records tell it.
#[derive(Debug)]
pub(super) struct Fate {
    pub(super) effect: Effect,
    order: usize,
    pub(super) last: Option<AttemptNo>,
    /// Whether the last `Sending` is marked as a possible repeat.
    marked: bool,
    pub(super) outcome: Option<Outcome>,
}

impl Checks {
    pub(super) fn broken(&mut self, invariant: u8, what: String) {
        self.violation.get_or_insert(Violation { invariant, what });
    }

    /// Reads the records that have become durable.
    pub(super) fn read(&mut self, records: &[Record], durable: usize) {
        for record in records.iter().take(durable).skip(self.read) {
            match record {
                Record::Step(key, step, first) => {
                    self.step(*key, step);
                    if let Some(first) = first {
                        self.attempt(first);
                    }
                }
                Record::Attempt(_, attempt) => self.attempt(attempt),
                Record::Input(..) | Record::Note(..) => {}
            }
        }
        self.read = self.read.max(durable);
    }

    fn step(&mut self, key: Key, step: &Step) {
        let consumed = self.consumed.entry(key).or_default();
        if step.consumed <= *consumed {
            let what = format!("{key} consumed {:?} after {consumed:?}", step.consumed);
            self.broken(3, what);
            return;
        }
        *consumed = step.consumed;
        let version = self.versions.entry(key).or_default();
        *version = version.next();
        for effect in &step.effects {
            self.decided += 1;
            let fate = Fate {
                effect: effect.clone(),
                order: self.decided,
                last: None,
                marked: false,
                outcome: None,
            };
            self.effects.insert(effect.id, fate);
        }
        match contact::decode_events(step.schema, &step.events) {
            Ok(events) => events.iter().for_each(|event| self.event(key, event)),
            Err(error) => self.broken(11, error.to_string()),
        }
    }

    fn event(&mut self, key: Key, event: &Event) {
        match event {
            Event::MessageTaken { id, .. } if !self.taken.insert((key, *id)) => {
                self.broken(2, format!("{key} took message {id:?} twice"));
            }
            Event::DeliveryAdvanced { effect, rank, .. } => {
                let known = self.ranks.insert(*effect, *rank);
                if known.is_some_and(|known| known >= *rank) {
                    self.broken(8, format!("{effect} went from {known:?} to {rank:?}"));
                }
            }
            _ => {}
        }
    }

    fn attempt(&mut self, attempt: &Attempt) {
        if matches!(
            attempt,
            Attempt::Sending {
                no: AttemptNo(1),
                ..
            }
        ) {
            self.begun(attempt.effect());
        }
        let Some(fate) = self.effects.get_mut(&attempt.effect()) else {
            let what = format!("an attempt of {}, which nobody decided", attempt.effect());
            return self.broken(5, what);
        };
        fate.last = Some(attempt.no());
        match attempt {
            Attempt::Sending {
                possible_repeat, ..
            } => {
                fate.outcome = None;
                fate.marked = *possible_repeat;
            }
            Attempt::Outcome { outcome, .. } => fate.outcome = Some(outcome.clone()),
        }
    }

    /// A provider is about to be called: its step and its `Sending` are durable, and nothing of its
    /// lane is in flight.
    pub(super) fn call(&mut self, id: EffectId, no: AttemptNo, in_flight: &[EffectId]) {
        let Some(fate) = self.effects.get(&id) else {
            return self.broken(5, format!("{id} is sent before its step is durable"));
        };
        let class = fate.effect.class;
        if class != Class::Disposable && (fate.last != Some(no) || fate.outcome.is_some()) {
            let what = format!("{id} is sent as {no:?} while {fate:?} is on record");
            return self.broken(5, what);
        }
        if fate.effect.lane == Lane::Free {
            return;
        }
        let same_lane = |other: &Fate| {
            other.effect.id.key == id.key
                && other.effect.lane == fate.effect.lane
                && other.effect.id != id
        };
        let flying = in_flight.iter().filter_map(|other| self.effects.get(other));
        if let Some(other) = flying.into_iter().find(|other| same_lane(other)) {
            let what = format!(
                "{id} and {} are both in flight in one lane",
                other.effect.id
            );
            return self.broken(3, what);
        }
    }

    /// A first try is on record: nobody decided before it and waiting is overtaken. What is decided
    /// later may be more urgent; it waits all the same.
    fn begun(&mut self, id: EffectId) {
        let Some(fate) = self.effects.get(&id) else {
            return;
        };
        let waits = |other: &&Fate| {
            let before = (other.effect.priority, other.order) < (fate.effect.priority, fate.order);
            let same_lane = other.effect.id.key == id.key && other.effect.lane == fate.effect.lane;
            same_lane && before && other.last.is_none() && other.outcome.is_none()
        };
        let ordered = fate.effect.lane != Lane::Free;
        if let Some(other) = self.effects.values().find(|other| ordered && waits(other)) {
            let what = format!("{id} overtakes {}", other.effect.id);
            self.broken(3, what);
        }
    }

    /// A message was taken for the `times`-th time.
    pub(super) fn taken(&mut self, id: EffectId, times: usize) {
        let Some(fate) = self.effects.get(&id) else {
            return self.broken(5, format!("{id} was taken and is not on record"));
        };
        let allowed = fate.effect.class == Class::Disposable
            || times == 1
            || (times == 2 && fate.effect.class == Class::Reply && fate.marked);
        if !allowed {
            let what = format!("{id} was taken {times} times, last unmarked: {fate:?}");
            self.broken(5, what);
        }
    }

    /// The state decided live, which folding the recorded events must give again.
    pub(super) fn decided(&mut self, key: Key, before: &State, step: &Step, after: &State) {
        let mut folded = before.clone();
        let fold = folded.fold(step);
        if fold.is_err() || bytes(&folded) != bytes(after) {
            self.broken(
                11,
                format!("folding does not give the state of {key} at {step:?}"),
            );
        }
    }

    /// The state of an entity once its step is durable.
    pub(super) fn stands(&mut self, key: Key, version: Version, state: &State) {
        self.states.insert((key, version), bytes(state));
    }

    /// The state of an entity as it was loaded.
    pub(super) fn loaded(&mut self, key: Key, version: Version, state: &State) {
        let live = self.states.get(&(key, version));
        if live.is_some_and(|live| *live != bytes(state)) {
            let what = format!("{key} at {version:?} was loaded differently than it had been");
            self.broken(11, what);
        }
    }

    /// What was not durable at the crash never happened.
    pub(super) fn crashed(&mut self, records: &[Record], durable: usize) {
        self.read(records, durable);
        let versions = &self.versions;
        self.states.retain(|(key, version), _| {
            versions.get(key).is_some_and(|durable| version <= durable)
        });
    }

    /// A provider got its 200.
    pub(super) fn acknowledged(&mut self, event: &InEvent) {
        if matches!(event.body, Inbound::Message(_)) {
            self.acknowledged.insert((event.key, event.id));
        }
    }

    /// A message that was acknowledged and never taken.
    pub(super) fn lost(&self) -> Option<Violation> {
        let (key, id) = self.acknowledged.difference(&self.taken).next()?;
        Some(Violation {
            invariant: 1,
            what: format!("message {id:?} of {key} was acknowledged and is lost"),
        })
    }

    /// Whether the record says that the person may have got this twice.
    pub(super) fn may_repeat(&self, effect: EffectId) -> bool {
        self.effects.get(&effect).is_some_and(|fate| fate.marked)
    }

    pub(super) fn effects(&self) -> impl Iterator<Item = &Fate> {
        self.effects.values()
    }
}

fn bytes(state: &State) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    state.encode(&mut bytes);
    bytes
}
