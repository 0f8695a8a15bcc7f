//! The promises about a world that came to rest: nothing is lost, untold or stranded.

use super::super::desk;
use super::{Checks, Violation};
use crate::contact::{File, Place, State};
use crate::model::{IdHash, InEvent, InSeq, Key};

impl Checks {
    /// A word that was never told to a person who may be written to.
    pub(in crate::testing) fn untold(&self, desk: &desk::Desk) -> Option<Violation> {
        let (word, effect) = desk
            .words()
            .filter(|(_, effect)| !self.forgotten.contains_key(&effect.key))
            .find(|(word, _)| !self.words.contains_key(word) && !self.withheld.contains(word))?;
        Some(Violation {
            invariant: 2,
            what: format!("word {word} on the ticket of {effect} was never told"),
        })
    }

    /// A message that was acknowledged and neither taken nor left to the operators, or an input that
    /// nobody will consume.
    pub(in crate::testing) fn lost(
        &self,
        quarantined: &[(InSeq, InEvent, String)],
    ) -> Option<Violation> {
        let waits = |message: &(Key, IdHash)| {
            let mut rows = quarantined.iter();
            rows.any(|(position, event, _)| {
                message.0 == event.key
                    && self.inputs.get(&(event.key, *position)) == Some(&message.1)
            })
        };
        let messages = self.acknowledged.union(&self.set_aside);
        let lost = messages
            .filter(|message| !self.taken.contains(*message) && !self.dismissed.contains(*message))
            .find(|message| !waits(message));
        if let Some((key, id)) = lost {
            return Some(Violation {
                invariant: 1,
                what: format!("message {id:?} of {key} was acknowledged and is lost"),
            });
        }
        let mut inputs = self.inputs.keys();
        let (key, position) = inputs.find(|(key, position)| {
            self.consumed
                .get(key)
                .is_none_or(|consumed| consumed < position)
        })?;
        Some(Violation {
            invariant: 2,
            what: format!("the input of {key} at {position:?} is never consumed"),
        })
    }

    /// A file whose bytes and whose ticket are there, and which is on no way onto it.
    pub(in crate::testing) fn stranded(&self) -> Option<Violation> {
        let last = self.versions.iter();
        let states = last.filter_map(|(key, version)| {
            let state = self.states.get(&(*key, *version))?;
            Some((key, State::decode(state).ok()?))
        });
        states.into_iter().find_map(|(key, state)| {
            let ready = |file: &&File| {
                let has_ticket = matches!(file.place, Place::Ticket(_));
                has_ticket && file.kept.is_some() && file.attach.is_none()
            };
            let file = state.files.iter().find(ready)?;
            Some(Violation {
                invariant: 2,
                what: format!("a file of {key} never went onto its ticket: {file:?}"),
            })
        })
    }
}
