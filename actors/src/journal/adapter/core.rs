//! What the threads of one journal share, and what happens when records become durable.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::fences::Fences;
use super::{Config, Figures, Paths};
use crate::journal::ReadError;
use crate::journal::checkpoint::Checkpoint;
use crate::journal::committer::{Class, Committer, Unwritten, Written};
use crate::journal::index::{Change, Index, key_of};
use crate::journal::keys::Ring;
use crate::journal::pages::Sealed;
use crate::journal::record::{Draft, Header, Kind, Position};
use crate::journal::recover::{Bad, Damage};
use crate::journal::running::Running;
use crate::journal::seen::{Id, Seen};
use crate::journal::segment::Segment;
use crate::model::{IdHash, Key, Partition};

const DAY_S: u64 = 86_400;

/// How far the start has come.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// Inputs are accepted, the rest is being read.
    Reading,
    /// Everything is indexed.
    Ready,
    /// It will not become ready; why.
    Failed(String),
}

/// A record whose change waits until everything before it is indexed.
pub(crate) type Early = (Header, Position, Change);

/// The shared part of a journal.
pub(crate) struct Core {
    pub config: Config,
    pub paths: Paths,
    pub ring: Ring,
    pub index: Index,
    pub seen: Seen,
    pub fences: Fences,
    pub running: Arc<Running>,
    pub segments: RwLock<BTreeMap<u32, Arc<Segment>>>,
    /// `None` while the snapshot index is being built.
    pub pages: RwLock<Option<Sealed>>,
    pub checkpoint: OnceLock<Mutex<Checkpoint>>,
    committer: OnceLock<Committer>,
    stage: watch::Sender<Stage>,
    pub early: Mutex<Option<Vec<Early>>>,
    queue: Mutex<Vec<Key>>,
    wake: Condvar,
    closing: AtomicBool,
    pub open_segment: AtomicU32,
    pub landed_seq: AtomicU64,
    torn_bytes: AtomicU64,
    damage: Mutex<Vec<Damage>>,
    _lock: Box<dyn Any + Send + Sync>,
}

/// What a [`Core`] begins with.
pub(crate) struct Begin {
    pub config: Config,
    pub paths: Paths,
    pub ring: Ring,
    pub seen: Seen,
    pub segments: BTreeMap<u32, Arc<Segment>>,
    pub early: Vec<Early>,
    pub torn_bytes: u64,
    pub landed_seq: u64,
    pub lock: Box<dyn Any + Send + Sync>,
}

impl Core {
    pub fn new(begin: Begin) -> Self {
        Self {
            index: Index::new(begin.config.partitions),
            running: Arc::new(Running::new(
                Arc::clone(&begin.config.disk),
                begin.paths.running(),
            )),
            config: begin.config,
            paths: begin.paths,
            ring: begin.ring,
            seen: begin.seen,
            fences: Fences::default(),
            segments: RwLock::new(begin.segments),
            pages: RwLock::new(None),
            checkpoint: OnceLock::new(),
            committer: OnceLock::new(),
            stage: watch::Sender::new(Stage::Reading),
            early: Mutex::new(Some(begin.early)),
            queue: Mutex::default(),
            wake: Condvar::new(),
            closing: AtomicBool::new(false),
            open_segment: AtomicU32::new(0),
            landed_seq: AtomicU64::new(begin.landed_seq),
            torn_bytes: AtomicU64::new(begin.torn_bytes),
            damage: Mutex::default(),
            _lock: begin.lock,
        }
    }

    pub fn set_committer(&self, committer: Committer) {
        // Called once, by the start.
        let _ = self.committer.set(committer);
    }

    pub fn committer(&self) -> &Committer {
        self.committer
            .get()
            .expect("the start sets the committer before it gives the journal out")
    }

    /// Waits until everything is indexed.
    pub async fn ready(&self) -> Result<(), ReadError> {
        if let Stage::Ready = &*self.stage.borrow() {
            return Ok(());
        }
        let mut stage = self.stage.subscribe();
        let reached = stage
            .wait_for(|stage| !matches!(stage, Stage::Reading))
            .await;
        match reached.as_deref() {
            Ok(Stage::Failed(reason)) => Err(ReadError::Disk(reason.clone())),
            Ok(_) => Ok(()),
            Err(_) => Err(ReadError::Disk("the journal is closed".to_owned())),
        }
    }

    pub fn reach(&self, stage: Stage) {
        self.stage.send_replace(stage);
    }

    /// Whether a partition exists.
    pub fn check(&self, partition: Partition) -> Result<(), ReadError> {
        let partitions = self.config.partitions;
        match partition.0 < partitions {
            true => Ok(()),
            false => Err(ReadError::Disk(format!(
                "partition {} of {partitions} does not exist",
                partition.0
            ))),
        }
    }

