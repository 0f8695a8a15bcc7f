//! The promises, checked after each step against the durable records and the peers' own books.

mod forgotten;
mod held;
mod rest;
mod sends;

use std::collections::{BTreeMap, BTreeSet};

use super::desk;
use crate::contact::{self, Event, State};
use crate::journal::StateBytes;
use crate::journal::memory::Record;
use crate::model::{
    AttemptNo, Call, DeliveryRank, Effect, EffectId, IdHash, InEvent, InSeq, Inbound, Key, Outcome,
    Step, Version,
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
    /// Messages and commands that were taken; one that was released counts as the message it had been.
    taken: BTreeSet<(Key, IdHash)>,
    /// Messages that were set aside at some time.
    set_aside: BTreeSet<(Key, IdHash)>,
    /// Messages that an operator dismissed.
    dismissed: BTreeSet<(Key, IdHash)>,
    /// What the inputs on record are, releases as what had been set aside.
    inputs: BTreeMap<(Key, InSeq), IdHash>,
    /// Uncertain sends that an operator had sent again, and how often.
    risked: BTreeMap<EffectId, usize>,
    pub(super) merges: usize,
    /// Words of technicians, and the message in which each was told.
    words: BTreeMap<u64, EffectId>,
    /// Words of technicians that were not told because the person may not be written to.
    withheld: BTreeSet<u64>,
    ranks: BTreeMap<EffectId, DeliveryRank>,
    states: BTreeMap<(Key, Version), Vec<u8>>,
    /// Messages whose webhook was answered 200.
    acknowledged: BTreeSet<(Key, IdHash)>,
    consumed: BTreeMap<Key, InSeq>,
    versions: BTreeMap<Key, Version>,
    /// Contacts whose last accepted word on marketing is no.
    stopped: BTreeSet<Key>,
    heard: BTreeSet<(Key, IdHash)>,
    /// Marketing that reached its provider.
    pub(super) marketing: usize,
    /// Where the last step stands that forgot each contact.
    forgotten: BTreeMap<Key, InSeq>,
    /// How often a contact was forgotten.
    pub(super) erased: usize,
    /// How much each contact holds while the help desk is asked whose number it is.
    held: BTreeMap<Key, usize>,
    held_in_all: usize,
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
    /// Whether it was decided for a person who was forgotten since.
    pub(super) forgotten: bool,
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
                Record::Input(position, event) => self.input(*position, event),
                Record::Note(..) => {}
            }
        }
        self.read = self.read.max(durable);
    }

    fn input(&mut self, position: InSeq, event: &InEvent) {
        let id = match &event.body {
            Inbound::Released { position, .. } => self.inputs.get(&(event.key, *position)).copied(),
            _ => None,
        };
        let id = id.unwrap_or(event.id);
        self.inputs.insert((event.key, position), id);
        self.heard(event);
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
                forgotten: false,
            };
            self.effects.insert(effect.id, fate);
            self.words_in(effect);
        }
        if let Key::Gateway(_) = key {
            return;
        }
        match contact::decode_events(step.schema, &step.events) {
            Ok(events) => {
                let input = self.inputs.get(&(key, step.consumed)).copied();
                let input = input.unwrap_or(step.input);
                self.told_in_short(&events, &step.effects);
                self.holds(key, &events, &step.effects);
                events
                    .iter()
                    .for_each(|event| self.event(key, input, event));
            }
            Err(error) => self.broken(11, error.to_string()),
        }
    }

    /// A word of a technician's stands in one message at most, whoever gets it.
    fn words_in(&mut self, effect: &Effect) {
        let text = match &effect.call {
            Call::SendText { text, .. } | Call::SendButtons { text, .. } => text,
            _ => return,
        };
        for word in desk::words_of(text) {
            if let Some(other) = self.words.insert(word, effect.id) {
                let what = format!("word {word} is told by {other} and by {}", effect.id);
                self.broken(2, what);
            }
        }
    }

    /// While the service window is closed a template tells that there is a word, not which; and
    /// nothing tells it to a person who may not be written to.
    fn told_in_short(&mut self, events: &[Event], effects: &[Effect]) {
        let is_template = |effect: &&Effect| matches!(effect.call, Call::SendTemplate(_));
        let template = effects.iter().find(is_template);
        let withheld = |event: &Event| matches!(event, Event::ReplyWithheld { .. });
        let is_withheld = events.iter().any(withheld);
        for event in events {
            let Event::NewsTaken(known) = event else {
                continue;
            };
            for word in known.followups.last().chain(known.solutions.last()) {
                match template {
                    Some(effect) => _ = self.words.entry(word).or_insert(effect.id),
                    None if is_withheld => _ = self.withheld.insert(word),
                    None => {}
                }
            }
        }
    }

    /// How many words of technicians were told.
    pub(super) fn words_told(&self) -> usize {
        self.words.len()
    }

    fn event(&mut self, key: Key, input: IdHash, event: &Event) {
        match event {
            Event::MessageTaken { .. } | Event::CommandAnswered { .. }
                if !self.taken.insert((key, input)) =>
            {
                self.broken(2, format!("{key} took message {input:?} twice"));
            }
            Event::SetAside { .. } if self.taken.contains(&(key, input)) => {
                self.broken(
                    2,
                    format!("{key} had taken message {input:?} and set it aside"),
                );
            }
            Event::SetAside { .. } => {
                self.set_aside.insert((key, input));
            }
            Event::Erased { before } => self.forget(key, *before),
            Event::MergedFrom { .. } => self.merges += 1,
            Event::DeliveryAdvanced { effect, rank, .. } => {
                let known = self.ranks.insert(*effect, *rank);
                if known.is_some_and(|known| known >= *rank) {
                    self.broken(8, format!("{effect} went from {known:?} to {rank:?}"));
                }
            }
            _ => {}
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
        if matches!(event.body, Inbound::Message(_) | Inbound::Operator(_)) {
            self.acknowledged.insert((event.key, event.id));
        }
    }

    /// An operator takes the input at this position off the quarantine.
    pub(super) fn dismissed(&mut self, key: Key, position: InSeq) {
        if let Some(id) = self.inputs.get(&(key, position)) {
            self.dismissed.insert((key, *id));
        }
    }

    /// How many messages were set aside at some time.
    pub(super) fn quarantined(&self) -> usize {
        self.set_aside.len()
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
