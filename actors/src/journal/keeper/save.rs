//! Snapshots of a batch of entities: durable in the checkpoint, and their aliases in the index of those.

use std::sync::PoisonError;

use super::HouseError;
use crate::journal::ReadError;
use crate::journal::adapter::Core;
use crate::journal::checkpoint::Item;
use crate::journal::snapshot::Saved;
use crate::model::Key;

/// Aliases put into their index at once; nobody reads there meanwhile.
const PUT: usize = 512;

/// Aliases of an entity with the sequences of their records.
type Aliases = Vec<(u64, [u8; 16])>;

/// Makes snapshots of entities durable. Those that fail stay as they were and are asked for again.
pub(in crate::journal) fn save(core: &Core, keys: &[Key]) -> Result<(), HouseError> {
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
    let snapshots = items.len();
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
    let number = core.checkpoint().append(&items)?;
    if !put(core, &items[snapshots..], number) {
        tracing::warn!("the alias index failed and is rebuilt");
        if let Err(error) = core.rebuild_aliases() {
            tracing::error!(%error, "the alias index could not be rebuilt");
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

/// Whether the index of aliases took those of the batch of this number.
fn put(core: &Core, named: &[Item], number: u64) -> bool {
    let aliases = core.aliases.read().unwrap_or_else(PoisonError::into_inner);
    let Some(aliases) = aliases.as_ref() else {
        return false;
    };
    let mut parts = named.chunks(PUT).peekable();
    loop {
        let part = parts.next().unwrap_or_default();
        let complete = parts.peek().is_none().then_some(number);
        if aliases.put(part, complete).is_err() {
            return false;
        }
        if complete.is_some() {
            return true;
        }
    }
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
