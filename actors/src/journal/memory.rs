//! The in-memory journal: the model the segment journal is compared with, and the disk of the
//! simulated world, where it can lose what was not yet flushed.

mod entity;
mod log;

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use log::{Log, Record};

use super::{Accepted, CommitError, Desk, Entry, Journal, Loaded, ReadError, Refused, StateBytes};
use crate::model::{
    Attempt, AttemptNo, IdHash, InEvent, InSeq, Key, Note, Partition, Seconds, Step, Version,
};

/// A journal that lives as long as the process and is durable the moment it is written.
#[derive(Debug)]
pub struct MemoryJournal {
    log: Mutex<Log>,
}

impl MemoryJournal {
    /// An empty journal over `partitions` partitions.
    pub fn new(partitions: u16) -> Self {
        Self {
            log: Mutex::new(Log::new(partitions)),
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // No operation on the log leaves it half-changed, so a panic elsewhere does not spoil it.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    async fn accept(&self, events: Vec<InEvent>) -> Result<Vec<Accepted>, Refused> {
        let mut log = self.log();
        let accepted = log.accept(events);
        log.flush();
        Ok(accepted)
    }

    async fn load(&self, key: Key) -> Result<Loaded, ReadError> {
        Ok(self.log().load(key))
    }

    async fn next_inputs(
        &self,
        key: Key,
        after: InSeq,
        max: usize,
    ) -> Result<Vec<(InSeq, InEvent)>, ReadError> {
        Ok(self.log().next_inputs(key, after, max))
    }

    async fn commit(
        &self,
        key: Key,
        step: &Step,
        first: Option<&Attempt>,
        expect: Version,
        _state: &(dyn StateBytes + Sync),
    ) -> Result<Version, CommitError> {
        let mut log = self.log();
        let version = log.commit(key, step.clone(), first.cloned(), expect)?;
        log.flush();
        Ok(version)
    }

    async fn attempt(
        &self,
        key: Key,
        attempt: &Attempt,
        expect: AttemptNo,
    ) -> Result<(), CommitError> {
        let mut log = self.log();
        log.attempt(key, attempt.clone(), expect)?;
        log.flush();
        Ok(())
    }

    async fn note(&self, key: Key, note: &Note) -> Result<(), CommitError> {
        let mut log = self.log();
        log.note(key, note.clone());
        log.flush();
        Ok(())
    }

    async fn seen(
        &self,
        partition: Partition,
        hash: IdHash,
        before: InSeq,
    ) -> Result<bool, ReadError> {
        Ok(self.log().seen(partition, hash, before))
    }

    async fn wakes(&self, partition: Partition) -> Result<Vec<(Key, Seconds)>, ReadError> {
        Ok(self.log().wakes(partition))
    }

    async fn backlog(&self, partition: Partition) -> Result<Vec<Key>, ReadError> {
        Ok(self.log().backlog(partition))
    }

    async fn desk(&self, max: usize) -> Result<Desk, ReadError> {
        Ok(self.log().desk(max))
    }

    async fn resolve(&self, alias: [u8; 16]) -> Result<Option<Key>, ReadError> {
        Ok(self.log().resolve(alias))
    }

    async fn history(&self, key: Key, range: Range<u64>) -> Result<Vec<Entry>, ReadError> {
        Ok(self.log().history(key, range))
    }

    fn settled(&self, _key: Key) {}
}
