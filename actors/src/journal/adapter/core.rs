//! What the threads of one journal share.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::accepted::Accepted;
use super::fences::Fences;
use super::lane::Lane;
use super::waits::Waits;
use super::{Config, Figures, Paths, WorkLeft};
use crate::journal::checkpoint::{Checkpoint, Snapshots};
use crate::journal::index::{Applied, Change, Index, key_of};
use crate::journal::keys::Ring;
use crate::journal::pages::Aliases;
use crate::journal::record::{Header, Kind, Position};
use crate::journal::recover::{Bad, Damage};
use crate::journal::running::Running;
use crate::journal::seen::Id;
use crate::journal::segment::Segment;
use crate::journal::{CommitError, ReadError};
use crate::model::{Attempt, AttemptNo, IdHash, InSeq, Key, Millis, Partition};

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
    pub fences: Fences,
    pub running: Arc<Running>,
    pub waits: Waits,
    pub lanes: Vec<Lane>,
    /// `None` while the alias index is being built.
    pub aliases: RwLock<Option<Aliases>>,
    pub checkpoint: OnceLock<Mutex<Checkpoint>>,
    /// The checkpoint for readers, whom its writer does not keep waiting.
    pub snapshots: OnceLock<Arc<Snapshots>>,
    stage: watch::Sender<Stage>,
    queue: Mutex<Vec<Key>>,
    wake: Condvar,
    closing: AtomicBool,
    torn_bytes: AtomicU64,
    /// Inputs that steps of this process passed over, and steps on inputs that did not wait.
    lost_inputs: AtomicU64,
    disordered_steps: AtomicU64,
    /// Segments besides the newest that the start had to read.
    pub replayed: AtomicUsize,
    damage: Mutex<Vec<Damage>>,
    _lock: Box<dyn Any + Send + Sync>,
}

