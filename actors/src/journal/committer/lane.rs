//! The committer's own side: the open segment, its numbers, and the loop.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::queue::{Batch, Queue, Task};
use super::{Class, Landed, Landing, Setup, Start, StartError, Stats, Unwritten, Written};
use crate::journal::disk::DiskFile;
use crate::journal::group::{self, Place};
use crate::journal::index::Change;
use crate::journal::keys::random_id;
use crate::journal::record::{Draft, Scope};
use crate::journal::segment::{FRONT_BYTES, Predecessor, Segment, SegmentHeader, segment_path};
use crate::journal::space::Space;

pub(super) struct Lane {
    setup: Setup,
    space: Arc<Space>,
    queue: Arc<Queue>,
    stats: Arc<Stats>,
    landing: Box<dyn Landing>,
    /// The segment being written; `None` after its disk failed until the next one opened.
    open: Option<Open>,
    next_number: u32,
    /// Sequence of the first record of the group in hand.
    first_seq: u64,
    predecessor: Option<Predecessor>,
    buffer: Vec<u8>,
    landed: Vec<Landed>,
}

/// How groups follow each other. Alone a record is written at once. Under load a group begins a
/// millisecond after the one before at the earliest: several times as many records then share a
/// write and a flush, which cost the processor as much for one record as for a hundred.
#[derive(Default)]
struct Pace {
    /// When the last group began, if it was one of several.
    began: Option<Instant>,
}

/// Records of a group from which on it tells of load.
const LOAD_RECORDS: usize = 4;
/// Between the beginnings of two groups under load.
const PERIOD: Duration = Duration::from_millis(1);

impl Pace {
    fn begins(&mut self, records: usize) {
        self.began = (records >= LOAD_RECORDS).then(Instant::now);
    }

    fn keep(&self) {
        if let Some(began) = self.began {
            std::thread::sleep(PERIOD.saturating_sub(began.elapsed()));
        }
    }
}

struct Open {
    segment: Arc<Segment>,
    offset: u32,
    last_group: u64,
    next_record: u32,
}

/// Whoever waits must hear of it, also when this thread dies of a panic.
impl Drop for Lane {
    fn drop(&mut self) {
        self.queue.abandon();
    }
}

impl Lane {
    pub fn open(
        setup: Setup,
        start: Start,
        landing: Box<dyn Landing>,
        queue: Arc<Queue>,
        stats: Arc<Stats>,
    ) -> Result<Self, StartError> {
        let io_error = |source| StartError::Io {
            folder: setup.folder.display().to_string(),
            source,
        };
        setup.disk.create_dir(&setup.folder).map_err(io_error)?;
        let bytes = u64::from(setup.segment_bytes);
        let disk = Arc::clone(&setup.disk);
        let space = Space::open(disk, setup.folder.clone(), bytes, setup.reserves);
        let mut lane = Self {
            space: Arc::new(space.map_err(io_error)?),
            queue,
            stats,
            landing,
            open: None,
            next_number: start.number,
            first_seq: start.next_seq,
            predecessor: start.predecessor,
            buffer: Vec::with_capacity(group::BYTES_MAX + group::BYTES_MAX / 4),
            landed: Vec::with_capacity(group::RECORDS_MAX),
            setup,
        };
        lane.open_segment()?;
        Ok(lane)
    }

    pub fn space(&self) -> Arc<Space> {
        Arc::clone(&self.space)
    }

    pub fn run(mut self) {
        let mut group = Vec::new();
        let mut pace = Pace::default();
        loop {
            pace.keep();
            match self.queue.next(&mut group) {
                Task::Write => {
                    pace.begins(group.iter().map(|batch| batch.records.len()).sum());
                    self.write(&mut group);
                }
                Task::Rotate => {
                    if self.open.as_ref().is_some_and(|open| open.last_group > 0) {
                        self.rotate();
                    }
                }
                Task::Stop => break,
            }
        }
        self.close_segment();
        self.space.stop();
    }

