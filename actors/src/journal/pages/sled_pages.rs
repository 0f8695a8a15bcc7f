//! sled 0.34.7 as pages.
//!
//! Known of this release and lived with: its flush on Linux is no fsync (issue 1452; the checkpoint
//! is), concurrent `flush_async` dead-locks (1308; one thread calls `flush`), an abrupt stop can
//! damage it (1533; it is rebuilt), and after an I/O error it refuses everything (it is dropped and
//! opened again). A damaged file can make it panic, which counts as failure here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use super::{Batch, Pages, PagesError, PagesSource, Show, Tree};

/// Bytes of sled's page cache.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// sled lets go of its folder from a thread of its own, a moment after its last handle is gone;
/// whoever opens it again waits this often for [`LOCK_PAUSE`].
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// How the release says so; the kind of its error says nothing.
const LOCKED: &str = "could not acquire lock";

/// A folder in which sled lives.
#[derive(Debug, Clone)]
pub struct SledPages {
    folder: PathBuf,
}

impl SledPages {
    /// sled in this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl PagesSource for SledPages {
    fn open(&self) -> Result<Box<dyn Pages>, PagesError> {
        let config = sled::Config::new()
            .path(&self.folder)
            .mode(sled::Mode::HighThroughput)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None);
        guarded(|| {
            let db = unlocked(&config)?;
            let open = |name: &str| db.open_tree(name);
            let trees = [open("meta")?, open("aliases")?];
            Ok(Box::new(Opened { db, trees }) as Box<dyn Pages>)
        })
    }

    fn reset(&self) -> Result<Box<dyn Pages>, PagesError> {
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(PagesError(error.to_string()))
            }
            _ => self.open(),
        }
    }
}

struct Opened {
    db: sled::Db,
    trees: [sled::Tree; 2],
}

impl Opened {
    fn tree(&self, tree: Tree) -> &sled::Tree {
        &self.trees[tree as usize]
    }
}

impl Pages for Opened {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, PagesError> {
        let found = guarded(|| self.tree(tree).get(key))?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn apply(&self, batch: Batch) -> Result<(), PagesError> {
        let mut batches: [sled::Batch; 2] = Default::default();
        for (tree, key, value) in batch {
            let batch = &mut batches[tree as usize];
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        guarded(|| {
            // What the pages say about themselves goes last: it vouches for the rest.
            for (tree, batch) in self.trees.iter().zip(batches).rev() {
                tree.apply_batch(batch)?;
            }
            self.db.flush().map(|_| ())
        })
    }

    fn scan(&self, tree: Tree, prefix: &[u8], show: &mut Show<'_>) -> Result<(), PagesError> {
        guarded(|| {
            for item in self.tree(tree).scan_prefix(prefix) {
                let (key, value) = item?;
                if !show(&key, &value) {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn unlocked(config: &sled::Config) -> sled::Result<sled::Db> {
    for _ in 1..LOCK_TRIES {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().starts_with(LOCKED) => {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
    config.open()
}

fn guarded<T>(work: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, PagesError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(PagesError(error.to_string())),
        Err(_) => Err(PagesError("sled panicked".to_owned())),
    }
}
