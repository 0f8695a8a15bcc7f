//! The actor around a channel's machine.
//!
//! It loads itself on its first message, consumes inputs in journal order and records each decision
//! as one step. A channel decides no effects yet, so unlike a contact it has no outbox. Mail is a
//! nudge that may be lost or come twice: the journal is the truth. An error it cannot handle ends
//! it; its supervisor starts it again from the journal.

use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::{Context, Decision, State, decide, needs_look_up};
use crate::environment::Environment;
use crate::fold::{put_events, state_of};
use crate::journal::{Accepted, CommitError, Journal, ReadError};
use crate::model::{ChannelId, InEvent, InSeq, Inbound, Key, Millis, Note, SCHEMA, Step, Version};
use crate::poison::{Decided, Strikes};

/// Inputs read from the journal at a time.
const BATCH: usize = 64;

/// What a channel actor is told.
#[derive(Debug)]
pub enum ChannelMsg {
    /// An input of this channel was accepted. From the registry; counted for passivation.
    Input {
        /// Where it stands.
        accepted: Accepted,
        /// The input itself, when it is at hand; otherwise it is read from the journal.
        event: Option<Box<InEvent>>,
    },
    /// Look around: inputs may wait, or the channel may rest. From the actor's own timer, from
    /// recovery and from the supervisor.
    Due,
}

/// Spawns a channel under its supervisor; it loads itself when the first message reaches it.
pub(crate) fn spawn<J: Journal>(
    id: ChannelId,
    environment: Arc<Environment<J>>,
    supervisor: ractor::ActorCell,
) -> Result<ActorRef<ChannelMsg>, ractor::SpawnErr> {
    let channel = Channel { id, environment };
    let (actor, _started) =
        ractor::ActorRuntime::spawn_linked_instant(None, channel, (), supervisor)?;
    Ok(actor)
}

/// What does not change while a channel lives.
pub(crate) struct Channel<J> {
    id: ChannelId,
    environment: Arc<Environment<J>>,
}

/// What changes.
#[derive(Default)]
pub(crate) struct Memory {
    life: Option<Life>,
    /// Registry messages received, compared with those sent before resting.
    received: u64,
    /// Whether a timer is set.
    waits: bool,
}

/// A loaded channel.
struct Life {
    state: State,
    version: Version,
    consumed: InSeq,
    strikes: Strikes,
    last_work: Millis,
}

impl<J: Journal> Actor for Channel<J> {
    type Msg = ChannelMsg;
    type State = Memory;
    type Arguments = ();

    async fn pre_start(
        &self,
        _myself: ActorRef<Self::Msg>,
        (): Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(Memory::default())
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        memory: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let now = self.environment.clock.now();
        if memory.life.is_none() {
            memory.life = Some(self.load(now).await?);
        }
        let life = memory.life.as_mut().expect("loaded just above");
        match message {
            ChannelMsg::Input { accepted, event } => {
                memory.received += 1;
                life.last_work = now;
                self.consume(life, accepted, event).await?;
            }
            ChannelMsg::Due => {
                memory.waits = false;
                self.consume_from_journal(life).await?;
            }
        }
        self.rest_or_wait(&myself, memory);
        Ok(())
    }
}

impl<J: Journal> Channel<J> {
    const fn key(&self) -> Key {
        Key::Channel(self.id)
    }

    fn kept_ms(&self) -> u64 {
        self.environment.limits.unplaced_kept_ms
    }

    async fn load(&self, now: Millis) -> Result<Life, ReadError> {
        let loaded = self.environment.journal.load(self.key()).await?;
        Ok(Life {
            state: state_of(self.key(), &loaded)?,
            version: loaded.version,
            consumed: loaded.consumed,
            strikes: Strikes::on_record(loaded.strikes),
            last_work: now,
        })
    }

    /// Consumes a nudged input when it is the next one, else whatever the journal holds.
    async fn consume(
        &self,
        life: &mut Life,
        accepted: Accepted,
        event: Option<Box<InEvent>>,
    ) -> Result<(), ActorProcessingErr> {
        if accepted.seq <= life.consumed {
            return Ok(());
        }
        match event {
            Some(event) if accepted.previous == Some(life.consumed) => {
                self.step(life, accepted.seq, &event).await
            }
            _ => self.consume_from_journal(life).await,
        }
    }

