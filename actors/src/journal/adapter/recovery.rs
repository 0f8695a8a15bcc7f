//! Opening a journal: the second half, behind the open door.
//!
//! Snapshots come first. Of the segments only those are read that the checkpoint does not cover,
//! usually none but the newest, which the first half has read; what is kept longer is for histories.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::DirectoryError;
use super::accepted::Accepted;
use super::core::{Core, Early, day_of, seen_id};
use super::lane::Lane;
use crate::journal::checkpoint::{Checkpoint, CheckpointError};
use crate::journal::committer::Class;
use crate::journal::index::{Change, key_of};
use crate::journal::pages::PagesError;
use crate::journal::places::{places_number, places_path};
use crate::journal::record::{Header, Kind, Position};
use crate::journal::recover::{Damage, Depth, Reopened, Until, scan};
use crate::journal::running::Suspect;
use crate::journal::segment::Segment;
use crate::model::{InSeq, Note, Strike};

/// Why the second half failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoveryError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Pages(#[from] PagesError),
    #[error("journal lane {lane}: {source}")]
    Lane { lane: u16, source: std::io::Error },
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// The second half: snapshots, segments they do not cover, then what has arrived meanwhile.
pub(super) fn recover(
    core: &Core,
    reopened: &[Reopened],
    accepted: &Accepted,
) -> Result<(), RecoveryError> {
    let checkpoint = Checkpoint::open(
        Arc::clone(&core.config.disk),
        core.paths.checkpoint(),
        core.ring.clone(),
        Arc::clone(&core.config.entropy),
    )?;
    let last_batch = checkpoint.last();
    // Set once, here.
    let _ = core.snapshots.set(checkpoint.snapshots());
    let _ = core.checkpoint.set(Mutex::new(checkpoint));
    core.enter_snapshots()?;
    for (lane, read) in core.lanes.iter().zip(reopened) {
        if lane.marks().batch > last_batch {
            tracing::warn!(
                lane = lane.number,
                "the checkpoint is older than the lane's marks"
            );
            lane.distrust_cover();
        }
        recover_lane(core, lane, read, accepted)?;
    }
    let last_seq = reopened.iter().map(|read| read.start.next_seq - 1).max();
    count_strikes(core, last_seq.unwrap_or(0));
    Ok(())
}

fn recover_lane(
    core: &Core,
    lane: &Lane,
    reopened: &Reopened,
    accepted: &Accepted,
) -> Result<(), RecoveryError> {
    let io_error = |source| RecoveryError::Lane {
        lane: lane.number,
        source,
    };
    let disk = &*core.config.disk;
    lane.mark(disk, |_| ()).map_err(io_error)?;
    release_leftovers(core, lane).map_err(io_error)?;
    let marks = lane.marks();
    let may_have_gaps = accepted.explains_gaps(lane.number, marks.released);
    let chain = &reopened.survey.chain;
    for (segment, until) in &chain[..chain.len().saturating_sub(1)] {
        if segment.header.number >= marks.covered.max(marks.released) {
            core.replayed.fetch_add(1, Ordering::Relaxed);
            read_segment(core, lane, segment, *until, accepted, may_have_gaps)?;
        }
    }
    while lane.apply_early(&mut |(header, position, change)| {
        apply(core, &header, position, change, may_have_gaps);
    }) {}
    for reference in core.index.references(core.partitions_of(lane)) {
        let gone = Damage::gone(lane.number, &reference);
        let is_there = lane.segment(reference.at.segment).is_some();
        if may_have_gaps || accepted.holds(&gone.to_string()) {
            core.forget_if_lost(&reference);
        } else if !is_there {
            core.take_damage(gone, accepted);
        }
    }
    // What could not be folded is tried again: this release may be another one.
    let open = lane.open_segment();
    for key in core.index.unfolded(core.partitions_of(lane), open) {
        core.queue_snapshot(key);
    }
    Ok(())
}

