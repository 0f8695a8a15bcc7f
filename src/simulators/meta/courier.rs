//! Carries webhooks to the receiver: due times, batches, shuffling, duplicates, time-outs and
//! retries with growing waits for up to seven days (WhatsApp Cloud API, delivery semantics).
//!
//! One loop per business number takes what is due and hands each body to a delivery task; the
//! number of deliveries under way is bounded, so a slow receiver delays the whole queue, as
//! with Meta. The queue is bounded too: beyond a million updates the newest is lost and
//! counted.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;

use super::line::Line;
use super::settings::Webhooks;
use super::webhook::{self, Update};

const QUEUE_MAX: usize = 1_000_000;
/// How often a paused queue looks whether it may go on.
const PAUSE_LOOK: Duration = Duration::from_millis(20);

/// The queue of one business number.
#[derive(Debug, Default)]
pub struct Courier {
    queue: Mutex<BinaryHeap<Reverse<Due>>>,
    wake: Notify,
    ordinal: AtomicU64,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    answered_200: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
    duplicated: AtomicU64,
    statuses: AtomicU64,
    statuses_taken: AtomicU64,
    dropped: AtomicU64,
    overflowed: AtomicU64,
}

#[derive(Debug)]
struct Due {
    at: Instant,
    ordinal: u64,
    load: Load,
}

#[derive(Debug)]
enum Load {
    Update(Box<Update>),
    Parcel(Parcel),
}

/// A body that is on its way, again with the same bytes on every retry.
#[derive(Clone, Debug)]
struct Parcel {
    body: Bytes,
    attempts: u32,
    since: Instant,
    is_copy: bool,
    /// Messages of persons in it: conversation and id.
    inbound: Vec<(String, String)>,
    /// Delivery statuses in it.
    statuses: u64,
}

