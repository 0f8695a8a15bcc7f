//! What waits to leave, by due time and, within one instant, in the order it came.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Parcel;

/// Loads that wait at once; beyond it the newest is lost.
const LOADS_MAX: usize = 1_000_000;

/// The queue of one number.
#[derive(Debug)]
pub(super) struct Queue<U> {
    due: Mutex<BinaryHeap<Reverse<Due<U>>>>,
    wake: Notify,
    ordinal: AtomicU64,
}

/// What waits.
#[derive(Debug)]
pub(super) enum Load<U> {
    /// Something that happened, not told yet.
    Update(Box<U>),
    /// A body that was on its way before.
    Parcel(Parcel),
}

/// What may leave now.
pub(super) enum Taken<U> {
    /// At least one update, for one body.
    Updates(Vec<U>),
    /// A body.
    Parcel(Parcel),
    /// Nothing before this instant; nothing at all where there is none.
    Wait(Option<Instant>),
}

#[derive(Debug)]
struct Due<U> {
    at: Instant,
    ordinal: u64,
    load: Load<U>,
}

impl<U> Default for Queue<U> {
    fn default() -> Self {
        Self {
            due: Mutex::default(),
            wake: Notify::new(),
            ordinal: AtomicU64::new(0),
        }
    }
}

impl<U> Queue<U> {
    /// Adds a load; false when the queue is full.
    pub fn push(&self, at: Instant, load: Load<U>) -> bool {
        let ordinal = self.ordinal.fetch_add(1, Ordering::Relaxed);
        let mut due = self.lock();
        if due.len() >= LOADS_MAX {
            return false;
        }
        let is_next = due.peek().is_none_or(|Reverse(head)| at < head.at);
        due.push(Reverse(Due { at, ordinal, load }));
        drop(due);
        if is_next {
            self.wake();
        }
        true
    }

    /// How much waits.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Ends a wait that is under way, or the next one.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits until `next`, or for a load that is due before it.
    pub async fn until(&self, next: Option<Instant>) {
        let due = async {
            match next {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.wake.notified() => {}
            () = due => {}
        }
    }

    /// Takes a body that is due, or the updates that are: at most `batch` of them, the first no
    /// longer than `linger` overdue unless others fill its body.
    pub fn take_due(&self, batch: usize, linger: Duration) -> Taken<U> {
        let mut due = self.lock();
        let now = Instant::now();
        let mut updates = Vec::new();
        loop {
            match due.peek() {
                Some(Reverse(head)) if updates.is_empty() && head.lingers_until(linger) > now => {
                    return Taken::Wait(Some(head.lingers_until(linger)));
                }
                Some(Reverse(head)) if head.at <= now => {}
                None if updates.is_empty() => return Taken::Wait(None),
                _ => return Taken::Updates(updates),
            }
            let is_update = due.peek().is_some_and(|Reverse(head)| head.is_update());
            if !updates.is_empty() && (!is_update || updates.len() >= batch) {
                return Taken::Updates(updates);
            }
            match due.pop().map(|Reverse(due)| due.load) {
                Some(Load::Update(update)) => updates.push(*update),
                Some(Load::Parcel(parcel)) => return Taken::Parcel(parcel),
                None => return Taken::Updates(updates),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BinaryHeap<Reverse<Due<U>>>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<U> Due<U> {
    fn is_update(&self) -> bool {
        matches!(self.load, Load::Update(_))
    }

    /// When it leaves even if nothing joins it. A body that was sent before does not wait.
    fn lingers_until(&self, linger: Duration) -> Instant {
        match self.load {
            Load::Update(_) => self.at + linger,
            Load::Parcel(_) => self.at,
        }
    }
}

impl<U> PartialEq for Due<U> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<U> Eq for Due<U> {}

impl<U> PartialOrd for Due<U> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<U> Ord for Due<U> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at
            .cmp(&other.at)
            .then(self.ordinal.cmp(&other.ordinal))
    }
}