    async fn consume_from_journal(&self, life: &mut Life) -> Result<(), ActorProcessingErr> {
        let journal = &self.environment.journal;
        loop {
            let inputs = journal
                .next_inputs(self.key(), life.consumed, BATCH)
                .await?;
            if inputs.is_empty() {
                return Ok(());
            }
            for (position, event) in &inputs {
                self.step(life, *position, event).await?;
            }
        }
    }

    async fn step(
        &self,
        life: &mut Life,
        position: InSeq,
        input: &InEvent,
    ) -> Result<(), ActorProcessingErr> {
        let now = self.environment.clock.now();
        let decision = loop {
            match self.decide(life, position, input, now).await? {
                Decided::Decision(decision) => break Some(*decision),
                Decided::Panicked { quarantine: true } => break None,
                Decided::Panicked { quarantine: false } => {}
            }
        };
        let set_aside = decision.is_none();
        let decision = decision.unwrap_or_else(|| Decision {
            state: life.state.clone(),
            events: Vec::new(),
        });
        let step = Step {
            consumed: position,
            input: input.id,
            now,
            schema: SCHEMA,
            events: put_events(&decision.events),
            effects: Vec::new(),
            closes: Vec::new(),
            wake: decision.state.next_wake(self.kept_ms()),
            set_aside,
        };
        self.environment.let_go_of_released(input).await?;
        life.version = self.commit(life.version, &step, &decision.state).await?;
        life.state = decision.state;
        life.consumed = position;
        life.strikes.forget();
        self.environment.wakes.set(self.key(), step.wake);
        self.environment.counters.stepped();
        Ok(())
    }

    async fn decide(
        &self,
        life: &mut Life,
        position: InSeq,
        input: &InEvent,
        now: Millis,
    ) -> Result<Decided<Decision>, ActorProcessingErr> {
        let environment = &self.environment;
        let partition = self.key().partition(environment.partitions());
        let seen_before = needs_look_up(&life.state, input)
            && environment
                .journal
                .seen(partition, input.id, position)
                .await?;
        let context = Context {
            now,
            kept_ms: self.kept_ms(),
            position,
            seen_before,
        };
        let decided = {
            let _mark = environment.steps.begin(self.key(), position);
            let state = &life.state;
            life.strikes.guard(position, || {
                rehearse(input);
                decide(state, input, context)
            })
        };
        if let Decided::Panicked { .. } = decided
            && let Some(strike) = life.strikes.record_due(position)
        {
            let strike = Note::Strike(strike);
            environment.journal.note(self.key(), &strike).await?;
        }
        Ok(decided)
    }

    /// Records the step. Waits while the journal refuses; a second writer ends this actor.
    async fn commit(
        &self,
        expect: Version,
        step: &Step,
        state: &State,
    ) -> Result<Version, ActorProcessingErr> {
        let mut pause_ms = 20;
        loop {
            let journal = &self.environment.journal;
            match journal.commit(self.key(), step, None, expect, state).await {
                Ok(version) => return Ok(version),
                Err(CommitError::Refused(refused)) if !refused.is_final() => {
                    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                    pause_ms = (pause_ms * 2).min(1_000);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sets the timer after which an idle channel leaves the stage, or leaves.
    fn rest_or_wait(&self, myself: &ActorRef<ChannelMsg>, memory: &mut Memory) {
        let Some(life) = &memory.life else { return };
        let environment = &self.environment;
        let now = environment.clock.now();
        let rest_at = environment.rest_at(life.last_work);
        if rest_at <= now && environment.channels.retire(self.id, memory.received) {
            myself.stop(None);
            return;
        }
        if !std::mem::replace(&mut memory.waits, true) {
            // A message that is on its way keeps the channel; it looks again after a moment.
            let wait = Duration::from_millis(rest_at.since(now).max(1_000));
            myself.send_after(wait, || ChannelMsg::Due);
        }
    }
}

/// Panics if a test asked for it: the fail point `channel::decide` names a word, and the decision on
/// an item whose text holds it panics. Not part of release builds.
#[cfg(debug_assertions)]
fn rehearse(input: &InEvent) {
    let Inbound::Unplaced(item) = input.fact() else {
        return;
    };
    fail::fail_point!("channel::decide", |word| {
        if word.is_some_and(|word| item.raw.contains(&word)) {
            panic!("a decision panics as a test asked it to");
        }
    });
}

#[cfg(not(debug_assertions))]
fn rehearse(_input: &InEvent) {}
