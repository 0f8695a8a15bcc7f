//! One simulated app: its settings, the people it talks with, its limits and the courier that
//! carries its events. People live in shards with a lock each, as those of `meta` do.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::super::Surroundings;
use super::super::meta::conversation::{Person, Said};
use super::super::meta::limits::Throughput;
use super::super::meta::line::PhoneEvent;
use super::super::meta::settings::Windows;
use super::courier::Courier;
use super::settings::AppSettings;

const SHARDS: usize = 32;
/// People kept per shard; beyond it one of them is forgotten.
const PEOPLE_PER_SHARD: usize = 20_000;
/// Phone events that a slow reader may lag behind.
const FEED_DEPTH: usize = 1_024;

/// An app.
#[derive(Debug)]
pub struct App {
    settings: ArcSwap<AppSettings>,
    /// Clock, dice and ids.
    pub around: Arc<Surroundings>,
    /// Messages a second.
    pub throughput: Throughput,
    /// Events on their way.
    pub courier: Courier,
    /// What phones show.
    pub feed: broadcast::Sender<Arc<PhoneEvent>>,
    /// Millionths spent since the wallet was last set.
    spent_micros: AtomicI64,
    people: [Mutex<HashMap<String, Person>>; SHARDS],
    hasher: RandomState,
}

impl App {
    /// An app nobody has talked with yet.
    pub fn new(settings: AppSettings, around: Arc<Surroundings>) -> Self {
        Self {
            settings: ArcSwap::from_pointee(settings),
            around,
            throughput: Throughput::default(),
            courier: Courier::default(),
            feed: broadcast::channel(FEED_DEPTH).0,
            spent_micros: AtomicI64::new(0),
            people: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }

    /// The settings of this moment.
    pub fn settings(&self) -> Arc<AppSettings> {
        self.settings.load_full()
    }

    /// Replaces the settings; another sum in the wallet is a new wallet.
    pub fn set(&self, settings: AppSettings) {
        if settings.wallet_micros != self.settings.load().wallet_micros {
            self.spent_micros.store(0, Ordering::Relaxed);
        }
        self.settings.store(Arc::new(settings));
    }

    /// What is left in the wallet, millionths of a dollar.
    pub fn balance_micros(&self) -> i64 {
        self.settings.load().wallet_micros - self.spent_micros.load(Ordering::Relaxed)
    }

    /// Takes the fee of one message; false when the wallet does not hold it.
    pub fn pay(&self) -> bool {
        let settings = self.settings.load();
        let paid = |spent: i64| {
            let after = spent + settings.fee_micros;
            (after <= settings.wallet_micros).then_some(after)
        };
        self.spent_micros
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, paid)
            .is_ok()
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

    /// Names the file that a message shows.
    pub fn attach(&self, who: &str, id: &str, file: &str) {
        self.with_person(who, |person| person.attach(id, file));
    }

    /// Moves the status of a message forward and shows that on the phone.
    pub fn mark(&self, who: &str, id: &str, status: &'static str) -> bool {
        let moved = self.with_person(who, |person| person.mark(id, status));
        if moved {
            self.show(who, "status", || json!({"id": id, "status": status}));
        }
        moved
    }

    fn show(&self, who: &str, event: &'static str, data: impl FnOnce() -> Value) {
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
