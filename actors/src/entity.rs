//! The actor around an entity that decides no effects: a channel, a gateway.
//!
//! It loads itself on its first message, consumes inputs in journal order and records each decision
//! as one step. Unlike a contact it has no outbox. Mail is a nudge that may be lost or come twice: the
//! journal is the truth. An error it cannot handle ends it; its supervisor starts it again from the
//! journal. What it decides is its [`Machine`]'s.

use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, ActorRuntime, SpawnErr};
use serde::Serialize;

use crate::environment::{Environment, Limits};
use crate::fold::{Folded, put_events, state_of};
use crate::journal::{Accepted, CommitError, Journal, ReadError};
use crate::model::{InEvent, InSeq, Key, Millis, Note, SCHEMA, Seconds, Step, Version};
use crate::poison::{Decided, Strikes};
use crate::registry::{Kind, Named};

/// Inputs read from the journal at a time.
const BATCH: usize = 64;

/// A kind of entity that decides no effects.
pub(crate) trait Machine: Named {
    /// What it remembers.
    type State: Folded + Clone + Send + Sync;
    /// What it decides.
    type Event: Serialize + Send;

    /// Whether the seen index must be asked before this input can be decided.
    fn needs_look_up(state: &Self::State, input: &InEvent) -> bool;

    /// Decides one input: the state after it and the events that lead there.
    fn decide(
        state: &Self::State,
        input: &InEvent,
        given: &Given<'_>,
    ) -> (Self::State, Vec<Self::Event>);

    /// When it wants to be woken next.
    fn next_wake(state: &Self::State, limits: &Limits) -> Option<Seconds>;

    /// Panics if a test asked for it. Not part of release builds.
    fn rehearse(_input: &InEvent) {}

    /// The input's step is on record.
    fn stepped<J: Journal>(_environment: &Environment<J>, _id: Self::Id, _input: &InEvent) {}
}

/// What a decision may know besides state and input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'a> {
    /// The instant of the decision.
    pub now: Millis,
    /// The input's place in the order of acceptance.
    pub position: InSeq,
    /// Whether the seen index holds this input at an earlier position; asked only when
    /// [`Machine::needs_look_up`] says so.
    pub seen_before: bool,
    /// The system's limits.
    pub limits: &'a Limits,
}

/// What such an actor is told.
#[derive(Debug)]
pub enum EntityMsg {
    /// An input of this entity was accepted. From the registry; counted for passivation.
    Input {
        /// Where it stands.
        accepted: Accepted,
        /// The input itself, when it is at hand; otherwise it is read from the journal.
        event: Option<Box<InEvent>>,
    },
    /// Look around: inputs may wait, or the entity may rest. From the actor's own timer, from
    /// recovery and from the supervisor.
    Due,
}

impl<M: Machine> Kind for M {
    type Msg = EntityMsg;

    /// It loads itself when the first message reaches it.
    fn spawn<J: Journal>(
        id: M::Id,
        environment: Arc<Environment<J>>,
        supervisor: ActorCell,
    ) -> Result<ActorRef<EntityMsg>, SpawnErr> {
        let entity = Entity::<J, M> { id, environment };
        let (actor, _started) = ActorRuntime::spawn_linked_instant(None, entity, (), supervisor)?;
        Ok(actor)
    }

    fn input(accepted: Accepted, event: Option<Box<InEvent>>) -> EntityMsg {
        EntityMsg::Input { accepted, event }
    }

    fn is_input(message: &EntityMsg) -> bool {
        matches!(message, EntityMsg::Input { .. })
    }

    fn due() -> EntityMsg {
        EntityMsg::Due
    }
}

/// What does not change while an entity lives.
struct Entity<J, M: Machine> {
    id: M::Id,
    environment: Arc<Environment<J>>,
}

/// What changes.
struct Memory<S> {
    life: Option<Life<S>>,
    /// Registry messages received, compared with those sent before resting.
    received: u64,
    /// Whether a timer is set.
    waits: bool,
}

/// A loaded entity.
struct Life<S> {
    state: S,
    version: Version,
    consumed: InSeq,
    strikes: Strikes,
    last_work: Millis,
}

impl<J: Journal, M: Machine> Actor for Entity<J, M> {
    type Msg = EntityMsg;
    type State = Memory<M::State>;
    type Arguments = ();

    async fn pre_start(
        &self,
        _myself: ActorRef<Self::Msg>,
        (): Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(Memory {
            life: None,
            received: 0,
            waits: false,
        })
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
            EntityMsg::Input { accepted, event } => {
                memory.received += 1;
                life.last_work = now;
                self.consume(life, accepted, event).await?;
            }
            EntityMsg::Due => {
                memory.waits = false;
                self.consume_from_journal(life).await?;
            }
        }
        self.rest_or_wait(&myself, memory);
        Ok(())
    }
}

impl<J: Journal, M: Machine> Entity<J, M> {
    fn key(&self) -> Key {
        M::key(self.id)
    }

    async fn load(&self, now: Millis) -> Result<Life<M::State>, ReadError> {
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
        life: &mut Life<M::State>,
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

    async fn consume_from_journal(
        &self,
        life: &mut Life<M::State>,
    ) -> Result<(), ActorProcessingErr> {
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
        life: &mut Life<M::State>,
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
        let (state, events) = decision.unwrap_or_else(|| (life.state.clone(), Vec::new()));
        let step = Step {
            consumed: position,
            input: input.id,
            now,
            schema: SCHEMA,
            events: put_events(&events),
            effects: Vec::new(),
            closes: Vec::new(),
            wake: M::next_wake(&state, &self.environment.limits),
            set_aside,
        };
        self.environment.let_go_of_released(input).await?;
        life.version = self.commit(life.version, &step, &state).await?;
        let asked = M::next_wake(&life.state, &self.environment.limits);
        life.state = state;
        life.consumed = position;
        life.strikes.forget();
        self.environment.wakes.set(self.key(), asked, step.wake);
        self.environment.counters.stepped();
        M::stepped(&self.environment, self.id, input);
        Ok(())
    }

    async fn decide(
        &self,
        life: &mut Life<M::State>,
        position: InSeq,
        input: &InEvent,
        now: Millis,
    ) -> Result<Decided<(M::State, Vec<M::Event>)>, ActorProcessingErr> {
        let environment = &self.environment;
        let partition = self.key().partition(environment.partitions());
        let seen_before = M::needs_look_up(&life.state, input)
            && environment
                .journal
                .seen(partition, input.id, position)
                .await?;
        let given = Given {
            now,
            position,
            seen_before,
            limits: &environment.limits,
        };
        let decided = {
            let _mark = environment.steps.begin(self.key(), position);
            let state = &life.state;
            life.strikes.guard(position, || {
                M::rehearse(input);
                M::decide(state, input, &given)
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
        state: &M::State,
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

    /// Sets the timer after which an idle entity leaves the stage, or leaves.
    fn rest_or_wait(&self, myself: &ActorRef<EntityMsg>, memory: &mut Memory<M::State>) {
        let Some(life) = &memory.life else { return };
        let environment = &self.environment;
        let now = environment.clock.now();
        let rest_at = environment.rest_at(life.last_work);
        if rest_at <= now && M::residents(environment).retire(self.id, memory.received) {
            environment.journal.settled(M::key(self.id));
            myself.stop(None);
            return;
        }
        if !std::mem::replace(&mut memory.waits, true) {
            // A message that is on its way keeps the entity; it looks again after a moment.
            let wait = Duration::from_millis(rest_at.since(now).max(1_000));
            myself.send_after(wait, || EntityMsg::Due);
        }
    }
}
