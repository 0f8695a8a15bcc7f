//! How an effect ends: on record, told to its entity, and forgotten or put on a list.

use smol_str::SmolStr;

use super::entry::{Entry, State};
use super::{Action, failed};
use crate::model::{Attempt, DeliveryRank, Millis, Outcome, Reply, Report, Shelf};

/// A report is given again; the entity deduplicates.
pub(super) const REPORT_AGAIN_MS: u64 = 30_000;

/// What a status proves.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Proof(pub(super) Outcome);

impl Proof {
    pub(super) fn of(
        rank: DeliveryRank,
        provider_id: SmolStr,
        failure: Option<(u32, SmolStr)>,
    ) -> Self {
        if rank != DeliveryRank::Failed {
            let remark = Some("known from a status".into());
            return Self(Outcome::Done(Reply {
                id: provider_id,
                at: None,
                remark,
                ..Reply::default()
            }));
        }
        let (code, reason) = failure.unwrap_or((0, "the provider gave up".into()));
        Self(Outcome::Failed { code, reason })
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.0, Outcome::Done(_))
    }
}

impl Entry {
    /// Ends an effect that was surely never done.
    pub(super) fn drop_unsent(&mut self, reason: &str, now: Millis, actions: &mut Vec<Action>) {
        self.end(failed(reason), now, actions);
    }

    /// Ends a shelved effect without another try.
    pub(super) fn give_up(&mut self, reason: &str, now: Millis, actions: &mut Vec<Action>) {
        self.end(failed(reason), now, actions);
    }

    pub(super) fn end(&mut self, outcome: Outcome, now: Millis, actions: &mut Vec<Action>) {
        self.record(outcome.clone(), now, actions);
        self.hold = None;
        self.begun = None;
        if self.report(&outcome, actions) {
            let again = now.plus_ms(REPORT_AGAIN_MS);
            self.state = State::Ended { outcome, again };
        } else {
            self.state = State::Gone;
        }
    }

    pub(super) fn shelve(
        &mut self,
        shelf: Shelf,
        reason: &str,
        now: Millis,
        actions: &mut Vec<Action>,
    ) {
        let reason = reason.into();
        let outcome = Outcome::Shelved { shelf, reason };
        self.record(outcome.clone(), now, actions);
        self.report(&outcome, actions);
        self.hold = None;
        self.begun = None;
        self.state = State::Shelved(shelf);
    }

    pub(super) fn record(&mut self, outcome: Outcome, now: Millis, actions: &mut Vec<Action>) {
        actions.push(Action::Record {
            attempt: Attempt::Outcome {
                effect: self.effect.id,
                no: self.no,
                at: now,
                outcome,
            },
            expect: self.recorded,
        });
        self.recorded = self.no;
    }

    pub(super) fn report(&self, outcome: &Outcome, actions: &mut Vec<Action>) -> bool {
        let wanted = self.effect.report && !self.closed;
        if wanted {
            actions.push(Action::Report(Report {
                effect: self.effect.id,
                outcome: outcome.clone(),
            }));
        }
        wanted
    }
}
