//! The poller of one help desk: an actor that looks at it from time to time, under the same gate as
//! every other call.
//!
//! One request is under way at a time. While the circuit is open it waits; after faults it comes less
//! often; a nudge brings it at once. It never ends by itself: its supervisor stops it when the
//! connection is gone, and starts it again when it fails, from what is on record.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::busy::Busy;
use super::entity::{self, Event, State};
use super::gate::Gate;
use super::look::{Look, Next};
use super::pace::{Ended, Pace};
use crate::environment::Environment;
use crate::journal::Journal;
use crate::model::{GatewayId, Identity, InSeq, Key, Millis, TenantId};
use crate::ports::{HelpDesk, TicketOwner, Unanswered};

/// How often the help desk is asked for its release.
const RELEASE_EVERY_MS: u64 = 3_600_000;
/// Wait for a free place among the calls in flight.
const FULL_WAIT: Duration = Duration::from_millis(50);

/// What a poller is told.
#[derive(Debug)]
pub(crate) enum PollerMsg {
    /// From its own timer: see whether a look is due.
    Due,
    /// From the gateway's entity: the help desk says that something changed.
    Prod,
    /// From the supervisor: look this often from now on.
    Every(Duration),
}

/// The actor.
pub(crate) struct Poller<J> {
    pub gateway: GatewayId,
    pub environment: Arc<Environment<J>>,
}

/// What it keeps between looks.
pub(crate) struct Memory {
    pace: Pace,
    /// The gateway's state as far as this poller gave it; on record sooner or later.
    state: Option<State>,
    /// When the release was last asked for.
    released: Option<Millis>,
    /// The timer that is set, and for when.
    timer: Option<(Millis, Timer)>,
}

type Timer = tokio::task::JoinHandle<Result<(), ractor::MessagingErr<PollerMsg>>>;

/// Why a look ended early.
enum Stopped {
    Gone,
    Shut(Millis),
    Unanswered(Unanswered),
    Failed(ActorProcessingErr),
}

impl<E: Into<ActorProcessingErr>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl<J: Journal> Actor for Poller<J> {
    type Msg = PollerMsg;
    type State = Memory;
    type Arguments = Duration;

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        every: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let now = self.environment.clock.now();
        let mut memory = Memory {
            pace: Pace::new(every.as_millis() as u64, now),
            state: None,
            released: None,
            timer: None,
        };
        memory.set_timer(now, &myself);
        Ok(memory)
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        memory: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let now = self.environment.clock.now();
        match message {
            PollerMsg::Due => memory.timer = None,
            PollerMsg::Prod => memory.pace.prodded(now),
            PollerMsg::Every(every) => memory.pace.set_every(every.as_millis() as u64),
        }
        if memory.pace.due() <= now && !self.environment.is_draining() {
            self.look(memory).await?;
        }
        memory.set_timer(self.environment.clock.now(), &myself);
        Ok(())
    }

    async fn post_stop(
        &self,
        _myself: ActorRef<Self::Msg>,
        memory: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        if let Some((_, timer)) = memory.timer.take() {
            timer.abort();
        }
        Ok(())
    }
}

impl<J: Journal> Poller<J> {
    async fn look(&self, memory: &mut Memory) -> Result<(), ActorProcessingErr> {
        let ended = match self.look_once(memory).await {
            Ok(true) => Ended::More,
            // A gateway that is gone has nothing to read; the supervisor stops this poller soon.
            Ok(false) | Err(Stopped::Gone) => Ended::All,
            Err(Stopped::Shut(until)) => Ended::Shut { until },
            Err(Stopped::Unanswered(unanswered)) => {
                let faults = memory.pace.faults() + 1;
                tracing::warn!(
                    gateway = %self.gateway, reason = unanswered.reason, faults,
                    "a help desk could not be read; it is looked at again later"
                );
                let wish = unanswered.retry_after;
                let wish_ms = wish.map(|wish| wish.as_millis() as u64);
                Ended::Fault { wish_ms }
            }
            Err(Stopped::Failed(error)) => return Err(error),
        };
        let now = self.environment.clock.now();
        memory
            .pace
            .ended(ended, now, self.environment.random.next());
        Ok(())
    }

