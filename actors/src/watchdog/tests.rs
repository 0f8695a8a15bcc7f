//! Claims about the watchdog, on real threads and real CPU time; the process end is a flag.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::*;
use crate::journal::Journal;
use crate::journal::memory::MemoryJournal;
use crate::journal::running::Unnoted;
use crate::model::{ContactId, IdHash, InEvent, InSeq, Inbound, Key, Millis};

const KEY: Key = Key::Contact(ContactId([1; 16]));
const STEP: Duration = Duration::from_millis(200);

struct Scene {
    steps: Arc<Steps>,
    journal: Arc<MemoryJournal>,
    input: InSeq,
    ended: Arc<AtomicBool>,
    runtime: tokio::runtime::Runtime,
}

impl Scene {
    /// A watchdog with little patience over a journal that holds one input.
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let steps = Steps::new(Arc::new(Unnoted));
        let journal = Arc::new(MemoryJournal::new(64));
        let event = InEvent {
            key: KEY,
            id: IdHash([1; 8]),
            stamp: None,
            received: Millis(1),
            body: Inbound::Merged {
                from: KEY,
                state: Vec::new(),
            },
        };
        let accepted = runtime.block_on(journal.accept(vec![event])).unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let flag = ended.clone();
        let watchdog = Watchdog {
            steps: Arc::downgrade(&steps),
            journal: Arc::downgrade(&journal),
            patience: Patience {
                step: STEP,
                look: Duration::from_millis(5),
                strike: Duration::from_secs(1),
            },
            end: Box::new(move || flag.store(true, Ordering::Release)),
        };
        watchdog.start().unwrap();
        Self {
            steps,
            journal,
            input: accepted[0].seq,
            ended,
            runtime,
        }
    }

    fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    fn strikes(&self) -> u8 {
        self.runtime
            .block_on(self.journal.load(KEY))
            .unwrap()
            .strikes
    }

    /// CPU time used by the calling thread.
    fn used() -> Duration {
        cpu::used_by(rustix::thread::gettid()).unwrap()
    }
}

#[test]
fn a_step_that_loops_is_struck_out_and_the_process_ends() {
    let scene = Scene::new();
    let begun = Instant::now();
    let mark = scene.steps.begin(KEY, scene.input);
    while !scene.ended() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never noticed");
        std::hint::spin_loop();
    }
    drop(mark);
    assert_eq!(scene.strikes(), Strike::LIMIT);
}

#[test]
fn a_step_that_waits_is_left_alone() {
    let scene = Scene::new();
    let mark = scene.steps.begin(KEY, scene.input);
    // Real time is the claim here: several times the patience passes, none of it on the CPU.
    thread::sleep(STEP * 4);
    drop(mark);
    assert!(!scene.ended());
    assert_eq!(scene.strikes(), 0);
}

#[test]
fn many_short_steps_on_one_thread_are_left_alone() {
    let scene = Scene::new();
    let before = Scene::used();
    while Scene::used() - before < STEP * 4 {
        let _mark = scene.steps.begin(KEY, scene.input);
    }
    assert!(!scene.ended());
    assert_eq!(scene.strikes(), 0);
}
