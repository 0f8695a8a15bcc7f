//! The people who talk with one number, and whoever watches their phones.
//!
//! They live in shards with a lock each, held for a few map operations, so that thousands of sends
//! a second do not queue behind one another.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;
use foldhash::fast::RandomState;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::conversation::{Person, Said};

const SHARDS: usize = 32;
/// People kept per shard; beyond it one of them is forgotten.
const PEOPLE_PER_SHARD: usize = 20_000;
/// Phone events that a slow reader may lag behind.
const FEED_DEPTH: usize = 1_024;

/// Something the phone of one person shows.
#[derive(Debug)]
pub struct PhoneEvent {
    /// Key of the conversation: WhatsApp id, or user id when the number is hidden.
    pub who: String,
    /// `message`, `status` or `typing`.
    pub event: &'static str,
    /// The event's JSON.
    pub data: Value,
}

/// The people of one number.
#[derive(Debug)]
pub struct People {
    shards: [Mutex<HashMap<String, Person>>; SHARDS],
    hasher: RandomState,
    feed: broadcast::Sender<Arc<PhoneEvent>>,
}

impl Default for People {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::default(),
            feed: broadcast::channel(FEED_DEPTH).0,
        }
    }
}

impl People {
    /// Works on one person, who is created on first sight.
    pub fn with<T>(&self, who: &str, work: impl FnOnce(&mut Person) -> T) -> T {
        let mut shard = self.shard(who);
        if let Some(person) = shard.get_mut(who) {
            return work(person);
        }
        if shard.len() >= PEOPLE_PER_SHARD
            && let Some(other) = shard.keys().next().cloned()
        {
            shard.remove(&other);
        }
        work(shard.entry(who.to_owned()).or_default())
    }

    /// Closes and opens service windows, as `_control` orders.
    pub fn order_windows(&self, close: &[String], open: &[String], now_ms: i64) {
        for who in close {
            self.with(who, |person| person.closed_at_ms = Some(now_ms));
        }
        for who in open {
            self.with(who, |person| {
                person.closed_at_ms = None;
                person.wrote_at_ms = Some(now_ms);
            });
        }
    }

    /// Adds a message to a conversation, of which the last `keep` stay, and shows it on the phone.
    /// Where none stays and nobody looks, it is only counted.
    pub fn say(&self, who: &str, said: impl FnOnce() -> Said, keep: usize) -> u64 {
        let watched = self.feed.receiver_count() > 0;
        if keep == 0 && !watched {
            return self.with(who, Person::count);
        }
        let said = said();
        let shown = watched.then(|| said.clone());
        let n = self.with(who, |person| person.add(said, keep));
        if let Some(shown) = shown {
            self.show(who, "message", || Said { n, ..shown }.view());
        }
        n
    }

    /// Moves the status of a message forward and shows that on the phone.
    pub fn mark(&self, who: &str, id: &str, status: &'static str) {
        if self.with(who, |person| person.mark(id, status)) {
            self.show(who, "status", || json!({"id": id, "status": status}));
        }
    }

    /// Tells whoever watches this phone.
    pub fn show(&self, who: &str, event: &'static str, data: impl FnOnce() -> Value) {
        if self.feed.receiver_count() > 0 {
            let event = PhoneEvent {
                who: who.to_owned(),
                event,
                data: data(),
            };
            // Nobody may be watching any more; then there is nobody to tell.
            let _ = self.feed.send(Arc::new(event));
        }
    }

    /// What all phones show from now on.
    pub fn watch(&self) -> broadcast::Receiver<Arc<PhoneEvent>> {
        self.feed.subscribe()
    }

    fn shard(&self, who: &str) -> MutexGuard<'_, HashMap<String, Person>> {
        let index = (self.hasher.hash_one(who) % SHARDS as u64) as usize;
        self.shards[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
