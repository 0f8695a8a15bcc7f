//! What everybody else holds of a gateway.

use std::sync::Arc;
use std::time::Duration;

use ractor::{ActorCell, ActorId, ActorRef, ActorRuntime, ActorStatus, SpawnErr};

use super::actor::{GatewayActor, GatewayMsg, SearchJob};
use super::attempt::Job;
use super::back::{Answer, Back};
use super::busy::Busy;
use super::calls::{Calls, Means};
use super::gate::{Gate, Pass};
use super::health::Health;
use super::number::Number;
use super::withdrawals::Withdrawals;
use crate::journal::Journal;
use crate::model::{AttemptNo, Effect, GatewayId, Millis, Trouble};
use crate::ports::{Clock, GatewaySettings, Provider};

/// The alert of an empty balance.
const NO_BALANCE: &str = "the balance at the provider is used up: top it up; messages wait and leave \
                          by themselves afterwards";
/// The alert of a provider that asked for a rest.
const TOO_FAST: &str = "the provider takes no more for some minutes because too much was sent";
/// How long a provider rests that asked for it ("after minutes, then slower": Gupshup, 4001).
const REST_MS: u64 = 120_000;

/// A gateway to send to. Cheap to clone; stays valid when the gateway's actor has ended, and then
/// answers that nothing was begun.
#[derive(Clone)]
pub struct GatewayHandle {
    actor: ActorRef<GatewayMsg>,
    gate: Arc<Gate>,
    calls: Arc<dyn Calls>,
}

/// What a gateway is made of.
pub struct Parts<J> {
    /// Its limits and names.
    pub settings: Arc<GatewaySettings>,
    /// The provider's client.
    pub provider: Arc<dyn Provider>,
    /// Where `Sending` is made durable.
    pub journal: Arc<J>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whose marketing must not leave.
    pub withdrawals: Arc<Withdrawals>,
    /// What its business number has used up.
    pub number: Arc<Number>,
}

/// Starts a gateway under `supervisor`. Its mail is taken at once; its actor starts behind.
pub fn spawn<J: Journal>(
    parts: Parts<J>,
    supervisor: ActorCell,
) -> Result<GatewayHandle, SpawnErr> {
    let gate = Gate::of_number(&parts.settings, parts.number, parts.clock.now());
    let means = Arc::new(Means {
        gate: Arc::clone(&gate),
        provider: parts.provider,
        journal: parts.journal,
        clock: parts.clock,
        withdrawals: parts.withdrawals,
    });
    let calls = Arc::clone(&means) as Arc<dyn Calls>;
    let actor = GatewayActor::<J>::default();
    let (actor, _started) = ActorRuntime::spawn_linked_instant(None, actor, means, supervisor)?;
    Ok(GatewayHandle { actor, gate, calls })
}

impl GatewayHandle {
    /// Tries an effect. With a pass it begins at once. `back` hears exactly once: `Called`,
    /// `NotStarted` or `Spared`.
    pub fn send(
        &self,
        effect: Arc<Effect>,
        no: AttemptNo,
        possible_repeat: bool,
        sending_recorded: bool,
        pass: Option<Pass>,
        back: Back,
    ) {
        let answer = Answer::to_attempt(back, effect.id, no);
        let job = Job {
            effect,
            no,
            possible_repeat,
            sending_recorded,
            answer,
        };
        if let Some(pass) = pass {
            let calls = Arc::clone(&self.calls);
            return calls.attempt(job, pass, self.actor.clone());
        }
        // Mail that could not be delivered is dropped, and its answer says so.
        let _ = self
            .actor
            .send_message(GatewayMsg::Attempt { job: Box::new(job) });
    }

    /// Searches for the result of an earlier try. `back` hears `LookedUp` exactly once.
    pub fn look_up(&self, effect: Arc<Effect>, back: Back) {
        let answer = Answer::to_search(back, effect.id);
        let job = Box::new(SearchJob { effect, answer });
        let _ = self.actor.send_message(GatewayMsg::LookUp { job });
    }

    /// Enters the gate at once or not at all, so that the first `Sending` can be committed together
    /// with the step. The pass counts as a call in flight until it is handed to
    /// [`GatewayHandle::send`] or dropped.
    pub fn try_enter(&self, effect: &Effect, now: Millis) -> Result<Pass, Busy> {
        self.gate.try_enter(effect, now)
    }

    /// The provider had taken a message and did not send it, for reasons of its own.
    pub fn troubled(&self, trouble: Trouble, now: Millis) {
        match trouble {
            Trouble::Balance => self.gate.shut(NO_BALANCE, now),
            Trouble::TooFast => self.gate.rest(TOO_FAST, REST_MS, now),
            Trouble::Failing => self.gate.failed_late(now),
        }
        let _ = self.actor.send_message(GatewayMsg::Pump);
    }

    /// Its id.
    pub fn id(&self) -> GatewayId {
        self.gate.id()
    }

    /// The gate.
    pub const fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// The actor, for its supervisor.
    pub fn actor_id(&self) -> ActorId {
        self.actor.get_id()
    }

    /// The observable state; `None` when the gateway's actor has ended.
    pub async fn health(&self, now: Millis) -> Option<Health> {
        let alive = self.actor.get_status() < ActorStatus::Stopping;
        alive.then(|| self.gate.health(now))
    }

    /// Lets nobody in any more and waits for the calls in flight, at most `patience`. Whether they
    /// all ended.
    pub async fn drain(&self, patience: Duration) -> bool {
        self.gate.close();
        let _ = self.actor.send_message(GatewayMsg::Close);
        tokio::time::timeout(patience, self.gate.drained())
            .await
            .is_ok()
    }
}
