//! Which inputs were accepted in the last days (nine, unless set otherwise).
//!
//! Entries are (partition, id hash, journal sequence). Those of the open segment are in memory; a
//! sealed segment gets one sorted file; files of a day are merged as they pile up, and a day is
//! dropped when it is that old. Only an input that comes later than everything its contact
//! remembers is looked up here, so there is no filter in memory. Of several entries with one hash
//! the smallest sequence is kept, because a duplicate is an entry before the input's own.

mod file;

use std::collections::HashMap as StdHashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;

use super::disk::Disk;
use crate::model::{IdHash, Partition};
use file::{SeenFile, Span, Writer};

/// Days an entry is kept unless the settings say otherwise: WhatsApp repeats a webhook for 7.
pub const DAYS: u64 = 9;
/// Files of one day and level that are merged into the next level.
const MERGE_AT: usize = 8;

/// What is looked up, in the order of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The partition that accepted it.
    pub partition: Partition,
    /// The keyed hash of the provider's id.
    pub hash: IdHash,
}

/// The seen index of a lane.
#[derive(Debug)]
pub struct Seen {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    days: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    open: HashMap<Id, u64>,
    sealed: Vec<Arc<Sealed>>,
    files: Vec<Arc<SeenFile>>,
}

/// A sealed segment's entries on their way into a file.
#[derive(Debug)]
struct Sealed {
    span: Span,
    entries: Vec<(Id, u64)>,
}

impl Seen {
    /// Opens the files of a lane's folder; those that a merge has replaced are removed.
    /// Entries are kept for `days`.
    pub fn open(disk: Arc<dyn Disk>, folder: PathBuf, days: u64) -> io::Result<Self> {
        let mut spans: Vec<Span> = disk
            .list(&folder)?
            .iter()
            .filter_map(|name| Span::parse(name))
            .collect();
        spans.sort_by_key(|span| std::cmp::Reverse(span.level));
        let mut files: Vec<Arc<SeenFile>> = Vec::new();
        for span in spans {
            let path = folder.join(span.name());
            if files.iter().any(|file| file.span.contains(&span)) {
                disk.remove(&path)?;
                continue;
            }
            files.push(Arc::new(SeenFile::open(&*disk, &path, span)?));
        }
        let state = Mutex::new(State {
            files,
            ..State::default()
        });
        Ok(Self {
            disk,
            folder,
            days,
            state,
        })
    }

    /// Whether the entries of a segment are durable in a file, so that it may be released.
    pub fn has_file(&self, segment: u32) -> bool {
        let state = self.state();
        state.files.iter().any(|file| file.span.covers(segment))
    }

    /// Bytes of the files.
    pub fn bytes(&self) -> u64 {
        let state = self.state();
        state.files.iter().map(|file| file.bytes()).sum()
    }

    /// Notes inputs of the open segment.
    pub fn note(&self, entries: impl IntoIterator<Item = (Id, u64)>) {
        let mut state = self.state();
        for (id, seq) in entries {
            state.open.entry(id).or_insert(seq);
        }
    }

    /// Sets entries of a segment apart, to be written by [`Seen::write_files`].
    pub fn seal(&self, segment: u32, day: u64, entries: impl IntoIterator<Item = (Id, u64)>) {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_unstable();
        entries.dedup_by_key(|(id, _)| *id);
        let span = Span::of_segment(segment, day);
        let sealed = Arc::new(Sealed { span, entries });
        self.state().sealed.push(sealed);
    }

    /// The open segment was closed: its entries are to be written.
    pub fn rotate(&self, closed: u32, day: u64) {
        let open = std::mem::take(&mut self.state().open);
        self.seal(closed, day, open);
    }

    /// Whether an input with this id was accepted before `before`. Reads files.
    pub fn look_up(&self, id: Id, before: u64) -> io::Result<bool> {
        let files = {
            let state = self.state();
            let in_memory = state.open.get(&id).is_some_and(|seq| *seq < before)
                || state.sealed.iter().any(|sealed| sealed.has(id, before));
            if in_memory {
                return Ok(true);
            }
            state.files.clone()
        };
        for file in files {
            if file.find(id)?.is_some_and(|seq| seq < before) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes what was sealed, merges what has piled up and drops what is too old.
    pub fn write_files(&self, today: u64) -> io::Result<()> {
        while let Some(sealed) = { self.state().sealed.first().cloned() } {
            let mut writer = Writer::create(&*self.disk, &self.folder, sealed.span)?;
            for (id, seq) in &sealed.entries {
                writer.put(*id, *seq)?;
            }
            let file = Arc::new(writer.finish(&*self.disk)?);
            let mut state = self.state();
            state.files.push(file);
            state.sealed.remove(0);
        }
        self.merge_piles()?;
        self.drop_days_before(today.saturating_sub(self.days))
    }

    fn merge_piles(&self) -> io::Result<()> {
        while let Some(pile) = self.pile() {
            let span = pile
                .iter()
                .skip(1)
                .fold(pile[0].span.risen(), |span, file| span.joined(&file.span));
            let mut readers = Vec::new();
            for file in &pile {
                readers.push(file.entries()?);
            }
            let mut writer = Writer::create(&*self.disk, &self.folder, span)?;
            while let Some(id) = readers
                .iter()
                .filter_map(|reader| reader.head())
                .map(|(id, _)| id)
                .min()
            {
                let mut smallest = u64::MAX;
                for reader in &mut readers {
                    if let Some((found, seq)) = reader.head()
                        && found == id
                    {
                        smallest = smallest.min(seq);
                        reader.advance()?;
                    }
                }
                writer.put(id, smallest)?;
            }
            let merged = Arc::new(writer.finish(&*self.disk)?);
            let replaced = |file: &Arc<SeenFile>| pile.iter().any(|old| Arc::ptr_eq(old, file));
            let mut state = self.state();
            state.files.retain(|file| !replaced(file));
            state.files.push(merged);
            drop(state);
            for file in &pile {
                self.disk.remove(&self.folder.join(file.span.name()))?;
            }
        }
        Ok(())
    }

    fn pile(&self) -> Option<Vec<Arc<SeenFile>>> {
        let state = self.state();
        let mut piles: StdHashMap<(u64, u8), Vec<Arc<SeenFile>>> = StdHashMap::new();
        for file in &state.files {
            let pile = piles.entry((file.span.day, file.span.level)).or_default();
            pile.push(Arc::clone(file));
        }
        piles.into_values().find(|pile| pile.len() >= MERGE_AT)
    }

    fn drop_days_before(&self, first: u64) -> io::Result<()> {
        let mut state = self.state();
        let (old, kept) = std::mem::take(&mut state.files)
            .into_iter()
            .partition(|file| file.span.day < first);
        state.files = kept;
        drop(state);
        let old: Vec<Arc<SeenFile>> = old;
        old.iter()
            .try_for_each(|file| self.disk.remove(&self.folder.join(file.span.name())))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sealed {
    fn has(&self, id: Id, before: u64) -> bool {
        let at = self.entries.binary_search_by_key(&id, |(id, _)| *id);
        at.is_ok_and(|at| self.entries[at].1 < before)
    }
}
