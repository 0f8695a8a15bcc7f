//! Entities that must not be touched until an operator has looked at their damage.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use foldhash::HashSet;

use crate::journal::Refused;
use crate::model::Key;

/// Whose records are damaged.
#[derive(Debug)]
pub(crate) struct Fences {
    any: AtomicBool,
    partitions: u16,
    lanes: Vec<AtomicBool>,
    keys: Mutex<HashSet<Key>>,
    /// Those of them that the index knows with gaps.
    held: Mutex<HashSet<Key>>,
}

impl Fences {
    pub fn new(partitions: u16, lanes: u16) -> Self {
        Self {
            any: AtomicBool::new(false),
            partitions,
            lanes: (0..lanes).map(|_| AtomicBool::new(false)).collect(),
            keys: Mutex::default(),
            held: Mutex::default(),
        }
    }

    pub fn fence(&self, key: Key) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key);
        self.any.store(true, Ordering::Release);
    }

    /// As [`fence`](Self::fence), for one that the index knows with gaps: no snapshot must be made
    /// of it while a copy may still mend the damage.
    pub fn hold(&self, key: Key) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(key);
        drop(held);
        self.fence(key);
    }

    /// Whether no snapshot must be made of it: see [`hold`](Self::hold).
    pub fn is_held(&self, key: Key) -> bool {
        if !self.any.load(Ordering::Acquire) {
            return false;
        }
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.contains(&key) || self.is_lane_fenced(self.lane_of(key))
    }

    pub fn is_lane_fenced(&self, lane: u16) -> bool {
        let fenced = self.lanes.get(usize::from(lane));
        fenced.is_some_and(|fenced| fenced.load(Ordering::Acquire))
    }

    pub fn fence_lane(&self, lane: u16) {
        if let Some(fenced) = self.lanes.get(usize::from(lane)) {
            fenced.store(true, Ordering::Release);
        }
        self.any.store(true, Ordering::Release);
    }

    pub fn is_fenced(&self, key: Key) -> bool {
        if !self.any.load(Ordering::Acquire) {
            return false;
        }
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.contains(&key) || self.is_lane_fenced(self.lane_of(key))
    }

    fn lane_of(&self, key: Key) -> u16 {
        // There are at least as many numbers as lanes: the count came as a `u16`.
        key.partition(self.partitions).0 % self.lanes.len() as u16
    }

    /// Entities fenced one by one.
    pub fn fenced(&self) -> usize {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.len()
    }

    pub fn check(&self, key: Key) -> Result<(), Refused> {
        match self.is_fenced(key) {
            true => Err(Refused::Fenced(key)),
            false => Ok(()),
        }
    }
}
