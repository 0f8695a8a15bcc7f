//! An entity that is not at rest: where the records lie that it still needs.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::change::{AttemptChange, StepChange};
use super::{Applied, Change, Entry, TAIL_MAX};
use crate::journal::record::{Header, Position};
use crate::model::Key;

/// References of one entity.
#[derive(Debug, Clone, Default)]
pub struct Active {
    /// Inputs to consume: sequence and place, in order.
    pub inputs: VecDeque<(u64, Position)>,
    /// Inputs set aside for an operator.
    pub set_aside: Vec<Aside>,
    /// Steps after the snapshot's state, in order.
    pub tail: Vec<(u64, Position)>,
    /// Open effects, in order of decision.
    pub open: Vec<Open>,
    /// Counts against inputs.
    pub strikes: Vec<StrikeCount>,
    /// Where the entity was drained to, when a record since the snapshot or the snapshot says so.
    pub merged: Option<Key>,
    /// Aliases since the snapshot, each with its record's sequence.
    pub aliases: Vec<(u64, [u8; 16])>,
    /// The state after the last step, when this process wrote it.
    pub state: Option<Arc<[u8]>>,
    /// Sequence of the last record.
    pub last_seq: u64,
    /// Segment of the oldest record that no durable snapshot covers.
    pub dirty_since: Option<u32>,
    /// A step was handed to the committer.
    pub committing: bool,
    /// The entity waits for its snapshot.
    pub queued: bool,
}

/// An input set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Its sequence.
    pub seq: u64,
    /// Where it lies.
    pub at: Position,
    /// Why it was set aside.
    pub reason: SmolStr,
}

/// Counts against one input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrikeCount {
    /// The input.
    pub input: u64,
    /// Their sum.
    pub weight: u8,
    /// The last reason.
    pub reason: SmolStr,
}

/// An effect that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Its id within the entity.
    pub hash: [u8; 8],
    /// The step that decided it.
    pub step: (u64, Position),
    /// When it was decided, Unix milliseconds.
    pub planned: u64,
    /// Whether its end is reported, so that a step must close it.
    pub report: bool,
    /// Its last attempt.
    pub last: Option<Last>,
}

/// The end of an effect's history so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// Which try.
    pub no: u32,
    /// When it began, Unix milliseconds.
    pub sent: u64,
    /// Its `Sending` record, kept for what it may cost.
    pub sending: Option<(u64, Position)>,
    /// Its outcome.
    pub outcome: Option<(u64, Position, Ending)>,
}

/// What an outcome means for its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// There will be another attempt, or nobody knows yet.
    GoesOn,
    /// It needs nothing more from anybody.
    Final,
    /// Its retries are used up and it waits for an operator.
    Shelved,
    /// Nobody knows whether it was done and it waits for an operator.
    Uncertain,
}

/// How the input of a step stood among those that waited.
#[derive(Default)]
struct Awaited {
    /// It waited.
    was_next: bool,
    /// So many stood before it.
    passed_over: usize,
}

impl Open {
    fn is_shelved(&self) -> bool {
        let outcome = self.last.as_ref().and_then(|last| last.outcome);
        let ending = outcome.map(|(_, _, ending)| ending);
        matches!(ending, Some(Ending::Shelved | Ending::Uncertain))
    }
}

impl Active {
    /// Whether the entity must live for something to go on.
    pub fn has_work(&self) -> bool {
        !self.inputs.is_empty() || self.open.iter().any(|open| !open.is_shelved())
    }

    /// Whether this input is still to be consumed.
    pub fn awaits(&self, input: u64) -> bool {
        self.inputs.iter().any(|(seq, _)| *seq == input)
    }

    /// Whether the entry alone says everything.
    pub fn is_at_rest(&self) -> bool {
        self.tail.is_empty()
            && self.inputs.is_empty()
            && self.set_aside.is_empty()
            && self.open.is_empty()
            && self.strikes.is_empty()
            && self.dirty_since.is_none()
            && !self.committing
    }

    /// Gives back room that lists keep for what is to come.
    pub fn shrink(&mut self) {
        self.inputs.shrink_to_fit();
        self.tail.shrink_to_fit();
        self.open.shrink_to_fit();
    }

    /// An open effect.
    pub fn open(&self, effect: &[u8; 8]) -> Option<&Open> {
        self.open.iter().find(|open| open.hash == *effect)
    }

    /// Open effects on an operator's list.
    pub fn shelved(&self) -> impl Iterator<Item = &Open> {
        self.open.iter().filter(|open| open.is_shelved())
    }

    /// Shows every record that must outlive its segment once a snapshot covers that.
    pub fn references(&self, mut show: impl FnMut(u64, Position)) {
        for (seq, at) in self.tail.iter().chain(&self.inputs) {
            show(*seq, *at);
        }
        for aside in &self.set_aside {
            show(aside.seq, aside.at);
        }
        for open in &self.open {
            show(open.step.0, open.step.1);
            let Some(last) = &open.last else { continue };
            last.sending.iter().for_each(|(seq, at)| show(*seq, *at));
            let outcome = last.outcome.iter();
            outcome.for_each(|(seq, at, _)| show(*seq, *at));
        }
    }

