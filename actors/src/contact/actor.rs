//! The actor around a contact's machine.
//!
//! It loads itself on its first message, consumes inputs in journal order, records each decision as
//! one step and hands effects to gateways. Actor mail is a nudge that may be lost or come twice: the
//! journal is the truth, and a nudged input is used only when it is the next one. The actor never
//! waits for another actor or for HTTP, only for the journal. An error it cannot handle ends it; its
//! supervisor starts it again from the journal.

mod alarm;
mod carry_out;
mod consume;
mod news;
mod recording;
mod rehearsal;
mod remember;
mod rest;
mod timing;

use std::sync::Arc;
use std::time::Instant;

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::State;
use crate::environment::Environment;
use crate::fold::state_of;
use crate::gateway::Pass;
use crate::journal::{Accepted, Journal, ReadError};
use crate::model::{ContactId, EffectId, InEvent, InSeq, Key, Millis, Version};
use crate::outbox::{self, Outbox, StuckShare};
use crate::poison::Strikes;
use alarm::Alarm;
use recording::Underway;
use rest::Idle;
use timing::Timing;

/// What a contact actor is told.
#[derive(Debug)]
pub enum ContactMsg {
    /// An input of this contact was accepted. From the registry; counted for passivation.
    Input {
        /// Where it stands.
        accepted: Accepted,
        /// The input itself, when it is at hand; otherwise it is read from the journal.
        event: Option<Box<InEvent>>,
        /// When it had become durable.
        durable: Instant,
    },
    /// Something happened to an effect. From gateways and the relay.
    Outbox(outbox::Event),
    /// Look around: effects may be due, inputs may wait, or the contact may rest. From the actor's
    /// own timer, from recovery and from the supervisor.
    Due,
    /// An operator sends a shelved effect again.
    Redrive {
        /// The effect.
        effect: EffectId,
    },
    /// An operator takes a shelved effect off the list.
    Dismiss {
        /// The effect.
        effect: EffectId,
    },
    /// What the actor is doing, for health. Answered at once.
    View {
        /// Takes the answer.
        reply: ractor::RpcReplyPort<View>,
    },
}

/// A small observable summary of a live contact.
#[derive(Clone, Debug, serde::Serialize)]
pub struct View {
    /// The contact.
    pub contact: String,
    /// Steps taken.
    pub version: u64,
    /// Position of the last input consumed.
    pub consumed: u64,
    /// Effects by state.
    pub outbox: outbox::View,
}

/// Spawns a contact under its supervisor; it loads itself when the first message reaches it.
pub(crate) fn spawn<J: Journal>(
    id: ContactId,
    environment: Arc<Environment<J>>,
    supervisor: ractor::ActorCell,
) -> Result<ActorRef<ContactMsg>, ractor::SpawnErr> {
    let contact = Contact {
        key: Key::Contact(id),
        environment,
    };
    let (actor, _started) =
        ractor::ActorRuntime::spawn_linked_instant(None, contact, (), supervisor)?;
    Ok(actor)
}

/// What does not change while a contact lives.
pub(crate) struct Contact<J> {
    key: Key,
    environment: Arc<Environment<J>>,
}

/// What changes.
pub(crate) struct Memory {
    /// Boxed: the actor's own memory is moved about while it starts and ends.
    life: Option<Box<Life>>,
    /// What is left of a life that was put down, until it is loaded again.
    idle: Option<Idle>,
    /// Registry messages received, compared with those sent before resting.
    received: u64,
    alarm: Option<Alarm>,
}

/// A loaded contact.
struct Life {
    state: State,
    version: Version,
    consumed: InSeq,
    outbox: Outbox,
    strikes: Strikes,
    /// The place in a gateway taken for the send that was recorded together with its step.
    pass: Option<Pass>,
    /// The outcome recorded last, until it is surely durable.
    underway: Option<Box<Underway>>,
    timing: Timing,
    /// What this contact adds to the counts of what is stuck.
    stuck: StuckShare,
    last_work: Millis,
}

