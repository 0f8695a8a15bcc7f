//! Carrying out what the outbox asks for: records, sends through gateways, reports and tells.

use std::sync::Arc;

use ractor::{ActorProcessingErr, ActorRef};

use super::{Contact, ContactMsg, Life};
use crate::gateway::{self, Back, GatewayHandle, Pass, fallback};
use crate::journal::{CommitError, Journal};
use crate::model::{Attempt, AttemptNo, Call, Effect, GatewayId, InEvent, Inbound, Report};
use crate::outbox::{self, Action};
use crate::ports::LookedUp;

/// One try as the outbox asked for it.
struct Send {
    effect: Arc<Effect>,
    no: AttemptNo,
    possible_repeat: bool,
    sending_recorded: bool,
    pinned: Option<GatewayId>,
}

impl<J: Journal> Contact<J> {
    /// Asks the outbox until it has nothing more to do now.
    pub(super) async fn carry_out(
        &self,
        myself: &ActorRef<ContactMsg>,
        life: &mut Life,
    ) -> Result<(), ActorProcessingErr> {
        self.tell_of_statuses(life);
        loop {
            let mut actions = life.outbox.poll(self.environment.clock.now());
            let overtaken = life.outbox.take_overtaken();
            if overtaken > 0 {
                self.environment.counters.overtaken(self.key, overtaken);
            }
            let Some(last) = actions.pop() else {
                return Ok(());
            };
            self.await_recording(life).await?;
            for action in actions {
                self.perform(myself, life, action).await?;
            }
            // Nothing stands behind the last one that would have to wait for it.
            if let Some(last) = self.record_soon(life, last) {
                self.perform(myself, life, last).await?;
            }
        }
    }

    /// A status of any message of the line tells that statuses arrive, and a person whose first
    /// message is in doubt has none of their own.
    fn tell_of_statuses(&self, life: &mut Life) {
        let line = life.outbox.status_line();
        let last = line.and_then(|line| self.environment.statuses.last(&line));
        if let Some(at) = last {
            let now = self.environment.clock.now();
            life.outbox.on(outbox::Event::StatusesSeen { at }, now);
        }
    }

    /// What few effects need is boxed: every message that a contact takes makes room for the largest
    /// of its futures.
    async fn perform(
        &self,
        myself: &ActorRef<ContactMsg>,
        life: &mut Life,
        action: Action,
    ) -> Result<(), ActorProcessingErr> {
        match action {
            Action::Send {
                effect,
                no,
                possible_repeat,
                sending_recorded,
                pinned,
            } => {
                let send = Send {
                    effect,
                    no,
                    possible_repeat,
                    sending_recorded,
                    pinned,
                };
                self.send(myself, life, send);
                Ok(())
            }
            Action::LookUp { effect } => {
                self.look_up(myself, life, effect);
                Ok(())
            }
            Action::Record { attempt, expect } => Box::pin(self.record(&attempt, expect)).await,
            Action::Report(report) => Box::pin(self.report(report)).await,
            Action::Tell { effect } => Box::pin(self.tell(life, &effect)).await,
        }
    }

    fn send(&self, myself: &ActorRef<ContactMsg>, life: &mut Life, send: Send) {
        let Send {
            effect,
            no,
            possible_repeat,
            sending_recorded,
            pinned,
        } = send;
        let now = self.environment.clock.now();
        if self.environment.is_draining() && !sending_recorded {
            // What is only planned stays planned and is sent after the next start.
            life.outbox.on(
                outbox::Event::NotStarted {
                    effect: effect.id,
                    no,
                    until: None,
                },
                now,
            );
            return;
        }
        let pass = if sending_recorded {
            life.pass.take()
        } else {
            None
        };
        // What entered a gate with its step goes through that gate.
        let pinned = pass.as_ref().map(Pass::gateway).or(pinned);
        let Some(line) = self.environment.gateways.line(&effect, pinned, now) else {
            let event = outbox::Event::Undeliverable {
                effect: effect.id,
                no,
                reason: "its connection was deleted".into(),
            };
            life.outbox.on(event, now);
            return;
        };
        let taken = outbox::Event::Taken {
            effect: effect.id,
            no,
            line: line.id(),
        };
        life.outbox.on(taken, now);
        self.environment.calls.begun();
        let effect = match gateway::second_line(&effect, line.id()) {
            Some(_) => fallback::rendered(&effect),
            None => effect,
        };
        line.send(
            effect,
            no,
            possible_repeat,
            sending_recorded,
            pass,
            back(myself),
        );
    }

    fn look_up(&self, myself: &ActorRef<ContactMsg>, life: &mut Life, effect: Arc<Effect>) {
        match self.gateway_of(&effect) {
            Some(gateway) => gateway.look_up(effect, back(myself)),
            None => {
                let looked = LookedUp::Unsupported;
                let event = outbox::Event::LookedUp {
                    effect: effect.id,
                    looked,
                };
                life.outbox.on(event, self.environment.clock.now());
            }
        }
    }

    fn gateway_of(&self, effect: &Effect) -> Option<GatewayHandle> {
        self.environment.gateways.get(effect.gateway.as_ref()?)
    }

    pub(super) async fn record(
        &self,
        attempt: &Attempt,
        expect: AttemptNo,
    ) -> Result<(), ActorProcessingErr> {
        let mut pause_ms = 20;
        loop {
            match self
                .environment
                .journal
                .attempt(self.key, attempt, expect)
                .await
            {
                Ok(()) => return Ok(()),
                Err(CommitError::Refused(refused)) if !refused.is_final() => {
                    tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
                    pause_ms = (pause_ms * 2).min(1_000);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Gives the contact itself the end of an effect as an input; a repeat is the same input.
    async fn report(&self, report: Report) -> Result<(), ActorProcessingErr> {
        let environment = &self.environment;
        let scope = format!("report/{}", outcome_name(&report.outcome));
        let id = environment
            .identity
            .id_hash(scope.as_bytes(), report.effect.to_string().as_bytes());
        let event = InEvent {
            key: self.key,
            id,
            stamp: None,
            received: environment.clock.now(),
            body: Inbound::Report(report),
        };
        environment.accept_inside(event).await.map_err(Into::into)
    }

    /// Gives another entity an input, deduplicated by the effect id.
    async fn tell(&self, life: &mut Life, effect: &Effect) -> Result<(), ActorProcessingErr> {
        let environment = &self.environment;
        if let Call::Tell { to, input } = &effect.call {
            let event = InEvent {
                key: *to,
                id: environment
                    .identity
                    .id_hash(b"tell", effect.id.to_string().as_bytes()),
                stamp: None,
                received: environment.clock.now(),
                body: (**input).clone(),
            };
            environment.accept_inside(event).await?;
        }
        let told = outbox::Event::Told { effect: effect.id };
        life.outbox.on(told, environment.clock.now());
        Ok(())
    }
}

/// Where gateways send what became of an effect. A contact that ended meanwhile finds the attempt in
/// the journal when it is loaded again.
fn back(myself: &ActorRef<ContactMsg>) -> Back {
    let myself = myself.clone();
    Arc::new(move |event| {
        let _ = myself.cast(ContactMsg::Outbox(event));
    })
}

fn outcome_name(outcome: &crate::model::Outcome) -> &'static str {
    use crate::model::Outcome;
    match outcome {
        Outcome::Done(_) => "done",
        Outcome::RetryAt { .. } => "retry",
        Outcome::InDoubt { .. } => "in-doubt",
        Outcome::Failed { .. } => "failed",
        Outcome::Shelved { .. } => "shelved",
        Outcome::Late => "late",
    }
}
