//! What a journal is opened with, why that can fail, and the figures it shows.

use std::path::PathBuf;
use std::sync::Arc;

use super::{DirectoryError, Paths};
use crate::journal::Fold;
use crate::journal::committer::StartError;
use crate::journal::disk::{Disk, RealDisk};
use crate::journal::keys::{ContactKeys, Entropy, KeyError, NoContactKeys, SystemEntropy};
use crate::journal::pages::{InMemory, PagesSource, SledPages};
use crate::journal::recover::{Damage, RecoverError};
use crate::journal::seen::DAYS;
use crate::model::Millis;
use crate::ports::Clock;

/// What a segment journal is opened with.
#[derive(Clone)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// The key ring, made when it is absent; in the data directory unless it is kept elsewhere.
    pub ring: PathBuf,
    /// Where its files live.
    pub disk: Arc<dyn Disk>,
    /// The disposable index of aliases.
    pub pages: Arc<dyn PagesSource>,
    /// P. Another number than that of an existing directory is refused.
    pub partitions: u16,
    /// Lanes. Another number than that of an existing directory is refused; 1.
    pub lanes: u16,
    /// Bytes of a segment file; 64 MiB.
    pub segment_bytes: u32,
    /// Bytes held back for steps and outcomes on a full disk, all lanes together, in whole segments
    /// and at least one a lane; 64 MiB.
    pub reserve_bytes: u64,
    /// No segment gets older than this; 24 h.
    pub max_age_ms: u64,
    /// The journal's folder stays below so many bytes: the oldest segments are released before
    /// their time; 2 GiB. See [`keep_bytes_min`].
    pub keep_bytes: u64,
    /// Days for which the ids of inputs are remembered; 9.
    pub seen_days: u64,
    /// Sealed segments of a lane that may be without cover, which a start then has to read; 3.
    pub cover_behind: usize,
    /// How long a sealed segment may be without cover; 60 s.
    pub cover_after_ms: u64,
    /// How often the keeper looks around; a few snapshots wait ten times as long for company,
    /// because each batch of them costs several flushes; 500 ms.
    pub house_ms: u64,
    /// Records that may wait for the disk, in all lanes together; above half of a lane's share
    /// inputs are refused.
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
            ring: Paths::new(&data).ring(),
            data,
            disk: Arc::new(RealDisk),
            partitions: 64,
            lanes: 1,
            segment_bytes: 64 * 1024 * 1024,
            reserve_bytes: 64 * 1024 * 1024,
            max_age_ms: 24 * 3_600_000,
            keep_bytes: 2 * 1024 * 1024 * 1024,
            seen_days: DAYS,
            cover_behind: 3,
            cover_after_ms: 60_000,
            house_ms: 500,
            queue_records: 65_536,
            queue_bytes: 128 * 1024 * 1024,
            entropy: Arc::new(SystemEntropy),
            contacts: Arc::new(NoContactKeys),
            clock,
            fold,
        }
    }

    /// Segments that each lane holds back.
    pub(crate) fn reserves(&self) -> u16 {
        let segment = u64::from(self.segment_bytes);
        let segments = reserves(self.lanes, segment, self.reserve_bytes);
        u16::try_from(segments).unwrap_or(u16::MAX)
    }

    /// What the folder takes before anything is kept in it.
    pub(crate) fn standing_bytes(&self) -> u64 {
        let segment = u64::from(self.segment_bytes);
        standing_bytes(self.lanes, segment, self.reserve_bytes)
    }

    /// Keeps aliases in memory instead of sled; simulated disks.
    pub fn without_sled(mut self, disk: Arc<dyn Disk>) -> Self {
        self.disk = disk;
        self.pages = Arc::new(InMemory);
        self
    }
}

/// The least that [`Config::keep_bytes`] can hold the journal's folder to: what it takes anyway (of
/// each lane the open segment, the spare, room for the segment that is sealed next, and the reserve)
/// and one sealed segment a lane.
pub fn keep_bytes_min(lanes: u16, segment_bytes: u64, reserve_bytes: u64) -> u64 {
    let sealed = u64::from(lanes).saturating_mul(segment_bytes);
    standing_bytes(lanes, segment_bytes, reserve_bytes).saturating_add(sealed)
}

fn standing_bytes(lanes: u16, segment_bytes: u64, reserve_bytes: u64) -> u64 {
    let segments = 3 + reserves(lanes, segment_bytes, reserve_bytes);
    u64::from(lanes).saturating_mul(segments.saturating_mul(segment_bytes))
}

fn reserves(lanes: u16, segment_bytes: u64, reserve_bytes: u64) -> u64 {
    let of_lane = reserve_bytes.div_ceil(u64::from(lanes.max(1)));
    of_lane.div_ceil(segment_bytes.max(1)).max(1)
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

/// What is left to do, for health and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkLeft {
    /// Inputs that wait to be consumed.
    pub inputs: usize,
    /// When the oldest of them was received.
    pub oldest_input: Option<Millis>,
    /// Effects that are planned, under way, retrying or in doubt.
    pub effects: usize,
    /// When the oldest of them was decided.
    pub oldest_effect: Option<Millis>,
    /// Inputs set aside for an operator.
    pub set_aside: usize,
    /// Effects whose retries are used up.
    pub dead_letters: usize,
    /// When the first last try of them began.
    pub oldest_dead_letter: Option<Millis>,
    /// Effects that nobody knows the outcome of and that must not be repeated.
    pub uncertain: usize,
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
    /// Entities fenced one by one: damaged, or not foldable.
    pub fenced: usize,
    /// Segments read at start besides the newest of each lane: the checkpoint did not cover them.
    pub replayed_segments: usize,
    /// Bytes of a torn tail cut at start.
    pub torn_bytes: u64,
    /// Inputs that a step of this process passed over. Must stay 0.
    pub lost_inputs: u64,
    /// Steps of this process on an input that did not wait. Must stay 0.
    pub disordered_steps: u64,
    /// Damage found and not accepted.
    pub damage: Vec<Damage>,
}