    fn write(&mut self, batches: &mut Vec<Batch>) {
        self.refuse_inputs_when_full(batches);
        if batches.is_empty() {
            return;
        }
        let bytes: usize = batches.iter().map(Batch::sealed_bytes).sum();
        let whole = group::align(group::front_bytes(0) + bytes);
        // A closing group must still fit behind the last one; the queue sees to it.
        let offset = self.open.as_ref().map_or(0, |open| open.offset as usize);
        let fits = offset + whole + group::ALIGN <= self.setup.segment_bytes as usize;
        if !fits {
            self.rotate();
        }
        if self.open.is_none() && self.open_segment().is_err() {
            let why = match self.space.is_full() {
                true => Unwritten::Full,
                false => Unwritten::Disk,
            };
            return self.refuse(batches, why);
        }
        match self.write_group(batches) {
            Ok(()) => self.land(batches),
            Err(error) => {
                tracing::error!(%error, "a journal group was refused, a new segment follows");
                self.abandon_segment();
                self.refuse(batches, Unwritten::Disk);
            }
        }
    }

    /// Inputs that were queued before the disk filled up.
    fn refuse_inputs_when_full(&mut self, batches: &mut Vec<Batch>) {
        if !self.space.is_full() {
            return;
        }
        let landing = &mut self.landing;
        batches.retain_mut(|batch| {
            let refused = batch.class == Class::Input;
            if refused {
                landing.refused(&batch.records);
                batch.answer(Err(Unwritten::Full));
            }
            !refused
        });
    }

    fn refuse(&mut self, batches: &mut Vec<Batch>, why: Unwritten) {
        for mut batch in batches.drain(..) {
            self.landing.refused(&batch.records);
            batch.answer(Err(why));
        }
    }

    fn write_group(&mut self, batches: &[Batch]) -> io::Result<()> {
        let open = self
            .open
            .as_ref()
            .expect("a segment was opened just before");
        let drafts: Vec<&Draft> = batches.iter().flat_map(|batch| &batch.records).collect();
        let records = drafts.len() as u64;
        self.first_seq = self.setup.sequence.take(records);
        let place = Place {
            segment: open.segment.header.id,
            number: open.segment.header.number,
            offset: open.offset,
            ordinal: open.last_group + 1,
            first_record: open.next_record,
            first_seq: self.first_seq,
        };
        let segment = &open.segment;
        let keys = |draft: &Draft| {
            let key = segment.key(draft.scope, &draft.entity.key);
            match (draft.scope, key) {
                (Scope::Contact, Some(key)) => (0, key),
                (_, Some(key)) => (segment.header.ring_key, key),
                // An erased person's records stay readable to the operator's key only.
                (_, None) => {
                    let ring = segment.key(Scope::Ring, &draft.entity.key);
                    let ring = ring.expect("the ring's key of an open segment is at hand");
                    (segment.header.ring_key, ring)
                }
            }
        };
        let landed = &mut self.landed;
        group::encode(
            &mut self.buffer,
            place,
            drafts.iter().copied(),
            &keys,
            |header, position| {
                landed.push(Landed {
                    header,
                    position,
                    body: Vec::new(),
                    change: Change::Nothing,
                    previous: None,
                });
            },
        );
        let started = Instant::now();
        let written = write_durably(&*segment.file, &self.buffer, open.offset);
        match &written {
            Ok(()) => {
                let bytes = self.buffer.len() as u64;
                self.stats.wrote(records, bytes, started.elapsed());
            }
            Err(_) => {
                self.landed.clear();
                self.setup.sequence.give_back(self.first_seq, records);
            }
        }
        written
    }

    fn land(&mut self, batches: &mut Vec<Batch>) {
        let open = self.open.as_mut().expect("the group was written to it");
        open.offset += self.buffer.len() as u32;
        open.last_group += 1;
        open.next_record += self.landed.len() as u32;
        let mut seq = self.first_seq;
        let drafts = batches.iter_mut().flat_map(|batch| &mut batch.records);
        for (landed, draft) in self.landed.iter_mut().zip(drafts) {
            landed.body = std::mem::take(&mut draft.body);
            landed.change = std::mem::replace(&mut draft.change, Change::Nothing);
        }
        self.landing.landed(&mut self.landed);
        let mut landed = self.landed.drain(..);
        let mut works = Vec::with_capacity(batches.len());
        for mut batch in batches.drain(..) {
            let count = batch.records.len();
            let first_seq = seq;
            seq += count as u64;
            let mine = landed.by_ref().take(count);
            match batch.class {
                Class::Input => {
                    let previous = mine.map(|landed| landed.previous).collect();
                    batch.answer(Ok(Written {
                        first_seq,
                        previous,
                    }));
                }
                Class::Work => {
                    mine.for_each(drop);
                    works.push((batch, first_seq));
                }
            }
        }
        // Who waits for the same goes on in a row, and finds the code it needs in the cache.
        for (mut batch, first_seq) in works {
            batch.answer(Ok(Written {
                first_seq,
                previous: Vec::new(),
            }));
        }
    }

