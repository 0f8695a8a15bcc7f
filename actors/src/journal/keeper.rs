//! The journal's housekeeping, on one thread.
//!
//! It writes snapshots (first a durable delta of the checkpoint, then the snapshot index), turns
//! the seen entries of sealed segments into files, and sees to it that segments go in time (see
//! [`carry`]). Nothing on the way of a message waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::ReadError;
use super::adapter::Core;
use super::carry;
use super::checkpoint::{CheckpointError, Item};
use super::snapshot::Saved;
use crate::model::Key;

/// Snapshots of one batch.
const BATCH: usize = 512;

/// Why housekeeping stopped half-way; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(super) enum HouseError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("journal files: {0}")]
    Io(#[from] std::io::Error),
    #[error("carrying: {0}")]
    Carry(#[from] super::committer::Unwritten),
}

/// Aliases of an entity with the sequences of their records.
type Aliases = Vec<(u64, [u8; 16])>;

/// Keeps house until the journal closes.
pub(super) fn run(core: &Core) {
    let tick = Duration::from_millis(core.config.house_ms.min(core.config.max_age_ms / 40).max(1));
    let mut last_batch = Instant::now();
    let mut failing = false;
    while core.rest(tick) {
        let done = catch_unwind(AssertUnwindSafe(|| tend(core, &mut last_batch)));
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

fn tend(core: &Core, last_batch: &mut Instant) -> Result<(), HouseError> {
    let company = Duration::from_millis(core.config.house_ms);
    let waiting = core.queued().len();
    if waiting >= BATCH || (waiting > 0 && last_batch.elapsed() >= company) {
        *last_batch = Instant::now();
        let keys = core.take_queued(BATCH);
        save(core, &keys)?;
    }
    core.seen.write_files(core.today())?;
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
    let segment = core.open_segment();
    let mut items = Vec::with_capacity(keys.len());
    let mut aliases = Vec::new();
    for key in keys {
        match snapshot(core, *key) {
            Ok((saved, named)) => {
                aliases.extend(named.into_iter().map(|(seq, alias)| (seq, alias, *key)));
                items.push(Item::Entity(*key, saved));
            }
            Err(error) => {
                // One unreadable entity must not keep the others from their snapshots.
                tracing::error!(%key, %error, "an entity could not be saved");
                core.fences.fence(*key);
            }
        }
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
            let aliases = core.index.shard(*key).covered(*key, saved, segment);
            core.index.forget_aliases(&aliases);
        }
    }
    core.checkpoint().tidy()?;
    Ok(())
}

/// The snapshot of an entity as it is now, and the aliases since the last one.
fn snapshot(core: &Core, key: Key) -> Result<(Saved, Aliases), ReadError> {
    let (entry, active) = core.view_to_save(key);
    let incomplete = active.state.is_none() || entry.merged;
    let before = match incomplete && entry.cover > 0 {
        true => core.saved(key)?,
        false => None,
    };
    let state = core.current_state(key, &active, before.as_ref())?;
    let mut saved = Saved::of(&entry, &active, state);
    saved.merged = saved.merged.or(before.and_then(|before| before.merged));
    Ok((saved, active.aliases))
}
