//! The journal's housekeeping, on one thread.
//!
//! It writes snapshots (first a durable delta of the checkpoint, then the snapshot index), turns
//! the seen entries of sealed segments into files, sees to it that sealed segments are covered by
//! the checkpoint soon (see [`cover`]) and that they go in time (see [`carry`]). Nothing on the way
//! of a message waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::ReadError;
use super::adapter::{Core, DirectoryError};
use super::carry;
use super::checkpoint::{CheckpointError, Item};
use super::cover;
use super::snapshot::Saved;
use crate::model::Key;

/// Snapshots of one batch.
const BATCH: usize = 512;
/// Entities that may wait for a snapshot while messages come; each takes about a kilobyte until it
/// has one. One that wakes meanwhile is read from memory, and needs one snapshot for all its steps.
const WAITING_MAX: usize = 32_768;
/// While messages come and more than that wait, one part in so many of the time goes to snapshots.
const SHARE: u32 = 4;
/// Records of a round with fewer of which nobody is kept from anything.
const QUIET_RECORDS: u64 = 512;

/// Why housekeeping stopped half-way; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(super) enum HouseError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("journal files: {0}")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("carrying: {0}")]
    Carry(#[from] super::committer::Unwritten),
}

/// Aliases of an entity with the sequences of their records.
type Aliases = Vec<(u64, [u8; 16])>;

/// Keeps house until the journal closes.
pub(super) fn run(core: &Core) {
    let tick = Duration::from_millis(core.config.house_ms.min(core.config.max_age_ms / 40).max(1));
    let day = Duration::from_millis(core.config.max_age_ms);
    let mut rounds = Rounds {
        last_batch: Instant::now(),
        records: 0,
        // Soon after a start, so that frequent ones do not put it off for ever.
        flatten_at: Instant::now() + day / 24,
    };
    let mut failing = false;
    while core.rest(tick) {
        let done = catch_unwind(AssertUnwindSafe(|| tend(core, &mut rounds)));
        let failed = match done {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it panicked".to_owned()),
        };
        if let Some(reason) = &failed
            && !failing
        {
            tracing::error!(reason, "journal housekeeping failed and is tried again");
        }
        failing = failed.is_some();
    }
}

/// When what is done in turns was done last, or is to be done next.
struct Rounds {
    last_batch: Instant,
    /// Records applied until the last round.
    records: u64,
    /// All checkpoint files become one, so that what a snapshot said before is gone after as long
    /// as a segment stays in the journal.
    flatten_at: Instant,
}

fn tend(core: &Core, rounds: &mut Rounds) -> Result<(), HouseError> {
    let company = Duration::from_millis(core.config.house_ms);
    let begun = Instant::now();
    let records = core.index.records();
    let is_quiet = records - std::mem::replace(&mut rounds.records, records) < QUIET_RECORDS;
    // While messages come, one batch a round leaves the processor to them. Otherwise, and when many
    // wait, batches follow each other, so that what sleeps is not held in memory for long.
    loop {
        let waiting = core.queued().len();
        let in_company = waiting > 0 && rounds.last_batch.elapsed() >= company;
        if waiting < BATCH && !in_company {
            break;
        }
        rounds.last_batch = Instant::now();
        let mut keys = core.take_queued(BATCH);
        keys.retain(|key| !core.fences.is_held(*key));
        save(core, &keys)?;
        let time = if is_quiet { company } else { company / SHARE };
        let hurries = is_quiet || waiting > WAITING_MAX;
        if !hurries || begun.elapsed() >= time || core.is_closing() {
            break;
        }
    }
    for lane in &core.lanes {
        lane.seen.write_files(core.today())?;
        if !core.fences.is_lane_fenced(lane.number) {
            cover::tend(core, lane, false)?;
        }
    }
    if Instant::now() >= rounds.flatten_at {
        core.checkpoint().flatten()?;
        rounds.flatten_at = Instant::now() + Duration::from_millis(core.config.max_age_ms);
    }
    carry::tend(core)
}

/// Makes snapshots of entities durable. Those that fail stay as they were and are asked for again.
pub(super) fn save(core: &Core, keys: &[Key]) -> Result<(), HouseError> {
    let saved = save_batch(core, keys);
    if saved.is_err() {
        for key in keys {
            core.queue_snapshot(*key);
        }
    }
    saved
}

fn save_batch(core: &Core, keys: &[Key]) -> Result<(), HouseError> {
    // Records that come after a snapshot was taken lie in these segments or later ones.
    let open = core.lanes.iter().map(|lane| lane.open_segment());
    let open: Vec<u32> = open.collect();
    let mut items = Vec::with_capacity(keys.len());
    let mut aliases = Vec::new();
    for key in keys {
        let (saved, named) = snapshot(core, *key)?;
        aliases.extend(named.into_iter().map(|(seq, alias)| (seq, alias, *key)));
        items.push(Item::Entity(*key, saved));
    }
    if items.is_empty() {
        return Ok(());
    }
    aliases.sort_unstable();
    for (seq, alias, key) in aliases {
        // An entity saved late must not take back an alias that another one got after it.
        if core
            .saved_alias(&alias)?
            .is_none_or(|(_, saved)| saved < seq)
        {
            items.push(Item::Alias(alias, key, seq));
        }
    }
    let number = core.checkpoint().append(items.clone())?;
    let put = {
        let pages = core.pages.read().unwrap_or_else(PoisonError::into_inner);
        pages.as_ref().map(|pages| pages.put(&items, Some(number)))
    };
    if !matches!(put, Some(Ok(()))) {
        tracing::warn!("the snapshot index failed and is rebuilt");
        if let Err(error) = core.rebuild_pages() {
            tracing::error!(%error, "the snapshot index could not be rebuilt");
        }
    }
    for item in &items {
        if let Item::Entity(key, saved) = item {
            let segment = open[usize::from(core.lane(*key).number)];
            let aliases = core.index.shard(*key).covered(*key, saved, segment);
            core.index.forget_aliases(&aliases);
        }
    }
    core.checkpoint().tidy()?;
    Ok(())
}

/// The snapshot of an entity as it is now, and the aliases since the last one. One that cannot be
/// folded is fenced and saved with the places of its steps, so that it holds nobody up.
fn snapshot(core: &Core, key: Key) -> Result<(Saved, Aliases), ReadError> {
    let (entry, active) = core.view_to_save(key);
    let incomplete = active.state.is_none() || entry.merged;
    let before = match incomplete && entry.cover > 0 {
        true => core.saved(key)?,
        false => None,
    };
    let mut saved = match core.current_state(key, &active, before.as_ref()) {
        Ok(state) => Saved::of(&entry, &active, state),
        Err(error @ (ReadError::Fold(_) | ReadError::Damaged(_))) => {
            tracing::error!(%key, %error, "an entity cannot be folded and is fenced");
            core.fences.fence(key);
            let (state, folded) = before
                .as_ref()
                .map_or((None, 0), |before| (before.state.clone(), before.folded));
            Saved::of(&entry, &active, state).unfolded(folded, active.tail.clone())
        }
        Err(error) => return Err(error),
    };
    saved.merged = saved.merged.or(before.and_then(|before| before.merged));
    Ok((saved, active.aliases))
}
