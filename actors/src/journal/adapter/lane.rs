//! One lane: its folder, its segments, its committer, and how far it is released and covered.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use super::core::Early;
use crate::journal::committer::{Committer, Start};
use crate::journal::disk::Disk;
use crate::journal::marks::Marks;
use crate::journal::places::places_path;
use crate::journal::recover::Until;
use crate::journal::seen::Seen;
use crate::journal::segment::{Segment, segment_path};

/// See the module head. An entity lives in one lane, that of its partition.
pub(crate) struct Lane {
    /// From 0.
    pub number: u16,
    pub folder: PathBuf,
    pub seen: Seen,
    pub segments: RwLock<BTreeMap<u32, Arc<Segment>>>,
    /// Records that wait until everything before them is indexed; `None` from then on.
    pub early: Mutex<Option<Vec<Early>>>,
    pub open_segment: AtomicU32,
    pub landed_seq: AtomicU64,
    committer: OnceLock<Committer>,
    marks: Mutex<Marks>,
    /// Bytes of sealed segments, once they will not change any more.
    sizes: Mutex<BTreeMap<u32, u64>>,
}

/// What a [`Lane`] begins with.
pub(crate) struct LaneBegin {
    pub number: u16,
    pub folder: PathBuf,
    pub seen: Seen,
    pub segments: BTreeMap<u32, Arc<Segment>>,
    pub early: Vec<Early>,
    pub start: Start,
    pub marks: Option<Marks>,
}

impl Lane {
    pub fn new(begin: LaneBegin) -> Self {
        let marks = begin.marks.unwrap_or_else(|| {
            let oldest = begin.segments.values().next().map(|segment| segment.header);
            Marks {
                released: oldest.map_or(begin.start.number, |header| header.number),
                last_released: oldest
                    .and_then(|header| header.predecessor)
                    .map(|before| before.id),
                ..Marks::default()
            }
        });
        Self {
            number: begin.number,
            folder: begin.folder,
            seen: begin.seen,
            segments: RwLock::new(begin.segments),
            early: Mutex::new(Some(begin.early)),
            open_segment: AtomicU32::new(0),
            landed_seq: AtomicU64::new(begin.start.next_seq - 1),
            committer: OnceLock::new(),
            marks: Mutex::new(marks),
            sizes: Mutex::default(),
        }
    }

    pub fn set_committer(&self, committer: Committer) {
        // Called once, by the start.
        let _ = self.committer.set(committer);
    }

    pub fn committer(&self) -> &Committer {
        self.committer
            .get()
            .expect("the start sets the committer before it gives the journal out")
    }

    pub fn close(&self) {
        if let Some(committer) = self.committer.get() {
            committer.close();
        }
    }

    /// Number of the segment being written.
    pub fn open_segment(&self) -> u32 {
        self.open_segment.load(Ordering::Acquire)
    }

    /// Sequence of the last durable record.
    pub fn landed_seq(&self) -> u64 {
        self.landed_seq.load(Ordering::Acquire)
    }

    pub fn segment(&self, number: u32) -> Option<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        segments.get(&number).cloned()
    }

    /// All segments, oldest first.
    pub fn all_segments(&self) -> Vec<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        segments.values().cloned().collect()
    }

    /// The oldest segment, when it is not the open one.
    pub fn oldest_sealed(&self) -> Option<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let (number, oldest) = segments.first_key_value()?;
        (*number != self.open_segment()).then(|| Arc::clone(oldest))
    }

    /// Number of the newest segment that is not written any more; 0 when there is none.
    pub fn newest_sealed(&self) -> u32 {
        let open = self.open_segment();
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let newest = segments.range(..open).next_back();
        newest.map_or(0, |(number, _)| *number)
    }

    /// How far a segment counts: as its successor says.
    pub fn until(&self, segment: &Segment) -> Until {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let mut later = segments.range(segment.header.number + 1..);
        let before = later.next().and_then(|(_, next)| next.header.predecessor);
        match before {
            Some(before) if before.id == segment.header.id => Until::Group(before.last_group),
            _ => Until::Unknown,
        }
    }

    pub fn marks(&self) -> Marks {
        self.marks_lock().clone()
    }

    /// Changes the marks, on disk first.
    pub fn mark(&self, disk: &dyn Disk, change: impl FnOnce(&mut Marks)) -> std::io::Result<()> {
        let mut marks = self.marks_lock();
        let mut changed = marks.clone();
        change(&mut changed);
        changed.write(disk, &self.folder)?;
        *marks = changed;
        Ok(())
    }

    /// Does not trust what the marks say of the checkpoint.
    pub fn distrust_cover(&self) {
        self.marks_lock().covered = 0;
    }

    /// Takes a segment off the disk.
    pub fn remove(&self, disk: &dyn Disk, number: u32) -> std::io::Result<()> {
        let mut segments = self
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        segments.remove(&number);
        drop(segments);
        self.sizes_lock().remove(&number);
        match disk.remove(&places_path(&self.folder, number)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        disk.remove(&segment_path(&self.folder, number))
    }

    /// Bytes of sealed segments and their places, and of the seen files.
    pub fn kept_bytes(&self, disk: &dyn Disk) -> std::io::Result<u64> {
        let (open, covered) = (self.open_segment(), self.marks().covered);
        let mut sum = self.seen.bytes();
        for segment in self.all_segments() {
            let number = segment.header.number;
            if number == open {
                continue;
            }
            if let Some(known) = self.sizes_lock().get(&number) {
                sum += known;
                continue;
            }
            let places = disk.open(&places_path(&self.folder, number));
            let places = places.and_then(|file| file.size()).unwrap_or(0);
            let bytes = segment.file.size()? + places;
            if number < covered {
                self.sizes_lock().insert(number, bytes);
            }
            sum += bytes;
        }
        Ok(sum)
    }

    fn marks_lock(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sizes_lock(&self) -> MutexGuard<'_, BTreeMap<u32, u64>> {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
