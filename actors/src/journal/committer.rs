//! The committer: one OS thread that turns waiting batches into durable groups.
//!
//! It takes whatever waits (at most 1,024 records or 1 MiB; it lingers only under load, for less than
//! a millisecond), seals it into one group, writes it with one call, flushes it with one fdatasync, tells the [`Landing`] and then
//! answers the producers. One group is in flight at a time, so a later group on disk proves the
//! earlier ones. Sealing happens here and not in the producers, because nonce and header carry
//! numbers that exist only once the order is known; it costs about half a microsecond a record.
//!
//! A failed write or flush is final for its file: the group is refused, and before anybody hears
//! of it a new segment has recorded where the old one ended.

mod lane;
mod queue;
mod sequence;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use metrics::{Histogram, histogram};
use tokio::sync::oneshot;

use super::disk::Disk;
use super::index::Change;
use super::keys::{ContactKeys, Entropy, KeyError, Ring};
use super::record::{Draft, Header, Position};
use super::segment::{Predecessor, Segment};
use super::space::NoRoom;
use lane::Lane;
use queue::{Batch, Queue};
pub use sequence::Sequence;

/// What a batch is for; it decides who is refused first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// New inputs: refused while the disk is full and when half the queue is taken.
    Input,
    /// Steps, attempts and notes: they may use the reserve and the whole queue.
    Work,
}

/// Why a batch was not written. Nothing of it will ever be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwritten {
    /// The queue is full; try again after a moment.
    #[error("the journal's queue is full, retry in a second")]
    Overloaded,
    /// No space is left; inputs are refused until there is.
    #[error("the journal's disk is full, give the data directory more space")]
    Full,
    /// The disk failed while the batch was written.
    #[error("the journal could not make the batch durable, the disk reported an error")]
    Disk,
    /// The journal was closed.
    #[error("the journal is closed")]
    Closed,
    /// The batch does not fit a segment.
    #[error("the batch is larger than a segment can hold")]
    TooLarge,
}

/// A durable record as the landing sees it.
#[derive(Debug)]
pub struct Landed {
    /// Its header, with the sequence it got.
    pub header: Header,
    /// Where it lies.
    pub position: Position,
    /// Its body in clear.
    pub body: Vec<u8>,
    /// What it changes in the index; the landing takes it.
    pub change: Change,
    /// For an input, the position of the entity's input before it, once the landing knows it.
    pub previous: Option<u64>,
}

/// A durable batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Sequence of the first record; the others follow without gaps.
    pub first_seq: u64,
    /// For inputs, what [`Landed::previous`] said of each; empty for other work.
    pub previous: Vec<Option<u64>>,
}

/// Tells what became of a batch.
pub type Answer = oneshot::Receiver<Result<Written, Unwritten>>;

/// What happens on the committer's thread, in journal order, before producers are answered.
/// It must not block on anything that waits for the journal.
pub trait Landing: Send {
    /// A segment was opened; records will name its number.
    fn opened(&mut self, segment: Arc<Segment>);
    /// Records became durable.
    fn landed(&mut self, records: &mut [Landed]);
    /// A batch was refused after it had been taken into the queue.
    fn refused(&mut self, records: &[Draft]);
}

/// Where the new life of a lane begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Number of the segment to open.
    pub number: u32,
    /// What was accepted of the one before.
    pub predecessor: Option<Predecessor>,
    /// The least sequence the next record may have.
    pub next_seq: u64,
}

/// What a committer needs to know.
#[derive(Clone)]
pub struct Setup {
    /// Where files live.
    pub disk: Arc<dyn Disk>,
    /// The lane's folder.
    pub folder: PathBuf,
    /// Number of the lane.
    pub lane: u16,
    /// P of the data directory.
    pub partitions: u32,
    /// Bytes of a segment file (64 MiB; tests use less).
    pub segment_bytes: u32,
    /// Segments held back for steps and outcomes on a full disk; at least one.
    pub reserves: u16,
    /// Numbers the records of all lanes.
    pub sequence: Sequence,
    /// Most records that wait; above it producers are refused.
    pub queue_records: usize,
    /// Most bytes that wait.
    pub queue_bytes: usize,
    /// The keys.
    pub ring: Ring,
    /// Keys of persons.
    pub contacts: Arc<dyn ContactKeys>,
    /// Random ids of segments.
    pub entropy: Arc<dyn Entropy>,
    /// Unix seconds, stamped on new segments.
    pub clock: Arc<dyn Fn() -> u64 + Send + Sync>,
}

