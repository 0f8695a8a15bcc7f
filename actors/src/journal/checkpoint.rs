//! The checkpoint: the last snapshot of every entity, as sealed files.
//!
//! Each batch of snapshots becomes a *delta* file that is durable before anything relies on it.
//! Files are numbered by the batches they hold, `from-to`, and merged as they pile up, the newest
//! snapshot of an entity winning, so that the file that starts at 1 is the full one. Each is sorted
//! and says what lies where in it, so a snapshot is read from the file that has it: a log-structured
//! merge-tree (P. O'Neil and others, 1996) whose log is the journal.

mod item;
mod merge;
mod table;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::disk::Disk;
use super::keys::{Entropy, KeyError, Ring};
use super::snapshot::Saved;
use crate::model::Key;
use table::{Cursor, Table};
use writer::Writer;

pub use item::{Item, ItemId};

/// Files of similar size that are merged into one.
const MERGE_AT: usize = 4;

/// Why a checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The disk failed.
    #[error("checkpoint {path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the disk said.
        source: io::Error,
    },
    /// A key is missing.
    #[error("checkpoint {path}: {source}")]
    Key {
        /// The file.
        path: String,
        /// Which key.
        source: KeyError,
    },
    /// Bytes changed since they were written, or files are missing.
    #[error("checkpoint {path} is damaged, restore the data directory from a copy")]
    Damaged {
        /// The file or folder.
        path: String,
    },
}

/// The files of a checkpoint. One thread writes.
pub struct Checkpoint {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    ring: Ring,
    entropy: Arc<dyn Entropy>,
    snapshots: Arc<Snapshots>,
}

/// What can be read of a checkpoint while it is written: its files, oldest first. A file that a
/// merge has replaced stays open for those who read it.
#[derive(Default)]
pub struct Snapshots(RwLock<Arc<Vec<Arc<Table>>>>);

/// One file: the batches `from..=to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    from: u64,
    to: u64,
    bytes: u64,
}

impl std::fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkpoint")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Snapshots {
    /// The snapshot of an entity.
    pub fn of(&self, key: Key) -> Result<Option<Saved>, CheckpointError> {
        let id = ItemId::entity(key);
        for file in self.files().iter().rev() {
            let Some(value) = file.find(&id)? else {
                continue;
            };
            return match Item::read(&id, &value) {
                Some(Item::Entity(_, saved)) => Ok(Some(saved)),
                _ => Err(damaged(&file.path)),
            };
        }
        Ok(None)
    }

    fn files(&self) -> Arc<Vec<Arc<Table>>> {
        let files = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&files)
    }

    /// Puts a file in the place of those from the position `first` on.
    fn replace(&self, first: usize, file: Table) -> Vec<Arc<Table>> {
        let mut files = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = files.to_vec();
        let replaced = changed.split_off(first);
        changed.push(Arc::new(file));
        *files = Arc::new(changed);
        replaced
    }
}

