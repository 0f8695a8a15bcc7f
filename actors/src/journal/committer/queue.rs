//! The bounded queue between producers and the committer.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::oneshot;

use super::{Class, Unwritten, Written};
use crate::journal::group::{ALIGN, BYTES_MAX, RECORDS_MAX, front_bytes};
use crate::journal::record::{BODY_BYTES_MAX, Draft, HEADER_BYTES, Kind};
use crate::journal::segment::FRONT_BYTES;
use crate::journal::space::Space;

/// Records that must be in one group, and who waits for them.
#[derive(Debug)]
pub(super) struct Batch {
    pub class: Class,
    pub records: Vec<Draft>,
    pub reply: Option<oneshot::Sender<Result<Written, Unwritten>>>,
}

impl Batch {
    pub fn sealed_bytes(&self) -> usize {
        self.records.iter().map(Draft::sealed_bytes).sum()
    }

    pub fn answer(&mut self, answer: Result<Written, Unwritten>) {
        if let Some(reply) = self.reply.take() {
            // The producer may have been cancelled; the records stand all the same.
            let _ = reply.send(answer);
        }
    }
}

/// What the committer is to do next.
#[derive(Debug)]
pub(super) enum Task {
    /// Write these batches (moved into the committer's list).
    Write,
    /// Close the open segment and open the next.
    Rotate,
    /// Nothing waits and nothing will come.
    Stop,
}

#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    records_max: usize,
    bytes_max: usize,
    /// What a segment can hold besides its front and a closing group.
    group_bytes_max: usize,
    waiting: AtomicUsize,
    space: OnceLock<Arc<Space>>,
}

#[derive(Debug, Default)]
struct State {
    batches: VecDeque<Batch>,
    records: usize,
    bytes: usize,
    rotate: bool,
    closed: bool,
    sleeping: bool,
}

impl Queue {
    pub fn new(records_max: usize, bytes_max: usize, segment_bytes: u32) -> Self {
        let overhead = FRONT_BYTES + front_bytes(0) + 2 * ALIGN;
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            records_max,
            bytes_max,
            group_bytes_max: (segment_bytes as usize).saturating_sub(overhead),
            waiting: AtomicUsize::new(0),
            space: OnceLock::new(),
        }
    }

    pub fn watch_space(&self, space: Arc<Space>) {
        let _ = self.space.set(space);
    }

    pub fn is_full(&self) -> bool {
        self.space.get().is_some_and(|space| space.is_full())
    }

    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    pub fn push(&self, batch: Batch) -> Result<(), Unwritten> {
        // What is written once must also fit when it is carried, with its header in the body.
        let too_large = |draft: &Draft| match draft.kind {
            Kind::Carried => draft.body.len() > BODY_BYTES_MAX,
            _ => draft.body.len() > BODY_BYTES_MAX - HEADER_BYTES,
        };
        if batch.records.len() > RECORDS_MAX || batch.records.iter().any(too_large) {
            return Err(Unwritten::TooLarge);
        }
        if batch.class == Class::Input && self.is_full() {
            return Err(Unwritten::Full);
        }
        let bytes = batch.sealed_bytes();
        if bytes > self.group_bytes_max {
            return Err(Unwritten::TooLarge);
        }
        // Inputs leave half of the queue to the steps that work the backlog off.
        let share = match batch.class {
            Class::Input => 2,
            Class::Work => 1,
        };
        let mut state = self.lock();
        if state.closed {
            return Err(Unwritten::Closed);
        }
        let records = state.records + batch.records.len();
        if records > self.records_max / share || state.bytes + bytes > self.bytes_max / share {
            return Err(Unwritten::Overloaded);
        }
        state.records = records;
        state.bytes += bytes;
        state.batches.push_back(batch);
        self.waiting.store(state.records, Ordering::Relaxed);
        let wake = std::mem::take(&mut state.sleeping);
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Waits for work; moves the batches of the next group into `group` (empty before).
    pub fn next(&self, group: &mut Vec<Batch>) -> Task {
        let mut state = self.lock();
        loop {
            if std::mem::take(&mut state.rotate) {
                return Task::Rotate;
            }
            if !state.batches.is_empty() {
                break;
            }
            if state.closed {
                return Task::Stop;
            }
            state.sleeping = true;
            state = self
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let (mut records, mut bytes) = (0, 0);
        while let Some(batch) = state.batches.front() {
            let (more_records, more_bytes) = (batch.records.len(), batch.sealed_bytes());
            records += more_records;
            bytes += more_bytes;
            if !group.is_empty()
                && (records > RECORDS_MAX || bytes > BYTES_MAX.min(self.group_bytes_max))
            {
                break;
            }
            state.records -= more_records;
            state.bytes -= more_bytes;
            group.extend(state.batches.pop_front());
        }
        self.waiting.store(state.records, Ordering::Relaxed);
        Task::Write
    }

    pub fn ask_rotation(&self) {
        self.lock().rotate = true;
        self.arrived.notify_one();
    }

    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Refuses everything that waits; the committer is gone.
    pub fn abandon(&self) {
        let mut state = self.lock();
        state.closed = true;
        for mut batch in state.batches.drain(..) {
            batch.answer(Err(Unwritten::Closed));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