/// Why a committer could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder could not be used.
    #[error("journal lane {folder}: {source}")]
    Io {
        /// The lane's folder.
        folder: String,
        /// What the disk said.
        source: io::Error,
    },
    /// The writing key is missing.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No segment could be made.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
}

/// Counters since the start, for health and metrics.
#[derive(Debug, Default)]
pub struct Stats {
    /// Groups made durable.
    pub groups: AtomicU64,
    /// Records made durable.
    pub records: AtomicU64,
    /// Bytes written, padding included.
    pub bytes: AtomicU64,
    /// Nanoseconds spent in write and fdatasync.
    pub flush_ns: AtomicU64,
    /// Groups refused because the disk failed.
    pub refused_groups: AtomicU64,
    meters: Meters,
}

/// Histograms of groups, of all lanes together.
#[derive(Debug)]
struct Meters {
    /// `chasqui_journal_flush_seconds`: write and fdatasync of one group.
    flush: Histogram,
    /// `chasqui_journal_group_records`: records of one group.
    records: Histogram,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            flush: histogram!("chasqui_journal_flush_seconds"),
            records: histogram!("chasqui_journal_group_records"),
        }
    }
}

/// The handle of the committer's thread.
#[derive(Debug)]
pub struct Committer {
    queue: Arc<Queue>,
    stats: Arc<Stats>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Committer {
    /// Opens a new segment and starts the thread.
    pub fn start(
        setup: Setup,
        start: Start,
        landing: Box<dyn Landing>,
    ) -> Result<Self, StartError> {
        let queue = Arc::new(Queue::new(
            setup.queue_records,
            setup.queue_bytes,
            setup.segment_bytes,
        ));
        let stats = Arc::new(Stats::default());
        let folder = setup.folder.display().to_string();
        let name = format!("journal-{:02}", setup.lane);
        setup.sequence.at_least(start.next_seq);
        let lane = Lane::open(
            setup,
            start,
            landing,
            Arc::clone(&queue),
            Arc::clone(&stats),
        )?;
        queue.watch_space(lane.space());
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || lane.run())
            .map_err(|source| StartError::Io { folder, source })?;
        Ok(Self {
            queue,
            stats,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Writes records in one group and waits until they are durable.
    pub async fn submit(&self, class: Class, records: Vec<Draft>) -> Result<Written, Unwritten> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(class, records, reply)?;
        answer.await.unwrap_or(Err(Unwritten::Closed))
    }

    /// As [`submit`](Self::submit), for threads outside the runtime.
    pub fn submit_blocking(&self, class: Class, records: Vec<Draft>) -> Result<Written, Unwritten> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(class, records, reply)?;
        answer.blocking_recv().unwrap_or(Err(Unwritten::Closed))
    }

    /// Puts records into the queue; the answer arrives at `reply`. Batches are written in the
    /// order of these calls.
    pub fn enqueue(
        &self,
        class: Class,
        records: Vec<Draft>,
        reply: oneshot::Sender<Result<Written, Unwritten>>,
    ) -> Result<(), Unwritten> {
        self.queue.push(Batch {
            class,
            records,
            reply: Some(reply),
        })
    }

    /// Closes the open segment and goes on in a new one, so that the old one can be released.
    pub fn rotate(&self) {
        self.queue.ask_rotation();
    }

    /// Whether new inputs are refused because the disk is full.
    pub fn is_full(&self) -> bool {
        self.queue.is_full()
    }

    /// Records waiting now.
    pub fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// Counters since the start.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Writes what waits, closes the segment in good order and ends both threads: the committer's and
    /// the one that makes room for segments.
    pub fn close(&self) {
        self.queue.close();
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // A panic of the thread has been printed by the panic hook; waiters got `Closed`.
            let _ = thread.join();
        }
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.close();
    }
}

impl Stats {
    fn wrote(&self, records: u64, bytes: u64, took: std::time::Duration) {
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.flush_ns
            .fetch_add(took.as_nanos() as u64, Ordering::Relaxed);
        self.meters.flush.record(took.as_secs_f64());
        self.meters.records.record(records as f64);
    }
}