    /// Forgets records that are lost, with all that hangs on them.
    pub fn forget(&mut self, is_lost: impl Fn(Position) -> bool) {
        self.tail.retain(|(_, at)| !is_lost(*at));
        self.inputs.retain(|(_, at)| !is_lost(*at));
        self.set_aside.retain(|aside| !is_lost(aside.at));
        self.open.retain(|open| !is_lost(open.step.1));
        for last in self.open.iter_mut().flat_map(|open| &mut open.last) {
            last.sending = last.sending.filter(|(_, at)| !is_lost(*at));
            last.outcome = last.outcome.filter(|(_, at, _)| !is_lost(*at));
        }
    }

    /// A record has a new place; false when it is referenced no more.
    pub fn relocate(&mut self, seq: u64, at: Position) -> bool {
        let mut referenced = false;
        let inputs = self.inputs.iter_mut().map(|(seq, at)| (*seq, at));
        let aside = self
            .set_aside
            .iter_mut()
            .map(|aside| (aside.seq, &mut aside.at));
        let tail = self.tail.iter_mut().map(|(seq, at)| (*seq, at));
        let open = self.open.iter_mut().flat_map(|open| {
            let last = open.last.iter_mut().flat_map(|last| {
                let sending = last.sending.iter_mut().map(|(seq, at)| (*seq, at));
                let outcome = last.outcome.iter_mut().map(|(seq, at, _)| (*seq, at));
                sending.chain(outcome)
            });
            last.chain(std::iter::once((open.step.0, &mut open.step.1)))
        });
        for (known, place) in inputs.chain(aside).chain(tail).chain(open) {
            if known == seq {
                *place = at;
                referenced = true;
            }
        }
        referenced
    }

    pub(super) fn apply(
        &mut self,
        entry: &mut Entry,
        header: &Header,
        at: Position,
        change: Change,
    ) -> Applied {
        let mut applied = Applied::default();
        match change {
            Change::Input => {
                let last = self.inputs.back().map(|(seq, _)| *seq);
                applied.previous = last.unwrap_or(entry.consumed);
                self.inputs.push_back((header.seq, at));
            }
            Change::Step(step) => {
                applied.gap = header.entity_seq != entry.version + 1;
                entry.version = header.entity_seq;
                entry.consumed = step.consumed;
                entry.wake = u32::try_from(header.next_wake).unwrap_or(u32::MAX);
                let awaited = self.take_step(*step, header.seq, at);
                applied.passed_over = awaited.passed_over;
                applied.out_of_order = !awaited.was_next;
                applied.snapshot_due = self.tail.len() >= TAIL_MAX;
            }
            Change::Attempt(attempt) => self.take_attempt(attempt, header.seq, at),
            Change::Alias(alias) => self.aliases.push((header.seq, alias)),
            Change::Merged(into) => self.merged = Some(into),
            Change::Strike {
                input,
                weight,
                reason,
            } => self.take_strike(input, weight, reason),
            Change::Released(input) => self.set_aside.retain(|aside| aside.seq != input),
            Change::Carried(_) | Change::Nothing => {}
        }
        applied
    }

    fn take_step(&mut self, step: StepChange, seq: u64, at: Position) -> Awaited {
        let mut awaited = Awaited::default();
        let reason = self
            .strikes
            .iter()
            .find(|strike| strike.input == step.consumed)
            .map_or_else(SmolStr::default, |strike| strike.reason.clone());
        while let Some((input, place)) = self.inputs.front().copied()
            && input <= step.consumed
        {
            self.inputs.pop_front();
            match input == step.consumed {
                true => awaited.was_next = true,
                false => awaited.passed_over += 1,
            }
            if step.set_aside && input == step.consumed {
                self.set_aside.push(Aside {
                    seq: input,
                    at: place,
                    reason: reason.clone(),
                });
            }
        }
        self.strikes.retain(|strike| strike.input > step.consumed);
        self.open.retain(|open| !step.closes.contains(&open.hash));
        let opened = step.effects.into_iter().map(|(hash, report)| Open {
            hash,
            step: (seq, at),
            planned: step.planned,
            report,
            last: None,
        });
        self.open.extend(opened);
        self.tail.push((seq, at));
        self.state = step.state;
        self.committing = false;
        awaited
    }

    fn take_attempt(&mut self, attempt: AttemptChange, seq: u64, at: Position) {
        let Some(open) = self
            .open
            .iter_mut()
            .find(|open| open.hash == attempt.effect)
        else {
            return;
        };
        let Some(ending) = attempt.ending else {
            open.last = Some(Last {
                no: attempt.no,
                sent: attempt.at,
                sending: Some((seq, at)),
                outcome: None,
            });
            return;
        };
        let before = open.last.take();
        open.last = Some(Last {
            no: attempt.no,
            sent: before.as_ref().map_or(attempt.at, |last| last.sent),
            sending: before.and_then(|last| last.sending),
            outcome: Some((seq, at, ending)),
        });
        if ending == Ending::Final && !open.report {
            self.open.retain(|open| open.hash != attempt.effect);
        }
    }

    fn take_strike(&mut self, input: u64, weight: u8, reason: SmolStr) {
        match self.strikes.iter_mut().find(|strike| strike.input == input) {
            Some(strike) => {
                strike.weight = strike.weight.saturating_add(weight);
                strike.reason = reason;
            }
            None => self.strikes.push(StrikeCount {
                input,
                weight,
                reason,
            }),
        }
    }
}
