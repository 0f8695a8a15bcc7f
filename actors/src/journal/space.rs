//! Room for the next segment, made before it is needed.
//!
//! A file that grows costs metadata at every flush, and unwritten extents do too, so a thread of
//! its own writes zeros into files ahead of time: the *spare*, which becomes the next segment, and
//! the *reserve*, which is used only when the disk is full. While any of them is missing because
//! there is no space, the door refuses new inputs; steps and outcomes go on into what is left of
//! the open segment and then into the reserve. The thread keeps trying, so that giving the space
//! back is all an operator has to do.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::disk::{Disk, DiskFile};
use super::segment::FRONT_BYTES;

/// How long the thread waits before it asks a full disk again.
const RETRY: Duration = Duration::from_millis(200);
/// Zeros written between two flushes, small so that groups in flight are not held up.
const CHUNK: usize = 1024 * 1024;

const SPARE: &str = "spare";
const RESERVE: &str = "reserve-";

/// A zero-filled file that can become a segment.
#[derive(Debug)]
pub struct Room {
    /// The open file.
    pub file: Arc<dyn DiskFile>,
    /// Where it lies now; the taker renames it.
    pub path: PathBuf,
}

/// The spare, the reserve and the thread that fills them.
#[derive(Debug)]
pub struct Space {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Whether inputs are refused; the door reads it without a lock.
    full: AtomicBool,
    changed: Condvar,
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    segment_bytes: u64,
    /// Files that the reserve has when it is whole.
    reserves: usize,
}

#[derive(Debug, Default)]
struct State {
    spare: Option<Room>,
    /// Used from the back, filled at the back.
    reserve: Vec<Room>,
    /// The last try to make room failed.
    failed: bool,
    stopping: bool,
}

/// Why there is no room for a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no room for another segment, give the data directory more space")]
pub struct NoRoom;

