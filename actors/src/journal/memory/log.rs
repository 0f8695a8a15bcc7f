//! A list of records with a flush mark: what lies beyond the mark may be lost in a crash.

use std::collections::BTreeMap;
use std::ops::Range;

use super::entity::{Entity, is_shelved};
use crate::journal::{Accepted, CommitError, Desk, Entry, Loaded};
use crate::model::{
    Attempt, AttemptNo, IdHash, InEvent, InSeq, Key, Note, Partition, Seconds, Step, Version,
};

/// One record.
#[derive(Clone, Debug)]
pub enum Record {
    /// An input and its position.
    Input(InSeq, InEvent),
    /// A step of an entity, with the attempt recorded in the same group.
    Step(Key, Step, Option<Attempt>),
    /// An attempt.
    Attempt(Key, Attempt),
    /// A note.
    Note(Key, Note),
}

/// Records in order, and what they add up to.
#[derive(Clone, Debug)]
pub struct Log {
    partitions: u16,
    records: Vec<Record>,
    flushed: usize,
    next: InSeq,
    entities: BTreeMap<Key, Entity>,
    aliases: BTreeMap<[u8; 16], Key>,
    seen: BTreeMap<(Partition, IdHash), Vec<InSeq>>,
}

impl Log {
    /// An empty log.
    pub fn new(partitions: u16) -> Self {
        Self {
            partitions,
            records: Vec::new(),
            flushed: 0,
            next: InSeq(1),
            entities: BTreeMap::new(),
            aliases: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Makes everything written so far durable.
    pub fn flush(&mut self) {
        self.flushed = self.records.len();
    }

    /// How many records are not durable yet.
    pub fn unflushed(&self) -> usize {
        self.records.len() - self.flushed
    }

    /// Stops as a crash does: of the records that are not durable only the first `kept` remain.
    pub fn crash(&mut self, kept: usize) {
        let records = std::mem::take(&mut self.records);
        let keep = (self.flushed + kept).min(records.len());
        *self = Self::new(self.partitions);
        for record in records.into_iter().take(keep) {
            self.write(record);
        }
        self.flush();
    }

    /// Every record, oldest first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Writes inputs; they are durable after [`Log::flush`].
    pub fn accept(&mut self, events: Vec<InEvent>) -> Vec<Accepted> {
        events
            .into_iter()
            .map(|event| {
                let previous = self.entities.get(&event.key).map(Entity::last_input);
                let seq = self.next;
                self.write(Record::Input(seq, event));
                Accepted {
                    seq,
                    previous: Some(previous.unwrap_or_default()),
                }
            })
            .collect()
    }

    /// Writes a step, and with it the first attempt of one of its effects.
    pub fn commit(
        &mut self,
        key: Key,
        step: Step,
        first: Option<Attempt>,
        expect: Version,
    ) -> Result<Version, CommitError> {
        let found = self.entities.get(&key).map_or(Version(0), Entity::version);
        if found != expect {
            return Err(CommitError::Moved {
                key,
                expected: expect.0,
                found: found.0,
            });
        }
        self.write(Record::Step(key, step, first));
        Ok(expect.next())
    }

    /// Writes an attempt of an effect that is open.
    pub fn attempt(
        &mut self,
        key: Key,
        attempt: Attempt,
        expect: AttemptNo,
    ) -> Result<(), CommitError> {
        let found = self
            .entities
            .get(&key)
            .and_then(|entity| entity.last_attempt(attempt.effect()));
        if found != Some(expect) {
            let found = found.map_or(u64::MAX, |no| u64::from(no.0));
            return Err(CommitError::Moved {
                key,
                expected: u64::from(expect.0),
                found,
            });
        }
        self.write(Record::Attempt(key, attempt));
        Ok(())
    }

    /// Writes a note.
    pub fn note(&mut self, key: Key, note: Note) {
        self.write(Record::Note(key, note));
    }

    /// See [`crate::journal::Journal::load`]. No snapshots are kept: the tail is the whole history.
    pub fn load(&self, key: Key) -> Loaded {
        let Some(entity) = self.entities.get(&key) else {
            return Loaded::default();
        };
        let next = entity
            .inputs
            .range((after(entity.consumed), std::ops::Bound::Unbounded))
            .next();
        let strikes = next.and_then(|(position, _)| entity.strikes.get(position));
        Loaded {
            state: None,
            tail: entity.steps.clone(),
            version: entity.version(),
            consumed: entity.consumed,
            open: entity.open.clone(),
            strikes: strikes.map_or(0, |(weight, _)| *weight),
            merged_into: entity.merged_into,
        }
    }

    /// See [`crate::journal::Journal::next_inputs`].
    pub fn next_inputs(&self, key: Key, from: InSeq, max: usize) -> Vec<(InSeq, InEvent)> {
        let Some(entity) = self.entities.get(&key) else {
            return Vec::new();
        };
        entity
            .inputs
            .range((after(from), std::ops::Bound::Unbounded))
            .take(max)
            .map(|(position, event)| (*position, event.clone()))
            .collect()
    }

    /// See [`crate::journal::Journal::seen`].
    pub fn seen(&self, partition: Partition, hash: IdHash, before: InSeq) -> bool {
        self.seen
            .get(&(partition, hash))
            .is_some_and(|positions| positions.iter().any(|position| *position < before))
    }

    /// See [`crate::journal::Journal::wakes`].
    pub fn wakes(&self, partition: Partition) -> Vec<(Key, Seconds)> {
        self.of(partition)
            .filter_map(|(key, entity)| entity.wake.map(|due| (*key, due)))
            .collect()
    }

    /// See [`crate::journal::Journal::backlog`].
    pub fn backlog(&self, partition: Partition) -> Vec<Key> {
        self.of(partition)
            .filter(|(_, entity)| entity.has_work())
            .map(|(key, _)| *key)
            .collect()
    }

    /// See [`crate::journal::Journal::desk`].
    pub fn desk(&self, max: usize) -> Desk {
        let entities = || self.entities.values();
        let mut shelved: Vec<_> = entities()
            .flat_map(|entity| entity.open.iter())
            .filter(|o| is_shelved(o))
            .collect();
        shelved.sort_by_key(|open| open.planned);
        let mut quarantined: Vec<_> = entities()
            .flat_map(|entity| {
                entity
                    .set_aside
                    .iter()
                    .map(move |position| (entity, *position))
            })
            .filter_map(|(entity, position)| {
                let reason = entity
                    .strikes
                    .get(&position)
                    .map_or("", |(_, reason)| reason);
                Some((
                    position,
                    entity.inputs.get(&position)?.clone(),
                    reason.to_owned(),
                ))
            })
            .collect();
        quarantined.sort_by_key(|(position, ..)| *position);
        quarantined.truncate(max);
        Desk {
            shelved: shelved.into_iter().take(max).cloned().collect(),
            quarantined,
        }
    }

    /// See [`crate::journal::Journal::resolve`].
    pub fn resolve(&self, alias: [u8; 16]) -> Option<Key> {
        self.aliases.get(&alias).copied()
    }

    /// See [`crate::journal::Journal::history`]; `range` counts records of the entity.
    pub fn history(&self, key: Key, range: Range<u64>) -> Vec<Entry> {
        let mut version = Version(0);
        let mut entries = Vec::new();
        for record in &self.records {
            match record {
                Record::Input(position, event) if event.key == key => {
                    entries.push(Entry::Input(*position, event.clone()));
                }
                Record::Step(owner, step, first) if *owner == key => {
                    version = version.next();
                    entries.push(Entry::Step(version, step.clone()));
                    entries.extend(first.clone().map(Entry::Attempt));
                }
                Record::Attempt(owner, attempt) if *owner == key => {
                    entries.push(Entry::Attempt(attempt.clone()));
                }
                Record::Note(owner, note) if *owner == key => {
                    entries.push(Entry::Note(note.clone()));
                }
                _ => {}
            }
        }
        let bound = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(entries.len());
        let (start, end) = (bound(range.start), bound(range.end));
        entries.drain(start.min(end)..end).collect()
    }

    fn of(&self, partition: Partition) -> impl Iterator<Item = (&Key, &Entity)> {
        self.entities
            .iter()
            .filter(move |(key, _)| key.partition(self.partitions) == partition)
    }

    fn write(&mut self, record: Record) {
        match &record {
            Record::Input(position, event) => {
                let partition = event.key.partition(self.partitions);
                self.seen
                    .entry((partition, event.id))
                    .or_default()
                    .push(*position);
                let entity = self.entities.entry(event.key).or_default();
                entity.inputs.insert(*position, event.clone());
            }
            Record::Step(key, step, first) => {
                let entity = self.entities.entry(*key).or_default();
                entity.take_step(step);
                if let Some(first) = first {
                    entity.take_attempt(first);
                }
            }
            Record::Attempt(key, attempt) => {
                self.entities.entry(*key).or_default().take_attempt(attempt);
            }
            Record::Note(key, note) => {
                if let Note::Alias { alias } = note {
                    self.aliases.insert(*alias, *key);
                }
                self.entities.entry(*key).or_default().take_note(note);
            }
        }
        self.next = InSeq(self.next.0 + 1);
        self.records.push(record);
    }
}

fn after(position: InSeq) -> std::ops::Bound<InSeq> {
    std::ops::Bound::Excluded(position)
}
