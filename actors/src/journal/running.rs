//! The `running` file: which steps were being decided when the process ended.
//!
//! An input that kills the process (a stack overflow, memory without end) leaves no panic to count.
//! So a step on an input from before an unclean stop is noted in a slot of this small file while it
//! is decided, and cleared after; what a start finds in a slot gets a strike, nobody else does. Quick
//! kills therefore never quarantine innocents: a slot is taken for the microseconds of a decision,
//! and only by inputs that were already there at an unclean stop.
//!
//! Notes are written without fsync: they must survive the process, not the machine. The file itself
//! is the sign of an unclean stop, because an orderly end removes it. Without it (a disk that is
//! full at start) steps run unnoted.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::{Disk, DiskFile, read_file};
use super::index::{entity_of, key_of};
use super::record::Entity;
use crate::model::{InSeq, Key};

/// Steps that can be noted at a time; more than a machine decides at once.
pub const SLOTS: usize = 256;

/// Entity kind (0: free), its key, the input, CRC32C of these; the rest is zero.
const SLOT_BYTES: usize = 32;
const SUMMED_BYTES: usize = 25;

/// Where a step is noted while it is decided.
pub trait RunningSteps: Send + Sync {
    /// Whether the input was accepted before an unclean stop, so that its step is to be noted.
    fn is_suspect(&self, input: InSeq) -> bool;

    /// Notes a step in a slot below [`SLOTS`]; returns when the process may end without losing it.
    fn note(&self, slot: usize, key: Key, input: InSeq);

    /// The step in a slot is over.
    fn clear(&self, slot: usize);
}

/// Notes nothing: for journals that do not outlive their process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unnoted;

impl RunningSteps for Unnoted {
    fn is_suspect(&self, _input: InSeq) -> bool {
        false
    }

    fn note(&self, _slot: usize, _key: Key, _input: InSeq) {}

    fn clear(&self, _slot: usize) {}
}

/// A step that was being decided when the process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Suspect {
    pub key: Key,
    pub input: InSeq,
}

/// The `running` file of a data directory.
#[derive(Debug)]
pub(crate) struct Running {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// Inputs up to this one are from before an unclean stop.
    suspect_to: AtomicU64,
    /// `None` before the start is through, after the end, and when it cannot be made.
    file: Mutex<Option<Arc<dyn DiskFile>>>,
    failed: AtomicBool,
}

impl Running {
    /// The file of a directory; nothing is changed yet.
    pub fn new(disk: Arc<dyn Disk>, path: PathBuf) -> Self {
        Self {
            disk,
            path,
            suspect_to: AtomicU64::new(0),
            file: Mutex::default(),
            failed: AtomicBool::new(false),
        }
    }

    /// What the last process left in its slots; `None` after an orderly end. A slot that does not
    /// read well (only a power loss can leave one) accuses nobody.
    pub fn left(&self) -> io::Result<Option<Vec<Suspect>>> {
        let bytes = read_file(&*self.disk, &self.path)?;
        let slots = |bytes: Vec<u8>| bytes.chunks_exact(SLOT_BYTES).filter_map(read).collect();
        Ok(bytes.map(slots))
    }

    /// Begins anew, with empty slots. `suspect_to` is the last input from before an unclean stop,
    /// 0 after an orderly end.
    pub fn begin(&self, suspect_to: InSeq) -> io::Result<()> {
        self.suspect_to.store(suspect_to.0, Ordering::Release);
        let file = self.disk.create(&self.path)?;
        file.write_at(&[0; SLOTS * SLOT_BYTES], 0)?;
        *self.file() = Some(file);
        Ok(())
    }

    /// The orderly end: nothing is under way any more.
    pub fn end(&self) {
        if self.file().take().is_some()
            && let Err(error) = self.disk.remove(&self.path)
        {
            tracing::warn!(%error, "the next start takes this end for an unclean one");
        }
    }

