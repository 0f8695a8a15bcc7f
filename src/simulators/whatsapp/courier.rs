//! Tells a number's receivers what happened: due times, batches, shuffling, duplicates, time-outs
//! and further tries. What a body holds, where it goes and how often it comes again is the
//! provider's, a [`Teller`].
//!
//! One loop per number takes what is due and hands each body to a delivery task; the number of
//! deliveries under way is bounded, so a slow receiver delays the whole queue, as with the real
//! ones. The queue is bounded too: beyond a million updates the newest is lost and counted.

mod parcel;
mod queue;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::super::Surroundings;
use super::people::People;
pub use parcel::{Parcel, Receiver};
use queue::{Load, Queue, Taken};

/// How often a paused queue looks whether it may go on.
const PAUSE_LOOK: Duration = Duration::from_millis(20);
/// A duplicate leaves up to this much after the original was taken, milliseconds.
const DUPLICATE_MS: u64 = 300;

/// A number whose receivers are told what happens.
pub trait Teller: Send + Sync + 'static {
    /// One thing that happens.
    type Update: Send + 'static;

    /// Clock and dice.
    fn around(&self) -> &Surroundings;

    /// Whose phones show what is told.
    fn people(&self) -> &People;

    /// What is on its way.
    fn courier(&self) -> &Courier<Self::Update>;

    /// How things are delivered at this moment.
    fn delivery(&self) -> Delivery;

    /// The fate of a message to a person, if that is what the update tells.
    fn fate(update: &Self::Update) -> Option<Fate<'_>>;

    /// The bodies that tell these updates; none when nobody is to be told.
    fn pack(&self, updates: &[Self::Update]) -> Vec<Parcel>;

    /// The call that brings a body; `None` when nobody is to be told any more.
    fn call(&self, client: &Client, parcel: &Parcel) -> Option<RequestBuilder>;

    /// Whether a receiver that answers so has taken the body.
    fn is_taken(status: StatusCode) -> bool;

    /// How long a body waits that was not taken in so many tries since its first; `None` when it is
    /// given up.
    fn wait_after(&self, tries: u32, since: Instant) -> Option<Duration>;
}

/// How a number's updates are delivered.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// Most updates in one body, at least 1.
    pub batch: usize,
    /// An update that is due waits up to this much longer for others to share its body.
    pub linger: Duration,
    /// Each update waits up to this much longer, milliseconds.
    pub shuffle_ms: u64,
    /// Chance that a body is sent once more.
    pub duplicate: f64,
    /// Chance that an update is never sent.
    pub drop: f64,
    /// Deliveries under way at once, at least 1.
    pub concurrency: usize,
    /// While true nothing leaves.
    pub paused: bool,
}

/// What became of a message to a person.
#[derive(Clone, Copy, Debug)]
pub struct Fate<'a> {
    /// Conversation it belongs to.
    pub who: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its status.
    pub status: &'static str,
}

/// The way of one number's updates to its receivers.
#[derive(Debug)]
pub struct Courier<U> {
    queue: Queue<U>,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    answered: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
    duplicated: AtomicU64,
    statuses: AtomicU64,
    statuses_taken: AtomicU64,
    dropped: AtomicU64,
    overflowed: AtomicU64,
}

impl<U> Default for Courier<U> {
    fn default() -> Self {
        Self {
            queue: Queue::default(),
            counters: Counters::default(),
        }
    }
}

