//! What is held while the help desk is asked whose number it is: in order, answered by nobody before
//! that, and let go by every end of the question.

use super::{Checks, Violation};
use crate::contact::{Event, State};
use crate::model::{Call, Effect, Key};

impl Checks {
    /// A step of a contact, by what it decided.
    pub(super) fn holds(&mut self, key: Key, events: &[Event], effects: &[Effect]) {
        let mut is_held = false;
        for event in events {
            match event {
                Event::NumberAsked { .. } if self.held.get(&key).is_some_and(|held| *held > 0) => {
                    self.broken(1, format!("{key} asks again, and what it held is gone"));
                }
                Event::NumberAsked { .. } => is_held = false,
                Event::MessageHeld(_) => {
                    *self.held.entry(key).or_default() += 1;
                    self.held_in_all += 1;
                    is_held = true;
                }
                Event::NumberChecked { .. } => {
                    self.held.remove(&key);
                    is_held = false;
                }
                Event::Erased { .. } => _ = self.held.remove(&key),
                _ => {}
            }
        }
        let answers = |effect: &&Effect| {
            matches!(
                effect.call,
                Call::SendText { .. } | Call::SendButtons { .. } | Call::OpenTicket(_)
            )
        };
        if is_held && let Some(effect) = effects.iter().find(answers) {
            let what = format!("{} answers a message of {key} that is held", effect.id);
            self.broken(3, what);
        }
    }

    /// How many messages were held.
    pub(in crate::testing) fn held_in_all(&self) -> usize {
        self.held_in_all
    }

    /// A contact at rest that still holds what was written to it.
    pub(in crate::testing) fn unheard(&self) -> Option<Violation> {
        self.versions.iter().find_map(|(key, version)| {
            let state = State::decode(self.states.get(&(*key, *version))?).ok()?;
            let asked = state.admission.asked.as_ref()?;
            let waits = asked.until.is_some() || !asked.held.is_empty();
            waits.then(|| Violation {
                invariant: 2,
                what: format!("{key} holds {} messages for ever", asked.held.len()),
            })
        })
    }
}
