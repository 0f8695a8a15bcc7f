//! The actor of one gateway: attempts that wait for the gate, most urgent first.
//!
//! It never ends by itself and supervises nobody; calls are tasks bounded by the gate. When it is
//! stopped, what waits is answered `NotStarted` and comes again from the outboxes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::time::Duration;

use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};

use super::attempt::{self, Job};
use super::back::Answer;
use super::busy::Busy;
use super::calls::{Calls, Means};
use super::gate::Pass;
use super::turns::Turns;
use crate::journal::Journal;
use crate::model::{Effect, Millis, Priority};
use crate::ports::Asked;

/// Attempts and searches that may wait at one gateway, less where that many would wait longer than
/// [`WORK_MAX_S`]. Beyond it the least urgent and youngest is given back to its outbox and told when
/// its turn would be.
pub const WAITING_MAX: usize = 1_024;
/// How many seconds of work at the gateway's rate may wait, so that nobody grows too old in a queue
/// that only the rate slows down.
const WORK_MAX_S: u64 = 10;
/// As many may wait at the slowest gateway.
const WAITING_MIN: usize = 16;
/// How long one may wait before it is given back, well within the lane's limit of two minutes.
const WAIT_MAX_MS: u64 = 20_000;
/// How often those that have waited too long are looked for.
const SWEEP_EVERY_MS: u64 = 1_000;
/// Effects that wait for the circuit come back spread over this after its next probe.
const SPREAD_MS: u64 = 1_000;

/// The mail of a gateway actor. Sent only by [`super::GatewayHandle`] and by its own calls.
pub enum GatewayMsg {
    /// From an entity's shell: try this effect when the gate lets it in. Answered through its
    /// answer.
    Attempt {
        /// The attempt.
        job: Box<Job>,
    },
    /// From an entity's shell: search for the result of an earlier try. Answered the same way.
    LookUp {
        /// The search.
        job: Box<SearchJob>,
    },
    /// From a call that ended: see who may enter now.
    Pump,
    /// From its own timer: the same.
    Due,
    /// From the question how the provider is.
    Asked {
        /// What it answered.
        asked: Asked,
    },
    /// From the shutdown: give back everything that waits and let nobody in any more.
    Close,
}

/// A search on its way to the gateway.
pub struct SearchJob {
    pub(super) effect: Arc<Effect>,
    pub(super) answer: Answer,
}

/// The actor.
pub(super) struct GatewayActor<J>(std::marker::PhantomData<fn() -> J>);

impl<J> Default for GatewayActor<J> {
    fn default() -> Self {
        Self(std::marker::PhantomData)
    }
}

/// What waits, and when somebody may enter.
pub(super) struct State<J> {
    means: Arc<Means<J>>,
    waiting: BTreeMap<(Priority, u64), Waiting>,
    next: u64,
    /// When its timer brings it back. There is one, however often it is set.
    timer: Option<(Millis, Timer)>,
    /// Until when the rate is known to be used up.
    rate_until: Millis,
    /// When those that found the queue full come back.
    turns: Turns,
    /// When those that had waited too long were last looked for.
    swept: Millis,
    /// Whether the provider is being asked how it is.
    asking: bool,
}

type Timer = tokio::task::JoinHandle<Result<(), ractor::MessagingErr<GatewayMsg>>>;

struct Waiting {
    since: Millis,
    what: What,
}

enum What {
    Attempt(Job),
    Search(SearchJob),
}

impl<J: Journal> Actor for GatewayActor<J> {
    type Msg = GatewayMsg;
    type State = State<J>;
    type Arguments = Arc<Means<J>>;

    async fn pre_start(
        &self,
        _myself: ActorRef<GatewayMsg>,
        means: Arc<Means<J>>,
    ) -> Result<State<J>, ActorProcessingErr> {
        means.gate.set_waiting(0);
        Ok(State {
            means,
            waiting: BTreeMap::new(),
            next: 0,
            timer: None,
            rate_until: Millis(0),
            turns: Turns::default(),
            swept: Millis(0),
            asking: false,
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<GatewayMsg>,
        message: GatewayMsg,
        state: &mut State<J>,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            GatewayMsg::Attempt { job } => state.wait(What::Attempt(*job)),
            GatewayMsg::LookUp { job } => state.wait(What::Search(*job)),
            GatewayMsg::Pump => {}
            GatewayMsg::Due => state.timer = None,
            GatewayMsg::Asked { asked } => {
                state.asking = false;
                state.means.gate.asked(&asked, state.means.clock.now());
            }
            GatewayMsg::Close => state.close(),
        }
        state.pump(&myself);
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _myself: ActorRef<GatewayMsg>,
        _event: SupervisionEvent,
        _state: &mut State<J>,
    ) -> Result<(), ActorProcessingErr> {
        // It has no children; the default would stop it.
        Ok(())
    }
}

impl<J: Journal> State<J> {
    fn wait(&mut self, what: What) {
        let since = self.means.clock.now();
        self.next += 1;
        let key = (what.effect().priority, self.next);
        self.waiting.insert(key, Waiting { since, what });
        // Before a place is looked for: a call that ends must know that somebody waits.
        self.means.gate.set_waiting(self.waiting.len());
        fence(Ordering::SeqCst);
        let rate_milli = self.means.gate.rate_milli();
        let work = usize::try_from(rate_milli * WORK_MAX_S / 1_000).unwrap_or(WAITING_MAX);
        if self.waiting.len() > work.clamp(WAITING_MIN, WAITING_MAX)
            && let Some((_, last)) = self.waiting.pop_last()
        {
            let turn = self.turns.next(self.waiting.len(), rate_milli, since);
            self.give_back(last, Some(turn));
        }
    }

