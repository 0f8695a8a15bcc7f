//! A snapshot: all of one entity up to a journal sequence.
//!
//! It names records by sequence and place, so that a start needs to read no segment that it covers.
//! Carrying a record to another place makes its entity ask for a new snapshot, and a segment counts
//! as covered only when nobody asks for one any more because of what lies in it.
//!
//! When steps cannot be folded (by this release, or because one is damaged) the snapshot holds the
//! last state and the places of the steps after it, so that one such entity holds nothing up.

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
    /// Steps up to this sequence are in the state; the same as `cover` but for the steps in `tail`.
    pub folded: u64,
    /// Steps that could not be folded.
    pub tail: Vec<(u64, Position)>,
    /// When it wants to be woken, Unix seconds; 0 = never.
    pub wake: u32,
    /// Where it was drained to.
    pub merged: Option<Key>,
    /// Counts against inputs.
    pub strikes: Vec<StrikeCount>,
    /// Inputs to consume.
    pub inputs: Vec<(u64, Position)>,
    /// Inputs set aside, with the reason.
    pub set_aside: Vec<(u64, Position, SmolStr)>,
    /// Open effects, in order of decision.
    pub open: Vec<SavedOpen>,
    /// The encoded state; `None` before the first step.
    pub state: Option<Vec<u8>>,
}

/// An open effect in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedOpen {
    hash: [u8; 8],
    step: (u64, Position),
    planned: u64,
    report: bool,
    last: Option<SavedLast>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SavedLast {
    no: u32,
    sent: u64,
    sending: Option<(u64, Position)>,
    outcome: Option<(u64, Position, Ending)>,
}

impl Saved {
    /// The snapshot of an entity as the index has it, with the state after its last step.
    pub fn of(entry: &Entry, active: &Active, state: Option<Vec<u8>>) -> Self {
        let cover = active.last_seq.max(entry.cover);
        Self {
            version: entry.version,
            consumed: entry.consumed,
            cover,
            folded: cover,
            tail: Vec::new(),
            wake: entry.wake,
            merged: active.merged,
            strikes: active.strikes.clone(),
            inputs: active.inputs.iter().copied().collect(),
            set_aside: active
                .set_aside
                .iter()
                .map(|aside| (aside.seq, aside.at, aside.reason.clone()))
                .collect(),
            open: active.open.iter().map(SavedOpen::of).collect(),
            state,
        }
    }

    /// The same with steps that could not be folded into `state`, which stands at `folded`.
    pub fn unfolded(self, folded: u64, tail: Vec<(u64, Position)>) -> Self {
        Self {
            folded,
            tail,
            ..self
        }
    }

    /// Whether records are referenced.
    pub fn is_busy(&self) -> bool {
        !(self.tail.is_empty()
            && self.inputs.is_empty()
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

    /// The references.
    pub fn active(&self) -> Active {
        Active {
            tail: self.tail.clone(),
            inputs: self.inputs.iter().copied().collect(),
            set_aside: self
                .set_aside
                .iter()
                .map(|(seq, at, reason)| Aside {
                    seq: *seq,
                    at: *at,
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
            step: open.step,
            planned: open.planned,
            report: open.report,
            last: open.last.as_ref().map(|last| SavedLast {
                no: last.no,
                sent: last.sent,
                sending: last.sending,
                outcome: last.outcome,
            }),
        }
    }

    fn open(&self) -> Open {
        Open {
            hash: self.hash,
            step: self.step,
            planned: self.planned,
            report: self.report,
            last: self.last.as_ref().map(|last| Last {
                no: last.no,
                sent: last.sent,
                sending: last.sending,
                outcome: last.outcome,
            }),
        }
    }
}
