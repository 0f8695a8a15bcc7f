//! Consuming inputs: in journal order, each decided once, each decision recorded before memory
//! changes.

use std::time::Instant;

use ractor::{ActorProcessingErr, ActorRef};

use super::rehearsal::rehearse;
use super::remember::Taken;
use super::{Contact, ContactMsg, Life};
use crate::contact::{
    Context, Decision, Sibling, State, decide, encode_events, needs_look_up, repeatable, set_aside,
};
use crate::gateway::{self, Pass};
use crate::journal::{Accepted, CommitError, Entry, Journal, ReadError, Refused};
use crate::model::{
    Attempt, AttemptNo, ChannelId, Effect, InEvent, InSeq, Inbound, Key, Millis, Note, SCHEMA, Step,
};
use crate::poison::Decided;
use crate::ports::Stepped;

/// Inputs read from the journal at a time.
pub(super) const BATCH: usize = 64;

impl<J: Journal> Contact<J> {
    /// Consumes a nudged input when it is the next one, else whatever the journal holds.
    pub(super) async fn consume(
        &self,
        myself: &ActorRef<ContactMsg>,
        life: &mut Life,
        accepted: Accepted,
        event: Option<Box<InEvent>>,
    ) -> Result<(), ActorProcessingErr> {
        if accepted.seq <= life.consumed {
            return Ok(());
        }
        match event {
            Some(event) if accepted.previous == Some(life.consumed) && life.outbox.room() > 0 => {
                self.step(life, accepted.seq, &event).await
            }
            _ => Box::pin(self.consume_from_journal(myself, life)).await,
        }
    }

    /// Consumes every input the journal holds after the last one consumed.
    pub(super) async fn consume_from_journal(
        &self,
        myself: &ActorRef<ContactMsg>,
        life: &mut Life,
    ) -> Result<(), ActorProcessingErr> {
        loop {
            let journal = &self.environment.journal;
            let inputs = journal.next_inputs(self.key, life.consumed, BATCH).await?;
            if inputs.is_empty() {
                return Ok(());
            }
            for (position, event) in &inputs {
                if life.outbox.room() == 0 {
                    return Ok(());
                }
                self.step(life, *position, event).await?;
                self.carry_out(myself, life).await?;
            }
        }
    }

    async fn step(
        &self,
        life: &mut Life,
        position: InSeq,
        input: &InEvent,
    ) -> Result<(), ActorProcessingErr> {
        let (now, begun) = (self.environment.clock.now(), Instant::now());
        if position <= life.consumed {
            self.environment.counters.disordered(self.key, position);
        }
        // Before anything is decided: what is sent again must not leave at once.
        self.tell_gateway(life, input, now);
        let again = repeatable(&life.state, self.key, input.fact()).is_some();
        let decision = loop {
            match self.decide(life, position, input, now).await? {
                Decided::Decision(decision) => break Some(decision),
                Decided::Panicked { quarantine: true } => break None,
                Decided::Panicked { quarantine: false } => {}
            }
        };
        let decided = Instant::now();
        let meters = &self.environment.meters;
        life.timing.decided(position, decided, meters);
        let quarantine = decision.is_none();
        let mut decision =
            decision.unwrap_or_else(|| Box::new(set_aside(&life.state, input, position, now)));
        let step = Step {
            consumed: position,
            input: input.id,
            now,
            schema: SCHEMA,
            events: encode_events(&decision.events),
            effects: std::mem::take(&mut decision.effects),
            closes: match input.fact() {
                // Nothing that was decided for a person who is forgotten is carried on.
                Inbound::Erased if !quarantine => life.outbox.effects(),
                _ => std::mem::take(&mut decision.closes),
            },
            wake: decision.state.next_wake(),
            set_aside: quarantine,
        };
        self.environment.let_go_of_released(input).await?;
        self.await_recording(life).await?;
        let (version, first) = match self.commit_soon(life, input, &step, &decision.state) {
            Some(version) => (version, None),
            None => self.commit(life, &step, &decision.state, again).await?,
        };
        self.recorded(life, input, &step.effects, (begun, decided));
        let taken = Taken {
            step,
            decision,
            version,
            first,
            again,
        };
        self.remember(life, input, taken);
        self.tell_outbox(life, input, now);
        self.heed_consent(life);
        self.environment.counters.stepped();
        Ok(())
    }