impl Courier {
    /// Queues an update to leave after `wait` (plus shuffling).
    pub fn post(&self, line: &Line, update: Update, wait: Duration) {
        let settings = line.settings();
        let dice = &line.around.dice;
        if matches!(update, Update::Status(_)) {
            self.counters.statuses.fetch_add(1, Ordering::Relaxed);
        }
        if dice.hits(settings.webhooks.drop) {
            self.counters.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let shuffle = Duration::from_millis(dice.up_to(settings.webhooks.shuffle_ms));
        self.push(
            Instant::now() + wait + shuffle,
            Load::Update(Box::new(update)),
        );
    }

    /// Counters and queue length, for `_control`.
    pub fn describe(&self) -> Value {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        json!({
            "queued": self.lock().len(),
            "answered_200": read(&self.counters.answered_200),
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
        self.wake.notify_one();
    }

    fn push(&self, at: Instant, load: Load) {
        let ordinal = self.ordinal.fetch_add(1, Ordering::Relaxed);
        let mut queue = self.lock();
        if queue.len() >= QUEUE_MAX {
            self.counters.overflowed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let is_next = queue.peek().is_none_or(|Reverse(head)| at < head.at);
        queue.push(Reverse(Due { at, ordinal, load }));
        drop(queue);
        if is_next {
            self.wake.notify_one();
        }
    }

    fn take_due(&self, batch: usize, linger: Duration) -> Taken {
        let mut queue = self.lock();
        let now = Instant::now();
        let mut updates = Vec::new();
        loop {
            match queue.peek() {
                Some(Reverse(head)) if updates.is_empty() && head.lingers_until(linger) > now => {
                    return Taken::Wait(Some(head.lingers_until(linger)));
                }
                Some(Reverse(head)) if head.at <= now => {}
                None if updates.is_empty() => return Taken::Wait(None),
                _ => return Taken::Updates(updates),
            }
            let is_update = matches!(
                queue.peek(),
                Some(Reverse(Due {
                    load: Load::Update(_),
                    ..
                }))
            );
            if !updates.is_empty() && (!is_update || updates.len() >= batch) {
                return Taken::Updates(updates);
            }
            match queue.pop().map(|Reverse(due)| due.load) {
                Some(Load::Update(update)) => updates.push(*update),
                Some(Load::Parcel(parcel)) => return Taken::Parcel(parcel),
                None => return Taken::Updates(updates),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BinaryHeap<Reverse<Due>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Taken {
    Updates(Vec<Update>),
    Parcel(Parcel),
    Wait(Option<Instant>),
}

/// Works the queue of a number until the simulators close.
pub async fn run(line: Arc<Line>, client: reqwest::Client, mut closing: watch::Receiver<bool>) {
    let mut concurrency = line.settings().webhooks.concurrency.max(1);
    let mut slots = Arc::new(Semaphore::new(concurrency));
    while !*closing.borrow() {
        let settings = line.settings();
        if settings.webhooks.concurrency.max(1) != concurrency {
            concurrency = settings.webhooks.concurrency.max(1);
            slots = Arc::new(Semaphore::new(concurrency));
        }
        if settings.webhooks.paused {
            tokio::time::sleep(PAUSE_LOOK).await;
            continue;
        }
        let linger = Duration::from_millis(settings.webhooks.linger_ms);
        let parcel = match line
            .courier
            .take_due(settings.webhooks.batch.clamp(1, 1_000), linger)
        {
            Taken::Wait(next) => {
                tokio::select! {
                    () = line.courier.wake.notified() => {}
                    () = sleep_until(next) => {}
                    changed = closing.changed() => {
                        if changed.is_err() {
                            return;
                        }
                    }
                }
                continue;
            }
            Taken::Updates(updates) => {
                happen(&line, &updates);
                match settings.callback_url {
                    Some(_) => pack(&line, &updates),
                    None => continue,
                }
            }
            Taken::Parcel(parcel) => parcel,
        };
        let Some(address) = settings.callback_url.clone() else {
            continue;
        };
        let Ok(slot) = slots.clone().acquire_owned().await else {
            return;
        };
        let (line, client) = (line.clone(), client.clone());
        tokio::spawn(async move {
            deliver(&line, &client, &address, parcel).await;
            drop(slot);
        });
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The phone shows a status from the moment its webhook leaves.
fn happen(line: &Line, updates: &[Update]) {
    for update in updates {
        if let Update::Status(status) = update {
            line.mark(&status.who, &status.id, status.status);
        }
    }
}

fn pack(line: &Line, updates: &[Update]) -> Parcel {
    let messages = updates.iter().filter_map(|update| match update {
        Update::Message { who, message, .. } => {
            let id = message["id"].as_str().unwrap_or_default();
            Some((who.clone(), id.to_owned()))
        }
        _ => None,
    });
    let inbound = messages.collect();
    let is_status = |update: &&Update| matches!(update, Update::Status(_));
    let body = webhook::body(&line.settings(), updates, line.around.clock.now_s());
    Parcel {
        body: body.into(),
        attempts: 0,
        since: Instant::now(),
        is_copy: false,
        inbound,
        statuses: updates.iter().filter(is_status).count() as u64,
    }
}

async fn deliver(line: &Line, client: &reqwest::Client, address: &str, mut parcel: Parcel) {
    let settings = line.settings();
    let answer = client
        .post(address)
        .timeout(Duration::from_millis(settings.webhooks.timeout_ms))
        .header("content-type", "application/json")
        .header("user-agent", "facebookexternalua")
        .header(
            "x-hub-signature-256",
            webhook::signature(&settings.app_secret, &parcel.body),
        )
        .body(parcel.body.clone())
        .send()
        .await;
    let courier = &line.courier;
    if answer.is_ok_and(|answer| answer.status().as_u16() == 200) {
        courier
            .counters
            .answered_200
            .fetch_add(1, Ordering::Relaxed);
        if !parcel.is_copy {
            let taken = &courier.counters.statuses_taken;
            taken.fetch_add(parcel.statuses, Ordering::Relaxed);
        }
        for (who, id) in &parcel.inbound {
            line.mark(who, id, "delivered");
        }
        if !parcel.is_copy && line.around.dice.hits(settings.webhooks.duplicate) {
            courier.counters.duplicated.fetch_add(1, Ordering::Relaxed);
            let wait = Duration::from_millis(line.around.dice.up_to(300));
            let copy = Parcel {
                is_copy: true,
                attempts: 0,
                since: Instant::now(),
                ..parcel
            };
            courier.push(Instant::now() + wait, Load::Parcel(copy));
        }
        return;
    }
    courier.counters.failed.fetch_add(1, Ordering::Relaxed);
    parcel.attempts += 1;
    if parcel.since.elapsed() > Duration::from_secs(settings.webhooks.retry_for_s) {
        courier.counters.given_up.fetch_add(1, Ordering::Relaxed);
        return;
    }
    let wait = retry_wait(&settings.webhooks, parcel.attempts);
    courier.push(Instant::now() + wait, Load::Parcel(parcel));
}

fn retry_wait(webhooks: &Webhooks, attempts: u32) -> Duration {
    let doubled = webhooks
        .retry_ms
        .saturating_mul(1u64 << attempts.saturating_sub(1).min(30));
    Duration::from_millis(doubled.min(webhooks.retry_max_ms))
}

impl Due {
    /// When it leaves even if nothing joins it. A body that was sent before does not wait.
    fn lingers_until(&self, linger: Duration) -> Instant {
        match self.load {
            Load::Update(_) => self.at + linger,
            Load::Parcel(_) => self.at,
        }
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at
            .cmp(&other.at)
            .then(self.ordinal.cmp(&other.ordinal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound() {
        let webhooks = Webhooks {
            retry_ms: 100,
            retry_max_ms: 350,
            ..Webhooks::default()
        };
        let waits: Vec<_> = (1..=4)
            .map(|n| retry_wait(&webhooks, n).as_millis())
            .collect();
        assert_eq!(waits, [100, 200, 350, 350]);
    }
}
