//! What an answer, a search or a status does to one effect.

use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::doubt::{Doubt, Verdict};
use super::ending::Proof;
use super::entry::{Entry, Hold, State, Surroundings};
use super::{Action, failed, schedule};
use crate::model::{AttemptNo, Class, Millis, Outcome, Reply, Shelf};
use crate::ports::{Called, LookedUp};

/// How much later than the second line takes over a try comes that waits for it.
const TAKES_OVER_LATE_MS: u64 = 500;
/// When to ask a gate again that named no time.
const GATE_AGAIN_MS: u64 = 1_000;

impl Entry {
    /// The gateway's answer. One that comes after the doubt it settles is as good.
    pub(super) fn called(&mut self, no: AttemptNo, called: Called, around: Surroundings<'_>) {
        let awaited = match self.state {
            State::Sending { .. } | State::Doubt(_) | State::Shelved(Shelf::Uncertain) => {
                no == self.no
            }
            _ => false,
        };
        if !awaited {
            if let Called::Done(reply) = called {
                self.proven(Proof(Outcome::Done(reply)), around);
            }
            return;
        }
        if self.effect.class != Class::Disposable {
            self.recorded = no;
        }
        match called {
            Called::Done(reply) => self.end(Outcome::Done(reply), around.now, around.actions),
            Called::Refused { code, reason } => {
                let reason = reason.into();
                self.end_unless_proven(Outcome::Failed { code, reason }, around);
            }
            Called::NotDone {
                reason,
                retry_after,
                counts_against,
            } => {
                self.take_back_doubt();
                self.not_done(&reason, retry_after, counts_against, around);
            }
            Called::Unknown { reason } if matches!(self.state, State::Sending { .. }) => {
                self.fall_into_doubt(&reason, true, around);
            }
            Called::Unknown { .. } => {}
        }
    }

    pub(super) fn not_started(
        &mut self,
        no: AttemptNo,
        until: Option<Millis>,
        around: Surroundings<'_>,
    ) {
        if !matches!(self.state, State::Sending { .. }) || no != self.no {
            return;
        }
        let until = until.unwrap_or(around.now.plus_ms(GATE_AGAIN_MS));
        if self.recorded == no {
            self.spared(
                no,
                until,
                "not begun: the gateway was closed".into(),
                around,
            );
            return;
        }
        self.no = self.recorded;
        if self.no == AttemptNo(0) {
            self.begun = None;
        }
        self.wait_for_gate(until, around);
    }

    pub(super) fn spared(
        &mut self,
        no: AttemptNo,
        until: Millis,
        reason: SmolStr,
        around: Surroundings<'_>,
    ) {
        if !matches!(self.state, State::Sending { .. }) || no != self.no {
            return;
        }
        if self.effect.class == Class::Disposable {
            self.end(failed(&reason), around.now, around.actions);
            return;
        }
        self.recorded = no;
        let outcome = Outcome::RetryAt {
            at: until,
            reason,
            failures: self.failures,
        };
        self.record(outcome, around.now, around.actions);
        self.wait_for_gate(until, around);
    }

    /// Nobody carries it any more. What an earlier try may have done decides between the ends.
    pub(super) fn undeliverable(&mut self, no: AttemptNo, reason: &str, around: Surroundings<'_>) {
        if !matches!(self.state, State::Sending { .. }) || no != self.no {
            return;
        }
        self.no = self.recorded;
        if self.uncertain {
            self.shelve(Shelf::Uncertain, reason, around.now, around.actions);
        } else {
            self.drop_unsent(reason, around.now, around.actions);
        }
    }

    fn wait_for_gate(&mut self, until: Millis, around: Surroundings<'_>) {
        let until = until.max(around.now.plus_ms(1));
        // Only one line may carry it, while those behind it have two: its lane does not wait for
        // that line beyond the usual limit.
        let waits_apart = self.uncertain && around.rules.takes_over_ms.is_some();
        self.state = State::Queued {
            not_before: if waits_apart { until } else { around.now },
        };
        self.hold = (!waits_apart).then_some(Hold {
            since: around.now,
            until,
        });
        if let Some(Proof(outcome)) = self.proof.take() {
            self.end(outcome, around.now, around.actions);
        }
    }

    pub(super) fn looked_up(&mut self, looked: LookedUp, around: Surroundings<'_>) {
        if let LookedUp::Found(reply) = looked {
            self.proven(Proof(Outcome::Done(reply)), around);
            return;
        }
        if let State::Doubt(Doubt::Look(look)) = &mut self.state {
            let verdict = look.ended(&looked, around.rules.settle_ms, around.now);
            self.follow(verdict, around);
        }
    }

