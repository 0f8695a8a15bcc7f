//! The segment journal: [`Journal`] on the local disk.
//!
//! ```text
//! data directory
//!   lock                one process owns it
//!   keys/ring           the key ring (mode 0600)
//!   journal/format      version and P, written at creation
//!   journal/accepted    losses an operator accepted
//!   journal/lane-00/    segments, spare, reserve, seen files
//!   checkpoint/         sealed snapshots
//!   index/              sled, disposable
//! ```
//!
//! It opens in two halves. [`SegmentJournal::open`] reads the newest segment and returns with the
//! committer running, so inputs are accepted at once; snapshots and the older segments are read
//! behind it, and every other method waits for that. The same thread then keeps house: snapshots,
//! seen files, carrying, release.

mod core;
mod directory;
mod read;
mod start;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::committer::{Class, StartError, Unwritten, Written};
use super::disk::{Disk, RealDisk};
use super::index::{Change, entity_of};
use super::keys::{ContactKeys, Entropy, KeyError, NoContactKeys, SystemEntropy};
use super::pages::{InMemory, PagesSource, SledPages};
use super::record::{Draft, Kind, Scope};
use super::recover::{Damage, RecoverError};
use super::seen::Id;
use super::{
    Accepted, CommitError, Desk, Entry, Fold, Journal, Loaded, ReadError, Refused, StateBytes,
    codec,
};
use crate::model::{
    Attempt, AttemptNo, IdHash, InEvent, InSeq, Key, Note, Partition, Seconds, Step, Version,
};
use crate::ports::Clock;

pub(crate) use self::core::Core;
pub use directory::{DirectoryError, Paths};

/// Records and bytes of one batch of inputs; a larger webhook body is written in several.
const ACCEPT_RECORDS: usize = 512;
const ACCEPT_BYTES: usize = 512 * 1024;

/// What a segment journal is opened with.
#[derive(Clone)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// Where its files live.
    pub disk: Arc<dyn Disk>,
    /// The disposable index of snapshots.
    pub pages: Arc<dyn PagesSource>,
    /// P. Another number than that of an existing directory is refused.
    pub partitions: u16,
    /// Bytes of a segment file; 64 MiB.
    pub segment_bytes: u32,
    /// No segment gets older than this; 24 h.
    pub max_age_ms: u64,
    /// Sealed segments are released earlier than that when there are more bytes of them; 2 GiB.
    pub keep_bytes: u64,
    /// How often the keeper looks around, and how long snapshots wait for company because each
    /// batch of them costs an fdatasync; 500 ms.
    pub house_ms: u64,
    /// Records that may wait for the disk; above half of it inputs are refused.
    pub queue_records: usize,
    /// Bytes that may wait for the disk.
    pub queue_bytes: usize,
    /// Random ids of files.
    pub entropy: Arc<dyn Entropy>,
    /// Keys of persons.
    pub contacts: Arc<dyn ContactKeys>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Folds the steps of sleeping entities into snapshots.
    pub fold: Arc<dyn Fold>,
}

impl Config {
    /// The defaults on the real disk.
    pub fn new(data: PathBuf, clock: Arc<dyn Clock>, fold: Arc<dyn Fold>) -> Self {
        Self {
            pages: Arc::new(SledPages::new(data.join("index"))),
            data,
            disk: Arc::new(RealDisk),
            partitions: 64,
            segment_bytes: 64 * 1024 * 1024,
            max_age_ms: 24 * 3_600_000,
            keep_bytes: 2 * 1024 * 1024 * 1024,
            house_ms: 500,
            queue_records: 65_536,
            queue_bytes: 128 * 1024 * 1024,
            entropy: Arc::new(SystemEntropy),
            contacts: Arc::new(NoContactKeys),
            clock,
            fold,
        }
    }

    /// Keeps snapshots in memory instead of sled; simulated disks.
    pub fn without_sled(mut self, disk: Arc<dyn Disk>) -> Self {
        self.disk = disk;
        self.pages = Arc::new(InMemory);
        self
    }
}

