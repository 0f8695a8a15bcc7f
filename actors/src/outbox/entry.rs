//! One effect on its way: what each answer, proof and passing of time does to it.
//!
//! Attempt numbers follow the journal: `recorded` is the last number on record there, and a new try
//! takes the next one. A try that was not begun gives its number back.

use std::sync::Arc;

use super::doubt::{Doubt, Statuses, Verdict};
use super::ending::{Proof, REPORT_AGAIN_MS};
use super::{Action, Rules, lane};
use crate::model::{
    AttemptNo, Call, Class, Effect, GatewayId, Lane, Millis, Outcome, Report, Shelf,
};

/// A gateway that gave no answer for so long has lost the attempt; its outcome is unknown.
const ANSWER_LOST_MS: u64 = lane::BLOCK_MS;
/// The relay is asked again; the other entity deduplicates.
const TELL_AGAIN_MS: u64 = 5_000;
/// An open circuit that is not heard of again is tried after this, since actor mail may be lost.
const CIRCUIT_AGAIN_MS: u64 = 30_000;
/// How long an effect of the free lane is worth something.
const FREE_FOR_MS: u64 = 10_000;

/// What an entry sees of the outbox around it.
pub(super) struct Surroundings<'a> {
    pub(super) rules: &'a Rules,
    pub(super) statuses: &'a Statuses,
    pub(super) actions: &'a mut Vec<Action>,
    pub(super) now: Millis,
}

impl Surroundings<'_> {
    /// The same for a part of the work.
    fn again(&mut self) -> Surroundings<'_> {
        Surroundings {
            rules: self.rules,
            statuses: self.statuses,
            actions: self.actions,
            now: self.now,
        }
    }
}

/// One effect and where it stands.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) effect: Arc<Effect>,
    /// Its place in the order of decision.
    pub(super) seq: u64,
    pub(super) planned: Millis,
    /// The last try begun.
    pub(super) no: AttemptNo,
    /// The last try on record.
    pub(super) recorded: AttemptNo,
    /// Tries that were surely not done, since it was planned or redriven.
    pub(super) failures: u32,
    /// Doubts so far.
    pub(super) doubts: u32,
    /// An earlier try may have been done.
    pub(super) uncertain: bool,
    /// Since when it holds its lane.
    pub(super) begun: Option<Millis>,
    /// Its gateway does not take it now.
    pub(super) hold: Option<Hold>,
    /// The line of the last try begun.
    pub(super) line: Option<GatewayId>,
    /// What a status told while the call was still under way.
    pub(super) proof: Option<Proof>,
    pub(super) told_late: bool,
    /// A step has taken note of its end.
    pub(super) closed: bool,
    pub(super) state: State,
}

/// Where an effect stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Waits for its lane, and not before an instant.
    Queued { not_before: Millis },
    /// At the gateway or the relay.
    Sending { since: Millis },
    /// Nobody knows whether it was done.
    Doubt(Doubt),
    /// Over; its report is given again then.
    Ended { outcome: Outcome, again: Millis },
    /// Waits for an operator.
    Shelved(Shelf),
    /// To be forgotten.
    Gone,
}

/// A time in which the lane's limit and the waits of a doubt do not run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hold {
    pub(super) since: Millis,
    pub(super) until: Millis,
}

impl Entry {
    pub(super) fn planned(effect: Arc<Effect>, seq: u64, now: Millis) -> Self {
        Self {
            effect,
            seq,
            planned: now,
            no: AttemptNo(0),
            recorded: AttemptNo(0),
            failures: 0,
            doubts: 0,
            uncertain: false,
            begun: None,
            hold: None,
            line: None,
            proof: None,
            told_late: false,
            closed: false,
            state: State::Queued { not_before: now },
        }
    }

    /// Planned, sending, retrying or in doubt.
    pub(super) fn is_active(&self) -> bool {
        matches!(
            self.state,
            State::Queued { .. } | State::Sending { .. } | State::Doubt(_)
        )
    }