    pub(super) fn told(&mut self, around: Surroundings<'_>) {
        if self.is_tell() && self.is_active() && self.no > AttemptNo(0) {
            self.end(Outcome::Done(Reply::default()), around.now, around.actions);
        }
    }

    /// A status, a late answer or a search says how it ended.
    pub(super) fn proven(&mut self, proof: Proof, around: Surroundings<'_>) {
        let begun = self.no > AttemptNo(0);
        let settles = match &self.state {
            State::Sending { .. } => {
                if proof.is_done() || self.proof.is_none() {
                    self.proof = Some(proof);
                }
                return;
            }
            State::Queued { .. } => begun && (proof.is_done() || self.uncertain),
            State::Doubt(_) | State::Shelved(_) => true,
            State::Ended { outcome, .. } => {
                proof.is_done() && matches!(outcome, Outcome::Failed { .. })
            }
            State::Gone => false,
        };
        if settles {
            self.end(proof.0, around.now, around.actions);
        }
    }

    /// Nobody knows whether the try was done. `record`: whether the journal should say so.
    pub(super) fn fall_into_doubt(&mut self, reason: &str, record: bool, around: Surroundings<'_>) {
        let now = around.now;
        if let Some(Proof(outcome)) = self.proof.take() {
            self.end(outcome, now, around.actions);
            return;
        }
        let sent = match self.state {
            State::Sending { since } => since,
            _ => now,
        };
        if self.effect.class == Class::Repeatable {
            self.recorded = self.no;
            self.not_done(reason, None, false, around);
            return;
        }
        let Some(doubt) = Doubt::of(self.effect.class, sent, now, self.doubts) else {
            self.end(failed(reason), now, around.actions);
            return;
        };
        if record {
            let reason = reason.into();
            self.record(Outcome::InDoubt { reason }, now, around.actions);
        } else {
            self.recorded = self.no;
        }
        self.doubts += 1;
        self.uncertain = true;
        self.state = State::Doubt(doubt);
    }

    pub(super) fn follow(&mut self, verdict: Verdict, around: Surroundings<'_>) {
        let now = around.now;
        match verdict {
            Verdict::Wait(_) => {}
            Verdict::LookUp => {
                if let State::Doubt(Doubt::Look(look)) = &mut self.state {
                    look.ask(now);
                    let effect = Arc::clone(&self.effect);
                    around.actions.push(Action::LookUp { effect });
                }
            }
            Verdict::NotDone => {
                self.uncertain = false;
                self.not_done("searched for and not found", None, false, around);
            }
            Verdict::Repeat if self.effect.class == Class::Searchable => {
                self.not_done(
                    "in doubt; the provider deduplicates it",
                    None,
                    false,
                    around,
                );
            }
            // The record keeps saying in doubt, so that after a restart the repeat is still marked.
            Verdict::Repeat => self.state = State::Queued { not_before: now },
            Verdict::Shelve(reason) => {
                self.shelve(Shelf::Uncertain, reason, now, around.actions);
            }
        }
    }

    /// It was surely not done. `outage`: for reasons of the provider's, which a second line does not
    /// share.
    fn not_done(
        &mut self,
        reason: &str,
        wish: Option<Duration>,
        outage: bool,
        around: Surroundings<'_>,
    ) {
        let now = around.now;
        if let Some(Proof(outcome)) = self.proof.take() {
            self.end(outcome, now, around.actions);
            return;
        }
        if self.effect.class == Class::Disposable {
            self.end(failed(reason), now, around.actions);
            return;
        }
        self.failures += 1;
        let seed = around.rules.seed;
        match schedule::after(&self.effect, self.failures, now, wish, seed) {
            Some(at) => {
                let takes_over = around.rules.takes_over_ms.filter(|_| outage);
                let at = takes_over.map_or(at, |ms| at.min(now.plus_ms(ms + TAKES_OVER_LATE_MS)));
                let outcome = Outcome::RetryAt {
                    at,
                    reason: reason.into(),
                    failures: self.failures,
                };
                self.record(outcome, now, around.actions);
                self.state = State::Queued { not_before: at };
            }
            None if self.uncertain => self.shelve(Shelf::Uncertain, reason, now, around.actions),
            None => self.shelve(Shelf::DeadLetter, reason, now, around.actions),
        }
    }

    /// The try in doubt was surely not done after all.
    fn take_back_doubt(&mut self) {
        if !matches!(self.state, State::Sending { .. }) {
            self.doubts = self.doubts.saturating_sub(1);
            self.uncertain = self.doubts > 0;
        }
    }

    fn end_unless_proven(&mut self, outcome: Outcome, around: Surroundings<'_>) {
        let proven = self.proof.take().filter(Proof::is_done);
        let outcome = proven.map_or(outcome, |Proof(proven)| proven);
        self.end(outcome, around.now, around.actions);
    }
}