/// Counts a strike against each input that was being decided when the last process ended, and
/// begins to note steps anew. Whatever fails here costs only the evidence.
fn count_strikes(core: &Core, last_seq: u64) {
    let left = core.running.left().unwrap_or_else(|error| {
        tracing::warn!(%error, "the running file of the last process is unreadable");
        Some(Vec::new())
    });
    for suspect in left.iter().flatten() {
        let Suspect { key, input } = *suspect;
        let shard = core.index.shard(key);
        let active = shard.active.get(&key);
        let waits = active.is_some_and(|active| active.awaits(input.0));
        drop(shard);
        if !waits || core.fences.is_fenced(key) {
            continue;
        }
        tracing::warn!(%key, input = input.0, "this input was being decided when the process ended");
        let strike = Note::Strike(Strike {
            input,
            weight: 1,
            reason: "the process ended while this input was decided".into(),
        });
        let drafts = vec![super::draft::note(key, &strike)];
        if let Err(error) = core
            .lane(key)
            .committer()
            .submit_blocking(Class::Work, drafts)
        {
            tracing::warn!(%error, "a strike is not on record");
        }
    }
    let suspect_to = InSeq(left.map_or(0, |_| last_seq));
    if let Err(error) = core.running.begin(suspect_to) {
        tracing::warn!(%error, "steps run unnoted: the running file cannot be made");
    }
}

/// Segments whose release was noted but not finished, and files about segments that are gone.
fn release_leftovers(core: &Core, lane: &Lane) -> std::io::Result<()> {
    let disk = &*core.config.disk;
    let released = lane.marks().released;
    for segment in lane.all_segments() {
        if segment.header.number < released {
            lane.remove(disk, segment.header.number)?;
        }
    }
    for name in disk.list(&lane.folder)? {
        if let Some(number) = places_number(&name)
            && lane.segment(number).is_none()
        {
            disk.remove(&places_path(&lane.folder, number))?;
        }
    }
    Ok(())
}

fn read_segment(
    core: &Core,
    lane: &Lane,
    segment: &Segment,
    until: Until,
    accepted: &Accepted,
    may_have_gaps: bool,
) -> Result<(), RecoveryError> {
    let number = segment.header.number;
    let partitions = core.config.partitions;
    let mut seen = (!lane.seen.has_file(number)).then(Vec::new);
    let scanned = scan(segment, until, Depth::Bodies, &mut |found| {
        let header = found.header;
        if let Some(seen) = &mut seen {
            seen.extend(seen_id(header, partitions));
        }
        if core.index.covers(header) {
            return;
        }
        let change = match header.kind {
            Kind::Input => Change::Input,
            _ => change_of(header, found.body),
        };
        apply(core, header, found.position, change, may_have_gaps);
    });
    let scanned = scanned.map_err(|source| RecoveryError::Lane {
        lane: lane.number,
        source,
    })?;
    for damage in scanned.damage {
        core.take_damage(damage, accepted);
    }
    if let Some(seen) = seen {
        lane.seen.seal(number, day_of(segment), seen);
    }
    Ok(())
}

/// A body that does not decode changes nothing here; whoever needs the record will say so.
pub(super) fn change_of(header: &Header, body: Option<&[u8]>) -> Change {
    let Some(body) = body else {
        return Change::Nothing;
    };
    Change::read(header, body).unwrap_or_else(|error| {
        tracing::error!(seq = header.seq, %error, "a record does not decode");
        Change::Nothing
    })
}

fn apply(core: &Core, header: &Header, position: Position, change: Change, may_have_gaps: bool) {
    let applied = core.index.apply(header, position, change);
    if let Some(key) = key_of(header.entity) {
        if applied.gap && !may_have_gaps {
            tracing::error!(%key, seq = header.seq, "a step is missing before this one");
            core.fences.hold(key);
        }
        if applied.snapshot_due {
            core.queue_snapshot(key);
        }
    }
}

impl Lane {
    /// Applies a batch of early records; false when none is left and the index is live from now on.
    fn apply_early(&self, apply: &mut dyn FnMut(Early)) -> bool {
        let batch = {
            let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
            match early.as_mut() {
                Some(waiting) if !waiting.is_empty() => std::mem::take(waiting),
                _ => {
                    *early = None;
                    return false;
                }
            }
        };
        batch.into_iter().for_each(apply);
        true
    }
}
