//! The checkpoint: the last snapshot of every entity, as sealed files.
//!
//! Each batch of snapshots becomes a *delta* file that is durable before anything relies on it.
//! Files are numbered by the batches they hold, `from-to`, and merged as they pile up, the newest
//! snapshot of an entity winning, so that the file that starts at 1 is the full one. Everything
//! else that holds snapshots (sled) can be thrown away and rebuilt from here.

mod file;
mod merge;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Disk;
use super::keys::{Entropy, KeyError, Ring};
use super::snapshot::Saved;
use crate::model::Key;

pub use file::{Reader, Writer};

/// Files of similar size that are merged into one.
const MERGE_AT: usize = 4;

/// What a checkpoint file holds, in the order of its ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The snapshot of an entity.
    Entity(Key, Saved),
    /// The entity that an alias names, and the sequence of the record that says so: of two
    /// records the later one holds.
    Alias([u8; 16], Key, u64),
}

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
    files: Vec<Part>,
}

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
            .field("files", &self.files)
            .finish_non_exhaustive()
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
        let mut checkpoint = Self {
            disk,
            folder,
            ring,
            entropy,
            files: Vec::new(),
        };
        let io_error = |source| io_error(&checkpoint.folder, source);
        checkpoint
            .disk
            .create_dir(&checkpoint.folder)
            .map_err(io_error)?;
        let names = checkpoint.disk.list(&checkpoint.folder).map_err(io_error)?;
        for draft in names.iter().filter(|name| name.ends_with(".draft")) {
            let path = checkpoint.folder.join(draft);
            let removed = checkpoint.disk.remove(&path);
            removed.map_err(|source| self::io_error(&path, source))?;
        }
        let mut found: Vec<Part> = names.iter().filter_map(|name| part_of(name)).collect();
        found.sort_by_key(|part| (part.from, std::cmp::Reverse(part.to)));
        for mut part in found {
            let path = checkpoint.path(part);
            if part.to <= checkpoint.last() {
                let removed = checkpoint.disk.remove(&path);
                removed.map_err(|source| self::io_error(&path, source))?;
                continue;
            }
            if part.from != checkpoint.last() + 1 {
                let path = checkpoint.folder.display().to_string();
                return Err(CheckpointError::Damaged { path });
            }
            let size = checkpoint.disk.open(&path).and_then(|file| file.size());
            part.bytes = size.map_err(|source| self::io_error(&path, source))?;
            checkpoint.files.push(part);
        }
        Ok(checkpoint)
    }

    /// Number of the last batch; 0 before the first.
    pub fn last(&self) -> u64 {
        self.files.last().map_or(0, |part| part.to)
    }

    /// Makes a batch durable as a delta file; gives its number.
    pub fn append(&mut self, mut items: Vec<Item>) -> Result<u64, CheckpointError> {
        // An id stands once in a file, with its last content: merging relies on it.
        items.reverse();
        items.sort_by_key(Item::id);
        items.dedup_by_key(|item| item.id());
        let number = self.last() + 1;
        let part = Part {
            from: number,
            to: number,
            bytes: 0,
        };
        let bytes = self.write(part, &mut |writer| {
            items.iter().try_for_each(|item| writer.put(item))
        })?;
        self.files.push(Part { bytes, ..part });
        Ok(number)
    }

    /// Shows the items of every file with batches after `applied`, oldest file first.
    pub fn replay(
        &self,
        applied: u64,
        show: &mut dyn FnMut(Item) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        for part in self.files.iter().filter(|part| part.to > applied) {
            let mut reader = self.reader(*part)?;
            while let Some(item) = reader.next()? {
                show(item)?;
            }
        }
        Ok(())
    }

    /// Shows the latest content of every id once, in order of the ids.
    pub fn latest(
        &self,
        show: &mut dyn FnMut(Item) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let readers = self.files.iter().map(|part| self.reader(*part));
        merge::newest_wins(readers.collect::<Result<_, _>>()?, show)
    }

    /// Merges the newest files when enough of similar size have piled up.
    pub fn tidy(&mut self) -> Result<(), CheckpointError> {
        while let Some(first) = self.pile() {
            self.merge_from(first)?;
        }
        Ok(())
    }

    fn merge_from(&mut self, first: usize) -> Result<(), CheckpointError> {
        let merged = Part {
            from: self.files[first].from,
            to: self.last(),
            bytes: 0,
        };
        let readers = self.files[first..].iter().map(|part| self.reader(*part));
        let mut readers = Some(readers.collect::<Result<Vec<Reader>, _>>()?);
        let bytes = self.write(merged, &mut |writer| {
            let readers = readers.take().unwrap_or_default();
            merge::newest_wins(readers, &mut |item| writer.put(&item))
        })?;
        let replaced = self.files.split_off(first);
        self.files.push(Part { bytes, ..merged });
        for part in replaced {
            let path = self.path(part);
            let removed = self.disk.remove(&path);
            removed.map_err(|source| io_error(&path, source))?;
        }
        Ok(())
    }

    /// Merges all files into one, so that nothing older than the latest snapshots is left.
    pub fn flatten(&mut self) -> Result<(), CheckpointError> {
        match self.files.len() {
            0 | 1 => Ok(()),
            _ => self.merge_from(0),
        }
    }

    /// Where the newest pile begins: files no larger than twice what lies on top of them.
    fn pile(&self) -> Option<usize> {
        let (mut first, mut above) = (self.files.len(), 0);
        while first > 0 {
            let below = self.files[first - 1].bytes;
            if above > 0 && below > 2 * above {
                break;
            }
            above += below;
            first -= 1;
        }
        (self.files.len() - first >= MERGE_AT).then_some(first)
    }

    fn path(&self, part: Part) -> PathBuf {
        self.folder
            .join(format!("{:010}-{:010}.chk", part.from, part.to))
    }

    fn reader(&self, part: Part) -> Result<Reader, CheckpointError> {
        Reader::open(&*self.disk, &self.path(part), &self.ring)
    }

    /// Writes a file in full or leaves nothing of it.
    fn write(
        &self,
        part: Part,
        fill: &mut dyn FnMut(&mut Writer) -> Result<(), CheckpointError>,
    ) -> Result<u64, CheckpointError> {
        let path = self.path(part);
        let written = Writer::create(&*self.disk, path.clone(), &self.ring, &*self.entropy)
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

impl Item {
    /// What orders and identifies an item.
    pub fn id(&self) -> [u8; 18] {
        let mut id = [0; 18];
        match self {
            Self::Entity(key, _) => {
                let (kind, bytes) = key.parts();
                id[0] = 1;
                id[1] = kind as u8;
                id[2..].copy_from_slice(&bytes);
            }
            Self::Alias(alias, ..) => {
                id[0] = 2;
                id[2..].copy_from_slice(alias);
            }
        }
        id
    }
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
