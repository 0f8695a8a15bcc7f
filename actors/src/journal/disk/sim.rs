//! A disk in memory that can lose, tear, fill up, fail and rot.
//!
//! Each file has what is durable and the writes since its last good `sync_data`; each name change
//! waits for `sync_dir`. [`SimDisk::crash`] builds the disk a machine could find after a power
//! loss: the durable part, any subset of the later writes (each whole, torn at 512-byte sectors or
//! lost) and any prefix of the later name changes. Seeds make every image repeat.

use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::content::{Change, Content};
pub use super::dice::Dice;
use super::{Disk, DiskFile};

/// What happened on the disk, in order; tests read it as a system-call trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskCall {
    /// Bytes were written to a file.
    Write(PathBuf),
    /// A file's writes became durable.
    Sync(PathBuf),
    /// A file's `sync_data` failed.
    SyncFailed(PathBuf),
}

/// The simulated disk. Clones share the same content.
#[derive(Debug, Clone, Default)]
pub struct SimDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    later_names: Vec<Rename>,
    files: Vec<Content>,
    capacity: Option<u64>,
    failing_syncs: u32,
    calls: Vec<DiskCall>,
    hook: Option<Hook>,
}

/// Runs once, before the given number of further calls on files that are not drafts.
struct Hook {
    calls_left: usize,
    run: Box<dyn FnOnce(&SimDisk) + Send>,
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hook({} calls left)", self.calls_left)
    }
}

/// A name change not yet durable: `path` will mean `file`, or nothing.
#[derive(Debug, Clone)]
struct Rename {
    path: PathBuf,
    file: Option<usize>,
}

impl SimDisk {
    /// An empty disk without limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// The disk after a power loss. See the module head.
    pub fn crash(&self, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let state = self.state();
        let mut names = state.durable_names.clone();
        let kept = dice.below(state.later_names.len() as u64 + 1) as usize;
        for change in &state.later_names[..kept] {
            change.apply(&mut names);
        }
        let files = state
            .files
            .iter()
            .map(|content| content.after_power_loss(&mut dice))
            .collect();
        Self::from_parts(names, files, state.capacity)
    }

    /// The disk after a kill of the process: everything written is there.
    pub fn kill(&self) -> Self {
        let state = self.state();
        let files = state.files.iter().map(Content::as_written).collect();
        Self::from_parts(state.names.clone(), files, state.capacity)
    }

