//! Operators, who look at the lists now and then and do something about what they find, and the
//! technicians beside them, who work on tickets.

use super::core::Core;
use super::shell::Mail;
use crate::model::{Key, Note, Outcome, Shelf};
use crate::outbox;

impl Core {
    /// Works through both lists; what is to be told to contacts is given back.
    pub(super) fn operate(&mut self) -> Vec<(Key, Mail)> {
        self.glpi.work(&mut self.dice, self.now);
        let desk = self.store.desk();
        for (position, input, _) in desk.quarantined {
            match self.dice.below(10) {
                0..2 => {}
                2..4 => {
                    self.checks.dismissed(input.key, position);
                    self.note(input.key, Note::Released { input: position });
                }
                rolled => {
                    let identity = &self.people.identity;
                    let released = input.released(position, identity, self.now);
                    // Two operators look at one list.
                    for _ in 0..1 + u64::from(rolled == 9) {
                        self.accept_event(released.clone());
                    }
                    self.releases += 1;
                }
            }
        }
        let mut orders = Vec::new();
        for open in desk.shelved {
            let effect = open.effect.id;
            let ended = open.last.and_then(|last| last.outcome);
            let uncertain = ended.is_some_and(|(_, how)| {
                matches!(
                    how,
                    Outcome::Shelved {
                        shelf: Shelf::Uncertain,
                        ..
                    }
                )
            });
            let event = match self.dice.below(3) {
                0 => continue,
                1 => outbox::Event::Dismissed { effect },
                _ => {
                    self.checks.redriven(effect, uncertain);
                    self.redrives += 1;
                    outbox::Event::Redriven { effect }
                }
            };
            orders.push((effect.key, Mail::Outbox(event)));
        }
        orders
    }
}
