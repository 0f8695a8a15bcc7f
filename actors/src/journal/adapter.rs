//! The segment journal: [`Journal`] on the local disk.
//!
//! ```text
//! data directory
//!   lock                one process owns it
//!   keys/ring           the key ring (mode 0600)
//!   journal/format      version, P and the number of lanes, written at creation
//!   journal/accepted    losses an operator accepted, and when
//!   journal/running     steps being decided; absent after an orderly end
//!   journal/lane-00/    segments and the places of records in them, spare, reserve, seen files,
//!                       marks
//!   checkpoint/         sealed snapshots
//!   index/              aliases in sled, disposable
//! ```
//!
//! A lane is a journal of its own for the entities of its partitions (partition modulo lanes), with
//! its committer, segments, flushes and fence. What needs an order across entities has it from the
//! records' numbers, which all lanes draw from one sequence.
//!
//! It opens in two halves. [`SegmentJournal::open`] reads the newest segment of each lane and
//! returns with the committers running, so inputs are accepted at once; snapshots and older segments
//! that these do not cover are read behind it, and every other method waits for that. The same
//! thread then keeps house: snapshots, seen files, places, carrying, release.

mod accepted;
mod config;
mod core;
mod directory;
mod door;
mod draft;
mod fences;
mod landing;
mod lane;
mod lists;
mod read;
mod recovery;
mod snapshots;
mod start;
mod trouble;
mod waits;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::committer::Class;
use super::record::Draft;
use super::running::RunningSteps;
use super::seen::Id;
use super::{
    Accepted, CommitError, Desk, Entry, Journal, Loaded, ReadError, Recording, Refused, StateBytes,
};
use crate::model::{
    Attempt, AttemptNo, IdHash, InEvent, InSeq, Key, Note, Partition, Seconds, Step, Version,
};

pub(crate) use self::accepted::Accepted as AcceptedLosses;
pub(crate) use self::core::Core;
pub(crate) use self::lane::Lane;
pub(crate) use self::start::setup;
pub use config::{Config, Figures, OpenError, WorkLeft, keep_bytes_min};
pub use directory::{DirectoryError, Paths};

/// The journal on local disk. Dropping it closes it in good order.
pub struct SegmentJournal {
    core: Arc<Core>,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for SegmentJournal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentJournal")
            .field("data", &self.core.config.data)
            .finish_non_exhaustive()
    }
}

impl SegmentJournal {
    /// Opens or creates the journal of a data directory. Blocks while the newest segment of each lane
    /// is read.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        let (core, keeper) = start::open(config)?;
        Ok(Self {
            core,
            keeper: Mutex::new(Some(keeper)),
        })
    }

    /// Figures for health and metrics.
    pub fn figures(&self) -> Figures {
        self.core.figures()
    }

    /// What is left to do, as far as it is indexed. Looks at every entity that is not at rest, so ask
    /// for it every few seconds and not with every message.
    pub fn work_left(&self) -> WorkLeft {
        self.core.work_left()
    }

    /// Waits until everything is indexed.
    pub async fn ready(&self) -> Result<(), ReadError> {
        self.core.ready().await
    }

    /// Writes what waits, closes the open segment and ends the threads. Blocks.
    pub fn close(&self) {
        self.core.close();
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = keeper.take() {
            // A panic there has been printed by the panic hook; the files are whole regardless.
            let _ = keeper.join();
        }
    }

    /// Reads an entity back.
    async fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let core = &self.core;
        if core.waits.are_likely(core.config.clock.now()) {
            let timed = move |core: &Core| core.timed(work);
            return self.blocking(timed).await;
        }
        core.timed(work)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let core = Arc::clone(&self.core);
        let done = tokio::task::spawn_blocking(move || work(&core)).await;
        done.unwrap_or_else(|error| Err(ReadError::Disk(error.to_string())))
    }

    /// Queues a step, and the attempt that begins with it.
    fn queue_step(
        &self,
        key: Key,
        step: &Step,
        first: Option<&Attempt>,
        expect: Version,
        state: &(dyn StateBytes + Sync),
    ) -> Result<Recording, CommitError> {
        self.core.fences.check(key)?;
        let mut encoded = Vec::with_capacity(512);
        state.encode(&mut encoded);
        let mut drafts = Vec::with_capacity(2);
        drafts.push(draft::step(key, step, expect.next(), encoded));
        drafts.extend(first.map(|attempt| draft::attempt(key, attempt)));
        let reserved = self.core.index.reserve(key, expect);
        reserved.map_err(|found| CommitError::Moved {
            key,
            expected: expect.0,
            found,
        })?;
        let queued = self.queue(key, drafts);
        queued.map_err(|refused| {
            self.core.index.give_back(key);
            refused.into()
        })
    }

    /// Queues records of one entity, which become durable together.
    fn queue(&self, key: Key, drafts: Vec<Draft>) -> Result<Recording, Refused> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let committer = self.core.lane(key).committer();
        committer.enqueue(Class::Work, drafts, reply)?;
        Ok(Recording(answer))
    }

    async fn write(&self, key: Key, draft: Draft) -> Result<(), CommitError> {
        let committer = self.core.lane(key).committer();
        let written = committer.submit(Class::Work, vec![draft]).await;
        written.map_err(Refused::from)?;
        Ok(())
    }
}