/// Why a journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory is not usable.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A key file is not usable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The segments could not be read.
    #[error(transparent)]
    Recover(#[from] RecoverError),
    /// No new segment could be opened.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Figures for health and metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Everything is indexed; before that only inputs are accepted.
    pub ready: bool,
    /// Inputs are refused because the disk is full.
    pub full: bool,
    /// Records waiting for the disk.
    pub waiting: usize,
    /// Groups made durable since the start.
    pub groups: u64,
    /// Records made durable since the start.
    pub records: u64,
    /// Bytes written since the start.
    pub bytes: u64,
    /// Nanoseconds spent in write and fdatasync.
    pub flush_ns: u64,
    /// Groups refused because the disk failed.
    pub refused_groups: u64,
    /// Segments on disk.
    pub segments: usize,
    /// Entities known.
    pub known: usize,
    /// Entities not at rest.
    pub active: usize,
    /// Bytes of a torn tail cut at start.
    pub torn_bytes: u64,
    /// Damage found and not accepted.
    pub damage: Vec<Damage>,
}

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
    /// Opens or creates the journal of a data directory. Blocks while the newest segment is read.
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

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let core = Arc::clone(&self.core);
        let done = tokio::task::spawn_blocking(move || work(&core)).await;
        done.unwrap_or_else(|error| Err(ReadError::Disk(error.to_string())))
    }

    async fn write(&self, drafts: Vec<Draft>) -> Result<Written, Refused> {
        let committer = self.core.committer();
        let written = committer.submit(Class::Work, drafts).await;
        written.map_err(refused)
    }
}

impl Drop for SegmentJournal {
    fn drop(&mut self) {
        self.close();
    }
}

impl Journal for SegmentJournal {
    async fn accept(&self, events: Vec<InEvent>) -> Result<Vec<Accepted>, Refused> {
        let mut accepted = Vec::with_capacity(events.len());
        let mut answers = Vec::with_capacity(1);
        let mut batch = Vec::with_capacity(events.len().min(ACCEPT_RECORDS));
        let mut bytes = 0;
        for event in events {
            self.core.fences.check(event.key)?;
            let draft = input_draft(&event);
            bytes += draft.sealed_bytes();
            if !batch.is_empty() && (batch.len() >= ACCEPT_RECORDS || bytes > ACCEPT_BYTES) {
                bytes = draft.sealed_bytes();
                answers.push(self.core.enqueue_inputs(std::mem::take(&mut batch)));
            }
            batch.push(draft);
        }
        if batch.is_empty() {
            return Ok(accepted);
        }
        answers.push(self.core.enqueue_inputs(batch));
        for answer in answers {
            let answer = answer.map_err(refused)?;
            let written = answer.await.unwrap_or(Err(Unwritten::Closed));
            let written = written.map_err(refused)?;
            for (seq, previous) in (written.first_seq..).zip(written.previous) {
                accepted.push(Accepted {
                    seq: InSeq(seq),
                    previous: previous.map(InSeq),
                });
            }
        }
        Ok(accepted)
    }