    /// A step is on record: measured, and shown to whoever watches.
    fn recorded(
        &self,
        life: &mut Life,
        input: &InEvent,
        effects: &[Effect],
        (begun, decided): (Instant, Instant),
    ) {
        let recorded = Instant::now();
        // What is still under way has kept nobody waiting.
        if life.underway.is_none() {
            let took = recorded.saturating_duration_since(decided);
            self.environment.meters.recorded.record(took.as_secs_f64());
        }
        life.timing.recorded(input, effects);
        if let Some(witness) = &self.environment.witness {
            witness.stepped(&Stepped {
                input,
                effects,
                begun,
                decided,
                recorded,
            });
        }
    }

    async fn decide(
        &self,
        life: &mut Life,
        position: InSeq,
        input: &InEvent,
        now: Millis,
    ) -> Result<Decided<Decision>, ActorProcessingErr> {
        let environment = &self.environment;
        let partition = self.key.partition(environment.partitions());
        let seen_before = needs_look_up(&life.state, input)
            && environment
                .journal
                .seen(partition, input.id, position)
                .await?;
        let settings = channel_of(&life.state, input)
            .and_then(|channel| environment.settings.channel(&channel));
        let (alias_of, siblings) = match may_have_relatives(&life.state, input) {
            true => Box::pin(self.relatives(&life.state, input)).await?,
            false => (None, Vec::new()),
        };
        let again = self.again(&life.state, input).await?;
        let context = Context {
            again: again.as_ref(),
            now,
            position,
            seen_before,
            settings: settings.as_deref(),
            alias_of,
            siblings: &siblings,
        };
        let decided = {
            let _mark = environment.steps.begin(self.key, position);
            life.strikes.guard(position, || {
                rehearse(input);
                decide(&life.state, input, context)
            })
        };
        if let Decided::Panicked { .. } = decided
            && let Some(strike) = life.strikes.record_due(position)
        {
            let strike = Note::Strike(strike);
            Box::pin(environment.journal.note(self.key, &strike)).await?;
        }
        Ok(decided)
    }

    /// How the message was decided that an input says was not sent and may leave again.
    async fn again(&self, state: &State, input: &InEvent) -> Result<Option<Effect>, ReadError> {
        let Some(wanted) = repeatable(state, self.key, input.fact()) else {
            return Ok(None);
        };
        let journal = &self.environment.journal;
        let history = Box::pin(journal.history(self.key, 0..u64::MAX)).await?;
        let mut steps = history.into_iter().filter_map(|entry| match entry {
            Entry::Step(_, step) => Some(step),
            _ => None,
        });
        Ok(steps.find_map(|step| step.effects.into_iter().find(|effect| effect.id == wanted)))
    }

