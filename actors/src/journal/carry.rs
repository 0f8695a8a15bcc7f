//! Segments go in time, and nothing that is still needed goes with them.
//!
//! No segment gets older than the maximum age (24 h), and none stays when there are more bytes of
//! them than wanted. Before the oldest one is released, records in it that are still referenced
//! (inputs to consume or set aside, open effects with their step and last attempt) are opened and
//! sealed anew inside `Carried` records with their original headers, entities with records there
//! that no snapshot covers get one, and its seen file is on disk. Only then is its number noted as
//! released, and then the file removed.

use std::sync::PoisonError;

use super::adapter::Core;
use super::codec;
use super::committer::Class;
use super::index::{Change, entity_of};
use super::keeper::{HouseError, save};
use super::record::{Draft, Kind, Position, Scope};
use super::segment::segment_path;
use crate::model::Key;

/// Records carried in one group.
const BATCH: usize = 64;
/// Bytes carried in one batch, small beside the traffic it shares the disk with; a segment holds
/// several.
const BATCH_BYTES: usize = 128 * 1024;
/// Snapshots made at once for a segment that is to go.
const SAVE_BATCH: usize = 512;

/// Rotates by age and releases what is due.
pub(super) fn tend(core: &Core) -> Result<(), HouseError> {
    rotate_by_age(core);
    while let Some(number) = due(core) {
        if !release(core, number)? || core.is_closing() {
            break;
        }
    }
    Ok(())
}

/// A segment is closed after a quarter of the maximum age, so that half of it is left to carry.
fn rotate_by_age(core: &Core) {
    let open = core.segment(core.open_segment());
    let age = open.map_or(0, |segment| age_ms(core, segment.header.created));
    if age >= core.config.max_age_ms / 4 {
        core.committer().rotate();
    }
}

/// The oldest segment when it is sealed and too old or one too many.
fn due(core: &Core) -> Option<u32> {
    let segments = core.segments.read().unwrap_or_else(PoisonError::into_inner);
    let (number, oldest) = segments.first_key_value()?;
    if *number == core.open_segment() {
        return None;
    }
    let bytes = segments.len() as u64 * u64::from(core.config.segment_bytes);
    let too_old = age_ms(core, oldest.header.created) >= core.config.max_age_ms / 2;
    (too_old || bytes > core.config.keep_bytes).then_some(*number)
}

fn age_ms(core: &Core, created_s: u64) -> u64 {
    core.config.clock.now().0.saturating_sub(created_s * 1000)
}

/// Releases a segment; false when something in it could not be moved yet.
fn release(core: &Core, number: u32) -> Result<bool, HouseError> {
    let (_, referenced) = core.index.holding(number);
    for batch in referenced.chunks(BATCH) {
        carry(core, batch)?;
    }
    let (uncovered, _) = core.index.holding(number);
    for batch in uncovered.chunks(SAVE_BATCH) {
        save(core, batch)?;
    }
    let (uncovered, referenced) = core.index.holding(number);
    if !uncovered.is_empty() || !referenced.is_empty() || !core.seen.has_file(number) {
        return Ok(false);
    }
    let disk = &core.config.disk;
    core.paths.release_below(&**disk, number + 1)?;
    let mut segments = core
        .segments
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    segments.remove(&number);
    drop(segments);
    disk.remove(&segment_path(&core.paths.lane(), number))?;
    Ok(true)
}

fn carry(core: &Core, records: &[(Key, Position)]) -> Result<(), HouseError> {
    let mut drafts = Vec::with_capacity(records.len());
    let mut bytes = 0;
    let bytes_max = BATCH_BYTES.min(core.config.segment_bytes as usize / 4);
    for (key, at) in records {
        let (original, body) = core.original(*key, *at)?;
        let draft = Draft {
            kind: Kind::Carried,
            entity: entity_of(*key),
            scope: Scope::Ring,
            entity_seq: original.entity_seq,
            input_hash: original.input_hash,
            epoch: original.epoch,
            next_wake: original.next_wake,
            body: codec::carry(&original, &body),
            change: Change::Carried(original),
        };
        bytes += draft.sealed_bytes();
        if bytes > bytes_max && !drafts.is_empty() {
            bytes = draft.sealed_bytes();
            write(core, std::mem::take(&mut drafts))?;
        }
        drafts.push(draft);
    }
    write(core, drafts)
}

fn write(core: &Core, drafts: Vec<Draft>) -> Result<(), HouseError> {
    // What is closed by the time its record lands is simply not referenced any more.
    core.committer().submit_blocking(Class::Work, drafts)?;
    Ok(())
}
