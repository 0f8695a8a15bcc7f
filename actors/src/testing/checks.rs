//! The promises, checked after each step against the durable records and the peers' own books.

use std::collections::{BTreeMap, BTreeSet};

use super::desk;
use crate::contact::{self, Event, File, Place, State};
use crate::journal::StateBytes;
use crate::journal::memory::Record;
use crate::model::{
    Attempt, AttemptNo, Call, Class, ConsentLevel, Content, DeliveryRank, Effect, EffectId, IdHash,
    InEvent, InSeq, Inbound, Key, Lane, Outcome, Priority, Step, Version,
};
use crate::understand::{ConsentWord, consent_word};

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

    /// How many words of technicians were told.
    pub(super) fn words_told(&self) -> usize {
        self.words.len()
    }

    /// A word that was never told.
    pub(super) fn untold(&self, desk: &desk::Desk) -> Option<Violation> {
        let (word, effect) = desk
            .words()
            .find(|(word, _)| !self.words.contains_key(word))?;
        Some(Violation {
            invariant: 2,
            what: format!("word {word} on the ticket of {effect} was never told"),
        })
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

    /// An input is on record for the first time: what it says about marketing holds from now on.
    fn heard(&mut self, event: &InEvent) {
        if !self.heard.insert((event.key, event.id)) {
            return;
        }
        match event.fact() {
            Inbound::Message(message) => {
                let Content::Text(text) = &message.content else {
                    return;
                };
                // The other words mean consent only where nothing is open.
                if matches!(consent_word(text), Some((ConsentWord::Stop, _))) {
                    self.stopped.insert(event.key);
                }
            }
            Inbound::ConsentNoted(note) if note.level == Some(ConsentLevel::Marketing) => {
                self.stopped.remove(&event.key);
            }
            _ => {}
        }
    }

    /// A provider is about to be called: its step and its `Sending` are durable, and nothing of its
    /// lane is in flight.
    pub(super) fn call(&mut self, id: EffectId, no: AttemptNo, in_flight: &[EffectId]) {
        let Some(fate) = self.effects.get(&id) else {
            return self.broken(5, format!("{id} is sent before its step is durable"));
        };
        if fate.effect.priority == Priority::Marketing {
            if self.stopped.contains(&id.key) {
                let what = format!("{id} is marketing and leaves after a stop word");
                return self.broken(12, what);
            }
            self.marketing += 1;
        }
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
            self.broken(3, what);
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
        let risked = self.risked.get(&id).copied().unwrap_or(0);
        let repeats = usize::from(fate.effect.class == Class::Reply) + risked;
        let allowed = fate.effect.class == Class::Disposable
            || times == 1
            || (times <= 1 + repeats && fate.marked);
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
        if matches!(event.body, Inbound::Message(_) | Inbound::Operator(_)) {
            self.acknowledged.insert((event.key, event.id));
        }
    }

    /// An operator sends an effect again, which may repeat it when nobody knew whether it was sent.
    pub(super) fn redriven(&mut self, effect: EffectId, uncertain: bool) {
        *self.risked.entry(effect).or_default() += usize::from(uncertain);
    }

    /// An operator takes the input at this position off the quarantine.
    pub(super) fn dismissed(&mut self, key: Key, position: InSeq) {
        if let Some(id) = self.inputs.get(&(key, position)) {
            self.dismissed.insert((key, *id));
        }
    }

    /// A message that was acknowledged and neither taken nor left to the operators, or an input that
    /// nobody will consume.
    pub(super) fn lost(&self, quarantined: &[(InSeq, InEvent, String)]) -> Option<Violation> {
        let waits = |message: &(Key, IdHash)| {
            let mut rows = quarantined.iter();
            rows.any(|(position, event, _)| {
                message.0 == event.key
                    && self.inputs.get(&(event.key, *position)) == Some(&message.1)
            })
        };
        let messages = self.acknowledged.union(&self.set_aside);
        let lost = messages
            .filter(|message| !self.taken.contains(*message) && !self.dismissed.contains(*message))
            .find(|message| !waits(message));
        if let Some((key, id)) = lost {
            return Some(Violation {
                invariant: 1,
                what: format!("message {id:?} of {key} was acknowledged and is lost"),
            });
        }
        let mut inputs = self.inputs.keys();
        let (key, position) = inputs.find(|(key, position)| {
            self.consumed
                .get(key)
                .is_none_or(|consumed| consumed < position)
        })?;
        Some(Violation {
            invariant: 2,
            what: format!("the input of {key} at {position:?} is never consumed"),
        })
    }

    /// A file whose bytes and whose ticket are there, and which is on no way onto it.
    pub(super) fn stranded(&self) -> Option<Violation> {
        let last = self.versions.iter();
        let states = last.filter_map(|(key, version)| {
            let state = self.states.get(&(*key, *version))?;
            Some((key, State::decode(state).ok()?))
        });
        states.into_iter().find_map(|(key, state)| {
            let ready = |file: &&File| {
                let has_ticket = matches!(file.place, Place::Ticket(_));
                has_ticket && file.kept.is_some() && file.attach.is_none()
            };
            let file = state.files.iter().find(ready)?;
            Some(Violation {
                invariant: 2,
                what: format!("a file of {key} never went onto its ticket: {file:?}"),
            })
        })
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
