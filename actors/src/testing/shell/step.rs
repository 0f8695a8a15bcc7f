//! One input consumed: decided, handed to the journal, and what follows when the disk has it.

use super::super::core::Core;
use super::super::people::is_poison;
use super::super::sabotage::Sabotage;
use super::{Shell, Then};
use crate::contact::{Context, State, decide, encode_events, needs_look_up, set_aside};
use crate::gateway::{self, Pass};
use crate::model::{
    Attempt, AttemptNo, InEvent, InSeq, Inbound, Lane, Note, SCHEMA, Seconds, Step, Strike, Version,
};
use crate::outbox::{self, Outbox};

/// A step that waits for the disk.
#[derive(Debug)]
pub(super) struct Stepped {
    state: State,
    version: Version,
    step: Step,
    input: InEvent,
    started: Option<usize>,
    pass: Option<Pass>,
}

impl Shell {
    /// Decides one input and hands the step to the journal.
    pub(super) fn step(&mut self, position: InSeq, input: InEvent, core: &mut Core) {
        let Some(life) = &mut self.life else { return };
        let mut before = life.state.clone();
        match core.sabotage {
            Some(Sabotage::NoRing) => before.recent = Default::default(),
            Some(Sabotage::ToldForgotten) => before.told = Default::default(),
            Some(Sabotage::HeldForgotten) => before.admission = Default::default(),
            _ => {}
        }
        let forgets = before != life.state;
        let seen_before =
            needs_look_up(&before, &input) && core.store.seen(self.key, input.id, position);
        let duplicate = seen_before || before.recent.holds(input.id);
        let struck_out = life.strikes >= Strike::LIMIT;
        if !struck_out && !duplicate && core.poisoned && is_poison(&input) {
            return self.strike(position, core);
        }
        let (alias_of, siblings) = core.relatives(self.key, &before, &input);
        let channel = match input.fact() {
            Inbound::Message(message) => Some(message.channel),
            _ => before.channel,
        };
        let settings = channel.and_then(|channel| core.people.channel(channel));
        let context = Context {
            again: None,
            now: core.now,
            position,
            seen_before,
            settings,
            alias_of,
            siblings: &siblings,
        };
        let decision = if struck_out {
            set_aside(&before, &input, position, core.now)
        } else {
            decide(&before, &input, context)
        };
        let step = Step {
            consumed: position,
            input: input.id,
            now: core.now,
            schema: SCHEMA,
            events: encode_events(&decision.events),
            effects: decision.effects,
            closes: match input.fact() {
                Inbound::Erased if !struck_out && core.forgets_effects() => life.outbox.effects(),
                _ => decision.closes,
            },
            wake: decision.state.next_wake(),
            set_aside: struck_out,
        };
        let state = if forgets {
            // Only the decision forgets; what is recorded and remembered stays sound.
            let mut state = life.state.clone();
            let folded = state.fold(&step);
            folded.map(|()| state).unwrap_or_default()
        } else {
            core.checks
                .decided(self.key, &before, &step, &decision.state);
            decision.state
        };
        if let Inbound::Released { position, .. } = input.body {
            core.note(self.key, Note::Released { input: position });
        }
        let started = life.outbox.would_start(&step.effects, core.now);
        let first = started.and_then(|index| {
            let pass = core.try_enter(&step.effects[index], None).ok()?;
            Some((index, pass))
        });
        let sending = first.as_ref().map(|(index, pass)| Attempt::Sending {
            effect: step.effects[*index].id,
            no: AttemptNo(1),
            at: core.now,
            possible_repeat: false,
            charge: None,
            line: gateway::second_line(&step.effects[*index], pass.gateway()),
        });
        match core.store.commit(self.key, &step, sending, life.version) {
            Ok(version) => {
                let (started, pass) = first.unzip();
                let stepped = Box::new(Stepped {
                    state,
                    version,
                    step,
                    input,
                    started,
                    pass,
                });
                self.wait(Then::Stepped(stepped), core);
            }
            Err(error) => core.checks.broken(3, error.to_string()),
        }
    }

    /// The decision panics: counted in memory, and from the second time on record.
    fn strike(&mut self, input: InSeq, core: &mut Core) {
        let Some(life) = &mut self.life else { return };
        life.strikes += 1;
        self.look_in_journal = true;
        if life.strikes < 2 {
            return;
        }
        // The first is written down together with the second.
        let weight = if life.strikes == 2 { 2 } else { 1 };
        let reason = "poison".into();
        let strike = Strike {
            input,
            weight,
            reason,
        };
        core.note(self.key, Note::Strike(strike));
        self.wait(Then::Nothing, core);
    }

    pub(super) fn stepped(&mut self, stepped: Stepped, core: &mut Core) {
        let Some(life) = &mut self.life else { return };
        let Stepped {
            state,
            version,
            mut step,
            input,
            started,
            pass,
        } = stepped;
        if matches!(input.fact(), Inbound::Erased) {
            core.checks.blank(self.key, &state);
        }
        core.checks.stands(self.key, version, &state);
        core.set_wake(self.key, life.state.next_wake(), step.wake);
        if life.state.channel != state.channel {
            let rules = core.rules(state.channel);
            life.outbox.set_rules(rules);
        }
        life.state = state;
        life.version = version;
        life.consumed = step.consumed;
        life.strikes = 0;
        life.pass = pass;
        if core.sabotage == Some(Sabotage::LaneIgnored) {
            for effect in &mut step.effects {
                core.lanes_made += 1;
                effect.lane = Lane::Ticket(1_000 + core.lanes_made);
            }
        }
        if matches!(input.fact(), Inbound::Erased) && core.forgets_effects() {
            life.outbox = Outbox::restore(self.key, Vec::new(), life.rules.clone(), core.now);
        }
        life.outbox.plan(step.effects, started, core.now);
        let effects = step.closes;
        life.outbox.on(outbox::Event::Closed { effects }, core.now);
        if let Inbound::Receipt(receipt) = input.fact() {
            core.status_arrived(life.state.channel, true);
            let known = life.state.sends.named(self.key, &receipt.ids);
            let told = input.stamp.map_or(input.received, Seconds::to_millis);
            let unanswered = || life.outbox.unanswered(&receipt.ids, receipt.rank, told);
            if let Some(effect) = known.or_else(unanswered) {
                let proof = outbox::Event::Proof {
                    effect,
                    rank: receipt.rank,
                    provider_id: receipt.ids.first().cloned().unwrap_or_default(),
                    failure: receipt.failure.clone(),
                };
                life.outbox.on(proof, core.now);
            }
        }
        if let Inbound::Status(status) = input.fact() {
            core.status_arrived(life.state.channel, false);
            let proof = outbox::Event::Proof {
                effect: status.effect,
                rank: status.rank,
                provider_id: status.provider_id.clone(),
                failure: status.failure.clone(),
            };
            life.outbox.on(proof, core.now);
        }
        self.heed_consent(core);
    }
}
