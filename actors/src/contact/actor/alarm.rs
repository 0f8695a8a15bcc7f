//! When a contact looks around although nothing happened.

use std::time::Duration;

use ractor::ActorRef;
use tokio::task::JoinHandle;

use super::{Contact, ContactMsg};
use crate::journal::Journal;
use crate::model::{Key, Millis};

/// What is nearer than this has a timer of its own. The registry's nudge, which costs no task, may
/// come a quarter of a second late, which is good enough for what is far away: resting, and answers
/// that were lost.
const NEAR_MS: u64 = 4_000;

/// A nudge that was asked for.
pub(super) struct Alarm {
    at: Millis,
    /// Its own timer; without one the registry nudges.
    timer: Option<JoinHandle<()>>,
}

impl Alarm {
    /// Whether it comes, and no later than `due`.
    pub fn covers(&self, due: Millis) -> bool {
        let comes = self.timer.as_ref().is_none_or(|timer| !timer.is_finished());
        self.at <= due && comes
    }

    /// Whether its time has come.
    pub fn is_over(&self, now: Millis) -> bool {
        self.at <= now
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(timer) = &self.timer {
            timer.abort();
        }
    }
}

impl<J: Journal> Contact<J> {
    /// Asks for a nudge at `due`, for a contact that last worked at `worked_at`.
    pub(super) fn wake_at(
        &self,
        myself: &ActorRef<ContactMsg>,
        due: Millis,
        worked_at: Millis,
    ) -> Alarm {
        let now = self.environment.clock.now();
        let wait_ms = due.since(now);
        if let Key::Contact(id) = self.key
            && wait_ms >= NEAR_MS
        {
            self.environment.contacts.call_at(id, due, worked_at);
            return Alarm {
                at: due,
                timer: None,
            };
        }
        let myself = myself.clone();
        let timer = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            // A contact that ended meanwhile needs no timer.
            let _ = myself.cast(ContactMsg::Due);
        });
        Alarm {
            at: due,
            timer: Some(timer),
        }
    }
}