    async fn load(&self, key: Key) -> Result<Loaded, ReadError> {
        self.core.ready().await?;
        match self.core.load_from_memory(key)? {
            Some(loaded) => Ok(loaded),
            None => self.blocking(move |core| core.load(key)).await,
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
        self.core.fences.check(key)?;
        let mut encoded = Vec::with_capacity(512);
        state.encode(&mut encoded);
        let mut drafts = Vec::with_capacity(2);
        drafts.push(step_draft(key, step, expect.next(), encoded));
        drafts.extend(first.map(|attempt| attempt_draft(key, attempt)));
        let reserved = self.core.index.reserve(key, expect);
        reserved.map_err(|found| CommitError::Moved {
            key,
            expected: expect.0,
            found,
        })?;
        let (reply, answer) = tokio::sync::oneshot::channel();
        let enqueued = self.core.committer().enqueue(Class::Work, drafts, reply);
        if let Err(unwritten) = enqueued {
            self.core.index.give_back(key);
            return Err(refused(unwritten).into());
        }
        let written = answer.await.unwrap_or(Err(Unwritten::Closed));
        written.map_err(refused)?;
        Ok(expect.next())
    }

    async fn attempt(
        &self,
        key: Key,
        attempt: &Attempt,
        expect: AttemptNo,
    ) -> Result<(), CommitError> {
        self.core.ready().await.map_err(unready)?;
        self.core.fences.check(key)?;
        let found = self.core.index.last_attempt(key, &attempt.effect().hash);
        if found != Some(expect) {
            return Err(CommitError::Moved {
                key,
                expected: u64::from(expect.0),
                found: found.map_or(u64::MAX, |no| u64::from(no.0)),
            });
        }
        self.write(vec![attempt_draft(key, attempt)]).await?;
        Ok(())
    }

    async fn note(&self, key: Key, note: &Note) -> Result<(), CommitError> {
        self.core.ready().await.map_err(unready)?;
        self.core.fences.check(key)?;
        self.write(vec![note_draft(key, note)]).await?;
        Ok(())
    }

    async fn seen(
        &self,
        partition: Partition,
        hash: IdHash,
        before: InSeq,
    ) -> Result<bool, ReadError> {
        self.core.ready().await?;
        let id = Id { partition, hash };
        self.blocking(move |core| {
            let found = core.seen.look_up(id, before.0);
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
        self.blocking(move |core| core.resolve(&alias)).await
    }

    async fn history(
        &self,
        key: Key,
        range: std::ops::Range<u64>,
    ) -> Result<Vec<Entry>, ReadError> {
        self.core.ready().await?;
        self.blocking(move |core| core.history(key, range)).await
    }

    async fn settled(&self, key: Key, _upto: InSeq) -> Result<(), ReadError> {
        self.core.ready().await?;
        self.core.queue_snapshot(key);
        Ok(())
    }
}

fn input_draft(event: &InEvent) -> Draft {
    Draft {
        kind: Kind::Input,
        entity: entity_of(event.key),
        scope: Scope::Ring,
        entity_seq: 0,
        input_hash: event.id.0,
        epoch: 0,
        next_wake: 0,
        body: codec::encode(event),
        change: Change::Input,
    }
}

fn step_draft(key: Key, step: &Step, version: Version, state: Vec<u8>) -> Draft {
    Draft {
        kind: Kind::Step,
        entity: entity_of(key),
        scope: Scope::Ring,
        entity_seq: version.0,
        input_hash: step.input.0,
        epoch: 0,
        next_wake: step.wake.map_or(0, |due| u64::from(due.0)),
        body: codec::encode(step),
        change: Change::step(step, Some(state)),
    }
}

fn attempt_draft(key: Key, attempt: &Attempt) -> Draft {
    Draft {
        kind: match attempt {
            Attempt::Sending { .. } => Kind::Sending,
            Attempt::Outcome { .. } => Kind::Outcome,
        },
        entity: entity_of(key),
        scope: Scope::Ring,
        entity_seq: 0,
        input_hash: attempt.effect().hash,
        epoch: 0,
        next_wake: 0,
        body: codec::encode(attempt),
        change: Change::attempt(attempt),
    }
}

fn note_draft(key: Key, note: &Note) -> Draft {
    Draft {
        kind: match note {
            Note::Alias { .. } => Kind::Alias,
            Note::Merged { .. } => Kind::Merged,
            Note::Strike(_) => Kind::Strike,
            Note::Released { .. } | Note::Config { .. } => Kind::Config,
        },
        entity: entity_of(key),
        scope: Scope::Ring,
        entity_seq: 0,
        input_hash: [0; 8],
        epoch: 0,
        next_wake: 0,
        body: codec::encode(note),
        change: Change::note(note),
    }
}

fn refused(unwritten: Unwritten) -> Refused {
    match unwritten {
        Unwritten::Overloaded => Refused::Overloaded,
        Unwritten::Full => Refused::Full,
        Unwritten::Closed => Refused::Closed,
        Unwritten::Disk | Unwritten::TooLarge => Refused::Disk(unwritten.to_string()),
    }
}

fn unready(error: ReadError) -> CommitError {
    CommitError::Refused(Refused::Disk(error.to_string()))
}
