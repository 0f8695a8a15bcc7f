//! A snapshot: all of one entity up to a journal sequence.
//!
//! It names records by sequence, not by place, because carrying moves them. Recovery finds the
//! places again while it walks the segments.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::index::{Active, Aside, Ending, Entry, Last, Open, StrikeCount};
use super::record::Position;
use crate::model::Key;

/// Everything of an entity up to [`Saved::cover`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Steps taken.
    pub version: u64,
    /// Position of the last input consumed.
    pub consumed: u64,
    /// Records of the entity up to this sequence are in here.
    pub cover: u64,
    /// When it wants to be woken, Unix seconds; 0 = never.
    pub wake: u32,
    /// Where it was drained to.
    pub merged: Option<Key>,
    /// Counts against inputs.
    pub strikes: Vec<StrikeCount>,
    /// Inputs to consume.
    pub inputs: Vec<u64>,
    /// Inputs set aside, with the reason.
    pub set_aside: Vec<(u64, SmolStr)>,
    /// Open effects, in order of decision.
    pub open: Vec<SavedOpen>,
    /// The encoded state; `None` before the first step.
    pub state: Option<Vec<u8>>,
}

/// An open effect in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedOpen {
    hash: [u8; 8],
    step: u64,
    planned: u64,
    report: bool,
    last: Option<SavedLast>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SavedLast {
    no: u32,
    sent: u64,
    sending: Option<u64>,
    outcome: Option<(u64, Ending)>,
}

impl Saved {
    /// The snapshot of an entity as the index has it, with the state after its last step.
    pub fn of(entry: &Entry, active: &Active, state: Option<Vec<u8>>) -> Self {
        Self {
            version: entry.version,
            consumed: entry.consumed,
            cover: active.last_seq.max(entry.cover),
            wake: entry.wake,
            merged: active.merged,
            strikes: active.strikes.clone(),
            inputs: active.inputs.iter().map(|(seq, _)| *seq).collect(),
            set_aside: active
                .set_aside
                .iter()
                .map(|aside| (aside.seq, aside.reason.clone()))
                .collect(),
            open: active.open.iter().map(SavedOpen::of).collect(),
            state,
        }
    }

    /// Whether records are referenced that recovery must find.
    pub fn is_busy(&self) -> bool {
        !(self.inputs.is_empty()
            && self.set_aside.is_empty()
            && self.open.is_empty()
            && self.strikes.is_empty())
    }

    /// The entry of the index.
    pub fn entry(&self) -> Entry {
        Entry {
            version: self.version,
            consumed: self.consumed,
            cover: self.cover,
            wake: self.wake,
            merged: self.merged.is_some(),
        }
    }

    /// The references, their places unknown.
    pub fn active(&self) -> Active {
        let unknown = Position::UNKNOWN;
        Active {
            inputs: self.inputs.iter().map(|seq| (*seq, unknown)).collect(),
            set_aside: self
                .set_aside
                .iter()
                .map(|(seq, reason)| Aside {
                    seq: *seq,
                    at: unknown,
                    reason: reason.clone(),
                })
                .collect(),
            open: self.open.iter().map(SavedOpen::open).collect(),
            strikes: self.strikes.clone(),
            merged: self.merged,
            last_seq: self.cover,
            ..Active::default()
        }
    }
}

impl SavedOpen {
    fn of(open: &Open) -> Self {
        Self {
            hash: open.hash,
            step: open.step.0,
            planned: open.planned,
            report: open.report,
            last: open.last.as_ref().map(|last| SavedLast {
                no: last.no,
                sent: last.sent,
                sending: last.sending.map(|(seq, _)| seq),
                outcome: last.outcome.map(|(seq, _, ending)| (seq, ending)),
            }),
        }
    }

    fn open(&self) -> Open {
        let unknown = Position::UNKNOWN;
        Open {
            hash: self.hash,
            step: (self.step, unknown),
            planned: self.planned,
            report: self.report,
            last: self.last.as_ref().map(|last| Last {
                no: last.no,
                sent: last.sent,
                sending: last.sending.map(|seq| (seq, unknown)),
                outcome: last.outcome.map(|(seq, ending)| (seq, unknown, ending)),
            }),
        }
    }
}
