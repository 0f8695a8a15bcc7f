//! Entities with verbs, over any journal.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use actors::journal::adapter::{Config, SegmentJournal};
use actors::journal::disk::sim::{Dice, SimDisk};
use actors::journal::{Accepted, Fold, FoldError, Journal, Loaded, Refused, StateBytes};
use actors::model::{
    Attempt, AttemptNo, Call, Class, ContactId, Effect, EffectId, IdHash, InEvent, InSeq, Inbound,
    Key, Lane, Millis, Outcome, Priority, Reply, SCHEMA, Seconds, Step,
};
use actors::ports::Clock;

use super::lane::{SEGMENT_BYTES, Seeded};

/// A clock that tests set.
#[derive(Debug)]
pub struct TestClock(pub AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::Relaxed))
    }
}

pub fn clock() -> Arc<TestClock> {
    Arc::new(TestClock(AtomicU64::new(1_800_000_000_000)))
}

/// A state that is the list of everything that was folded into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told(pub Vec<u8>);

impl Told {
    pub fn fold(&mut self, step: &Step) {
        self.0.extend_from_slice(&step.consumed.0.to_be_bytes());
        self.0.extend_from_slice(&step.events);
    }
}

impl StateBytes for Told {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

pub struct TellFold;

impl Fold for TellFold {
    fn fold(&self, _key: Key, state: Option<&[u8]>, steps: &[Step]) -> Result<Vec<u8>, FoldError> {
        let mut told = Told(state.unwrap_or_default().to_vec());
        steps.iter().for_each(|step| told.fold(step));
        Ok(told.0)
    }
}

/// The state of a loaded entity.
pub fn state_of(key: Key, loaded: &Loaded) -> Vec<u8> {
    TellFold
        .fold(key, loaded.state.as_deref(), &loaded.tail)
        .unwrap()
}

pub fn key(n: u8) -> Key {
    Key::Contact(ContactId([n; 16]))
}

pub fn hash(n: u64) -> IdHash {
    IdHash(n.to_be_bytes())
}

/// An input of `bytes` bytes.
pub fn event(key: Key, id: u64, bytes: usize) -> InEvent {
    InEvent {
        key,
        id: hash(id),
        stamp: Some(Seconds(1_800_000_000)),
        received: Millis(1_800_000_000_123),
        body: Inbound::Merged {
            from: key,
            state: vec![id as u8; bytes],
        },
    }
}

/// A step that consumes an input and decides `effects` effects, reported or not.
pub fn step(key: Key, at: InSeq, input: IdHash, effects: usize, report: bool) -> Step {
    let effect = |index: usize| Effect {
        id: EffectId::derive(key, at, input, index as u16),
        lane: Lane::Person,
        priority: Priority::Reply,
        class: Class::Reply,
        gateway: None,
        expires: None,
        report,
        call: Call::MarkRead {
            message: "wamid.1".into(),
            typing: false,
        },
    };
    Step {
        consumed: at,
        input,
        now: Millis(1_800_000_000_000 + at.0),
        schema: SCHEMA,
        events: at.0.to_be_bytes().to_vec(),
        effects: (0..effects).map(effect).collect(),
        closes: Vec::new(),
        wake: None,
        set_aside: false,
    }
}

pub fn sending(effect: EffectId, no: u32) -> Attempt {
    Attempt::Sending {
        effect,
        no: AttemptNo(no),
        at: Millis(u64::from(no)),
        possible_repeat: no > 1,
        charge: None,
        line: None,
    }
}

pub fn outcome(effect: EffectId, no: u32, outcome: Outcome) -> Attempt {
    Attempt::Outcome {
        effect,
        no: AttemptNo(no),
        at: Millis(100 + u64::from(no)),
        outcome,
    }
}

pub fn done() -> Outcome {
    Outcome::Done(Reply {
        id: "wamid.2".into(),
        at: None,
        remark: None,
        ..Reply::default()
    })
}

/// Accepts one input and gives its position.
pub async fn accept<J: Journal>(journal: &J, key: Key, id: u64) -> Result<Accepted, Refused> {
    let accepted = journal.accept(vec![event(key, id, 20)]).await?;
    Ok(accepted[0])
}

/// One input and its step, with the state as the entity would have it.
pub async fn live(journal: &SegmentJournal, key: Key, id: u64, bytes: usize) -> InSeq {
    let at = journal.accept(vec![event(key, id, bytes)]).await.unwrap()[0].seq;
    let loaded = journal.load(key).await.unwrap();
    let step = step(key, at, hash(id), 0, false);
    let mut told = Told(state_of(key, &loaded));
    told.fold(&step);
    journal
        .commit(key, &step, None, loaded.version, &told)
        .await
        .unwrap();
    at
}

/// A segment journal on a simulated disk with small segments.
pub fn config(disk: &SimDisk, clock: &Arc<TestClock>, seed: u64) -> Config {
    let data = std::path::PathBuf::from("/data");
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    let mut config =
        Config::new(data, clock, Arc::new(TellFold)).without_sled(Arc::new(disk.clone()));
    config.segment_bytes = SEGMENT_BYTES;
    config.reserve_bytes = u64::from(SEGMENT_BYTES);
    // What it takes anyway is half of that.
    config.keep_bytes = 8 * u64::from(SEGMENT_BYTES);
    config.queue_records = 4096;
    config.house_ms = 1;
    // At once, so that a test need not wait for more segments or more time.
    config.cover_behind = 0;
    config.entropy = Arc::new(Seeded(Mutex::new(Dice::new(seed))));
    config
}

/// The same with several lanes.
pub fn config_of_lanes(disk: &SimDisk, clock: &Arc<TestClock>, seed: u64, lanes: u16) -> Config {
    let config = config(disk, clock, seed);
    Config {
        lanes,
        keep_bytes: config.keep_bytes * u64::from(lanes),
        ..config
    }
}

pub fn open(disk: &SimDisk, clock: &Arc<TestClock>, seed: u64) -> SegmentJournal {
    SegmentJournal::open(config(disk, clock, seed)).unwrap()
}

/// Runs a test's future on a runtime of its own.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