    fn file(&self) -> MutexGuard<'_, Option<Arc<dyn DiskFile>>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, slot: usize, bytes: &[u8]) {
        let Some(file) = self.file().clone() else {
            return;
        };
        let written = file.write_at(bytes, (slot * SLOT_BYTES) as u64);
        if let Err(error) = written
            && !self.failed.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(%error, "steps run unnoted: the running file cannot be written");
        }
    }
}

impl RunningSteps for Running {
    fn is_suspect(&self, input: InSeq) -> bool {
        input.0 <= self.suspect_to.load(Ordering::Acquire)
    }

    fn note(&self, slot: usize, key: Key, input: InSeq) {
        let entity = entity_of(key);
        let mut bytes = [0; SLOT_BYTES];
        bytes[0] = entity.kind;
        bytes[1..17].copy_from_slice(&entity.key);
        bytes[17..SUMMED_BYTES].copy_from_slice(&input.0.to_le_bytes());
        let sum = crc32c::crc32c(&bytes[..SUMMED_BYTES]);
        bytes[SUMMED_BYTES..SUMMED_BYTES + 4].copy_from_slice(&sum.to_le_bytes());
        self.write(slot, &bytes);
    }

    fn clear(&self, slot: usize) {
        self.write(slot, &[0]);
    }
}

fn read(slot: &[u8]) -> Option<Suspect> {
    let sum = crc32c::crc32c(&slot[..SUMMED_BYTES]).to_le_bytes();
    if slot[0] == 0 || slot[SUMMED_BYTES..SUMMED_BYTES + 4] != sum {
        return None;
    }
    let entity = Entity {
        kind: slot[0],
        key: slot[1..17].try_into().ok()?,
    };
    let input = slot[17..SUMMED_BYTES].try_into().ok()?;
    Some(Suspect {
        key: key_of(entity)?,
        input: InSeq(u64::from_le_bytes(input)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::disk::sim::SimDisk;
    use crate::model::ContactId;

    const PATH: &str = "/data/journal/running";

    fn running(disk: &SimDisk) -> Running {
        Running::new(Arc::new(disk.clone()), PATH.into())
    }

    fn contact(n: u8) -> Key {
        Key::Contact(ContactId([n; 16]))
    }

    #[test]
    fn what_is_decided_at_a_kill_is_found_and_what_was_decided_before_is_not() {
        let disk = SimDisk::new();
        let before = running(&disk);
        before.begin(InSeq(9)).unwrap();
        before.note(0, contact(1), InSeq(7));
        before.note(3, contact(2), InSeq(9));
        before.clear(0);
        let suspect = Suspect {
            key: contact(2),
            input: InSeq(9),
        };
        assert_eq!(running(&disk.kill()).left().unwrap(), Some(vec![suspect]));
    }

    #[test]
    fn an_orderly_end_leaves_nothing() {
        let disk = SimDisk::new();
        let before = running(&disk);
        before.begin(InSeq(0)).unwrap();
        before.end();
        assert_eq!(running(&disk.kill()).left().unwrap(), None);
    }

    #[test]
    fn a_torn_slot_accuses_nobody() {
        let disk = SimDisk::new();
        let before = running(&disk);
        before.begin(InSeq(9)).unwrap();
        before.note(0, contact(1), InSeq(7));
        disk.edit(PATH.as_ref(), |bytes| bytes[20..SLOT_BYTES].fill(0));
        assert_eq!(running(&disk.kill()).left().unwrap(), Some(Vec::new()));
    }

    #[test]
    fn only_inputs_from_before_the_unclean_stop_are_suspect() {
        let running = running(&SimDisk::new());
        running.begin(InSeq(9)).unwrap();
        assert!(running.is_suspect(InSeq(9)));
        assert!(!running.is_suspect(InSeq(10)));
    }

    #[test]
    fn a_full_disk_leaves_steps_unnoted_and_running() {
        let disk = SimDisk::new();
        disk.limit(Some(0));
        let running = running(&disk);
        assert!(running.begin(InSeq(9)).is_err());
        running.note(0, contact(1), InSeq(7));
        running.end();
    }
}
