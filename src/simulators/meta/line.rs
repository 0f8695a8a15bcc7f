//! One simulated business number: its settings, the people it talks with, its limits and the
//! courier that carries its webhooks.
//!
//! People live in shards with a lock each, held for a few map operations, so that thousands
//! of sends a second do not queue behind one another.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::super::Surroundings;
use super::conversation::{Person, Said};
use super::courier::Courier;
use super::limits::Throughput;
use super::settings::{LineSettings, Windows};

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

/// A business number.
#[derive(Debug)]
pub struct Line {
    settings: ArcSwap<LineSettings>,
    /// Clock, dice and ids.
    pub around: Arc<Surroundings>,
    /// Messages a second.
    pub throughput: Throughput,
    /// Webhooks on their way.
    pub courier: Courier,
    /// What phones show.
    pub feed: broadcast::Sender<Arc<PhoneEvent>>,
    people: [Mutex<HashMap<String, Person>>; SHARDS],
    hasher: RandomState,
}

impl Line {
    /// A number nobody has talked with yet.
    pub fn new(settings: LineSettings, around: Arc<Surroundings>) -> Self {
        Self {
            settings: ArcSwap::from_pointee(settings),
            around,
            throughput: Throughput::default(),
            courier: Courier::default(),
            feed: broadcast::channel(FEED_DEPTH).0,
            people: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }

    /// The settings of this moment.
    pub fn settings(&self) -> Arc<LineSettings> {
        self.settings.load_full()
    }

    /// Replaces the settings.
    pub fn set(&self, settings: LineSettings) {
        self.settings.store(Arc::new(settings));
    }

    /// Works on one person, who is created on first sight.
    pub fn with_person<T>(&self, who: &str, work: impl FnOnce(&mut Person) -> T) -> T {
        let mut shard = self.shard(who);
        if !shard.contains_key(who) {
            if shard.len() >= PEOPLE_PER_SHARD
                && let Some(other) = shard.keys().next().cloned()
            {
                shard.remove(&other);
            }
            shard.insert(who.to_owned(), Person::default());
        }
        work(shard.get_mut(who).expect("inserted above"))
    }

    /// Whether free-form messages reach this person now.
    pub fn window_open(&self, who: &str) -> bool {
        let open_by_default = self.settings.load().windows == Windows::Open;
        let now_ms = self.around.clock.now_ms();
        self.with_person(who, |person| person.window_open(now_ms, open_by_default))
    }

    /// Adds a message to a conversation and shows it on the phone.
    pub fn say(&self, who: &str, said: Said) -> u64 {
        let keep = self.settings.load().keep_messages;
        let shown = (self.feed.receiver_count() > 0).then(|| said.clone());
        let n = self.with_person(who, |person| person.add(said, keep));
        if let Some(shown) = shown {
            self.show(who, "message", || Said { n, ..shown }.view());
        }
        n
    }

    /// Moves the status of a message forward and shows that on the phone.
    pub fn mark(&self, who: &str, id: &str, status: &'static str) {
        if self.with_person(who, |person| person.mark(id, status)) {
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

    fn shard(&self, who: &str) -> MutexGuard<'_, HashMap<String, Person>> {
        let index = (self.hasher.hash_one(who) % SHARDS as u64) as usize;
        self.people[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
