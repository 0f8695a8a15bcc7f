//! Sends the load: one thread with a scheduler of its own, so that it costs little and is disturbed
//! by nothing else of the tester.
//!
//! ```text
//! schedule or window -> turn (who writes what) -> rendered, signed request -> pool of connections
//!                                                     ^                            |
//!                                                     +-- again until 200 ---------+
//! ```
//!
//! A webhook that is refused or breaks is sent again with growing waits, as a provider does. In the
//! open model an arrival starts when it is due, whether or not earlier ones were answered.

mod crowd;
mod pacer;
mod pool;
mod replay;
mod turns;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::LocalSet;

use crate::client::Place;
use crate::clock::{micros, now_us};
use crate::dice::Dice;
use crate::ledger::{self, Kind, Ledger, Row, Second};
use crate::recording::Recording;
use crate::scenario::{Door, Mix, Noise};
use crate::schedule::Profile;
use crate::tongue::Tongue;
use crate::webhook::{Writer, escaped};
use crate::world::{Channel, World};
pub use crowd::{Crowd, contact, wa_id};
use pacer::Pacer;
pub use pool::Pool;
pub use turns::STUCK;

/// Webhooks that may be under way or wait at a time; beyond it the load is given up.
const UNDER_WAY_MAX: u64 = 200_000;
/// First wait before a webhook is sent again, doubled up to the second.
const AGAIN_AFTER: Duration = Duration::from_millis(50);
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(2);
/// How often a full window is looked at.
const WINDOW_LOOK: Duration = Duration::from_millis(1);
/// How often the end of the last webhooks is looked at.
const END_LOOK: Duration = Duration::from_millis(5);

/// What is to be sent.
#[derive(Debug)]
pub struct Order {
    /// The world, which tells who writes to which number.
    pub world: World,
    /// The server, or the bare handler.
    pub server: Place,
    /// Its numbers.
    pub channels: Vec<Channel>,
    /// What they do.
    pub mix: Mix,
    /// How webhooks are sent.
    pub door: Door,
    /// Seed of arrivals and mix.
    pub seed: u64,
    /// Makes message ids unique.
    pub run: u64,
    /// The number of the first message.
    pub first: u64,
    /// Who disturbs the others.
    pub noise: Option<Noise>,
    /// Who writes, and what they owe already.
    pub crowd: Crowd,
    /// When messages leave.
    pub pace: Pace,
}

/// When messages leave.
#[derive(Clone, Debug)]
pub enum Pace {
    /// When they are due, whatever became of those before.
    Open(Profile),
    /// When they came in a recording, so many times faster.
    Recorded(Arc<Recording>, f64),
    /// As soon as fewer than `window` are without their end.
    Closed {
        /// Messages without end at a time.
        window: u64,
        /// For so long.
        seconds: f64,
        /// What ends a message: its reply, or for a handler that never replies, its 200.
        until_reply: bool,
        /// So many messages at most, where not only the time bounds them.
        messages: u64,
    },
}

/// What the rest of the tester sees and tells while the load runs.
#[derive(Debug, Default)]
pub struct Live {
    /// Messages made.
    pub messages: AtomicU64,
    /// Messages answered 200 that are owed a reply.
    pub accepted: AtomicU64,
    /// Answers other than 200 and broken exchanges.
    pub errors: AtomicU64,
    /// Replies the provider took, told from outside.
    pub replies: AtomicU64,
    /// Webhook latency of the last second, microseconds.
    pub p50_us: AtomicU64,
    /// Webhook latency of the last second, microseconds.
    pub p99_us: AtomicU64,
    /// Told from outside: no further arrivals.
    pub stop: AtomicBool,
}

/// Starts the thread.
pub fn start(
    order: Order,
    live: Arc<Live>,
) -> std::io::Result<JoinHandle<anyhow::Result<(Ledger, Crowd)>>> {
    std::thread::Builder::new()
        .name("generator".to_owned())
        .spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build()?;
            LocalSet::new().block_on(&runtime, run(order, live))
        })
}

