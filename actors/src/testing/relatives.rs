//! Who else a person may be known as, asked of the model journal in the order in which the contact's
//! actor asks the real one.

use super::core::Core;
use crate::contact::{Sibling, State};
use crate::model::{InEvent, Inbound, Key, Note};

impl Core {
    /// The older contact that an alias on record names, and the contacts that identities seen here
    /// for the first time would be.
    pub(super) fn relatives(
        &mut self,
        key: Key,
        state: &State,
        input: &InEvent,
    ) -> (Option<Key>, Vec<Sibling>) {
        let Key::Contact(own) = key else {
            return (None, Vec::new());
        };
        let from_outside = matches!(input.fact(), Inbound::Message(_) | Inbound::Operator(_));
        if state.is_new()
            && from_outside
            // The alias of a person who was forgotten leads to themselves.
            && let Some(older) = self.store.resolve(own.0).filter(|older| *older != key)
        {
            return (Some(older), Vec::new());
        }
        let Inbound::Message(message) = input.fact() else {
            return (None, Vec::new());
        };
        let mut siblings: Vec<Sibling> = Vec::new();
        for identity in &message.identities {
            if state.identities.contains(identity) {
                continue;
            }
            let id = self.people.identity.contact_id(&message.tenant, identity);
            let other = Key::Contact(id);
            if id == own || siblings.iter().any(|sibling| sibling.key == other) {
                continue;
            }
            let known = self.store.knows(other);
            let ours = known && self.store.resolve(id.0) == Some(key);
            if known && state.is_new() && !ours {
                self.note(other, Note::Alias { alias: own.0 });
            } else if !ours {
                self.note(key, Note::Alias { alias: id.0 });
            }
            siblings.push(Sibling {
                key: other,
                known,
                ours,
            });
        }
        (None, siblings)
    }
}
