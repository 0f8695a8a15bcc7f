//! Carries an app's events to its receivers: due times, shuffling, duplicates, copies for each
//! subscription, a time-out of ten seconds and few tries (Gupshup, webhook transport).
//!
//! One loop per app; deliveries under way are bounded, so a slow receiver delays all later events
//! of the app. Any 2xx is an answer. The queue is bounded: beyond a million events the newest is
//! lost and counted.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;

use super::app::App;
use super::event::Event;
use super::settings::{AppSettings, Subscription, Version};

const QUEUE_MAX: usize = 1_000_000;
/// How often a paused queue looks whether it may go on.
const PAUSE_LOOK: Duration = Duration::from_millis(20);

/// The queue of one app.
#[derive(Debug, Default)]
pub struct Courier {
    queue: Mutex<BinaryHeap<Reverse<Due>>>,
    wake: Notify,
    ordinal: AtomicU64,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    answered: AtomicU64,
    statuses: AtomicU64,
    statuses_taken: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
    duplicated: AtomicU64,
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
    Event(Box<Event>),
    Parcel(Parcel),
}

/// A body on its way to one address, again with the same bytes on every retry.
#[derive(Clone, Debug)]
struct Parcel {
    url: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    tries: usize,
    is_copy: bool,
    /// Conversation and id of a person's message in it.
    written: Option<(String, String)>,
    /// Whether it tells the app's own address of the fate of a message.
    is_status: bool,
}

impl Courier {
    /// Queues an event to leave after `wait` (plus shuffling).
    pub fn post(&self, app: &App, event: Event, wait: Duration) {
        let settings = app.settings();
        let dice = &app.around.dice;
        if matches!(event, Event::Fate(_)) {
            self.counters.statuses.fetch_add(1, Ordering::Relaxed);
        }
        if dice.hits(settings.webhooks.drop) {
            self.counters.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let shuffle = Duration::from_millis(dice.up_to(settings.webhooks.shuffle_ms));
        self.push(
            Instant::now() + wait + shuffle,
            Load::Event(Box::new(event)),
        );
    }

    /// Counters and queue length, for `_control`.
    pub fn describe(&self) -> Value {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        json!({
            "queued": self.lock().len(),
            "answered": read(&self.counters.answered),
            "statuses": read(&self.counters.statuses),
            "statuses_taken": read(&self.counters.statuses_taken),
            "failed": read(&self.counters.failed),
            "given_up": read(&self.counters.given_up),
            "duplicated": read(&self.counters.duplicated),
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

    /// What is due now, or when the next will be.
    fn take_due(&self) -> Result<Load, Option<Instant>> {
        let mut queue = self.lock();
        match queue.peek() {
            Some(Reverse(head)) if head.at <= Instant::now() => {}
            other => return Err(other.map(|Reverse(head)| head.at)),
        }
        queue.pop().map(|Reverse(due)| due.load).ok_or(None)
    }

    fn lock(&self) -> MutexGuard<'_, BinaryHeap<Reverse<Due>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works the queue of an app until the simulators close.
pub async fn run(app: Arc<App>, client: reqwest::Client, mut closing: watch::Receiver<bool>) {
    let mut concurrency = app.settings().webhooks.concurrency.max(1);
    let mut slots = Arc::new(Semaphore::new(concurrency));
    while !*closing.borrow() {
        let settings = app.settings();
        if settings.webhooks.concurrency.max(1) != concurrency {
            concurrency = settings.webhooks.concurrency.max(1);
            slots = Arc::new(Semaphore::new(concurrency));
        }
        if settings.webhooks.paused {
            tokio::time::sleep(PAUSE_LOOK).await;
            continue;
        }
        let parcel = match app.courier.take_due() {
            Err(next) => {
                tokio::select! {
                    () = app.courier.wake.notified() => {}
                    () = sleep_until(next) => {}
                    changed = closing.changed() => {
                        if changed.is_err() {
                            return;
                        }
                    }
                }
                continue;
            }
            Ok(Load::Event(event)) => {
                if let Event::Fate(fate) = &*event {
                    app.mark(&fate.who, &fate.wamid, fate.status);
                }
                for parcel in pack(&app, &settings, &event) {
                    app.courier.push(Instant::now(), Load::Parcel(parcel));
                }
                continue;
            }
            Ok(Load::Parcel(parcel)) => parcel,
        };
        let Ok(slot) = slots.clone().acquire_owned().await else {
            return;
        };
        let (app, client) = (app.clone(), client.clone());
        tokio::spawn(async move {
            deliver(&app, &client, parcel).await;
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

/// A body for the app's own address and for each subscription that wants the event.
fn pack(app: &App, settings: &AppSettings, event: &Event) -> Vec<Parcel> {
    let now_ms = app.around.clock.now_ms();
    let mode = event.mode();
    let wants = |subscription: &&Subscription| {
        let modes = &subscription.modes;
        modes.iter().any(|wanted| wanted == "ALL" || wanted == mode)
    };
    let own = settings.callback_url.iter().map(|url| Subscription {
        url: url.clone(),
        version: settings.version,
        modes: Vec::new(),
        headers: Default::default(),
    });
    let further = settings.subscriptions.iter().filter(wants).cloned();
    let written = match event {
        Event::Message(written) => Some((written.who.clone(), written.id.clone())),
        _ => None,
    };
    let is_status = matches!(event, Event::Fate(_));
    let parcels = own.chain(further).enumerate().map(|(nth, to)| {
        let version = match to.version {
            Version::Mixed if app.around.dice.hits(0.5) => Version::Three,
            Version::Mixed => Version::Two,
            version => version,
        };
        Parcel {
            url: to.url,
            headers: to.headers.into_iter().collect(),
            body: event.body(settings, version, now_ms).to_string().into(),
            tries: 0,
            is_copy: false,
            written: written.clone(),
            is_status: is_status && nth == 0 && settings.callback_url.is_some(),
        }
    });
    parcels.collect()
}

async fn deliver(app: &App, client: &reqwest::Client, mut parcel: Parcel) {
    let settings = app.settings();
    let mut request = client
        .post(&parcel.url)
        .timeout(Duration::from_millis(settings.webhooks.timeout_ms))
        .header("content-type", "application/json");
    for (name, value) in &parcel.headers {
        request = request.header(name, value);
    }
    let answer = request.body(parcel.body.clone()).send().await;
    let courier = &app.courier;
    if answer.is_ok_and(|answer| answer.status().is_success()) {
        courier.counters.answered.fetch_add(1, Ordering::Relaxed);
        if parcel.is_status && !parcel.is_copy {
            let taken = &courier.counters.statuses_taken;
            taken.fetch_add(1, Ordering::Relaxed);
        }
        if let Some((who, id)) = &parcel.written {
            app.mark(who, id, "delivered");
        }
        if !parcel.is_copy && app.around.dice.hits(settings.webhooks.duplicate) {
            courier.counters.duplicated.fetch_add(1, Ordering::Relaxed);
            let wait = Duration::from_millis(app.around.dice.up_to(300));
            parcel.is_copy = true;
            parcel.tries = 0;
            courier.push(Instant::now() + wait, Load::Parcel(parcel));
        }
        return;
    }
    courier.counters.failed.fetch_add(1, Ordering::Relaxed);
    match settings.webhooks.retries_ms.get(parcel.tries) {
        Some(wait_ms) => {
            parcel.tries += 1;
            let at = Instant::now() + Duration::from_millis(*wait_ms);
            courier.push(at, Load::Parcel(parcel));
        }
        None => {
            courier.counters.given_up.fetch_add(1, Ordering::Relaxed);
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
