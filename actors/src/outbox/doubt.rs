//! What an unknown outcome leads to, by class.
//!
//! - Searchable: look up 1, 5 and 15 s after the doubt arose and, if that is not yet the settle time
//!   after `Sending`, once more then; only that last look-up may prove that nothing was made,
//!   because a slow request can take effect late. A look-up without answer proves nothing and comes
//!   again, for up to a day.
//! - Reply: wait 30 s for a status that names the effect. Then send once more, marked, if the
//!   channel's statuses otherwise arrive; if they do not, wait up to 120 s. A second doubt goes to
//!   the operators.
//! - Once: never again by itself; the operators after 120 s.
//! - Disposable is never in doubt: it is dropped.
//! - Repeatable is never in doubt: it is tried again.

use crate::model::{Class, Millis};
use crate::ports::LookedUp;

const LOOK_AFTER_MS: [u64; 3] = [1_000, 5_000, 15_000];
/// Waits after look-ups without answer, once the last scheduled one is over.
const LOOK_AGAIN_MS: [u64; 3] = [15_000, 30_000, 60_000];
/// A look-up without any answer from the gateway counts as unanswered after this.
const LOOK_LOST_MS: u64 = 90_000;
/// Look-ups without answer that are remembered; later ones are taken for the last of these.
const ASKED_MAX: usize = 8;
const LOOK_FOR_MS: u64 = 24 * 3_600_000;
const STATUS_WAIT_MS: u64 = 30_000;
const DESK_AFTER_MS: u64 = 120_000;
/// Statuses count as arriving when one was seen this recently.
const STATUSES_FRESH_MS: u64 = 300_000;
/// After a silence the provider delivers what it had queued; our own status may be among it.
const STATUSES_GRACE_MS: u64 = 5_000;

/// When this channel's status webhooks arrived.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Statuses {
    last: Option<Millis>,
    /// Since when they have been arriving without a silence.
    since: Option<Millis>,
}

impl Statuses {
    /// One arrived.
    pub(super) fn seen(&mut self, at: Millis) {
        if self
            .last
            .is_none_or(|last| at.since(last) > STATUSES_FRESH_MS)
        {
            self.since = Some(at);
        }
        self.last = self.last.max(Some(at));
    }

    /// The first instant from `from` on at which a missing status says something, as far as is
    /// known now.
    fn telling_from(&self, from: Millis) -> Option<Millis> {
        let (last, since) = self.last.zip(self.since)?;
        let at = from.max(since.plus_ms(STATUSES_GRACE_MS));
        (at.since(last) <= STATUSES_FRESH_MS).then_some(at)
    }
}

/// An effect's doubt.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Doubt {
    /// Searching.
    Look(Look),
    /// Waiting for a status, then repeat or the operators.
    Status {
        /// Since when.
        since: Millis,
        /// Whether it may still be repeated.
        repeatable: bool,
    },
    /// Waiting for late proof, then the operators.
    Desk {
        /// Since when.
        since: Millis,
    },
}

/// Where a search stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Look {
    since: Millis,
    sent: Millis,
    /// The next look-up is due then.
    at: Millis,
    /// The last one began then, and its answer is awaited.
    awaited: Option<Millis>,
    /// When those without answer began, oldest first. An answer does not say which it belongs to,
    /// so it is taken for the oldest: a late one must not prove anything about a later instant.
    asked: Vec<Millis>,
    /// Look-ups ended so far.
    done: usize,
    unanswered: usize,
}

/// What a doubt asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing before this instant.
    Wait(Millis),
    /// Look up now.
    LookUp,
    /// It was surely not done: try again.
    NotDone,
    /// Send once more, marked.
    Repeat,
    /// It waits for an operator.
    Shelve(&'static str),
}

impl Doubt {
    /// The doubt of a try begun at `sent`, after `earlier` doubts of the same effect; `None` when
    /// the effect is to be dropped.
    pub(super) fn of(class: Class, sent: Millis, since: Millis, earlier: u32) -> Option<Self> {
        match class {
            Class::Searchable => Some(Self::Look(Look {
                since,
                sent,
                at: since.plus_ms(LOOK_AFTER_MS[0]),
                awaited: None,
                asked: Vec::new(),
                done: 0,
                unanswered: 0,
            })),
            Class::Reply => Some(Self::Status {
                since,
                repeatable: earlier == 0,
            }),
            Class::Once => Some(Self::Desk { since }),
            Class::Disposable | Class::Repeatable => None,
        }
    }