    /// In doubt, and a status of any message may decide whether it is repeated.
    pub(super) fn awaits_status(&self) -> bool {
        matches!(self.state, State::Doubt(Doubt::Status { .. }))
    }

    /// The first try, whose `Sending` was committed with the step.
    pub(super) fn start_committed(&mut self, now: Millis, actions: &mut Vec<Action>) {
        self.recorded = AttemptNo(1);
        self.begin(AttemptNo(1), now, true, actions);
    }

    /// The next try; the lane is free for it.
    pub(super) fn start(&mut self, now: Millis, actions: &mut Vec<Action>) {
        self.release(now);
        if self.effect.gateway.is_none() && !self.is_tell() {
            self.drop_unsent("no gateway carries it", now, actions);
            return;
        }
        self.begin(self.recorded.next(), now, false, actions);
    }

    fn begin(
        &mut self,
        no: AttemptNo,
        now: Millis,
        sending_recorded: bool,
        actions: &mut Vec<Action>,
    ) {
        self.no = no;
        self.begun.get_or_insert(now);
        self.state = State::Sending { since: now };
        let effect = Arc::clone(&self.effect);
        actions.push(if self.is_tell() {
            Action::Tell { effect }
        } else {
            Action::Send {
                effect,
                no,
                possible_repeat: self.uncertain,
                sending_recorded,
                pinned: self.pinned(),
            }
        });
    }

    /// The line that alone may carry it: what is in doubt on one line is never sent by another.
    fn pinned(&self) -> Option<GatewayId> {
        let line = self.line.or(self.effect.gateway);
        line.filter(|_| self.uncertain)
    }

    pub(super) fn delay(&mut self, until: Millis) {
        if let State::Queued { not_before } = &mut self.state {
            *not_before = until.max(*not_before);
        }
    }

    pub(super) fn taken(&mut self, no: AttemptNo, line: GatewayId) {
        if no == self.no && matches!(self.state, State::Sending { .. }) {
            self.line = Some(line);
        }
    }

    /// A step has taken note of the report. A shelved effect stays for the operators.
    pub(super) fn close(&mut self) {
        self.closed = true;
        if matches!(self.state, State::Ended { .. }) {
            self.state = State::Gone;
        }
    }

    pub(super) fn dismissed(&mut self, around: Surroundings<'_>) {
        if matches!(self.state, State::Shelved(_)) {
            self.give_up("dismissed by an operator", around.now, around.actions);
        }
    }

    pub(super) fn redriven(&mut self, now: Millis, actions: &mut Vec<Action>) {
        // An uncertain one stays shelved on record until it is sent, so that the mark of a possible
        // repeat survives a restart.
        if !self.uncertain {
            let reason = "redriven by an operator".into();
            let outcome = Outcome::RetryAt {
                at: now,
                reason,
                failures: 0,
            };
            self.record(outcome, now, actions);
        }
        self.state = State::Queued { not_before: now };
        self.failures = 0;
        self.closed = false;
        self.begun = None;
        self.hold = None;
    }

    /// What the passing of time does.
    pub(super) fn tick(&mut self, mut around: Surroundings<'_>) {
        let now = around.now;
        self.tell_late(around.rules, now, around.actions);
        if self.hold.is_some_and(|hold| hold.until <= now) {
            self.release(now);
        }
        let tell = self.is_tell();
        match &mut self.state {
            State::Sending { since } if tell && now.since(*since) >= TELL_AGAIN_MS => {
                *since = now;
                let effect = Arc::clone(&self.effect);
                around.actions.push(Action::Tell { effect });
            }
            State::Sending { since } if !tell && now.since(*since) >= ANSWER_LOST_MS => {
                self.fall_into_doubt("the gateway gave no answer", false, around.again());
            }
            State::Doubt(doubt) if self.hold.is_none() || matches!(doubt, Doubt::Look(_)) => {
                let verdict = doubt.verdict(around.statuses, now);
                self.follow(verdict, around.again());
            }
            State::Ended { outcome, again } if *again <= now => {
                *again = now.plus_ms(REPORT_AGAIN_MS);
                around.actions.push(Action::Report(Report {
                    effect: self.effect.id,
                    outcome: outcome.clone(),
                }));
            }
            _ => {}
        }
        if matches!(self.state, State::Queued { .. }) {
            self.expire(now, around.actions);
        }
    }