impl Drop for SegmentJournal {
    fn drop(&mut self) {
        self.close();
    }
}

impl Journal for SegmentJournal {
    async fn accept(&self, events: Vec<InEvent>) -> Result<Vec<Accepted>, Refused> {
        self.core.accept(&events).await
    }

    async fn load(&self, key: Key) -> Result<Loaded, ReadError> {
        self.core.ready().await?;
        match self.core.load_from_memory(key)? {
            Some(loaded) => Ok(loaded),
            None => self.reading(move |core| core.load(key)).await,
        }
    }

    async fn next_inputs(
        &self,
        key: Key,
        after: InSeq,
        max: usize,
    ) -> Result<Vec<(InSeq, InEvent)>, ReadError> {
        self.core.ready().await?;
        self.core.next_inputs(key, after, max)
    }

    async fn commit(
        &self,
        key: Key,
        step: &Step,
        first: Option<&Attempt>,
        expect: Version,
        state: &(dyn StateBytes + Sync),
    ) -> Result<Version, CommitError> {
        self.core.ready().await.map_err(unready)?;
        let recording = self.queue_step(key, step, first, expect, state)?;
        recording.durable().await?;
        Ok(expect.next())
    }

    fn commit_soon(
        &self,
        key: Key,
        step: &Step,
        expect: Version,
        state: &(dyn StateBytes + Sync),
    ) -> Result<Option<(Version, Recording)>, CommitError> {
        if !self.core.is_ready() {
            return Ok(None);
        }
        let recording = self.queue_step(key, step, None, expect, state)?;
        Ok(Some((expect.next(), recording)))
    }

    async fn attempt(
        &self,
        key: Key,
        attempt: &Attempt,
        expect: AttemptNo,
    ) -> Result<(), CommitError> {
        self.core.ready().await.map_err(unready)?;
        self.core.check_attempt(key, attempt, expect)?;
        self.write(key, draft::attempt(key, attempt)).await
    }

    fn attempt_soon(
        &self,
        key: Key,
        attempt: &Attempt,
        expect: AttemptNo,
    ) -> Result<Option<Recording>, CommitError> {
        if !self.core.is_ready() {
            return Ok(None);
        }
        self.core.check_attempt(key, attempt, expect)?;
        let recording = self.queue(key, vec![draft::attempt(key, attempt)])?;
        Ok(Some(recording))
    }

    async fn note(&self, key: Key, note: &Note) -> Result<(), CommitError> {
        self.core.ready().await.map_err(unready)?;
        self.core.fences.check(key)?;
        self.write(key, draft::note(key, note)).await
    }

    async fn seen(
        &self,
        partition: Partition,
        hash: IdHash,
        before: InSeq,
    ) -> Result<bool, ReadError> {
        self.core.ready().await?;
        self.core.check(partition)?;
        let id = Id { partition, hash };
        self.blocking(move |core| {
            let found = core.lane_of(partition).seen.look_up(id, before.0);
            found.map_err(|error| ReadError::Disk(error.to_string()))
        })
        .await
    }

    async fn wakes(&self, partition: Partition) -> Result<Vec<(Key, Seconds)>, ReadError> {
        self.core.ready().await?;
        self.core.check(partition)?;
        Ok(self.core.index.wakes(partition))
    }

    async fn backlog(&self, partition: Partition) -> Result<Vec<Key>, ReadError> {
        self.core.ready().await?;
        self.core.check(partition)?;
        Ok(self.core.index.backlog(partition))
    }

    async fn desk(&self, max: usize) -> Result<Desk, ReadError> {
        self.core.ready().await?;
        self.blocking(move |core| core.desk(max)).await
    }

    async fn resolve(&self, alias: [u8; 16]) -> Result<Option<Key>, ReadError> {
        self.core.ready().await?;
        if self.core.names_nobody(&alias) {
            return Ok(None);
        }
        self.reading(move |core| core.resolve(&alias)).await
    }

    async fn history(
        &self,
        key: Key,
        range: std::ops::Range<u64>,
    ) -> Result<Vec<Entry>, ReadError> {
        self.core.ready().await?;
        self.blocking(move |core| core.history(key, range)).await
    }

    fn settled(&self, key: Key) {
        self.core.index.shrink(key);
        self.core.queue_snapshot(key);
    }

    fn running(&self) -> Arc<dyn RunningSteps> {
        Arc::clone(&self.core.running) as Arc<dyn RunningSteps>
    }
}

fn unready(error: ReadError) -> CommitError {
    CommitError::Refused(Refused::Disk(error.to_string()))
}
