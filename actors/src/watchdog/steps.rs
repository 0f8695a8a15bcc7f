//! Which steps are being decided now, for the watchdog and for the `running` file.
//!
//! A decision runs on one thread without a pause, so there are never more marks than worker threads.
//! A mark costs an uncontended lock: a thread looks for a free slot where it found one before.

use std::cell::Cell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::thread::{Pid, gettid};

use crate::journal::running::{RunningSteps, SLOTS};
use crate::model::{InSeq, Key};

/// Steps under way.
pub(crate) struct Steps {
    slots: Box<[Mutex<Slot>]>,
    running: Arc<dyn RunningSteps>,
}

/// A place for one step.
#[derive(Default)]
struct Slot {
    /// Steps that were here, this one included.
    serial: u64,
    step: Option<Step>,
}

/// A step that is being decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Tells it from the steps in the same slot before it.
    pub serial: u64,
    pub key: Key,
    pub input: InSeq,
    /// The thread that decides it, as the kernel numbers it.
    pub thread: Pid,
    noted: bool,
}

/// As long as this lives the step is being decided. A process that ends before leaves the note.
#[must_use]
pub(crate) struct Mark<'a> {
    steps: &'a Steps,
    /// `None` when every slot was taken; then the step is neither watched nor noted.
    slot: Option<usize>,
}

thread_local! {
    static THREAD: Pid = gettid();
    static LAST_SLOT: Cell<usize> = Cell::new(THREAD.with(|pid| pid.as_raw_nonzero().get() as usize));
}

impl Steps {
    /// No step is under way; suspects are noted in `running`.
    pub fn new(running: Arc<dyn RunningSteps>) -> Arc<Self> {
        Arc::new(Self {
            slots: (0..SLOTS).map(|_| Mutex::default()).collect(),
            running,
        })
    }

    /// Marks the beginning of a step on the calling thread, which must end it, too.
    pub fn begin(&self, key: Key, input: InSeq) -> Mark<'_> {
        let first = LAST_SLOT.get();
        let mut candidates = (first..first + SLOTS).map(|slot| slot % SLOTS);
        let slot = candidates.find(|slot| self.take(*slot, key, input));
        if let Some(slot) = slot {
            LAST_SLOT.set(slot);
        }
        Mark { steps: self, slot }
    }

    fn take(&self, at: usize, key: Key, input: InSeq) -> bool {
        let mut slot = self.slot(at);
        if slot.step.is_some() {
            return false;
        }
        slot.serial += 1;
        let noted = self.running.is_suspect(input);
        if noted {
            self.running.note(at, key, input);
        }
        slot.step = Some(Step {
            serial: slot.serial,
            key,
            input,
            thread: THREAD.with(|thread| *thread),
            noted,
        });
        true
    }

    fn end(&self, at: usize) {
        let ended = self.slot(at).step.take();
        if ended.is_some_and(|step| step.noted) {
            self.running.clear(at);
        }
    }

    /// Shows the step in a slot; it cannot end meanwhile.
    pub(super) fn look<T>(&self, at: usize, look: impl FnOnce(Option<Step>) -> T) -> T {
        look(self.slot(at).step)
    }

    /// The note of a step is not needed any more: its strike is on record.
    pub(super) fn forget_note(&self, at: usize) {
        self.running.clear(at);
    }

    fn slot(&self, at: usize) -> MutexGuard<'_, Slot> {
        // Nothing in here panics half-way.
        self.slots[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            self.steps.end(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ContactId;

    /// A running file in memory, with every input up to 9 suspect.
    #[derive(Default)]
    struct InMemory(Mutex<Vec<(usize, InSeq)>>);

    impl RunningSteps for InMemory {
        fn is_suspect(&self, input: InSeq) -> bool {
            input.0 <= 9
        }

        fn note(&self, slot: usize, _key: Key, input: InSeq) {
            self.0.lock().unwrap().push((slot, input));
        }

        fn clear(&self, slot: usize) {
            self.0.lock().unwrap().retain(|(noted, _)| *noted != slot);
        }
    }

    const KEY: Key = Key::Contact(ContactId([1; 16]));

    #[test]
    fn a_suspect_is_noted_while_it_is_decided_and_others_never() {
        let running = Arc::new(InMemory::default());
        let steps = Steps::new(running.clone());
        let suspect = steps.begin(KEY, InSeq(9));
        let other = steps.begin(KEY, InSeq(10));
        let noted: Vec<_> = running
            .0
            .lock()
            .unwrap()
            .iter()
            .map(|(_, at)| *at)
            .collect();
        assert_eq!(noted, [InSeq(9)]);
        drop((suspect, other));
        assert!(running.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_panicking_decision_leaves_no_note() {
        let running = Arc::new(InMemory::default());
        let steps = Steps::new(running.clone());
        let decided = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _mark = steps.begin(KEY, InSeq(9));
            panic!("as a decision would");
        }));
        assert!(decided.is_err());
        assert!(running.0.lock().unwrap().is_empty());
    }

    #[test]
    fn more_steps_than_slots_go_on_unwatched() {
        let steps = Steps::new(Arc::new(InMemory::default()));
        let marks: Vec<_> = (0..=SLOTS).map(|_| steps.begin(KEY, InSeq(10))).collect();
        assert_eq!(marks.iter().filter(|mark| mark.slot.is_none()).count(), 1);
        drop(marks);
        assert!(steps.begin(KEY, InSeq(10)).slot.is_some());
    }
}
