//! Memory follows the record: what changes in a living contact once its step is on its way there.

use super::consume::First;
use super::{Contact, Life};
use crate::contact::Decision;
use crate::journal::Journal;
use crate::model::{EffectId, InEvent, Inbound, Step, Version};
use crate::outbox::{self, Outbox};

/// How long a message waits that is sent again.
const AGAIN_AFTER_MS: u64 = 5_000;

/// A step on record, or on its way there without anybody waiting.
pub(super) struct Taken {
    pub step: Step,
    /// What it records; its effects are in the step.
    pub decision: Box<Decision>,
    pub version: Version,
    /// The effect whose first attempt was recorded with it.
    pub first: Option<First>,
    /// Whether its effects repeat what was not sent, and have to wait.
    pub again: bool,
}

impl<J: Journal> Contact<J> {
    /// Takes a step into memory, and its effects into the outbox.
    pub(super) fn remember(&self, life: &mut Life, input: &InEvent, taken: Taken) {
        let Taken {
            step,
            decision,
            version,
            first,
            again,
        } = taken;
        let state = decision.state;
        if life.state.channel != state.channel {
            let rules = self.environment.outbox_rules(state.channel.as_ref());
            life.outbox.set_rules(rules);
        }
        let wake_before = life.state.next_wake();
        life.state = state;
        life.version = version;
        life.consumed = step.consumed;
        self.environment.waiting.note(self.key, &life.state);
        life.strikes.forget();
        self.environment.wakes.set(self.key, wake_before, step.wake);
        if matches!(input.fact(), Inbound::Erased) {
            let rules = self.environment.outbox_rules(None);
            life.outbox = Outbox::restore(self.key, Vec::new(), rules, step.now);
        }
        let started = first.as_ref().map(|first| first.index);
        plan(&mut life.outbox, step, started, again);
        if let Some(First { pass, .. }) = first {
            life.pass = Some(pass);
        }
    }
}

/// Plans the effects of a step, of which `started` has begun already, and closes what it closes.
fn plan(outbox: &mut Outbox, step: Step, started: Option<usize>, again: bool) {
    let now = step.now;
    // Empty, and without an allocation, but for what is sent again.
    let later = step.effects.iter().filter(|_| again);
    let later: Vec<EffectId> = later.map(|effect| effect.id).collect();
    outbox.plan(step.effects, started, now);
    for effect in later {
        let until = now.plus_ms(AGAIN_AFTER_MS);
        let not_before = outbox::Event::NotBefore { effect, until };
        outbox.on(not_before, now);
    }
    if !step.closes.is_empty() {
        let effects = step.closes;
        outbox.on(outbox::Event::Closed { effects }, now);
    }
}