    /// Who else this person may be known as: an older contact an alias on record names, and the
    /// contacts that identities seen here for the first time would be. A new alias is on record
    /// before the other contact is looked for, so that of two contacts that meet one always sees
    /// the other.
    async fn relatives(
        &self,
        state: &State,
        input: &InEvent,
    ) -> Result<(Option<Key>, Vec<Sibling>), ActorProcessingErr> {
        let from_outside = matches!(
            input.fact(),
            Inbound::Message(_)
                | Inbound::Receipt(_)
                | Inbound::Billed(_)
                | Inbound::Consent(_)
                | Inbound::TicketNews(_)
                | Inbound::Operator(_)
        );
        let Key::Contact(own) = self.key else {
            return Ok((None, Vec::new()));
        };
        let journal = &self.environment.journal;
        let alias_of = if state.is_new() && from_outside {
            // The alias of a person who was forgotten leads to themselves.
            let named = journal.resolve(own.0).await?;
            named.filter(|named| *named != self.key)
        } else {
            None
        };
        let mut siblings = Vec::new();
        let Inbound::Message(message) = input.fact() else {
            return Ok((alias_of, siblings));
        };
        if alias_of.is_some() {
            return Ok((alias_of, siblings));
        }
        for identity in &message.identities {
            if state.identities.contains(identity) {
                continue;
            }
            let id = self
                .environment
                .identity
                .contact_id(&message.tenant, identity);
            let key = Key::Contact(id);
            if id == own || siblings.iter().any(|sibling: &Sibling| sibling.key == key) {
                continue;
            }
            let known = journal.load(key).await?.version.0 > 0
                || !journal.next_inputs(key, InSeq(0), 1).await?.is_empty();
            let ours = known && journal.resolve(id.0).await? == Some(self.key);
            // Who joins whom is on record before the step, so that after a crash between the two, or
            // when the step sets the message aside, the other one never joins back.
            if known && state.is_new() && !ours {
                let alias = Note::Alias { alias: own.0 };
                self.environment.note(key, &alias).await?;
            } else if !ours {
                let alias = Note::Alias { alias: id.0 };
                self.environment.note(self.key, &alias).await?;
            }
            siblings.push(Sibling { key, known, ours });
        }
        Ok((None, siblings))
    }

    /// Records the step, with the first attempt of an effect that may start at once. Waits while the
    /// journal refuses; a second writer ends this actor.
    async fn commit(
        &self,
        life: &mut Life,
        step: &Step,
        state: &State,
        later: bool,
    ) -> Result<(crate::model::Version, Option<First>), ActorProcessingErr> {
        let mut pause_ms = 20;
        loop {
            let first = (!later).then(|| self.start_with_step(life, step)).flatten();
            let sending = first.as_ref().map(|first| Attempt::Sending {
                effect: step.effects[first.index].id,
                no: AttemptNo(1),
                at: step.now,
                possible_repeat: false,
                charge: None,
                line: gateway::second_line(&step.effects[first.index], first.pass.gateway()),
            });
            let journal = &self.environment.journal;
            let committed = journal
                .commit(self.key, step, sending.as_ref(), life.version, state)
                .await;
            match committed {
                Ok(version) => return Ok((version, first)),
                Err(CommitError::Refused(
                    Refused::Overloaded | Refused::Disk(_) | Refused::Full,
                )) => {
                    tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
                    pause_ms = (pause_ms * 2).min(1_000);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The effect of this step whose lane and gateway are free now.
    fn start_with_step(&self, life: &Life, step: &Step) -> Option<First> {
        if self.environment.is_draining() {
            return None;
        }
        let index = life.outbox.would_start(&step.effects, step.now)?;
        let effect = &step.effects[index];
        let line = self.environment.gateways.line(effect, None, step.now)?;
        let pass = line.try_enter(effect, step.now).ok()?;
        Some(First { index, pass })
    }
}

/// The effect whose `Sending` is recorded together with its step, and its place in the gateway.
pub(super) struct First {
    pub index: usize,
    pub pass: Pass,
}

/// Whether another contact may be the same person: who is new may be known under another name, and
/// a message may bring a name that was not seen here. Asked first, because few inputs have to be
/// looked into, and looking makes room for much.
fn may_have_relatives(state: &State, input: &InEvent) -> bool {
    let Inbound::Message(message) = input.fact() else {
        return state.is_new();
    };
    let mut identities = message.identities.iter();
    state.is_new() || identities.any(|identity| !state.identities.contains(identity))
}

/// The channel whose settings an input is decided under.
fn channel_of(state: &State, input: &InEvent) -> Option<ChannelId> {
    match input.fact() {
        Inbound::Message(message) => Some(message.channel),
        _ => state.channel,
    }
}
