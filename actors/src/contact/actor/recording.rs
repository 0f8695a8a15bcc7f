//! Records on their way to the disk while their contact goes on.
//!
//! Nothing follows from some records but that they stand: a reply was taken, a message was delivered
//! or read. So nobody waits for these alone. They are waited for before the contact does anything
//! else, and before it rests, so never more than one is under way. A crash until then leaves things
//! as it would while they were waited for: the send is in doubt, the input is not consumed.

use ractor::ActorProcessingErr;

use super::{Contact, Life};
use crate::contact::State;
use crate::journal::{Journal, Recording};
use crate::model::{Attempt, AttemptNo, InEvent, Inbound, Outcome, Step, Version};
use crate::outbox::Action;

/// A record that may not be durable yet.
pub(super) struct Underway {
    what: What,
    recording: Recording,
}

/// What it says, as far as it is needed when the disk refuses it.
enum What {
    /// An outcome, which is recorded once more.
    Outcome { attempt: Attempt, expect: AttemptNo },
    /// A step; its contact is read again from the record.
    Step,
}

impl<J: Journal> Contact<J> {
    /// Begins to record an outcome from which nothing follows; gives back every other action.
    pub(super) fn record_soon(&self, life: &mut Life, action: Action) -> Option<Action> {
        let Action::Record { attempt, expect } = action else {
            return Some(action);
        };
        if !is_done(&attempt) {
            return Some(Action::Record { attempt, expect });
        }
        let journal = &self.environment.journal;
        match journal.attempt_soon(self.key, &attempt, expect) {
            Ok(Some(recording)) => {
                let what = What::Outcome { attempt, expect };
                life.underway = Some(Box::new(Underway { what, recording }));
                None
            }
            // Whoever waits for it hears the error again, or has come through by then.
            Ok(None) | Err(_) => Some(Action::Record { attempt, expect }),
        }
    }

    /// Begins to record what became of a message, when nothing follows from it; `None` when it has to
    /// be waited for.
    pub(super) fn commit_soon(
        &self,
        life: &mut Life,
        input: &InEvent,
        step: &Step,
        state: &State,
    ) -> Option<Version> {
        let is_fate = matches!(input.fact(), Inbound::Status(_) | Inbound::Receipt(_));
        if !is_fate || !step.effects.is_empty() || !step.closes.is_empty() || step.set_aside {
            return None;
        }
        let journal = &self.environment.journal;
        let begun = journal.commit_soon(self.key, step, life.version, state);
        let (version, recording) = begun.ok().flatten()?;
        let what = What::Step;
        life.underway = Some(Box::new(Underway { what, recording }));
        Some(version)
    }

    /// Waits until what is under way is on record. A step that the disk refused ends this actor: its
    /// memory is ahead of the record, and is read again from there.
    pub(super) async fn await_recording(&self, life: &mut Life) -> Result<(), ActorProcessingErr> {
        let Some(underway) = life.underway.take() else {
            return Ok(());
        };
        let Underway { what, recording } = *underway;
        match (recording.durable().await, what) {
            (Ok(()), _) => Ok(()),
            (Err(refused), What::Outcome { attempt, expect }) if !refused.is_final() => {
                Box::pin(self.record(&attempt, expect)).await
            }
            (Err(refused), _) => Err(refused.into()),
        }
    }
}

fn is_done(attempt: &Attempt) -> bool {
    let Attempt::Outcome { outcome, .. } = attempt else {
        return false;
    };
    matches!(outcome, Outcome::Done(_))
}