    /// Limits the sum of all file sizes; `None` gives the space back.
    pub fn limit(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// Sum of all file sizes in bytes.
    pub fn used(&self) -> u64 {
        self.state().used()
    }

    /// Makes the next `count` calls of `sync_data` fail, drafts not counted.
    pub fn fail_syncs(&self, count: u32) {
        self.state().failing_syncs = count;
    }

    /// Runs `hook` once, just before write or sync number `calls` (from 0, drafts not counted)
    /// from now; a power loss at an exact moment is a hook that calls [`crash`](Self::crash).
    pub fn before_call(&self, calls: usize, hook: impl FnOnce(&Self) + Send + 'static) {
        self.state().hook = Some(Hook {
            calls_left: calls,
            run: Box::new(hook),
        });
    }

    /// Flips one bit of what is stored.
    pub fn flip_bit(&self, path: &Path, offset: usize, bit: u8) {
        self.edit(path, |bytes| bytes[offset] ^= 1 << (bit & 7));
    }

    /// Changes the stored bytes of a file behind the journal's back.
    pub fn edit(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let file = state.names[path];
        let content = &mut state.files[file];
        change(&mut content.live);
        content.durable = content.live.clone();
        content.later.clear();
    }

    /// The stored bytes of a file.
    pub fn bytes(&self, path: &Path) -> Vec<u8> {
        let state = self.state();
        state.files[state.names[path]].live.clone()
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<DiskCall> {
        self.state().calls.clone()
    }

    fn from_parts(
        names: BTreeMap<PathBuf, usize>,
        files: Vec<Content>,
        capacity: Option<u64>,
    ) -> Self {
        Self(Arc::new(Mutex::new(State {
            durable_names: names.clone(),
            names,
            files,
            capacity,
            ..State::default()
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_call(&self, file: usize) {
        let mut state = self.state();
        if is_draft(&state.files[file].path) {
            return;
        }
        let due = match &mut state.hook {
            Some(hook) if hook.calls_left > 0 => {
                hook.calls_left -= 1;
                None
            }
            _ => state.hook.take(),
        };
        drop(state);
        if let Some(hook) = due {
            (hook.run)(self);
        }
    }

    fn handle(&self, file: usize) -> Arc<dyn DiskFile> {
        Arc::new(SimFile {
            disk: self.clone(),
            file,
        })
    }
}

impl State {
    fn used(&self) -> u64 {
        let sizes = self.names.values().map(|file| self.files[*file].live.len());
        sizes.sum::<usize>() as u64
    }

    fn name(&mut self, path: &Path, file: Option<usize>) {
        let change = Rename {
            path: path.to_owned(),
            file,
        };
        change.apply(&mut self.names);
        self.later_names.push(change);
    }

    fn grow(&mut self, file: usize, size: usize) -> io::Result<()> {
        let more = size.saturating_sub(self.files[file].live.len()) as u64;
        match self.capacity {
            Some(capacity) if more > 0 && self.used() + more > capacity => {
                Err(io::ErrorKind::StorageFull.into())
            }
            _ => Ok(()),
        }
    }
}

impl Rename {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self.file {
            Some(file) => names.insert(self.path.clone(), file),
            None => names.remove(&self.path),
        };
    }
}

/// Files being prepared: their calls come from other threads at no certain moment.
fn is_draft(path: &Path) -> bool {
    path.extension() == Some("draft".as_ref())
}

impl Disk for SimDisk {
    fn create_dir(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let inside = state
            .names
            .keys()
            .filter(|name| name.parent() == Some(path));
        let names = inside.filter_map(|name| name.file_name());
        Ok(names
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state();
        let file = state.files.len();
        state.files.push(Content {
            path: path.to_owned(),
            ..Content::default()
        });
        state.name(path, Some(file));
        drop(state);
        Ok(self.handle(file))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.state().names.get(path).copied();
        file.map(|file| self.handle(file))
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        let file = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        state.files[file].path = to.to_owned();
        state.name(to, Some(file));
        state.name(from, None);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if !state.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.name(path, None);
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        let (mine, others) = std::mem::take(&mut state.later_names)
            .into_iter()
            .partition(|change| change.path.parent() == Some(path));
        let mine: Vec<Rename> = mine;
        state.later_names = others;
        for change in mine {
            change.apply(&mut state.durable_names);
        }
        Ok(())
    }

    fn lock(&self, _path: &Path) -> io::Result<Box<dyn Any + Send + Sync>> {
        // Two lives of one test never share a disk: each has its own image.
        Ok(Box::new(()))
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    file: usize,
}

impl SimFile {
    fn change(&self, change: Change, size: usize) -> io::Result<()> {
        let mut state = self.disk.state();
        state.grow(self.file, size)?;
        let content = &mut state.files[self.file];
        change.apply(&mut content.live);
        content.later.push(change);
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.count_call(self.file);
        let offset = offset as usize;
        let change = Change::Write {
            offset,
            bytes: bytes.to_vec(),
        };
        self.change(change, offset + bytes.len())?;
        let mut state = self.disk.state();
        let path = state.files[self.file].path.clone();
        state.calls.push(DiskCall::Write(path));
        Ok(())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let state = self.disk.state();
        let live = &state.files[self.file].live;
        let start = offset as usize;
        let found = live.get(start..start + buffer.len());
        buffer.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.state().files[self.file].live.len() as u64)
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.change(Change::Size(size as usize), size as usize)
    }

    fn allocate(&self, size: u64) -> io::Result<()> {
        self.disk.state().grow(self.file, size as usize)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.count_call(self.file);
        let mut state = self.disk.state();
        let path = state.files[self.file].path.clone();
        let fails = state.failing_syncs > 0 && !is_draft(&path);
        state.failing_syncs -= u32::from(fails);
        let content = &mut state.files[self.file];
        let later = std::mem::take(&mut content.later);
        if fails {
            content.doubtful.extend(later);
            state.calls.push(DiskCall::SyncFailed(path));
            return Err(io::Error::other("simulated sync failure"));
        }
        for change in &later {
            change.apply(&mut content.durable);
        }
        state.calls.push(DiskCall::Sync(path));
        Ok(())
    }
}