    pub fn enqueue_inputs(
        &self,
        drafts: Vec<Draft>,
    ) -> Result<oneshot::Receiver<Result<Written, Unwritten>>, Unwritten> {
        let (reply, answer) = oneshot::channel();
        self.committer().enqueue(Class::Input, drafts, reply)?;
        Ok(answer)
    }

    /// Asks for a snapshot of an entity that has records no snapshot covers.
    pub fn queue_snapshot(&self, key: Key) {
        let mut shard = self.index.shard(key);
        let Some(active) = shard.active.get_mut(&key) else {
            return;
        };
        if active.dirty_since.is_none() || std::mem::replace(&mut active.queued, true) {
            return;
        }
        drop(shard);
        self.queued().push(key);
    }

    /// Takes up to `max` entities that wait for a snapshot.
    pub fn take_queued(&self, max: usize) -> Vec<Key> {
        let mut queue = self.queued();
        let count = queue.len().min(max);
        let mut keys: Vec<Key> = queue.drain(..count).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    pub fn queued(&self) -> MutexGuard<'_, Vec<Key>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rests the keeper until there is something to do; false when the journal is closing.
    pub fn rest(&self, at_most: Duration) -> bool {
        if !self.is_closing() {
            let queue = self.queued();
            let waited = self.wake.wait_timeout(queue, at_most);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
        !self.is_closing()
    }

    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub fn close(&self) {
        if let Some(committer) = self.committer.get() {
            committer.close();
        }
        self.running.end();
        self.closing.store(true, Ordering::Release);
        let queue = self.queued();
        self.wake.notify_all();
        drop(queue);
        if let Stage::Reading = &*self.stage.borrow() {
            return;
        }
        self.reach(Stage::Failed("the journal is closed".to_owned()));
    }

    /// Number of the segment being written.
    pub fn open_segment(&self) -> u32 {
        self.open_segment.load(Ordering::Acquire)
    }

    /// Sequence of the last durable record.
    pub fn landed_seq(&self) -> u64 {
        self.landed_seq.load(Ordering::Acquire)
    }

    pub fn segment(&self, number: u32) -> Option<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        segments.get(&number).cloned()
    }

    /// Day since the Unix epoch.
    pub fn today(&self) -> u64 {
        self.config.clock.now().0 / 1000 / DAY_S
    }

    /// Takes damage in: fences whom it concerns and reports it, unless an operator accepted it.
    pub fn take_damage(&self, damage: Damage, accepted: &[String]) {
        let line = damage.to_string();
        if accepted.contains(&line) {
            return;
        }
        tracing::error!(damage = line, "the journal is damaged");
        match damage.what {
            Bad::Body { entity, .. } => match key_of(entity) {
                Some(key) => self.fences.fence(key),
                None => self.fences.fence_lane(),
            },
            Bad::Groups { .. } | Bad::Segment => self.fences.fence_lane(),
        }
        let mut known = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        known.push(damage);
    }

    /// Applies a batch of early records; false when none is left and the index is live from now on.
    pub fn apply_early(&self, apply: &mut dyn FnMut(Early)) -> bool {
        let batch = {
            let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
            match early.as_mut() {
                Some(waiting) if !waiting.is_empty() => std::mem::take(waiting),
                _ => {
                    *early = None;
                    return false;
                }
            }
        };
        batch.into_iter().for_each(apply);
        true
    }

    pub fn figures(&self) -> Figures {
        let committer = self.committer();
        let stats = committer.stats();
        let (known, active) = self.index.len();
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        Figures {
            ready: matches!(&*self.stage.borrow(), Stage::Ready),
            full: committer.is_full(),
            waiting: committer.waiting(),
            groups: read(&stats.groups),
            records: read(&stats.records),
            bytes: read(&stats.bytes),
            flush_ns: read(&stats.flush_ns),
            refused_groups: read(&stats.refused_groups),
            segments: segments.len(),
            known,
            active,
            torn_bytes: read(&self.torn_bytes),
            damage: damage.clone(),
        }
    }

    pub fn seen_id(&self, header: &Header) -> Option<(Id, u64)> {
        seen_id(header, self.config.partitions)
    }
}

/// What the seen index keeps of a record.
pub(crate) fn seen_id(header: &Header, partitions: u16) -> Option<(Id, u64)> {
    let key = key_of(header.entity)?;
    let id = Id {
        partition: key.partition(partitions),
        hash: IdHash(header.input_hash),
    };
    (header.kind == Kind::Input).then_some((id, header.seq))
}

/// Day on which a segment was opened.
pub(crate) fn day_of(segment: &Segment) -> u64 {
    segment.header.created / DAY_S
}