/// What the tasks of the thread share.
struct Generator {
    order: Order,
    live: Arc<Live>,
    writers: Vec<Writer>,
    /// The question up to its number in each language, escaped.
    questions: [String; 4],
    pool: Pool,
    rows: RefCell<Vec<Row>>,
    crowd: RefCell<Crowd>,
    dice: RefCell<Dice>,
    webhook_us: RefCell<Histogram<u64>>,
    second_us: RefCell<Histogram<u64>>,
    refused: Cell<u64>,
    broken: Cell<u64>,
    under_way: Cell<u64>,
}

async fn run(mut order: Order, live: Arc<Live>) -> anyhow::Result<(Ledger, Crowd)> {
    let crowd = std::mem::take(&mut order.crowd);
    let host = &order.server.host;
    let writers = order
        .channels
        .iter()
        .map(|channel| Writer::new(channel, host, order.run));
    let generator = Rc::new(Generator {
        writers: writers.collect(),
        questions: Tongue::ALL.map(|tongue| escaped(tongue.question())),
        pool: Pool::new(order.server.address, order.door.connections),
        rows: RefCell::default(),
        crowd: RefCell::new(crowd),
        dice: RefCell::new(Dice::new(order.seed, 2)),
        webhook_us: RefCell::new(ledger::histogram()),
        second_us: RefCell::new(ledger::histogram()),
        refused: Cell::default(),
        broken: Cell::default(),
        under_way: Cell::default(),
        live,
        order,
    });
    let seconds = Rc::new(RefCell::new(Vec::new()));
    let counting = tokio::task::spawn_local(count_seconds(generator.clone(), seconds.clone()));
    let began_us = now_us();
    if let Some(noise) = generator.order.noise {
        generator.disturb(noise);
    }
    let (ended_us, overloaded) = match generator.order.pace.clone() {
        Pace::Open(profile) => generator.clone().open(profile, began_us).await?,
        Pace::Recorded(recording, speed) => {
            let replayed = generator.clone().replay(&recording, speed, began_us);
            replayed.await?
        }
        Pace::Closed {
            window,
            seconds,
            until_reply,
            messages,
        } => {
            let bounds = (seconds, messages);
            let ended = generator
                .clone()
                .closed(window, bounds, until_reply)
                .await?;
            (ended, false)
        }
    };
    while generator.under_way.get() > 0 {
        tokio::time::sleep(END_LOOK).await;
    }
    counting.abort();
    let ledger = Ledger {
        first: generator.order.first,
        rows: generator.rows.take(),
        webhook_us: generator.webhook_us.replace(ledger::histogram()),
        seconds: seconds.take(),
        began_us,
        ended_us,
        refused: generator.refused.get(),
        broken: generator.broken.get(),
        overloaded,
    };
    Ok((ledger, generator.crowd.take()))
}

impl Generator {
    /// Starts every arrival when it is due. Tells when the last one was, and whether the load was
    /// given up before.
    async fn open(self: Rc<Self>, profile: Profile, began_us: i64) -> anyhow::Result<(i64, bool)> {
        let began = Instant::now();
        let seconds = profile.seconds();
        let events = profile.scaled(1.0 / turns::messages_per_turn(&self.order.mix));
        let pacer = Pacer::new()?;
        for due in events.arrivals(self.order.seed) {
            pacer.until(began + due).await?;
            if self.live.stop.load(Ordering::Relaxed) {
                return Ok((now_us(), false));
            }
            if self.under_way.get() >= UNDER_WAY_MAX {
                return Ok((now_us(), true));
            }
            self.turn(began_us + micros(due));
        }
        let end = Duration::from_secs_f64(seconds);
        pacer.until(began + end).await?;
        Ok((began_us + micros(end), false))
    }

