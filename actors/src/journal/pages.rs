//! The disposable index of aliases: sled, or a map in memory.
//!
//! Nothing here is the only copy of anything: whatever is lost or damaged is rebuilt from the
//! checkpoint. One thread alone writes, in batches, and calls the blocking flush.

mod aliases;
mod sled_pages;

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

pub use aliases::Aliases;
pub use sled_pages::SledPages;

/// The trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tree {
    /// What the pages say about themselves.
    Meta = 0,
    /// Alias to entity.
    Aliases = 1,
}

/// The pages failed: drop them and build them again.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the alias index failed and will be rebuilt: {0}")]
pub struct PagesError(pub String);

/// Writes that go together.
pub type Batch = Vec<(Tree, Vec<u8>, Option<Vec<u8>>)>;

/// What a scan shows: key and value; false ends it.
pub type Show<'a> = dyn FnMut(&[u8], &[u8]) -> bool + 'a;

/// Ordered byte maps.
pub trait Pages: Send + Sync {
    /// One value.
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, PagesError>;
    /// Applies writes and flushes; called by one thread only.
    fn apply(&self, batch: Batch) -> Result<(), PagesError>;
    /// Shows all values under a prefix, in order of their keys.
    fn scan(&self, tree: Tree, prefix: &[u8], show: &mut Show<'_>) -> Result<(), PagesError>;
}

/// Where pages are opened, again and again if need be.
pub trait PagesSource: Send + Sync {
    /// Opens what is there.
    fn open(&self) -> Result<Box<dyn Pages>, PagesError>;
    /// Throws away what is there and opens empty pages.
    fn reset(&self) -> Result<Box<dyn Pages>, PagesError>;
}

/// Pages that live as long as the process: simulated disks and tests.
#[derive(Debug, Default)]
pub struct MemoryPages(RwLock<Values>);

type Values = BTreeMap<(Tree, Vec<u8>), Vec<u8>>;

impl Pages for MemoryPages {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, PagesError> {
        let pages = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(pages.get(&(tree, key.to_vec())).cloned())
    }

    fn apply(&self, batch: Batch) -> Result<(), PagesError> {
        let mut pages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (tree, key, value) in batch {
            match value {
                Some(value) => pages.insert((tree, key), value),
                None => pages.remove(&(tree, key)),
            };
        }
        Ok(())
    }

    fn scan(&self, tree: Tree, prefix: &[u8], show: &mut Show<'_>) -> Result<(), PagesError> {
        let pages = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let from = (tree, prefix.to_vec());
        for ((found, key), value) in pages.range(from..) {
            if *found != tree || !key.starts_with(prefix) || !show(key, value) {
                break;
            }
        }
        Ok(())
    }
}

/// Makes [`MemoryPages`].
#[derive(Debug, Default, Clone, Copy)]
pub struct InMemory;

impl PagesSource for InMemory {
    fn open(&self) -> Result<Box<dyn Pages>, PagesError> {
        Ok(Box::new(MemoryPages::default()))
    }

    fn reset(&self) -> Result<Box<dyn Pages>, PagesError> {
        self.open()
    }
}
