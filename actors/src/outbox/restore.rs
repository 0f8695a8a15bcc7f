//! What a stopped process left: each open effect takes up the state its last record tells.
//!
//! A try says on record whether it may repeat an earlier one, so a second doubt is told from a first.
//! Waits for a status begin anew, because none could arrive while the process was down. An effect
//! that is worthless when late is dropped.

use std::sync::Arc;

use super::Action;
use super::doubt::Doubt;
use super::entry::{Entry, State, Surroundings};
use crate::journal::{LastAttempt, OpenEffect};
use crate::model::{Millis, Outcome, Report, Shelf};

/// The entry of an open effect; `None` when nothing is left to do.
pub(super) fn entry(open: OpenEffect, seq: u64, around: Surroundings<'_>) -> Option<Entry> {
    let now = around.now;
    let mut entry = Entry::planned(Arc::new(open.effect), seq, open.planned);
    let Some(last) = open.last else {
        if entry.is_worthless_late() {
            entry.drop_unsent("the server stopped before it was done", now, around.actions);
        }
        return Some(entry);
    };
    entry.no = last.no;
    entry.recorded = last.no;
    let LastAttempt {
        no,
        sent,
        possible_repeat,
        line,
        outcome,
    } = last;
    entry.line = line.or(entry.effect.gateway);
    entry.doubts = u32::from(possible_repeat);
    entry.uncertain = possible_repeat;
    match outcome.map(|(_, outcome)| outcome) {
        None | Some(Outcome::Late) => {
            entry.failures = no.0.saturating_sub(1);
            entry.begun = Some(now);
            entry.state = State::Sending { since: sent };
            entry.fall_into_doubt("the server stopped during the call", true, around);
        }
        Some(Outcome::InDoubt { .. }) => {
            entry.failures = no.0.saturating_sub(1);
            take_up_doubt(&mut entry, sent, now);
        }
        Some(Outcome::RetryAt { at, failures, .. }) => {
            entry.failures = failures;
            entry.begun = Some(now);
            entry.state = State::Queued { not_before: at };
        }
        Some(Outcome::Shelved { shelf, reason }) => {
            entry.state = State::Shelved(shelf);
            if shelf == Shelf::Uncertain {
                entry.doubts += 1;
                entry.uncertain = true;
            }
            report(&entry, Outcome::Shelved { shelf, reason }, around.actions);
        }
        Some(outcome @ (Outcome::Done(_) | Outcome::Failed { .. })) => {
            if !entry.effect.report {
                return None;
            }
            entry.state = State::Ended {
                outcome,
                again: now,
            };
        }
    }
    Some(entry)
}

fn take_up_doubt(entry: &mut Entry, sent: Millis, now: Millis) {
    let doubt = Doubt::of(entry.effect.class, sent, now, entry.doubts);
    entry.doubts += 1;
    entry.uncertain = true;
    entry.begun = Some(now);
    entry.state = doubt.map_or(State::Gone, State::Doubt);
}

fn report(entry: &Entry, outcome: Outcome, actions: &mut Vec<Action>) {
    if entry.effect.report {
        actions.push(Action::Report(Report {
            effect: entry.effect.id,
            outcome,
        }));
    }
}