    /// Keeps the window full.
    async fn closed(
        self: Rc<Self>,
        window: u64,
        (seconds, messages): (f64, u64),
        until_reply: bool,
    ) -> anyhow::Result<i64> {
        let end = Instant::now() + Duration::from_secs_f64(seconds);
        let pacer = Pacer::new()?;
        let live = self.live.clone();
        let ended = if until_reply {
            &live.replies
        } else {
            &live.accepted
        };
        while Instant::now() < end && !live.stop.load(Ordering::Relaxed) {
            let made = self.rows.borrow().len() as u64;
            if made >= messages {
                break;
            }
            let room = window.saturating_sub(made.saturating_sub(ended.load(Ordering::Relaxed)));
            for _ in 0..room.min(messages - made) {
                self.turn(now_us());
            }
            pacer.until(Instant::now() + WINDOW_LOOK).await?;
        }
        Ok(now_us())
    }

    /// The language in which somebody writes.
    fn tongue(&self, contact: u32) -> Tongue {
        Tongue::of(contact, self.order.mix.languages)
    }

    /// Adds a message and tells its index.
    fn add(&self, contact: u32, kind: Kind, scheduled_us: i64) -> usize {
        let mut rows = self.rows.borrow_mut();
        rows.push(Row {
            contact,
            kind,
            // Pictures say nothing in any language.
            tongue: match kind {
                Kind::Picture(_) | Kind::Recorded { .. } => Tongue::default(),
                _ => self.tongue(contact),
            },
            scheduled_us,
            sent_us: 0,
            accepted_us: 0,
        });
        self.live.messages.fetch_add(1, Ordering::Relaxed);
        rows.len() - 1
    }

    /// Sends the webhook of `count` messages from `index` on until it is answered 200; false when
    /// patience ended first.
    async fn deliver(&self, index: usize, count: usize, request: &[u8]) -> bool {
        let mut wait = AGAIN_AFTER;
        let patience_us = (self.order.door.patience_s * 1e6) as i64;
        let first_us = now_us();
        for row in &mut self.rows.borrow_mut()[index..index + count] {
            row.sent_us = first_us;
        }
        loop {
            match self.pool.exchange(request).await {
                Ok(200) => {
                    self.accepted(index, count);
                    return true;
                }
                Ok(_) => self.refused.set(self.refused.get() + 1),
                Err(_) => self.broken.set(self.broken.get() + 1),
            }
            self.live.errors.fetch_add(1, Ordering::Relaxed);
            if now_us() - first_us > patience_us {
                return false;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(AGAIN_AFTER_MAX);
        }
    }

    fn accepted(&self, index: usize, count: usize) {
        let at_us = now_us();
        let mut rows = self.rows.borrow_mut();
        for row in &mut rows[index..index + count] {
            row.accepted_us = at_us;
        }
        if rows[index].kind == Kind::Noise {
            return;
        }
        let scheduled_us = rows[index].scheduled_us;
        ledger::record(&mut self.webhook_us.borrow_mut(), scheduled_us, at_us);
        ledger::record(&mut self.second_us.borrow_mut(), scheduled_us, at_us);
        let answered = rows[index..index + count].iter();
        let answered = answered.filter(|row| row.kind.is_answered()).count();
        self.live
            .accepted
            .fetch_add(answered as u64, Ordering::Relaxed);
    }
}

async fn count_seconds(generator: Rc<Generator>, seconds: Rc<RefCell<Vec<Second>>>) {
    let mut before = (0, 0);
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.tick().await;
    loop {
        tick.tick().await;
        let live = &generator.live;
        let accepted = live.accepted.load(Ordering::Relaxed);
        let errors = live.errors.load(Ordering::Relaxed);
        let mut latency = generator.second_us.borrow_mut();
        let second = Second {
            accepted: accepted - before.0,
            errors: errors - before.1,
            p50_ms: ledger::ms(&latency, 0.5),
            p99_ms: ledger::ms(&latency, 0.99),
        };
        live.p50_us
            .store(latency.value_at_quantile(0.5), Ordering::Relaxed);
        live.p99_us
            .store(latency.value_at_quantile(0.99), Ordering::Relaxed);
        latency.reset();
        before = (accepted, errors);
        seconds.borrow_mut().push(second);
    }
}
