//! The ids of a contact's last messages, by which a repeated webhook is recognised.
//!
//! The ring holds the last 24 ids; the *horizon* is the greatest provider time stamp ever evicted
//! from it. An input stamped later than the horizon can only be a repeat of something in the ring;
//! one stamped at or before it (stamps have whole seconds), or without a stamp, is looked up in the
//! journal's seen index.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::model::{IdHash, Seconds};

/// How many ids the ring remembers.
const RING: usize = 24;

/// The dedup ring of one contact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recent {
    ring: VecDeque<(IdHash, Option<Seconds>)>,
    horizon: Option<Seconds>,
}

impl Recent {
    /// Whether the ring itself holds this id.
    pub fn holds(&self, id: IdHash) -> bool {
        self.ring.iter().any(|(held, _)| *held == id)
    }

    /// Whether the ring alone cannot tell that this input is new.
    pub fn needs_look_up(&self, id: IdHash, stamp: Option<Seconds>) -> bool {
        if self.holds(id) {
            return false;
        }
        match (stamp, self.horizon) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(stamp), Some(horizon)) => stamp <= horizon,
        }
    }

    /// Remembers an id, forgetting the oldest when the ring is full.
    pub fn remember(&mut self, id: IdHash, stamp: Option<Seconds>) {
        if self.ring.len() == RING
            && let Some((_, evicted)) = self.ring.pop_front()
        {
            // An evicted id without a stamp puts everything without a stamp behind the horizon.
            self.horizon = self.horizon.max(Some(evicted.unwrap_or_default()));
        }
        self.ring.push_back((id, stamp));
    }

    /// Takes over what another contact that is the same person remembers.
    pub fn merge(&mut self, other: &Self) {
        for (id, stamp) in &other.ring {
            if !self.holds(*id) {
                self.remember(*id, *stamp);
            }
        }
        self.horizon = self.horizon.max(other.horizon);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> IdHash {
        IdHash([n; 8])
    }

    #[test]
    fn a_late_message_is_looked_up_and_a_fresh_one_is_not() {
        let mut recent = Recent::default();
        for n in 0..25 {
            recent.remember(id(n), Some(Seconds(100 + u32::from(n))));
        }
        assert!(!recent.holds(id(0)), "the oldest was evicted");
        assert!(recent.needs_look_up(id(0), Some(Seconds(100))));
        assert!(
            recent.needs_look_up(id(99), Some(Seconds(100))),
            "same second as the horizon"
        );
        assert!(!recent.needs_look_up(id(99), Some(Seconds(101))));
        assert!(recent.needs_look_up(id(99), None));
        assert!(
            !recent.needs_look_up(id(24), Some(Seconds(1))),
            "the ring knows it already"
        );
    }

    #[test]
    fn nothing_is_looked_up_before_anything_was_evicted() {
        let mut recent = Recent::default();
        recent.remember(id(1), Some(Seconds(500)));
        assert!(!recent.needs_look_up(id(2), Some(Seconds(3))));
        assert!(!recent.needs_look_up(id(2), None));
    }
}
