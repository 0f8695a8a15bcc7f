//! What the journal knows of each entity in memory.
//!
//! Every known entity has an [`Entry`] of 29 bytes: version, consumed position, what its snapshot
//! covers, next wake. Only while something of it is not at rest (inputs to consume, effects open,
//! records not covered by a snapshot) does it also have an [`Active`], which holds positions, never
//! contents. One shard a partition. The committer's thread applies durable records in journal
//! order; recovery applies the same changes read back from disk, so both arrive at the same index.

mod active;
mod change;
mod left;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;
use foldhash::HashMapExt;

use super::record::{Entity, Header, Position};
use super::snapshot::Saved;
use crate::model::{AttemptNo, Key, Partition, Seconds, Version};
pub use active::{Active, Aside, Ending, Last, Open, StrikeCount};
pub use change::Change;
pub use left::Left;

/// Steps behind a snapshot at which the next one is made.
pub const TAIL_MAX: usize = 16;

/// What is kept of an entity at rest; packed, because it is kept of each that is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(Rust, packed)]
pub struct Entry {
    /// Steps taken.
    pub version: u64,
    /// Position of the last input consumed.
    pub consumed: u64,
    /// Everything of the entity up to this sequence is in its snapshot; 0 = it has none.
    pub cover: u64,
    /// When it wants to be woken, Unix seconds; 0 = never.
    pub wake: u32,
    /// Its snapshot says where it was drained to.
    pub merged: bool,
}

/// What applying a record says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// For an input: the position of the entity's input before it.
    pub previous: u64,
    /// The entity should get a snapshot.
    pub snapshot_due: bool,
    /// A step did not follow the one before: records are missing.
    pub gap: bool,
    /// Inputs that a step passed over: they will never be consumed.
    pub passed_over: usize,
    /// A step consumed an input that did not wait: it was consumed before, or never accepted.
    pub out_of_order: bool,
}

/// A record that must outlive its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Whose it is.
    pub key: Key,
    /// Its sequence.
    pub seq: u64,
    /// Where it lies.
    pub at: Position,
}

/// The index. See the module head.
#[derive(Debug)]
pub struct Index {
    partitions: u16,
    shards: Vec<Mutex<Shard>>,
    /// Aliases not yet in the checkpoint.
    aliases: Mutex<HashMap<[u8; 16], (Key, u64)>>,
    records: AtomicU64,
}

/// One partition's entities.
#[derive(Debug, Default)]
pub struct Shard {
    /// All that are known.
    pub entries: HashMap<Key, Entry>,
    /// Those not at rest.
    pub active: HashMap<Key, Box<Active>>,
}

/// The key of a record's entity; `None` for records of the journal itself.
pub fn key_of(entity: Entity) -> Option<Key> {
    Key::from_parts(entity.kind, entity.key)
}

/// The entity of a key.
pub fn entity_of(key: Key) -> Entity {
    let (kind, bytes) = key.parts();
    Entity {
        kind: kind as u8,
        key: bytes,
    }
}

impl Index {
    /// An empty index.
    pub fn new(partitions: u16) -> Self {
        Self {
            partitions,
            shards: (0..partitions).map(|_| Mutex::default()).collect(),
            aliases: Mutex::new(HashMap::new()),
            records: AtomicU64::new(0),
        }
    }