impl Checkpoint {
    /// Finds the files and removes those that a merge has replaced.
    pub fn open(
        disk: Arc<dyn Disk>,
        folder: PathBuf,
        ring: Ring,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, CheckpointError> {
        let checkpoint = Self {
            disk,
            folder,
            ring,
            entropy,
            snapshots: Arc::default(),
        };
        let io_error = |source| io_error(&checkpoint.folder, source);
        checkpoint
            .disk
            .create_dir(&checkpoint.folder)
            .map_err(io_error)?;
        let names = checkpoint.disk.list(&checkpoint.folder).map_err(io_error)?;
        for draft in names.iter().filter(|name| name.ends_with(".draft")) {
            checkpoint.remove(&checkpoint.folder.join(draft))?;
        }
        let mut found: Vec<Part> = names.iter().filter_map(|name| part_of(name)).collect();
        found.sort_by_key(|part| (part.from, std::cmp::Reverse(part.to)));
        for part in found {
            let path = checkpoint.path(part);
            if part.to <= checkpoint.last() {
                checkpoint.remove(&path)?;
                continue;
            }
            if part.from != checkpoint.last() + 1 {
                let path = checkpoint.folder.display().to_string();
                return Err(CheckpointError::Damaged { path });
            }
            let file = Table::open(&*checkpoint.disk, path, &checkpoint.ring, part)?;
            let end = checkpoint.snapshots.files().len();
            checkpoint.snapshots.replace(end, file);
        }
        Ok(checkpoint)
    }

    /// What can be read of it by any thread.
    pub fn snapshots(&self) -> Arc<Snapshots> {
        Arc::clone(&self.snapshots)
    }

    /// Number of the last batch; 0 before the first.
    pub fn last(&self) -> u64 {
        self.snapshots.files().last().map_or(0, |file| file.part.to)
    }

    /// Items in its files; one that lies in several counts as often.
    pub fn items(&self) -> u64 {
        let files = self.snapshots.files();
        files.iter().map(|file| file.items()).sum()
    }

    /// Makes a batch durable as a delta file; gives its number.
    pub fn append(&mut self, items: &[Item]) -> Result<u64, CheckpointError> {
        // An id stands once in a file, with its last content: merging relies on it.
        let mut items: Vec<(ItemId, &Item)> =
            items.iter().rev().map(|item| (item.id(), item)).collect();
        items.sort_by_key(|(id, _)| *id);
        items.dedup_by_key(|(id, _)| *id);
        let number = self.last() + 1;
        let part = Part {
            from: number,
            to: number,
            bytes: 0,
        };
        let file = self.write(part, items.len() as u64, &mut |writer| {
            let mut items = items.iter();
            items.try_for_each(|(id, item)| writer.put(id, &item.value()))
        })?;
        self.snapshots.replace(self.snapshots.files().len(), file);
        Ok(number)
    }

    /// Shows the items of every file with batches after `applied`, oldest file first.
    pub fn replay(
        &self,
        applied: u64,
        show: &mut dyn FnMut(Item) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let files = self.snapshots.files();
        for file in files.iter().filter(|file| file.part.to > applied) {
            let mut cursor = Cursor::new(Arc::clone(file))?;
            while let Some((id, value)) = cursor.item() {
                let item = Item::read(&id, value).ok_or_else(|| damaged(&file.path))?;
                show(item)?;
                cursor.advance()?;
            }
        }
        Ok(())
    }

    /// Shows the latest content of every id once, in order of the ids.
    pub fn latest(
        &self,
        show: &mut dyn FnMut(Item) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let files = self.snapshots.files();
        merge::newest_wins(cursors(&files)?, &mut |id, value| {
            show(Item::read(id, value).ok_or_else(|| damaged(&self.folder))?)
        })
    }

    /// Merges the newest files when enough of similar size have piled up.
    pub fn tidy(&mut self) -> Result<(), CheckpointError> {
        while let Some(first) = self.pile() {
            self.merge_from(first)?;
        }
        Ok(())
    }

    fn merge_from(&mut self, first: usize) -> Result<(), CheckpointError> {
        let files = self.snapshots.files();
        let pile = &files[first..];
        let merged = Part {
            from: pile[0].part.from,
            to: self.last(),
            bytes: 0,
        };
        let items = pile.iter().map(|file| file.items()).sum();
        let file = self.write(merged, items, &mut |writer| {
            merge::newest_wins(cursors(pile)?, &mut |id, value| writer.put(id, value))
        })?;
        for replaced in self.snapshots.replace(first, file) {
            self.remove(&replaced.path)?;
        }
        Ok(())
    }

    /// Merges all files into one, so that nothing older than the latest snapshots is left.
    pub fn flatten(&mut self) -> Result<(), CheckpointError> {
        match self.snapshots.files().len() {
            0 | 1 => Ok(()),
            _ => self.merge_from(0),
        }
    }

    /// Where the newest pile begins: files no larger than twice what lies on top of them.
    fn pile(&self) -> Option<usize> {
        let files = self.snapshots.files();
        let (mut first, mut above) = (files.len(), 0);
        while first > 0 {
            let below = files[first - 1].part.bytes;
            if above > 0 && below > 2 * above {
                break;
            }
            above += below;
            first -= 1;
        }
        (files.len() - first >= MERGE_AT).then_some(first)
    }

    fn path(&self, part: Part) -> PathBuf {
        self.folder
            .join(format!("{:010}-{:010}.chk", part.from, part.to))
    }

    fn remove(&self, path: &Path) -> Result<(), CheckpointError> {
        let removed = self.disk.remove(path);
        removed.map_err(|source| io_error(path, source))
    }

    /// Writes a file in full or leaves nothing of it.
    fn write(
        &self,
        part: Part,
        items: u64,
        fill: &mut dyn FnMut(&mut Writer) -> Result<(), CheckpointError>,
    ) -> Result<Table, CheckpointError> {
        let path = self.path(part);
        let named = (path.clone(), part);
        let written = Writer::create(&*self.disk, named, &self.ring, &*self.entropy, items)
            .and_then(|mut writer| {
                fill(&mut writer)?;
                writer.finish(&*self.disk)
            });
        if written.is_err() {
            // Half a file would only take space; a missing one is just as well.
            let _ = self.disk.remove(&path.with_extension("draft"));
        }
        written
    }
}

fn cursors(files: &[Arc<Table>]) -> Result<Vec<Cursor>, CheckpointError> {
    files.iter().cloned().map(Cursor::new).collect()
}

fn part_of(name: &str) -> Option<Part> {
    let (from, to) = name.strip_suffix(".chk")?.split_once('-')?;
    Some(Part {
        from: from.parse().ok()?,
        to: to.parse().ok()?,
        bytes: 0,
    })
}

fn io_error(path: &Path, source: io::Error) -> CheckpointError {
    CheckpointError::Io {
        path: path.display().to_string(),
        source,
    }
}

fn damaged(path: &Path) -> CheckpointError {
    CheckpointError::Damaged {
        path: path.display().to_string(),
    }
}
