//! Calls under way: tasks that nobody waits for, bounded by the gate.
//!
//! A call begins where its pass is: in the gateway's actor for what waited there, in the handle for
//! what had entered with its step. The actor hears of its end only when somebody waits for the place.

use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

use ractor::ActorRef;

use super::actor::{GatewayMsg, SearchJob};
use super::attempt::{self, Job};
use super::gate::{Gate, Pass};
use super::withdrawals::Withdrawals;
use crate::journal::Journal;
use crate::ports::{Clock, Provider};

/// What the calls of one gateway are made with.
pub(super) struct Means<J> {
    pub(super) gate: Arc<Gate>,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) journal: Arc<J>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) withdrawals: Arc<Withdrawals>,
}

/// Begins calls, whatever journal they are recorded in.
pub(super) trait Calls: Send + Sync {
    /// Makes an attempt that has entered the gate; `actor` hears when it ended.
    fn attempt(self: Arc<Self>, job: Job, pass: Pass, actor: ActorRef<GatewayMsg>);
    /// Makes a search that has entered the gate.
    fn search(self: Arc<Self>, search: SearchJob, pass: Pass, actor: ActorRef<GatewayMsg>);
}

impl<J: Journal> Calls for Means<J> {
    fn attempt(self: Arc<Self>, job: Job, pass: Pass, actor: ActorRef<GatewayMsg>) {
        let pump = Pump::of(&self.gate, actor);
        tokio::spawn(async move {
            let _pump = pump;
            attempt::carry_out(&self, job, pass).await;
        });
    }

    fn search(self: Arc<Self>, search: SearchJob, pass: Pass, actor: ActorRef<GatewayMsg>) {
        let pump = Pump::of(&self.gate, actor);
        tokio::spawn(async move {
            let _pump = pump;
            attempt::look_up(&self, search.effect, search.answer, pass).await;
        });
    }
}

/// Lets the actor see who may enter now, when a call ends, however it ends.
struct Pump {
    gate: Arc<Gate>,
    actor: ActorRef<GatewayMsg>,
}

impl Pump {
    fn of(gate: &Arc<Gate>, actor: ActorRef<GatewayMsg>) -> Self {
        Self {
            gate: Arc::clone(gate),
            actor,
        }
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        // The place was given back just before. Whoever looked for one in vain had said before that
        // somebody waits; so one of the two sees the other.
        fence(Ordering::SeqCst);
        if self.gate.awaits_ends() {
            // A stopped actor has nobody waiting.
            let _ = self.actor.send_message(GatewayMsg::Pump);
        }
    }
}
