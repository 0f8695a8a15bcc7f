//! The promises about what leaves: after its step, once, in order, with consent, and for nobody who was
//! forgotten.

use super::{Checks, Fate};
use crate::model::{
    Attempt, AttemptNo, Class, ConsentLevel, Content, EffectId, InEvent, Inbound, Lane, Priority,
};
use crate::understand::{ConsentWord, consent_word};

impl Checks {
    /// An attempt is on record.
    pub(super) fn attempt(&mut self, attempt: &Attempt) {
        if matches!(
            attempt,
            Attempt::Sending {
                no: AttemptNo(1),
                ..
            }
        ) {
            self.begun(attempt.effect());
        }
        let Some(fate) = self.effects.get_mut(&attempt.effect()) else {
            let what = format!("an attempt of {}, which nobody decided", attempt.effect());
            return self.broken(5, what);
        };
        if fate.forgotten && matches!(attempt, Attempt::Sending { .. }) {
            let what = format!(
                "{} is begun after its person was forgotten",
                attempt.effect()
            );
            return self.broken(2, what);
        }
        fate.last = Some(attempt.no());
        match attempt {
            Attempt::Sending {
                possible_repeat, ..
            } => {
                fate.outcome = None;
                fate.marked = *possible_repeat;
            }
            Attempt::Outcome { outcome, .. } => fate.outcome = Some(outcome.clone()),
        }
    }

    /// An input is on record for the first time: what it says about marketing holds from now on.
    pub(super) fn heard(&mut self, event: &InEvent) {
        if !self.heard.insert((event.key, event.id)) {
            return;
        }
        match event.fact() {
            Inbound::Message(message) => {
                let Content::Text(text) = &message.content else {
                    return;
                };
                // The other words mean consent only where nothing is open.
                if matches!(consent_word(text), Some((ConsentWord::Stop, _))) {
                    self.stopped.insert(event.key);
                }
            }
            Inbound::ConsentNoted(note) if note.level == Some(ConsentLevel::Marketing) => {
                self.stopped.remove(&event.key);
            }
            _ => {}
        }
    }

    /// A provider is about to be called: its step and its `Sending` are durable, and nothing of its
    /// lane is in flight.
    pub(in crate::testing) fn call(&mut self, id: EffectId, no: AttemptNo, in_flight: &[EffectId]) {
        let Some(fate) = self.effects.get(&id) else {
            return self.broken(5, format!("{id} is sent before its step is durable"));
        };
        if fate.effect.priority == Priority::Marketing {
            if self.stopped.contains(&id.key) {
                let what = format!("{id} is marketing and leaves after a stop word");
                return self.broken(12, what);
            }
            self.marketing += 1;
        }
        if fate.forgotten && fate.effect.class == Class::Disposable {
            return self.broken(2, format!("{id} leaves after its person was forgotten"));
        }
        let class = fate.effect.class;
        if class != Class::Disposable && (fate.last != Some(no) || fate.outcome.is_some()) {
            let what = format!("{id} is sent as {no:?} while {fate:?} is on record");
            return self.broken(5, what);
        }
        if fate.effect.lane == Lane::Free {
            return;
        }
        let same_lane = |other: &Fate| {
            other.effect.id.key == id.key
                && other.effect.lane == fate.effect.lane
                && other.effect.id != id
                && !other.forgotten
        };
        let flying = in_flight.iter().filter_map(|other| self.effects.get(other));
        if let Some(other) = flying.into_iter().find(|other| same_lane(other)) {
            let what = format!(
                "{id} and {} are both in flight in one lane",
                other.effect.id
            );
            self.broken(3, what);
        }
    }

    /// A first try is on record: nobody decided before it and waiting is overtaken. What is decided
    /// later may be more urgent; it waits all the same.
    fn begun(&mut self, id: EffectId) {
        let Some(fate) = self.effects.get(&id) else {
            return;
        };
        let waits = |other: &&Fate| {
            let before = (other.effect.priority, other.order) < (fate.effect.priority, fate.order);
            let same_lane = other.effect.id.key == id.key && other.effect.lane == fate.effect.lane;
            same_lane
                && before
                && !other.forgotten
                && other.last.is_none()
                && other.outcome.is_none()
        };
        let ordered = fate.effect.lane != Lane::Free;
        if let Some(other) = self.effects.values().find(|other| ordered && waits(other)) {
            let what = format!("{id} overtakes {}", other.effect.id);
            self.broken(3, what);
        }
    }

    /// A message was taken for the `times`-th time.
    pub(in crate::testing) fn taken(&mut self, id: EffectId, times: usize) {
        let Some(fate) = self.effects.get(&id) else {
            return self.broken(5, format!("{id} was taken and is not on record"));
        };
        let risked = self.risked.get(&id).copied().unwrap_or(0);
        let repeats = usize::from(fate.effect.class == Class::Reply) + risked;
        let allowed = fate.effect.class == Class::Disposable
            || times == 1
            || (times <= 1 + repeats && fate.marked);
        if !allowed {
            let what = format!("{id} was taken {times} times, last unmarked: {fate:?}");
            self.broken(5, what);
        }
    }

    /// An operator sends an effect again, which may repeat it when nobody knew whether it was sent.
    pub(in crate::testing) fn redriven(&mut self, effect: EffectId, uncertain: bool) {
        *self.risked.entry(effect).or_default() += usize::from(uncertain);
    }
}
