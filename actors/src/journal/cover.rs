//! Sealed segments are covered soon: a start reads none of them.
//!
//! A segment is covered when all that it says is in the checkpoint (every entity with records in it
//! has a later snapshot), in its seen file and in its file of places. From then on it is kept for
//! histories and for the records that snapshots name, and nothing else reads it.

use super::adapter::{Core, Lane};
use super::keeper::{HouseError, save};
use super::places;

/// Snapshots made at once for a segment.
const SAVE_BATCH: usize = 512;

/// Covers what was sealed since the last time, as far as it can be. Entities that the index knows
/// with gaps are saved only when `all` are: then their segments must go.
pub(super) fn tend(core: &Core, lane: &Lane, all: bool) -> Result<(), HouseError> {
    let (newest, covered) = (lane.newest_sealed(), lane.marks().covered);
    if newest < covered {
        return Ok(());
    }
    let uncovered = || core.index.uncovered(core.partitions_of(lane), newest);
    let mut keys = uncovered();
    keys.retain(|key| all || !core.fences.is_held(*key));
    for batch in keys.chunks(SAVE_BATCH) {
        save(core, batch)?;
    }
    if !uncovered().is_empty() {
        return Ok(());
    }
    let disk = &*core.config.disk;
    for segment in lane.all_segments() {
        let number = segment.header.number;
        if number < covered || number > newest {
            continue;
        }
        if !lane.seen.has_file(number) {
            return Ok(());
        }
        places::write(disk, &lane.folder, &segment, lane.until(&segment))?;
    }
    let batch = core.checkpoint().last();
    lane.mark(disk, |marks| {
        marks.covered = newest + 1;
        marks.batch = batch;
    })?;
    Ok(())
}
