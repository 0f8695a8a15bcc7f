//! The snapshot index, opened, filled from the checkpoint or built again, and entered into memory.

use std::sync::PoisonError;

use super::core::Core;
use super::recovery::RecoveryError;
use crate::journal::checkpoint::{Checkpoint, Item};
use crate::journal::index::Entry;
use crate::journal::pages::{PagesError, Sealed};

/// Items put into the snapshot index at once while it is built.
const REBUILD_BATCH: usize = 512;

impl Core {
    /// Opens the snapshot index and brings it up to the checkpoint; anything wrong with it means
    /// that it is built again.
    pub(super) fn open_pages(&self) -> Result<(), RecoveryError> {
        let opened = self.config.pages.open().and_then(|pages| {
            let sealed = Sealed::new(pages, &self.ring, &*self.config.entropy)?;
            let applied = sealed.applied()?;
            Ok((sealed, applied))
        });
        match opened {
            Ok((sealed, applied)) if applied <= self.last_batch() => {
                if self.fill_pages(&sealed, applied).is_ok() {
                    let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
                    *pages = Some(sealed);
                    return Ok(());
                }
            }
            Ok(_) => tracing::warn!("the snapshot index is ahead of the checkpoint"),
            Err(error) => tracing::warn!(%error, "the snapshot index could not be opened"),
        }
        self.rebuild_pages()
    }

    /// Throws the snapshot index away and builds it from the checkpoint.
    pub(crate) fn rebuild_pages(&self) -> Result<(), RecoveryError> {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        // The old one must be closed before its files are removed.
        *pages = None;
        let fresh = self.config.pages.reset()?;
        let sealed = Sealed::new(fresh, &self.ring, &*self.config.entropy)?;
        self.fill_pages(&sealed, 0)?;
        *pages = Some(sealed);
        Ok(())
    }

    fn fill_pages(&self, sealed: &Sealed, applied: u64) -> Result<(), RecoveryError> {
        let checkpoint = self.checkpoint();
        let mut batch: Vec<Item> = Vec::with_capacity(REBUILD_BATCH);
        let mut failed = None;
        checkpoint.replay(applied, &mut |item| {
            batch.push(item);
            if batch.len() == REBUILD_BATCH && failed.is_none() {
                failed = sealed.put(&batch, None).err();
                batch.clear();
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)?;
        sealed.put(&batch, Some(checkpoint.last()))?;
        Ok(())
    }

    fn last_batch(&self) -> u64 {
        self.checkpoint().last()
    }

    pub(crate) fn checkpoint(&self) -> std::sync::MutexGuard<'_, Checkpoint> {
        let checkpoint = self.checkpoint.get();
        let checkpoint = checkpoint.expect("the start sets it before anything asks for it");
        checkpoint.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters every saved entity into the index; builds the pages again when they are unreadable.
    pub(super) fn enter_snapshots(&self) -> Result<(), RecoveryError> {
        if let Err(error) = self.enter_heads() {
            tracing::warn!(%error, "the snapshot index is unreadable");
            self.rebuild_pages()?;
            self.enter_heads()?;
        }
        Ok(())
    }

    fn enter_heads(&self) -> Result<(), PagesError> {
        let pages = self.pages.read().unwrap_or_else(PoisonError::into_inner);
        let pages = pages
            .as_ref()
            .ok_or_else(|| PagesError("it is missing".to_owned()))?;
        let mut busy = Vec::new();
        pages.heads(&mut |key, head| {
            let entry = Entry {
                version: head.version,
                consumed: head.consumed,
                cover: head.cover,
                wake: head.wake,
                merged: head.merged,
            };
            self.index.restore(key, entry, None);
            busy.extend(head.busy.then_some(key));
        })?;
        for key in busy {
            let saved = pages.get(key)?;
            let saved = saved.ok_or_else(|| PagesError(format!("{key} has no snapshot")))?;
            self.index.restore(key, saved.entry(), Some(saved.active()));
        }
        Ok(())
    }
}