/// What a [`Core`] begins with.
pub(crate) struct Begin {
    pub config: Config,
    pub paths: Paths,
    pub ring: Ring,
    pub lanes: Vec<Lane>,
    pub torn_bytes: u64,
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
            fences: Fences::new(begin.config.partitions, begin.config.lanes),
            waits: Waits::default(),
            config: begin.config,
            paths: begin.paths,
            ring: begin.ring,
            lanes: begin.lanes,
            aliases: RwLock::new(None),
            checkpoint: OnceLock::new(),
            snapshots: OnceLock::new(),
            stage: watch::Sender::new(Stage::Reading),
            queue: Mutex::default(),
            wake: Condvar::new(),
            closing: AtomicBool::new(false),
            torn_bytes: AtomicU64::new(begin.torn_bytes),
            lost_inputs: AtomicU64::new(0),
            disordered_steps: AtomicU64::new(0),
            replayed: AtomicUsize::new(0),
            damage: Mutex::default(),
            _lock: begin.lock,
        }
    }

    /// Does `work` and notes whether it had to wait for the disk.
    pub fn timed<T>(&self, work: impl FnOnce(&Self) -> T) -> T {
        let begun = Instant::now();
        let done = work(self);
        self.waits.took(begun.elapsed(), self.config.clock.now());
        done
    }

    /// The lane of an entity.
    pub fn lane(&self, key: Key) -> &Lane {
        self.lane_of(key.partition(self.config.partitions))
    }

    /// The lane of a partition.
    pub fn lane_of(&self, partition: Partition) -> &Lane {
        &self.lanes[usize::from(partition.0) % self.lanes.len()]
    }

    /// The partitions of a lane.
    pub fn partitions_of(&self, lane: &Lane) -> impl Iterator<Item = Partition> + use<> {
        let all = lane.number..self.config.partitions;
        all.step_by(self.lanes.len()).map(Partition)
    }

    /// Waits until everything is indexed.
    pub async fn ready(&self) -> Result<(), ReadError> {
        if self.is_ready() {
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

    /// Whether everything is indexed.
    pub fn is_ready(&self) -> bool {
        matches!(&*self.stage.borrow(), Stage::Ready)
    }

    /// Whether an attempt follows the last one on record of its effect.
    pub fn check_attempt(
        &self,
        key: Key,
        attempt: &Attempt,
        expect: AttemptNo,
    ) -> Result<(), CommitError> {
        self.fences.check(key)?;
        let found = self.index.last_attempt(key, &attempt.effect().hash);
        if found == Some(expect) {
            return Ok(());
        }
        Err(CommitError::Moved {
            key,
            expected: u64::from(expect.0),
            found: found.map_or(u64::MAX, |no| u64::from(no.0)),
        })
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
        self.lanes.iter().for_each(Lane::close);
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

    /// Day since the Unix epoch.
    pub fn today(&self) -> u64 {
        self.config.clock.now().0 / 1000 / DAY_S
    }

    /// Takes damage in: fences whom it concerns and reports it, unless an operator accepted it.
    pub fn take_damage(&self, damage: Damage, accepted: &Accepted) {
        let line = damage.to_string();
        if accepted.holds(&line) {
            return;
        }
        tracing::error!(damage = line, "the journal is damaged");
        match damage.what {
            Bad::Body { entity, .. } | Bad::Gone { entity, .. } => match key_of(entity) {
                Some(key) => self.fences.hold(key),
                None => self.fences.fence_lane(damage.lane),
            },
            Bad::Groups { .. } | Bad::Segment => self.fences.fence_lane(damage.lane),
        }
        let mut known = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        known.push(damage);
    }

    /// Damage of a segment that was found and not accepted.
    pub fn damage_in(&self, lane: u16, segment: u32) -> Vec<Damage> {
        let damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        let here = |damage: &&Damage| damage.lane == lane && damage.segment == segment;
        damage.iter().filter(here).cloned().collect()
    }

    pub fn figures(&self) -> Figures {
        let (known, active) = self.index.len();
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        let mut figures = Figures {
            ready: self.is_ready(),
            known,
            active,
            fenced: self.fences.fenced(),
            torn_bytes: read(&self.torn_bytes),
            lost_inputs: read(&self.lost_inputs),
            disordered_steps: read(&self.disordered_steps),
            replayed_segments: self.replayed.load(Ordering::Relaxed),
            damage: damage.clone(),
            ..Figures::default()
        };
        for lane in &self.lanes {
            let committer = lane.committer();
            let stats = committer.stats();
            let segments = lane.segments.read().unwrap_or_else(PoisonError::into_inner);
            figures.full |= committer.is_full();
            figures.waiting += committer.waiting();
            figures.groups += read(&stats.groups);
            figures.records += read(&stats.records);
            figures.bytes += read(&stats.bytes);
            figures.flush_ns += read(&stats.flush_ns);
            figures.refused_groups += read(&stats.refused_groups);
            figures.segments += segments.len();
        }
        figures
    }

    /// Counts what must never happen: an input that was passed over, and one consumed that did not
    /// wait. The index knows what waits apart from the entity that says what it consumed.
    pub fn audit(&self, header: &Header, applied: Applied) {
        if applied.passed_over == 0 && !applied.out_of_order {
            return;
        }
        tracing::error!(
            step = header.seq,
            passed_over = applied.passed_over,
            out_of_order = applied.out_of_order,
            "a step does not consume the input that waits first"
        );
        let passed_over = applied.passed_over as u64;
        self.lost_inputs.fetch_add(passed_over, Ordering::Relaxed);
        let disordered = u64::from(applied.out_of_order);
        self.disordered_steps
            .fetch_add(disordered, Ordering::Relaxed);
    }

    /// What is left to do. The one record of the oldest input is read for the time it came.
    pub fn work_left(&self) -> WorkLeft {
        let left = self.index.left();
        // An entity that is fenced cannot be read; its input is not what the next one waits for.
        let received = |(seq, key): &(u64, Key)| {
            let inputs = self.next_inputs(*key, InSeq(seq.saturating_sub(1)), 1);
            Some(inputs.ok()?.first()?.1.received)
        };
        WorkLeft {
            inputs: left.inputs,
            oldest_input: left.oldest_inputs.iter().find_map(received),
            effects: left.effects,
            oldest_effect: left.oldest_effect.map(Millis),
            set_aside: left.set_aside,
            dead_letters: left.dead_letters,
            oldest_dead_letter: left.oldest_dead_letter.map(Millis),
            uncertain: left.uncertain,
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
