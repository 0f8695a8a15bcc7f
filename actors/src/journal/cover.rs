//! Sealed segments are covered in time: a start reads only the last few.
//!
//! A segment is covered when all that it says is in the checkpoint (every entity with records in it
//! has a later snapshot), in its seen file and in its file of places. From then on it is kept for
//! histories and for the records that snapshots name, and nothing else reads it.
//!
//! Covering waits a little, because one snapshot of a contact that writes again and again then stands
//! for its records in several segments: under load it is what most bytes and processor time of
//! snapshots go into. How long is bounded by what a start may have to read, in segments and in time.

use super::adapter::{Core, Lane};
use super::keeper::{BATCH, HouseError, save};
use super::places;

/// Covers what is due, as far as it can be; everything sealed when `all`. Entities that the index
/// knows with gaps are saved only then: their segments must go.
pub(super) fn tend(core: &Core, lane: &Lane, all: bool) -> Result<(), HouseError> {
    let covered = lane.marks().covered;
    let newest = match all {
        true => lane.newest_sealed(),
        false => due(core, lane),
    };
    if newest < covered {
        return Ok(());
    }
    let uncovered = || core.index.uncovered(core.partitions_of(lane), newest);
    let mut keys = uncovered();
    keys.retain(|key| all || !core.fences.is_held(*key));
    for batch in keys.chunks(BATCH) {
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

/// Number of the newest segment that is to be covered now; 0 when none is.
fn due(core: &Core, lane: &Lane) -> u32 {
    let now_ms = core.config.clock.now().0;
    let open = lane.open_segment();
    let segments = lane.all_segments();
    let sealed = segments
        .iter()
        .filter(|segment| segment.header.number < open)
        .count();
    // A segment was sealed when the one after it was opened.
    let sealed_ms = segments
        .iter()
        .skip(1)
        .map(|next| next.header.created * 1000);
    let due = segments.iter().take(sealed).zip(sealed_ms).enumerate();
    due.filter(|(older, (_, sealed_ms))| {
        let newer = sealed - older - 1;
        newer >= core.config.cover_behind || now_ms >= sealed_ms + core.config.cover_after_ms
    })
    .map(|(_, (segment, _))| segment.header.number)
    .last()
    .unwrap_or(0)
}
