//! What a contact does between two messages: it puts its life down, and later leaves the stage.
//!
//! A person who answers at all mostly answers within seconds. Who does not keeps the place among the
//! living, so that nothing has to be started when the answer comes, but not the memory: state and
//! outbox are on record, and are read from there.

use ractor::ActorRef;

use super::{Contact, ContactMsg, Memory};
use crate::journal::{Journal, ReadError};
use crate::model::{InSeq, Key, Millis};

/// How often a contact with a message in doubt looks whether the channel's statuses arrive.
const LOOK_FOR_STATUSES_MS: u64 = 5_000;
/// After so long without work a life is put down: long enough for the registry to nudge, which costs
/// no task.
const PUT_DOWN_AFTER_MS: u64 = 5_000;

/// What is left of a life that was put down.
pub(super) struct Idle {
    pub consumed: InSeq,
    pub last_work: Millis,
}

impl<J: Journal> Contact<J> {
    /// Sets the timer for what comes next. An idle contact leaves the stage instead, or puts its life
    /// down.
    pub(super) fn rest_or_wait(&self, myself: &ActorRef<ContactMsg>, memory: &mut Memory) {
        let Some(life) = &memory.life else { return };
        let now = self.environment.clock.now();
        let due = if life.outbox.is_idle() {
            let (consumed, last_work) = (life.consumed, life.last_work);
            let at_rest = life.underway.is_none();
            let leaves = at_rest && self.may_leave(last_work, now);
            if leaves && self.leave(memory.received, consumed) {
                myself.stop(None);
                return;
            }
            let down_at = last_work.plus_ms(PUT_DOWN_AFTER_MS);
            let rest_at = self.environment.rest_at(last_work);
            if leaves {
                // A message is on its way; rest is judged again after it.
                now.plus_ms(1_000)
            } else if at_rest && down_at <= now {
                memory.life = None;
                memory.idle = Some(Idle {
                    consumed,
                    last_work,
                });
                rest_at
            } else {
                rest_at.min(down_at.max(now.plus_ms(1)))
            }
        } else {
            let look_ms = LOOK_FOR_STATUSES_MS;
            let look = life.outbox.awaits_status().then(|| now.plus_ms(look_ms));
            match life.outbox.next_due().into_iter().chain(look).min() {
                Some(due) => due.max(now.plus_ms(1)),
                None => return,
            }
        };
        if memory.alarm.as_ref().is_none_or(|alarm| !alarm.covers(due)) {
            memory.alarm = Some(self.wake_at(myself, due, now));
        }
    }

    /// Leaves the stage from where the life was put down, when it is time and nothing waits. A nudge
    /// that says no more than to look around may stand for an input.
    pub(super) async fn leave_idle(
        &self,
        idle: &Idle,
        received: u64,
        now: Millis,
    ) -> Result<bool, ReadError> {
        if !self.may_leave(idle.last_work, now) {
            return Ok(false);
        }
        let journal = &self.environment.journal;
        let waiting = journal.next_inputs(self.key, idle.consumed, 1).await?;
        Ok(waiting.is_empty() && self.leave(received, idle.consumed))
    }

    /// Whether a contact that last worked at `last_work` may leave: it is its time, or others need
    /// the room.
    fn may_leave(&self, last_work: Millis, now: Millis) -> bool {
        let environment = &self.environment;
        let is_time = environment.rest_at(last_work) <= now;
        is_time || environment.is_crowded_out(now.since(last_work))
    }

    /// Leaves the stage, unless a message is on its way here.
    fn leave(&self, received: u64, consumed: InSeq) -> bool {
        let Key::Contact(id) = self.key else {
            return false;
        };
        let left = self.environment.contacts.retire(id, received);
        if left {
            let withdrawals = &self.environment.withdrawals;
            withdrawals.settle(self.key, consumed, false);
            self.environment.journal.settled(self.key);
        }
        left
    }
}