    fn expire(&mut self, now: Millis, actions: &mut Vec<Action>) {
        if self.expiry().is_none_or(|expiry| now < expiry) {
            return;
        }
        if self.uncertain {
            let reason = "nobody knows whether it was sent, and it is too late to repeat it";
            self.shelve(Shelf::Uncertain, reason, now, actions);
        } else {
            self.drop_unsent("it expired before it could be done", now, actions);
        }
    }

    /// When `tick` changes something by itself.
    pub(super) fn due(&self, rules: &Rules, statuses: &Statuses) -> Option<Millis> {
        let late = self.late_at(rules);
        let own = match &self.state {
            State::Queued { .. } => self.expiry(),
            State::Sending { since } if self.is_tell() => Some(since.plus_ms(TELL_AGAIN_MS)),
            State::Sending { since } => Some(since.plus_ms(ANSWER_LOST_MS)),
            State::Doubt(doubt) => match (self.hold, doubt) {
                (Some(hold), Doubt::Status { .. } | Doubt::Desk { .. }) => Some(hold.until),
                // Asked as if at the beginning of time, it names its next instant.
                _ => match doubt.verdict(statuses, Millis(0)) {
                    Verdict::Wait(until) => Some(until),
                    _ => Some(Millis(0)),
                },
            },
            State::Ended { again, .. } => Some(*again),
            State::Shelved(_) | State::Gone => None,
        };
        own.into_iter().chain(late).min()
    }

    /// When it may start, once its lane is free.
    pub(super) fn start_at(&self) -> Option<Millis> {
        let State::Queued { not_before } = self.state else {
            return None;
        };
        let held_until = self.hold.map_or(Millis(0), |hold| hold.until);
        Some(not_before.max(held_until))
    }

    /// The circuit of its gateway opened: nothing of it starts and its waits stand still.
    pub(super) fn hold_for_circuit(&mut self, now: Millis) {
        if matches!(self.state, State::Queued { .. } | State::Doubt(_)) {
            self.hold = Some(Hold {
                since: self.hold.map_or(now, |hold| hold.since),
                until: now.plus_ms(CIRCUIT_AGAIN_MS),
            });
        }
    }

    /// Its gateway takes it again; what stood still goes on.
    pub(super) fn release(&mut self, now: Millis) {
        let Some(hold) = self.hold.take() else { return };
        let held_ms = now.since(hold.since);
        self.begun = self.begun.map(|begun| begun.plus_ms(held_ms));
        if let State::Doubt(doubt) = &mut self.state {
            doubt.shift(held_ms);
        }
    }

    fn tell_late(&mut self, rules: &Rules, now: Millis, actions: &mut Vec<Action>) {
        if self.late_at(rules).is_some_and(|at| at <= now) {
            self.told_late = true;
            actions.push(Action::Report(Report {
                effect: self.effect.id,
                outcome: Outcome::Late,
            }));
        }
    }

    fn late_at(&self, rules: &Rules) -> Option<Millis> {
        let awaited = self.effect.report && self.effect.call.is_awaited() && self.is_active();
        (awaited && !self.told_late).then(|| self.planned.plus_ms(rules.interim_after_ms))
    }

    fn expiry(&self) -> Option<Millis> {
        // What another entity is told is never too late: it may be somebody's message.
        let free = self.effect.lane == Lane::Free && !self.is_tell();
        let by_lane = free.then(|| self.planned.plus_ms(FREE_FOR_MS));
        self.effect.expires.or(by_lane)
    }

    /// Disposable and carried by a gateway; what another entity is told is never dropped.
    pub(super) fn is_worthless_late(&self) -> bool {
        self.effect.class == Class::Disposable && !self.is_tell()
    }

    pub(super) fn is_tell(&self) -> bool {
        matches!(self.effect.call, Call::Tell { .. })
    }
}