    /// What is to be done at `now`.
    pub(super) fn verdict(&self, statuses: &Statuses, now: Millis) -> Verdict {
        match self {
            Self::Look(look) => look.verdict(now),
            Self::Desk { since } => wait_or(
                now,
                since.plus_ms(DESK_AFTER_MS),
                Verdict::Shelve("nobody knows whether it was sent, and it must not be sent twice"),
            ),
            Self::Status {
                since,
                repeatable: false,
            } => wait_or(
                now,
                since.plus_ms(STATUS_WAIT_MS),
                Verdict::Shelve("its repeat is in doubt too"),
            ),
            Self::Status { since, .. } => {
                let desk = since.plus_ms(DESK_AFTER_MS);
                let repeat = statuses
                    .telling_from(since.plus_ms(STATUS_WAIT_MS))
                    .filter(|repeat| *repeat < desk);
                match repeat {
                    Some(repeat) => wait_or(now, repeat, Verdict::Repeat),
                    None => wait_or(
                        now,
                        desk,
                        Verdict::Shelve("nobody knows whether it was sent; no statuses arrive"),
                    ),
                }
            }
        }
    }

    /// Moves the waits by a time in which the gateway's circuit was open. Searches go on meanwhile.
    pub(super) fn shift(&mut self, by_ms: u64) {
        match self {
            Self::Look(_) => {}
            Self::Status { since, .. } | Self::Desk { since } => *since = since.plus_ms(by_ms),
        }
    }
}

impl Look {
    fn verdict(&self, now: Millis) -> Verdict {
        match self.awaited {
            _ if now.since(self.sent.max(self.since)) >= LOOK_FOR_MS => Verdict::Shelve(
                "nobody knows whether it was done; no search was answered for a day",
            ),
            Some(asked) if now.since(asked) < LOOK_LOST_MS => {
                Verdict::Wait(asked.plus_ms(LOOK_LOST_MS))
            }
            _ => wait_or(now, self.at, Verdict::LookUp),
        }
    }

    /// The earliest instant at which a look-up may prove that nothing was made.
    fn conclusive_from(&self, settle_ms: u64) -> Millis {
        let scheduled = self.since.plus_ms(LOOK_AFTER_MS[2]);
        scheduled.max(self.sent.plus_ms(settle_ms))
    }

    /// A look-up begins.
    pub(super) fn ask(&mut self, now: Millis) {
        self.awaited = Some(now);
        if self.asked.len() < ASKED_MAX {
            self.asked.push(now);
        }
    }

    /// A look-up ended without finding anything.
    pub(super) fn ended(&mut self, looked: &LookedUp, settle_ms: u64, now: Millis) -> Verdict {
        if self.asked.is_empty() {
            return Verdict::Wait(self.at);
        }
        let asked = self.asked.remove(0);
        self.awaited = None;
        let conclusive = asked >= self.conclusive_from(settle_ms);
        match looked {
            // The target deduplicates by the effect id instead.
            LookedUp::Unsupported => return Verdict::Repeat,
            LookedUp::NotFound if conclusive => return Verdict::NotDone,
            LookedUp::Unanswered { .. } if conclusive => {
                let wait_ms = LOOK_AGAIN_MS[self.unanswered.min(LOOK_AGAIN_MS.len() - 1)];
                self.unanswered += 1;
                self.at = now.plus_ms(wait_ms);
            }
            _ => {
                self.done += 1;
                let last = self.conclusive_from(settle_ms);
                let next = LOOK_AFTER_MS.get(self.done);
                let next = next.map_or(last, |after_ms| self.since.plus_ms(*after_ms).min(last));
                self.at = next.max(now);
            }
        }
        Verdict::Wait(self.at)
    }
}

fn wait_or(now: Millis, at: Millis, then: Verdict) -> Verdict {
    if now < at { Verdict::Wait(at) } else { then }
}