    /// The shard of an entity, locked.
    pub fn shard(&self, key: Key) -> MutexGuard<'_, Shard> {
        self.partition(key.partition(self.partitions))
    }

    /// A partition, locked. One that does not exist is as empty as the first's neighbour would be,
    /// so callers check their bound first.
    pub fn partition(&self, partition: Partition) -> MutexGuard<'_, Shard> {
        let shard = &self.shards[usize::from(partition.0)];
        // A shard is changed by plain assignments that do not panic half-way.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of partitions.
    pub fn partitions(&self) -> u16 {
        self.partitions
    }

    /// Takes a durable record in.
    pub fn apply(&self, header: &Header, at: Position, change: Change) -> Applied {
        self.records.fetch_add(1, Ordering::Relaxed);
        let Some(key) = key_of(header.entity) else {
            return Applied::default();
        };
        if let Change::Alias(alias) = &change
            && !self.covers(header)
        {
            // Recovery may read records of two entities in either order.
            let mut recent = self.recent_aliases();
            let named = recent.entry(*alias).or_insert((key, header.seq));
            if named.1 < header.seq {
                *named = (key, header.seq);
            }
        }
        self.shard(key).apply(key, header, at, change)
    }

    /// Whether a record is in its entity's snapshot.
    pub fn covers(&self, header: &Header) -> bool {
        key_of(header.entity).is_some_and(|key| {
            let shard = self.shard(key);
            let entry = shard.entries.get(&key);
            entry.is_some_and(|entry| header.seq <= entry.cover)
        })
    }

    /// Enters an entity from its snapshot; recovery.
    pub fn restore(&self, key: Key, entry: Entry, active: Option<Active>) {
        let mut shard = self.shard(key);
        shard.entries.insert(key, entry);
        if let Some(active) = active {
            shard.active.insert(key, Box::new(active));
        }
    }

    /// Entities of some partitions with steps that could not be folded; from now on they ask for a
    /// snapshot that lies in `segment`.
    pub fn unfolded(&self, partitions: impl Iterator<Item = Partition>, segment: u32) -> Vec<Key> {
        let mut unfolded = Vec::new();
        for partition in partitions {
            let mut shard = self.partition(partition);
            for (key, active) in &mut shard.active {
                if active.dirty_since.is_none() && !active.tail.is_empty() {
                    active.dirty_since = Some(segment);
                    unfolded.push(*key);
                }
            }
        }
        unfolded
    }

    /// The entity named by an alias that the checkpoint does not hold yet, and the sequence of the
    /// record that says so.
    pub fn recent_alias(&self, alias: &[u8; 16]) -> Option<(Key, u64)> {
        self.recent_aliases().get(alias).copied()
    }

    /// Drops aliases that the checkpoint now holds.
    pub fn forget_aliases(&self, aliases: &[(u64, [u8; 16])]) {
        let mut recent = self.recent_aliases();
        for (seq, alias) in aliases {
            if recent.get(alias).is_some_and(|(_, latest)| latest == seq) {
                recent.remove(alias);
            }
        }
    }

    /// Every wake of a partition.
    pub fn wakes(&self, partition: Partition) -> Vec<(Key, Seconds)> {
        let shard = self.partition(partition);
        let waiting = shard.entries.iter().filter(|(_, entry)| entry.wake != 0);
        waiting
            .map(|(key, entry)| (*key, Seconds(entry.wake)))
            .collect()
    }

    /// Every entity of a partition with work left.
    pub fn backlog(&self, partition: Partition) -> Vec<Key> {
        let shard = self.partition(partition);
        let working = shard.active.iter().filter(|(_, active)| active.has_work());
        working.map(|(key, _)| *key).collect()
    }

    /// Entities of some partitions with records in segments up to `number` that no snapshot covers.
    pub fn uncovered(&self, partitions: impl Iterator<Item = Partition>, number: u32) -> Vec<Key> {
        let mut uncovered = Vec::new();
        for partition in partitions {
            let shard = self.partition(partition);
            let dirty = shard.active.iter().filter(|(_, active)| {
                let since = active.dirty_since;
                since.is_some_and(|since| since <= number)
            });
            uncovered.extend(dirty.map(|(key, _)| *key));
        }
        uncovered
    }

    /// Every reference of some partitions' entities.
    pub fn references(&self, partitions: impl Iterator<Item = Partition>) -> Vec<Reference> {
        self.referenced(partitions, u32::MAX)
    }

    /// References of some partitions' entities into segments up to `number`: they must be carried
    /// before those go.
    pub fn referenced(
        &self,
        partitions: impl Iterator<Item = Partition>,
        number: u32,
    ) -> Vec<Reference> {
        let mut referenced = Vec::new();
        for partition in partitions {
            let shard = self.partition(partition);
            for (key, active) in &shard.active {
                active.references(|seq, at| {
                    if at.segment <= number {
                        referenced.push(Reference { key: *key, seq, at });
                    }
                });
            }
        }
        referenced.sort_by_key(|reference| (reference.at.segment, reference.at.body));
        referenced.dedup();
        referenced
    }

    /// An entity sleeps: what is held of it takes no more room than it needs.
    pub fn shrink(&self, key: Key) {
        if let Some(active) = self.shard(key).active.get_mut(&key) {
            active.shrink();
        }
    }

    /// Reserves the next version for one step; the version on record when it is another.
    pub fn reserve(&self, key: Key, expect: Version) -> Result<(), u64> {
        let mut shard = self.shard(key);
        let found = shard.entries.get(&key).map_or(0, |entry| entry.version);
        if found != expect.0 {
            return Err(found);
        }
        let active = shard.active.entry(key).or_default();
        match std::mem::replace(&mut active.committing, true) {
            true => Err(found + 1),
            false => Ok(()),
        }
    }

    /// Gives a reserved version back; its step was refused.
    pub fn give_back(&self, key: Key) {
        let mut shard = self.shard(key);
        if let Some(active) = shard.active.get_mut(&key) {
            active.committing = false;
        }
        shard.drop_if_at_rest(key);
    }

    /// The number of the last attempt of an open effect; `None` when it is not open.
    pub fn last_attempt(&self, key: Key, effect: &[u8; 8]) -> Option<AttemptNo> {
        let shard = self.shard(key);
        let open = shard.active.get(&key)?.open(effect)?;
        Some(AttemptNo(open.last.as_ref().map_or(0, |last| last.no)))
    }

    /// Known entities, and those not at rest.
    pub fn len(&self) -> (usize, usize) {
        (0..self.partitions).fold((0, 0), |(known, busy), partition| {
            let shard = self.partition(Partition(partition));
            (known + shard.entries.len(), busy + shard.active.len())
        })
    }

    /// Records applied since the start.
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    fn recent_aliases(&self) -> MutexGuard<'_, HashMap<[u8; 16], (Key, u64)>> {
        self.aliases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn apply(&mut self, key: Key, header: &Header, at: Position, change: Change) -> Applied {
        let known = self.entries.get(&key).copied().unwrap_or_default();
        if header.seq <= known.cover {
            // Recovery: the snapshot has it.
            return Applied::default();
        }
        if let Change::Carried(original) = change {
            if let Some(active) = self.active.get_mut(&key)
                && active.relocate(original.seq, at)
            {
                // Snapshots name places too.
                active.dirty_since.get_or_insert(at.segment);
                active.last_seq = header.seq;
            }
            return Applied::default();
        }
        let entry = self.entries.entry(key).or_default();
        let active = self.active.entry(key).or_default();
        let applied = active.apply(entry, header, at, change);
        active.dirty_since.get_or_insert(at.segment);
        active.last_seq = header.seq;
        applied
    }

    /// A snapshot is durable: records it covers are held no longer, unless they are referenced.
    /// `segment` was open in the entity's lane when the snapshot was taken.
    pub fn covered(&mut self, key: Key, saved: &Saved, segment: u32) -> Vec<(u64, [u8; 16])> {
        let entry = self.entries.entry(key).or_default();
        entry.cover = saved.cover;
        entry.merged = saved.merged.is_some();
        let Some(active) = self.active.get_mut(&key) else {
            return Vec::new();
        };
        active.tail.retain(|(seq, _)| *seq > saved.folded);
        let (aliases, later) = std::mem::take(&mut active.aliases)
            .into_iter()
            .partition(|(seq, _)| *seq <= saved.cover);
        active.aliases = later;
        if active.last_seq <= saved.cover {
            active.state = None;
            active.dirty_since = None;
        } else {
            active.dirty_since = Some(segment);
        }
        self.drop_if_at_rest(key);
        aliases
    }

    /// Forgets the details of an entity that has nothing left but its entry.
    pub fn drop_if_at_rest(&mut self, key: Key) {
        if self
            .active
            .get(&key)
            .is_some_and(|active| active.is_at_rest())
        {
            self.active.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_entity_takes_less_than_200_bytes() {
        // A table doubles at 7/8 full, so just after that a slot and its control byte stand for
        // 16/7 of an entity. Nodes of the tree of wakes are seven tenths full.
        let slot = size_of::<(Key, Entry)>() + 1;
        let wake = size_of::<(Seconds, Key)>();
        assert!(slot * 16 / 7 + wake * 10 / 7 < 145, "{slot} {wake}");
    }
}