impl Space {
    /// Adopts what an earlier life left and starts filling; `reserves` files of the size of a
    /// segment are held back, at least one.
    pub fn open(
        disk: Arc<dyn Disk>,
        folder: PathBuf,
        segment_bytes: u64,
        reserves: u16,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            full: AtomicBool::new(false),
            changed: Condvar::new(),
            disk,
            folder,
            segment_bytes,
            reserves: usize::from(reserves).max(1),
        });
        {
            let mut state = shared.lock();
            // One that was taken may carry a header already; see `adopt`.
            shared.discard("taken")?;
            state.spare = shared.adopt(SPARE)?;
            shared.adopt_reserve(&mut state.reserve)?;
        }
        let worker = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("journal-space".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Whether new inputs must be refused for lack of space.
    pub fn is_full(&self) -> bool {
        self.shared.full.load(Ordering::Acquire)
    }

    /// Room for the next segment: the spare (waiting for one being filled), else the reserve.
    pub fn take(&self) -> Result<Room, NoRoom> {
        let mut state = self.shared.lock();
        loop {
            let room = match state.spare.take() {
                Some(room) => Some(room),
                None if state.failed || state.stopping => state.reserve.pop(),
                None => {
                    state = wait(&self.shared.changed, state);
                    continue;
                }
            };
            // Its name is needed at once for the next spare, so it moves while the lock is held.
            let taken = room.and_then(|room| self.shared.set_apart(room).ok());
            self.shared.publish(&state);
            return taken.ok_or(NoRoom);
        }
    }

    /// Ends the thread and waits for it, so that the folder is left alone: whoever opens it next
    /// may take a file that this one would still write zeros to.
    pub fn stop(&self) {
        self.shared.lock().stopping = true;
        self.shared.changed.notify_all();
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // A panic of the thread has been printed by the panic hook; nothing is left to do.
            let _ = thread.join();
        }
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_apart(&self, room: Room) -> io::Result<Room> {
        let path = self.folder.join("taken");
        self.disk.rename(&room.path, &path)?;
        Ok(Room {
            file: room.file,
            path,
        })
    }

    fn discard(&self, name: &str) -> io::Result<()> {
        match self.disk.remove(&self.folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn publish(&self, state: &State) {
        let full = state.failed && self.missing(state).is_some();
        self.full.store(full, Ordering::Release);
        self.changed.notify_all();
    }

    /// A file of an earlier life is used again only when it has full length and no header yet:
    /// a second segment must never share an id, and so a key, with a first one.
    fn adopt(&self, name: &str) -> io::Result<Option<Room>> {
        let path = self.folder.join(name);
        let file = match self.disk.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut front = vec![0; FRONT_BYTES];
        let whole = file.size()? == self.segment_bytes && file.read_at(&mut front, 0).is_ok();
        if whole && front.iter().all(|byte| *byte == 0) {
            return Ok(Some(Room { file, path }));
        }
        self.disk.remove(&path)?;
        Ok(None)
    }

    /// Adopts reserve files up to the first that is no good; the others are in the way.
    fn adopt_reserve(&self, reserve: &mut Vec<Room>) -> io::Result<()> {
        let names = self.disk.list(&self.folder)?;
        let kept = names.iter().filter(|name| name.starts_with(RESERVE));
        for name in kept.filter(|name| !name.ends_with(".draft")) {
            let next = reserve.len();
            match self.adopt(name)? {
                Some(room) if *name == reserve_name(next) && next < self.reserves => {
                    reserve.push(room);
                }
                Some(room) => self.disk.remove(&room.path)?,
                None => {}
            }
        }
        Ok(())
    }

    /// The file to be made next.
    fn missing(&self, state: &State) -> Option<String> {
        if state.spare.is_none() {
            return Some(SPARE.to_owned());
        }
        let at = state.reserve.len();
        (at < self.reserves).then(|| reserve_name(at))
    }

    fn run(&self) {
        let mut state = self.lock();
        while !state.stopping {
            let Some(missing) = self.missing(&state) else {
                state = wait(&self.changed, state);
                continue;
            };
            drop(state);
            let made = self.make(&missing);
            state = self.lock();
            match made {
                Ok(room) => {
                    state.failed = false;
                    match state.spare {
                        None if missing == SPARE => state.spare = Some(room),
                        _ => state.reserve.push(room),
                    }
                    self.publish(&state);
                }
                Err(error) => {
                    if !state.failed {
                        tracing::error!(%error, "no room for another journal segment");
                    }
                    state.failed = true;
                    self.publish(&state);
                    let waited = self.changed.wait_timeout(state, RETRY);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    fn make(&self, name: &str) -> io::Result<Room> {
        let draft = self.folder.join(format!("{name}.draft"));
        let path = self.folder.join(name);
        let made = self.fill(&draft).and_then(|file| {
            self.disk.rename(&draft, &path)?;
            Ok(Room {
                file,
                path: path.clone(),
            })
        });
        if made.is_err() {
            // Half a file would only take space that checkpoint and outcomes need.
            let _ = self.disk.remove(&draft);
        }
        made
    }

    fn fill(&self, draft: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.disk.create(draft)?;
        file.allocate(self.segment_bytes)?;
        let zeros = vec![0; CHUNK.min(self.segment_bytes as usize)];
        let mut at = 0;
        while at < self.segment_bytes {
            let length = zeros.len().min((self.segment_bytes - at) as usize);
            file.write_at(&zeros[..length], at)?;
            file.sync_data()?;
            at += length as u64;
        }
        Ok(file)
    }
}

fn reserve_name(at: usize) -> String {
    format!("{RESERVE}{at:03}")
}

fn wait<'a>(changed: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    changed.wait(state).unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::disk::sim::SimDisk;

    #[test]
    fn nobody_writes_to_the_folder_once_it_is_stopped() {
        let folder = PathBuf::from("lane");
        let disk = SimDisk::new();
        disk.create_dir(&folder).unwrap();
        let space = Space::open(Arc::new(disk), folder, 4 * FRONT_BYTES as u64, 1).unwrap();
        space.take().unwrap();
        space.stop();
        assert_eq!(Arc::strong_count(&space.shared), 1);
    }
}