    /// Lets in whoever may enter.
    fn pump(&mut self, myself: &ActorRef<GatewayMsg>) {
        let now = self.means.clock.now();
        self.sweep(now);
        while now >= self.rate_until
            && let Some(first) = self.waiting.first_entry()
        {
            let entered = match &first.get().what {
                What::Attempt(job) => self.means.gate.enter(&job.effect, now),
                What::Search(_) => self.means.gate.enter_to_search(now),
            };
            match entered {
                Ok(pass) => {
                    let waiting = first.remove();
                    self.begin(waiting.what, pass, myself);
                }
                Err(Busy::Pair { until }) => {
                    let waiting = first.remove();
                    self.give_back(waiting, Some(until));
                }
                Err(Busy::Circuit { until }) => self.give_all_back(Some(until)),
                Err(Busy::Closed) => self.give_all_back(None),
                Err(Busy::Rate { until }) => self.rate_until = until,
                // A call that ends pumps.
                Err(Busy::Full) => break,
            }
        }
        self.ask(now, myself);
        if !self.waiting.is_empty() {
            let sweep_at = now.plus_ms(SWEEP_EVERY_MS);
            let rate_at = Some(self.rate_until).filter(|until| *until > now);
            self.come_back_at(rate_at.map_or(sweep_at, |at| at.min(sweep_at)), now, myself);
        }
        self.means.gate.set_waiting(self.waiting.len());
    }

    /// Asks the provider how it is, when that decides whether a call may probe.
    fn ask(&mut self, now: Millis, myself: &ActorRef<GatewayMsg>) {
        let Some(at) = self.means.gate.ask_at().filter(|_| !self.asking) else {
            return;
        };
        if at > now {
            return self.come_back_at(at, now, myself);
        }
        self.asking = true;
        let (means, myself) = (Arc::clone(&self.means), myself.clone());
        tokio::spawn(async move {
            let asked = attempt::ask(&means).await;
            // A stopped actor asks again when it is started.
            let _ = myself.send_message(GatewayMsg::Asked { asked });
        });
    }

    /// Gives back who has waited too long.
    fn sweep(&mut self, now: Millis) {
        if now.since(self.swept) < SWEEP_EVERY_MS {
            return;
        }
        self.swept = now;
        let too_long = |waiting: &Waiting| now.since(waiting.since) >= WAIT_MAX_MS;
        let keys = self.waiting.iter().filter(|(_, waiting)| too_long(waiting));
        let keys: Vec<_> = keys.map(|(key, _)| *key).collect();
        for key in keys {
            if let Some(waiting) = self.waiting.remove(&key) {
                self.give_back(waiting, None);
            }
        }
    }

    fn begin(&self, what: What, pass: Pass, myself: &ActorRef<GatewayMsg>) {
        let (means, myself) = (Arc::clone(&self.means), myself.clone());
        match what {
            What::Attempt(job) => means.attempt(job, pass, myself),
            What::Search(search) => means.search(search, pass, myself),
        }
    }

    fn come_back_at(&mut self, at: Millis, now: Millis, myself: &ActorRef<GatewayMsg>) {
        if let Some((set, timer)) = &self.timer {
            if *set <= at {
                return;
            }
            timer.abort();
        }
        let wait = Duration::from_millis(at.since(now));
        self.timer = Some((at, myself.send_after(wait, || GatewayMsg::Due)));
    }

    fn close(&mut self) {
        self.means.gate.close();
        self.give_all_back(None);
    }

    fn give_all_back(&mut self, until: Option<Millis>) {
        for (_, waiting) in std::mem::take(&mut self.waiting) {
            let spread_ms = u64::from(waiting.what.effect().id.hash[7]) * SPREAD_MS / 256;
            self.give_back(waiting, until.map(|until| until.plus_ms(spread_ms)));
        }
    }

    fn give_back(&self, waiting: Waiting, until: Option<Millis>) {
        self.means.gate.given_back();
        match waiting.what {
            What::Attempt(job) => job.answer.not_started(until),
            What::Search(search) => search.answer.not_started(until),
        }
    }
}

impl What {
    fn effect(&self) -> &Effect {
        match self {
            Self::Attempt(job) => &job.effect,
            Self::Search(search) => &search.effect,
        }
    }
}