    /// Ends the open segment in good order and opens the next.
    fn rotate(&mut self) {
        self.close_segment();
        if let Err(error) = self.open_segment() {
            tracing::error!(%error, "the journal could not open its next segment");
        }
    }

    fn close_segment(&mut self) {
        let Some(open) = self.open.take() else { return };
        let place = Place {
            segment: open.segment.header.id,
            number: open.segment.header.number,
            offset: open.offset,
            ordinal: open.last_group + 1,
            first_record: open.next_record,
            first_seq: self.setup.sequence.next(),
        };
        group::encode_closing(&mut self.buffer, place);
        // The mark only sharpens the next start's report, and zeros behind it only take space, so
        // a failure changes nothing.
        let closed = write_durably(&*open.segment.file, &self.buffer, open.offset);
        let end = u64::from(open.offset) + self.buffer.len() as u64;
        let _ = closed.and_then(|()| open.segment.file.set_size(end));
        self.predecessor = Some(Predecessor {
            id: open.segment.header.id,
            last_group: open.last_group,
        });
    }

    /// Leaves a segment whose disk failed. The next header says where it ended, and producers
    /// are told only after that header is durable, when the disk allows.
    fn abandon_segment(&mut self) {
        self.stats
            .refused_groups
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if let Some(open) = self.open.take() {
            self.predecessor = Some(Predecessor {
                id: open.segment.header.id,
                last_group: open.last_group,
            });
        }
        if let Err(error) = self.open_segment() {
            tracing::error!(%error, "the journal could not open its next segment");
        }
    }

    fn open_segment(&mut self) -> Result<(), StartError> {
        let room = self.space.take()?;
        let number = self.next_number;
        self.next_number += 1;
        let header = SegmentHeader {
            lane: self.setup.lane,
            number,
            id: random_id(&*self.setup.entropy),
            predecessor: self.predecessor,
            first_seq: self.setup.sequence.next(),
            created: (self.setup.clock)(),
            partitions: self.setup.partitions,
            ring_key: self.setup.ring.writing(),
        };
        let path = segment_path(&self.setup.folder, number);
        let opened = (|| {
            room.file.write_at(&header.encode(), 0)?;
            room.file.sync_data()?;
            self.setup.disk.rename(&room.path, &path)?;
            self.setup.disk.sync_dir(&self.setup.folder)
        })();
        if let Err(source) = opened {
            // The file may carry a header now and must never become a segment.
            let _ = self.setup.disk.remove(&room.path);
            let _ = self.setup.disk.remove(&path);
            let folder = self.setup.folder.display().to_string();
            return Err(StartError::Io { folder, source });
        }
        let contacts = Arc::clone(&self.setup.contacts);
        let segment = Segment::new(header, room.file, &self.setup.ring, contacts)?;
        let segment = Arc::new(segment);
        self.landing.opened(Arc::clone(&segment));
        self.open = Some(Open {
            segment,
            offset: FRONT_BYTES as u32,
            last_group: 0,
            next_record: 0,
        });
        Ok(())
    }
}

fn write_durably(file: &dyn DiskFile, bytes: &[u8], offset: u32) -> io::Result<()> {
    #[cfg(debug_assertions)]
    fail::fail_point!("journal::append", |_| Err(io::Error::other("fail point")));
    file.write_blocks(bytes, u64::from(offset))?;
    #[cfg(debug_assertions)]
    fail::fail_point!("journal::before_sync", |_| Err(io::Error::other(
        "fail point"
    )));
    file.sync_data()?;
    #[cfg(debug_assertions)]
    fail::fail_point!("journal::after_sync");
    Ok(())
}
