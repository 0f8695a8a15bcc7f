//! The checkpoint's snapshots, entered into memory and read back, and the alias index beside them,
//! opened, filled from the checkpoint or built again.

use std::sync::{MutexGuard, PoisonError};

use super::core::Core;
use super::recovery::RecoveryError;
use crate::journal::ReadError;
use crate::journal::checkpoint::{Checkpoint, CheckpointError, Item};
use crate::journal::pages::{Aliases, Pages, PagesError};
use crate::journal::snapshot::Saved;
use crate::model::Key;

/// Items put into the alias index at once while it is built.
const REBUILD_BATCH: usize = 512;

impl Core {
    /// Enters every saved entity into the index in memory, and opens the index of aliases; anything
    /// wrong with that one means that it is built again.
    pub(super) fn enter_snapshots(&self) -> Result<(), RecoveryError> {
        let aliases = match self.opened_aliases() {
            Ok(aliases) => aliases,
            Err(error) => {
                tracing::warn!(%error, "the alias index is built again");
                self.built_aliases()?
            }
        };
        self.checkpoint().latest(&mut |item| {
            match item {
                Item::Entity(key, saved) => {
                    let active = saved.is_busy().then(|| saved.active());
                    self.index.restore(key, saved.entry(), active);
                }
                Item::Alias(alias, ..) => aliases.expect(&alias),
            }
            Ok(())
        })?;
        let mut known = self.aliases.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some(aliases);
        Ok(())
    }

    /// The snapshot of an entity.
    pub fn saved(&self, key: Key) -> Result<Option<Saved>, ReadError> {
        let snapshots = self.snapshots.get();
        let snapshots = snapshots.expect("the start sets it before anything asks for it");
        snapshots.of(key).map_err(|error| match error {
            CheckpointError::Damaged { .. } => {
                tracing::error!(%key, %error, "a snapshot is unreadable");
                self.fences.fence(key);
                ReadError::Damaged(key)
            }
            CheckpointError::Io { .. } | CheckpointError::Key { .. } => {
                ReadError::Disk(error.to_string())
            }
        })
    }

    /// The alias index as it was left, brought up to the checkpoint.
    fn opened_aliases(&self) -> Result<Aliases, RecoveryError> {
        let aliases = self.aliases_in(self.config.pages.open()?)?;
        let applied = aliases.applied()?;
        if applied > self.checkpoint().last() {
            return Err(PagesError("it is ahead of the checkpoint".to_owned()).into());
        }
        self.fill(&aliases, applied)?;
        Ok(aliases)
    }

    /// The alias index, built from the checkpoint.
    fn built_aliases(&self) -> Result<Aliases, RecoveryError> {
        let aliases = self.aliases_in(self.config.pages.reset()?)?;
        self.fill(&aliases, 0)?;
        Ok(aliases)
    }

    /// Throws the alias index away and builds it from the checkpoint.
    pub(crate) fn rebuild_aliases(&self) -> Result<(), RecoveryError> {
        let mut aliases = self.aliases.write().unwrap_or_else(PoisonError::into_inner);
        // The old one must be closed before its files are removed.
        *aliases = None;
        *aliases = Some(self.built_aliases()?);
        Ok(())
    }

    fn aliases_in(&self, pages: Box<dyn Pages>) -> Result<Aliases, PagesError> {
        let expected = self.checkpoint().items() as usize;
        Aliases::new(pages, &self.ring, &*self.config.entropy, expected)
    }

    fn fill(&self, aliases: &Aliases, applied: u64) -> Result<(), RecoveryError> {
        let checkpoint = self.checkpoint();
        let mut batch: Vec<Item> = Vec::with_capacity(REBUILD_BATCH);
        let mut failed = None;
        checkpoint.replay(applied, &mut |item| {
            if failed.is_none() && matches!(item, Item::Alias(..)) {
                batch.push(item);
            }
            if batch.len() == REBUILD_BATCH {
                failed = aliases.put(&batch, None).err();
                batch.clear();
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)?;
        aliases.put(&batch, Some(checkpoint.last()))?;
        Ok(())
    }

    pub(crate) fn checkpoint(&self) -> MutexGuard<'_, Checkpoint> {
        let checkpoint = self.checkpoint.get();
        let checkpoint = checkpoint.expect("the start sets it before anything asks for it");
        checkpoint.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
