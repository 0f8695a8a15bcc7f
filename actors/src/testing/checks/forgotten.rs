//! The promises about a person who was forgotten: nothing of what was decided for them before leaves,
//! and nothing of what they wrote or sent can be read.

use super::{Checks, Fate, bytes};
use crate::contact::State;
use crate::journal::{Desk, Loaded};
use crate::model::{EffectId, InSeq, Key};

impl Fate {
    /// Whether its person was forgotten before it began.
    pub(in crate::testing) const fn unsent(&self) -> bool {
        self.forgotten && self.last.is_none() && self.outcome.is_none()
    }
}

impl Checks {
    /// A step that forgets a person is on record: from here on nothing decided before it is begun.
    pub(super) fn forget(&mut self, key: Key, position: InSeq) {
        self.erased += 1;
        self.forgotten.insert(key, position);
        for (_, fate) in self.effects.iter_mut().filter(|(id, _)| id.key == key) {
            fate.forgotten = true;
        }
        // What was told on their tickets is news again, should they come back.
        self.words.retain(|_, effect| effect.key != key);
    }

    /// The state that a step which forgets leads to: nothing of before stands in it.
    pub(in crate::testing) fn blank(&mut self, key: Key, state: &State) {
        let blank = State {
            recent: state.recent.clone(),
            forgotten: state.forgotten,
            ..State::default()
        };
        if bytes(state) != bytes(&blank) {
            self.broken(2, format!("{key} was forgotten and knows {state:?}"));
        }
    }

    /// An order was carried out for a contact: what the journal, the lists and the store show of it.
    pub(in crate::testing) fn carried_out(
        &mut self,
        key: Key,
        loaded: &Loaded,
        desk: &Desk,
        mut files: impl Iterator<Item = EffectId>,
    ) {
        let position = self.forgotten.get(&key).copied().unwrap_or_default();
        let effects = &self.effects;
        let before = |id: &EffectId| effects.get(id).is_some_and(|fate| fate.forgotten);
        let mut open = loaded.open.iter().map(|open| open.effect.id);
        let mut listed = desk.quarantined.iter();
        let readable = listed.find(|(at, input, _)| input.key == key && *at < position);
        let left = if let Some(effect) = open.find(before) {
            format!("carries on {effect}")
        } else if let Some(file) = files.find(before) {
            format!("has the file of {file}")
        } else if let Some((at, ..)) = readable {
            format!("has {at:?} on a list")
        } else {
            return;
        };
        self.broken(2, format!("{key} was forgotten and {left}"));
    }
}