    /// Looks once; whether there is more to read.
    async fn look_once(&self, memory: &mut Memory) -> Result<bool, Stopped> {
        let environment = &self.environment;
        let gateways = &environment.gateways;
        let handle = gateways.get(&self.gateway).ok_or(Stopped::Gone)?;
        let desk = gateways.help_desk(&self.gateway).ok_or(Stopped::Gone)?;
        let settings = environment.settings.gateway(&self.gateway);
        let settings = settings.ok_or(Stopped::Gone)?;
        let tenant = settings.tenant.clone();
        let gate = handle.gate();
        gate.hold(settings.paused, environment.clock.now());
        self.ask_release(memory, gate, &*desk).await?;
        let state = match &memory.state {
            Some(state) => state.clone(),
            None => entity::read(&*environment.journal, self.gateway).await?,
        };
        let mut look = Look::new(self.gateway, tenant.clone(), state.clone());
        memory.state = Some(state);
        loop {
            let now = environment.clock.now();
            match look.next(&environment.identity, now) {
                Next::Mark => look.marked(ask(gate, environment, || desk.mark()).await?),
                Next::Changed { since } => {
                    let changed = || desk.changed_since(&since);
                    look.found(ask(gate, environment, changed).await?);
                }
                Next::Owner { ticket } => {
                    look.owned(ask(gate, environment, || desk.owner(ticket)).await?);
                }
                Next::Contact { owner } => look.is_of(self.contact_of(&tenant, &owner).await?),
                Next::News { ticket, since } => {
                    let story = ask(gate, environment, || desk.news(ticket, &since)).await?;
                    look.told(story, &environment.identity, now);
                }
                Next::Give(event) => {
                    #[cfg(debug_assertions)]
                    if look.moves().is_some_and(|polled| polled.given > 0) {
                        fail::fail_point!("poller::before_mark", |_| Err(Stopped::Gone));
                    }
                    match environment.accept_inside(*event).await {
                        // Closed behind a look at shutdown: the next start looks again.
                        Err(_) if environment.is_draining() => return Err(Stopped::Gone),
                        accepted => accepted?,
                    }
                    if let (Some(polled), Some(state)) = (look.moves(), &mut memory.state) {
                        state.apply(&Event::Looked(polled.clone()));
                    }
                    look.given();
                }
                Next::End { more } => return Ok(more),
            }
        }
    }

    /// The person known here whose ticket it is: the one who opened it through this service, else the
    /// one who writes from a requester's number.
    async fn contact_of(
        &self,
        tenant: &TenantId,
        owner: &TicketOwner,
    ) -> Result<Option<Key>, Stopped> {
        let environment = &self.environment;
        let opened = owner.effect.map(|effect| effect.key);
        let by_phone = owner.phones.iter().map(|phone| {
            let identity = Identity::Phone(phone.clone());
            Key::Contact(environment.identity.contact_id(tenant, &identity))
        });
        for key in opened.into_iter().chain(by_phone) {
            if matches!(key, Key::Contact(_)) && self.knows(key).await? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    async fn knows(&self, key: Key) -> Result<bool, Stopped> {
        let journal = &self.environment.journal;
        Ok(journal.load(key).await?.version.0 > 0
            || !journal.next_inputs(key, InSeq(0), 1).await?.is_empty())
    }

    async fn ask_release(
        &self,
        memory: &mut Memory,
        gate: &Arc<Gate>,
        desk: &dyn HelpDesk,
    ) -> Result<(), Stopped> {
        let now = self.environment.clock.now();
        let fresh = |asked: Millis| now.since(asked) < RELEASE_EVERY_MS;
        if memory.released.is_some_and(fresh) {
            return Ok(());
        }
        let release = ask(gate, &self.environment, || desk.release()).await?;
        if !release.supported {
            tracing::warn!(
                gateway = %self.gateway, version = %release.version, remark = release.remark,
                "a help desk's release is not supported"
            );
        }
        gate.set_release(release);
        memory.released = Some(now);
        Ok(())
    }
}

/// Asks through the gate, waiting for a place but not for an open circuit.
async fn ask<J: Journal, T, F>(
    gate: &Arc<Gate>,
    environment: &Environment<J>,
    question: impl FnOnce() -> F,
) -> Result<T, Stopped>
where
    F: Future<Output = Result<T, Unanswered>>,
{
    let pass = loop {
        let now = environment.clock.now();
        match gate.enter_to_search(now) {
            Ok(pass) => break pass,
            Err(Busy::Circuit { until }) => return Err(Stopped::Shut(until)),
            Err(Busy::Closed) => return Err(Stopped::Gone),
            Err(Busy::Rate { until } | Busy::Pair { until }) => {
                let wait_ms = until.since(now).clamp(1, 1_000);
                tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            }
            Err(Busy::Full) => tokio::time::sleep(FULL_WAIT).await,
        }
    };
    let answered = match tokio::time::timeout(gate.timeout(), question()).await {
        Ok(answered) => answered,
        Err(_) => Err(Unanswered {
            reason: "no answer in time".to_owned(),
            retry_after: None,
            counts_against: true,
        }),
    };
    pass.read(answered.as_ref().err(), environment.clock.now());
    answered.map_err(Stopped::Unanswered)
}

impl Memory {
    /// One timer, for when the next look is due.
    fn set_timer(&mut self, now: Millis, myself: &ActorRef<PollerMsg>) {
        let due = self.pace.due();
        if let Some((set, timer)) = &self.timer {
            if *set == due {
                return;
            }
            timer.abort();
        }
        let wait = Duration::from_millis(due.since(now));
        self.timer = Some((due, myself.send_after(wait, || PollerMsg::Due)));
    }
}