impl<U> Courier<U> {
    /// Queues an update to leave after `wait` (plus shuffling).
    pub fn post<T: Teller<Update = U>>(&self, teller: &T, update: U, wait: Duration) {
        let delivery = teller.delivery();
        let dice = &teller.around().dice;
        if T::fate(&update).is_some() {
            self.counters.statuses.fetch_add(1, Ordering::Relaxed);
        }
        if dice.hits(delivery.drop) {
            self.counters.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let shuffle = Duration::from_millis(dice.up_to(delivery.shuffle_ms));
        let at = Instant::now() + wait + shuffle;
        self.push(at, Load::Update(Box::new(update)));
    }

    /// Counters and queue length, for `_control`.
    pub fn describe(&self) -> Value {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        json!({
            "queued": self.queue.len(),
            "answered": read(&self.counters.answered),
            "failed": read(&self.counters.failed),
            "given_up": read(&self.counters.given_up),
            "duplicated": read(&self.counters.duplicated),
            "statuses": read(&self.counters.statuses),
            "statuses_taken": read(&self.counters.statuses_taken),
            "dropped": read(&self.counters.dropped),
            "overflowed": read(&self.counters.overflowed),
        })
    }

    /// Wakes the loop after the settings changed.
    pub fn nudge(&self) {
        self.queue.wake();
    }

    fn push(&self, at: Instant, load: Load<U>) {
        if !self.queue.push(at, load) {
            self.counters.overflowed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Works the queue of a number until the simulators close.
pub async fn run<T: Teller>(teller: Arc<T>, client: Client, mut closing: watch::Receiver<bool>) {
    let mut concurrency = teller.delivery().concurrency;
    let mut slots = Arc::new(Semaphore::new(concurrency));
    while !*closing.borrow() {
        let delivery = teller.delivery();
        if delivery.concurrency != concurrency {
            concurrency = delivery.concurrency;
            slots = Arc::new(Semaphore::new(concurrency));
        }
        if delivery.paused {
            tokio::time::sleep(PAUSE_LOOK).await;
            continue;
        }
        let queue = &teller.courier().queue;
        let parcels = match queue.take_due(delivery.batch, delivery.linger) {
            Taken::Wait(next) => {
                tokio::select! {
                    () = queue.until(next) => {}
                    changed = closing.changed() => {
                        if changed.is_err() {
                            return;
                        }
                    }
                }
                continue;
            }
            Taken::Updates(updates) => {
                happen(&*teller, &updates);
                teller.pack(&updates)
            }
            Taken::Parcel(parcel) => vec![parcel],
        };
        for parcel in parcels {
            let Ok(slot) = slots.clone().acquire_owned().await else {
                return;
            };
            let (teller, client) = (teller.clone(), client.clone());
            tokio::spawn(async move {
                deliver(&*teller, &client, parcel).await;
                drop(slot);
            });
        }
    }
}

/// The phone shows a status from the moment its webhook leaves.
fn happen<T: Teller>(teller: &T, updates: &[T::Update]) {
    for fate in updates.iter().filter_map(T::fate) {
        teller.people().mark(fate.who, fate.id, fate.status);
    }
}

async fn deliver<T: Teller>(teller: &T, client: &Client, mut parcel: Parcel) {
    let Some(call) = teller.call(client, &parcel) else {
        return;
    };
    let answer = call
        .header("content-type", "application/json")
        .body(parcel.body().clone())
        .send()
        .await;
    let courier = teller.courier();
    if answer.is_ok_and(|answer| T::is_taken(answer.status())) {
        taken(teller, parcel);
        return;
    }
    courier.counters.failed.fetch_add(1, Ordering::Relaxed);
    parcel.tries += 1;
    match teller.wait_after(parcel.tries, parcel.since) {
        Some(wait) => courier.push(Instant::now() + wait, Load::Parcel(parcel)),
        None => {
            courier.counters.given_up.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn taken<T: Teller>(teller: &T, parcel: Parcel) {
    let courier = teller.courier();
    courier.counters.answered.fetch_add(1, Ordering::Relaxed);
    for (who, id) in &parcel.inbound {
        teller.people().mark(who, id, "delivered");
    }
    if parcel.is_copy {
        return;
    }
    let statuses_taken = &courier.counters.statuses_taken;
    statuses_taken.fetch_add(parcel.statuses, Ordering::Relaxed);
    let dice = &teller.around().dice;
    if dice.hits(teller.delivery().duplicate) {
        courier.counters.duplicated.fetch_add(1, Ordering::Relaxed);
        let wait = Duration::from_millis(dice.up_to(DUPLICATE_MS));
        courier.push(Instant::now() + wait, Load::Parcel(parcel.copy()));
    }
}
