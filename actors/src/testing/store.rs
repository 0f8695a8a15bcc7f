//! The model journal: a log whose tail is lost in a crash until the disk has ended its group.

use crate::journal::memory::{Log, Record};
use crate::journal::{Accepted, CommitError, Desk, Loaded};
use crate::model::{
    Attempt, AttemptNo, IdHash, InEvent, InSeq, Key, Millis, Note, Outcome, Partition, Seconds,
    Step, Version,
};

use super::sabotage::Sabotage;

/// How many partitions the world has.
const PARTITIONS: u16 = 4;
/// Age at which a segment is released; what is still needed of it is carried.
const RELEASE_AFTER_MS: u64 = 60_000;

/// The journal of a world.
#[derive(Debug)]
pub(super) struct Store {
    log: Log,
    sabotage: Option<Sabotage>,
}

impl Store {
    pub(super) fn new(sabotage: Option<Sabotage>) -> Self {
        Self {
            log: Log::new(PARTITIONS),
            sabotage,
        }
    }

    /// Where the log ends; durable once [`Store::durable`] has reached it.
    pub(super) fn end(&self) -> usize {
        self.log.records().len()
    }

    /// How many records are durable.
    pub(super) fn durable(&self) -> usize {
        self.end() - self.log.unflushed()
    }

    /// The disk ends its group.
    pub(super) fn flush(&mut self) {
        self.log.flush();
    }

    /// The process dies; of what was not durable the first `kept` records are found again.
    pub(super) fn crash(&mut self, kept: usize) {
        self.log.crash(kept);
    }

    pub(super) fn unflushed(&self) -> usize {
        self.log.unflushed()
    }

    pub(super) fn records(&self) -> &[Record] {
        self.log.records()
    }

    pub(super) fn accept(&mut self, events: Vec<InEvent>) -> Vec<Accepted> {
        self.log.accept(events)
    }

    pub(super) fn commit(
        &mut self,
        key: Key,
        step: &Step,
        first: Option<Attempt>,
        expect: Version,
    ) -> Result<Version, CommitError> {
        self.log.commit(key, step.clone(), first, expect)
    }

    pub(super) fn attempt(
        &mut self,
        key: Key,
        attempt: Attempt,
        expect: AttemptNo,
    ) -> Result<(), CommitError> {
        self.log.attempt(key, attempt, expect)
    }

    pub(super) fn note(&mut self, key: Key, note: Note) {
        self.log.note(key, note);
    }

    /// Everything that waits for an operator.
    pub(super) fn desk(&self) -> Desk {
        self.log.desk(usize::MAX)
    }

    pub(super) fn resolve(&self, alias: [u8; 16]) -> Option<Key> {
        self.log.resolve(alias)
    }

    /// The last input that an entity has consumed.
    pub(super) fn consumed(&self, key: Key) -> InSeq {
        self.log.load(key).consumed
    }

    /// Whether anything was heard of an entity.
    pub(super) fn knows(&self, key: Key) -> bool {
        self.log.load(key).version.0 > 0 || self.next_input(key, InSeq(0)).is_some()
    }

    pub(super) fn load(&self, key: Key, now: Millis) -> Loaded {
        let mut loaded = self.log.load(key);
        if self.sabotage == Some(Sabotage::NoCarry) {
            let released = |planned: Millis| now.since(planned) > RELEASE_AFTER_MS;
            loaded.open.retain(|open| !released(open.planned));
        }
        if self.sabotage == Some(Sabotage::BlindResend) {
            for last in loaded.open.iter_mut().filter_map(|open| open.last.as_mut()) {
                let reason = "sabotaged".into();
                let retry = Outcome::RetryAt {
                    at: now,
                    reason,
                    failures: last.no.0,
                };
                last.outcome.get_or_insert((now, retry));
            }
        }
        loaded
    }

    pub(super) fn next_input(&self, key: Key, after: InSeq) -> Option<(InSeq, InEvent)> {
        self.log.next_inputs(key, after, 1).pop()
    }

    pub(super) fn seen(&self, key: Key, hash: IdHash, before: InSeq) -> bool {
        let knows = self.sabotage != Some(Sabotage::NoSeenIndex);
        knows && self.log.seen(key.partition(PARTITIONS), hash, before)
    }

    pub(super) fn wakes(&self) -> Vec<(Key, Seconds)> {
        let partitions = (0..PARTITIONS).map(Partition);
        partitions.flat_map(|at| self.log.wakes(at)).collect()
    }

    pub(super) fn backlog(&self) -> Vec<Key> {
        let partitions = (0..PARTITIONS).map(Partition);
        partitions.flat_map(|at| self.log.backlog(at)).collect()
    }
}