impl<J: Journal> Actor for Contact<J> {
    type Msg = ContactMsg;
    type State = Memory;
    type Arguments = ();

    async fn pre_start(
        &self,
        _myself: ActorRef<Self::Msg>,
        (): Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(Memory {
            life: None,
            idle: None,
            received: 0,
            alarm: None,
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        memory: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        // Boxed so that an idle actor does not hold the largest future of its handlers.
        Box::pin(self.take(&myself, message, memory)).await
    }

    async fn post_stop(
        &self,
        _myself: ActorRef<Self::Msg>,
        memory: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        memory.alarm = None;
        Ok(())
    }
}

impl<J: Journal> Contact<J> {
    async fn take(
        &self,
        myself: &ActorRef<ContactMsg>,
        message: ContactMsg,
        memory: &mut Memory,
    ) -> Result<(), ActorProcessingErr> {
        let now = self.environment.clock.now();
        if let (ContactMsg::Due, Some(idle)) = (&message, memory.idle)
            && self.nothing_waits(idle).await?
        {
            memory.alarm.take_if(|alarm| alarm.is_over(now));
            self.rest_or_wait(myself, memory);
            return Ok(());
        }
        if memory.life.is_none() {
            memory.idle = None;
            let mut life = self.load(now).await?;
            self.hear_waiting(&life).await?;
            self.heed_consent(&mut life);
            // A nudge that carries the next input spares reading it; one that does not, and anything
            // else that brings an entity to life, finds what waits in the journal.
            if !matches!(message, ContactMsg::Input { .. }) {
                Box::pin(self.consume_from_journal(myself, &mut life)).await?;
            }
            memory.life = Some(life);
        }
        let life = memory.life.as_mut().expect("loaded just above");
        self.await_recording(life).await?;
        match message {
            ContactMsg::Input {
                accepted,
                event,
                durable,
            } => {
                memory.received += 1;
                life.last_work = now;
                life.timing.handed(accepted.seq, durable);
                self.consume(myself, life, accepted, event).await?;
            }
            ContactMsg::Outbox(event) => {
                life.last_work = now;
                let answered = event.answers_a_send();
                life.timing.heard(&event, now, &self.environment.meters);
                life.outbox.on(event, now);
                self.carry_out(myself, life).await?;
                if answered {
                    self.environment.calls.ended();
                }
            }
            ContactMsg::Redrive { effect } => {
                life.outbox.on(outbox::Event::Redriven { effect }, now);
            }
            ContactMsg::Dismiss { effect } => {
                life.outbox.on(outbox::Event::Dismissed { effect }, now);
            }
            ContactMsg::View { reply } => {
                let view = View {
                    contact: self.key.to_string(),
                    version: life.version.0,
                    consumed: life.consumed.0,
                    outbox: life.outbox.view(),
                };
                // The asker may have given up; nothing depends on the answer.
                let _ = reply.send(view);
            }
            ContactMsg::Due => {
                memory.alarm.take_if(|alarm| alarm.is_over(now));
                Box::pin(self.consume_from_journal(myself, life)).await?;
            }
        }
        self.carry_out(myself, life).await?;
        life.stuck.is_now(life.outbox.stuck());
        self.rest_or_wait(myself, memory);
        Ok(())
    }

    async fn load(&self, now: Millis) -> Result<Box<Life>, ReadError> {
        let loaded = self.environment.journal.load(self.key).await?;
        let state: State = state_of(self.key, &loaded)?;
        self.environment.waiting.note(self.key, &state);
        let rules = self.environment.outbox_rules(state.channel.as_ref());
        Ok(Box::new(Life {
            state,
            version: loaded.version,
            consumed: loaded.consumed,
            outbox: Outbox::restore(self.key, loaded.open, rules, now),
            strikes: Strikes::on_record(loaded.strikes),
            pass: None,
            underway: None,
            timing: Timing::default(),
            stuck: StuckShare::of(&self.environment.stuck),
            last_work: now,
        }))
    }
}
