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
            ring: Paths::new(&data).ring(),
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
