//! Segments go in time, and nothing that is still needed goes with them.
//!
//! No segment gets older than the maximum age (24 h), and the oldest go before that when the
//! journal's folder would grow beyond its bound. Before one is released, records in it that are
//! still referenced (inputs to consume or set aside, open effects with their step and last attempt,
//! steps that could not be folded) are opened and sealed anew inside `Carried` records with their
//! original headers. Only then is its number noted as released, and then the file removed.
//!
//! A damaged record cannot be carried. It is there to be mended from a copy as long as its segment
//! is; when that goes, the loss is put down where accepted ones are, or, when the entity still needs
//! the record, told by every start until it is accepted. A lane that is fenced as a whole takes
//! nothing in and so stays as it is.

use std::collections::BTreeMap;

use foldhash::{HashSet, HashSetExt};

use super::adapter::{Core, Lane};
use super::codec;
use super::committer::Class;
use super::cover;
use super::index::{Change, Reference, entity_of};
use super::keeper::HouseError;
use super::record::{Draft, Kind, Scope};
use super::segment::Segment;

/// Records carried in one group.
const BATCH: usize = 64;
/// Bytes carried in one batch, small beside the traffic it shares the disk with; a segment holds
/// several.
const BATCH_BYTES: usize = 128 * 1024;
/// Segments kept at most, however small: a start reads the header of each.
const SEGMENTS_MAX: usize = 4096;
/// A segment is closed at this part of the maximum age, and released when it has only as much left:
/// what it holds was there for at least three quarters of that age.
const AGE_PART: u64 = 8;

/// Rotates by age and releases what is due. What this seals is looked at the next time.
pub(super) fn tend(core: &Core) -> Result<(), HouseError> {
    let mut sealed: BTreeMap<u16, u32> = BTreeMap::new();
    for lane in &core.lanes {
        rotate_by_age(core, lane);
        sealed.insert(lane.number, lane.newest_sealed());
    }
    let may_go = |lane: &Lane| {
        if core.fences.is_lane_fenced(lane.number) {
            return None;
        }
        let oldest = lane.oldest_sealed()?;
        let known = sealed.get(&lane.number)?;
        (oldest.header.number <= *known).then_some(oldest)
    };
    for lane in &core.lanes {
        while let Some(oldest) = may_go(lane)
            && age_ms(core, &oldest) >= core.config.max_age_ms / AGE_PART * (AGE_PART - 1)
        {
            if core.is_closing() || !release(core, lane, &oldest)? {
                break;
            }
        }
    }
    while is_beyond_bound(core)? && !core.is_closing() {
        let candidates = core
            .lanes
            .iter()
            .filter_map(|lane| Some((lane, may_go(lane)?)));
        let oldest = candidates.min_by_key(|(_, oldest)| oldest.header.created);
        let Some((lane, oldest)) = oldest else {
            break;
        };
        if !release(core, lane, &oldest)? {
            break;
        }
    }
    Ok(())
}

fn rotate_by_age(core: &Core, lane: &Lane) {
    let open = lane.segment(lane.open_segment());
    let age = open.map_or(0, |segment| age_ms(core, &segment));
    // On a full disk the room left in it is worth more.
    if age >= core.config.max_age_ms / AGE_PART && !lane.committer().is_full() {
        lane.committer().rotate();
    }
}

fn age_ms(core: &Core, segment: &Segment) -> u64 {
    let created_ms = segment.header.created * 1000;
    core.config.clock.now().0.saturating_sub(created_ms)
}

/// Whether the folder takes more than it may, room for what is sealed next included.
fn is_beyond_bound(core: &Core) -> Result<bool, HouseError> {
    let (mut bytes, mut segments) = (core.config.standing_bytes(), 0);
    for lane in &core.lanes {
        bytes += lane.kept_bytes(&*core.config.disk)?;
        segments += lane.all_segments().len();
    }
    Ok(bytes > core.config.keep_bytes || segments > SEGMENTS_MAX)
}

/// Releases a segment; false when something in it keeps it.
fn release(core: &Core, lane: &Lane, segment: &Segment) -> Result<bool, HouseError> {
    let number = segment.header.number;
    if number >= lane.marks().covered {
        cover::tend(core, lane, true)?;
        if number >= lane.marks().covered {
            return Ok(false);
        }
    }
    let referenced = || core.index.referenced(core.partitions_of(lane), number);
    let mut lost = HashSet::new();
    for batch in referenced().chunks(BATCH) {
        carry(core, lane, batch, &mut lost)?;
    }
    if referenced()
        .iter()
        .any(|reference| !lost.contains(reference))
    {
        return Ok(false);
    }
    give_up_damage(core, lane, number)?;
    // What was carried lies in the open segment, which is not covered before it is in a snapshot.
    let disk = &*core.config.disk;
    let id = segment.header.id;
    lane.mark(disk, |marks| {
        marks.released = number + 1;
        marks.last_released = Some(id);
    })?;
    lane.remove(disk, number)?;
    Ok(true)
}

/// Puts down what is lost for good when a damaged segment goes.
fn give_up_damage(core: &Core, lane: &Lane, number: u32) -> Result<(), HouseError> {
    let damage = core.damage_in(lane.number, number);
    if damage.is_empty() {
        return Ok(());
    }
    tracing::error!(
        lane = lane.number,
        segment = number,
        "a damaged segment goes unmended"
    );
    let disk = &*core.config.disk;
    let now = core.config.clock.now().0 / 1000;
    let mut accepted = core.paths.accepted_losses(disk)?;
    accepted.add(now, &damage);
    core.paths.accept_losses(disk, &accepted)?;
    Ok(())
}

/// Seals referenced records anew; those that cannot be read are added to `lost`.
fn carry(
    core: &Core,
    lane: &Lane,
    records: &[Reference],
    lost: &mut HashSet<Reference>,
) -> Result<(), HouseError> {
    let mut drafts = Vec::with_capacity(records.len());
    let mut bytes = 0;
    let bytes_max = BATCH_BYTES.min(core.config.segment_bytes as usize / 4);
    for reference in records {
        let Some((original, body)) = core.original(reference.key, reference.at)? else {
            lost.insert(*reference);
            continue;
        };
        let draft = Draft {
            kind: Kind::Carried,
            entity: entity_of(reference.key),
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
            write(lane, std::mem::take(&mut drafts))?;
        }
        drafts.push(draft);
    }
    match drafts.is_empty() {
        true => Ok(()),
        false => write(lane, drafts),
    }
}

fn write(lane: &Lane, drafts: Vec<Draft>) -> Result<(), HouseError> {
    // What is closed by the time its record lands is simply not referenced any more.
    lane.committer().submit_blocking(Class::Work, drafts)?;
    Ok(())
}
