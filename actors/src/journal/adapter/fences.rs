//! Entities that must not be touched until an operator has looked at their damage.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use foldhash::HashSet;

use crate::journal::Refused;
use crate::model::Key;

/// Whose records are damaged.
#[derive(Debug, Default)]
pub(crate) struct Fences {
    any: AtomicBool,
    lane: AtomicBool,
    keys: Mutex<HashSet<Key>>,
}

impl Fences {
    pub fn fence(&self, key: Key) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key);
        self.any.store(true, Ordering::Release);
    }

    pub fn fence_lane(&self) {
        self.lane.store(true, Ordering::Release);
        self.any.store(true, Ordering::Release);
    }

    pub fn is_fenced(&self, key: Key) -> bool {
        if !self.any.load(Ordering::Acquire) {
            return false;
        }
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        self.lane.load(Ordering::Acquire) || keys.contains(&key)
    }

    pub fn check(&self, key: Key) -> Result<(), Refused> {
        match self.is_fenced(key) {
            true => Err(Refused::Fenced(key)),
            false => Ok(()),
        }
    }
}
