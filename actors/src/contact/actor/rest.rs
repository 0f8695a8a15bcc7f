//! What a contact does between two messages: it puts its life down, and later leaves the stage.
//!
//! A person who answers at all mostly answers within seconds. Who does not keeps the place among the
//! living, so that nothing has to be started when the answer comes, but not the memory: state and
//! outbox are on record, and are read from there.

use ractor::ActorRef;

use super::{Contact, ContactMsg, Life, Memory};
use crate::journal::{Journal, ReadError};
use crate::model::{InSeq, Key, Millis};

/// How often a contact with a message in doubt looks whether the channel's statuses arrive.
const LOOK_FOR_STATUSES_MS: u64 = 5_000;
/// After so long without work a life is put down: long enough for the registry to nudge, which costs
/// no task.
const PUT_DOWN_AFTER_MS: u64 = 5_000;

/// What is left of a life that was put down.
#[derive(Clone, Copy)]
pub(super) struct Idle {
    consumed: InSeq,
    last_work: Millis,
}

impl Life {
    fn idle(&self) -> Idle {
        Idle {
            consumed: self.consumed,
            last_work: self.last_work,
        }
    }

    /// When something may have to be done although nothing happens.
    fn due(&self, now: Millis) -> Option<Millis> {
        let look = now.plus_ms(LOOK_FOR_STATUSES_MS);
        let look = Some(look).filter(|_| self.outbox.awaits_status());
        let due = self.outbox.next_due().into_iter().chain(look).min()?;
        Some(due.max(now.plus_ms(1)))
    }
}

impl<J: Journal> Contact<J> {
    /// Sets the timer for what comes next. An idle contact leaves the stage instead, or puts its life
    /// down.
    pub(super) fn rest_or_wait(&self, myself: &ActorRef<ContactMsg>, memory: &mut Memory) {
        let now = self.environment.clock.now();
        let (idle, at_rest) = match (&memory.life, memory.idle) {
            (Some(life), _) if !life.outbox.is_idle() => {
                if let Some(due) = life.due(now) {
                    let worked_at = life.last_work;
                    self.nudge_at(myself, memory, due, worked_at);
                }
                return;
            }
            (Some(life), _) => (life.idle(), life.underway.is_none()),
            (None, Some(idle)) => (idle, true),
            (None, None) => return,
        };
        let down_at = idle.last_work.plus_ms(PUT_DOWN_AFTER_MS);
        let rest_at = self.environment.rest_at(idle.last_work);
        let due = if at_rest && memory.life.is_some() && down_at <= now && now < rest_at {
            // Who has to make room is asked; that it is time to put a life down asks nobody.
            memory.life = None;
            memory.idle = Some(idle);
            self.environment.journal.settled(self.key);
            rest_at
        } else if at_rest && self.may_leave(idle.last_work, now) {
            if self.leave(memory.received, idle.consumed) {
                myself.stop(None);
                return;
            }
            // A message is on its way; rest is judged again after it.
            now.plus_ms(1_000)
        } else if memory.life.is_some() {
            rest_at.min(down_at.max(now.plus_ms(1)))
        } else {
            rest_at
        };
        self.nudge_at(myself, memory, due, idle.last_work);
    }

    /// Whether the journal holds nothing to consume. A nudge that says no more than to look around
    /// may stand for an input.
    pub(super) async fn nothing_waits(&self, idle: Idle) -> Result<bool, ReadError> {
        let journal = &self.environment.journal;
        let waiting = journal.next_inputs(self.key, idle.consumed, 1).await?;
        Ok(waiting.is_empty())
    }

    fn nudge_at(
        &self,
        myself: &ActorRef<ContactMsg>,
        memory: &mut Memory,
        due: Millis,
        worked_at: Millis,
    ) {
        if memory.alarm.as_ref().is_none_or(|alarm| !alarm.covers(due)) {
            memory.alarm = Some(self.wake_at(myself, due, worked_at));
        }
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
