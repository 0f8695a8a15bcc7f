//! What happens on the committer's thread when records become durable.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::core::{Core, day_of};
use super::lane::Lane;
use crate::journal::committer::{Landed, Landing};
use crate::journal::index::{Change, key_of};
use crate::journal::record::{Draft, Kind};
use crate::journal::segment::Segment;

/// The landing of one lane's committer: the index, the seen index, and the list of segments.
pub(crate) struct Shore {
    pub core: Arc<Core>,
    pub lane: u16,
}

impl Shore {
    fn lane(&self) -> &Lane {
        &self.core.lanes[usize::from(self.lane)]
    }
}

impl Landing for Shore {
    fn opened(&mut self, segment: Arc<Segment>) {
        let lane = self.lane();
        let number = segment.header.number;
        let before = lane.open_segment.swap(number, Ordering::AcqRel);
        if before != 0 {
            // Its entries belong to the day it was opened on.
            let closed = lane.segment(before);
            let day = closed.map_or_else(|| self.core.today(), |closed| day_of(&closed));
            lane.seen.rotate(before, day);
        }
        let mut segments = lane
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        segments.insert(number, segment);
    }

    fn landed(&mut self, records: &mut [Landed]) {
        let (core, lane) = (&self.core, self.lane());
        let inputs = records
            .iter()
            .filter_map(|record| core.seen_id(&record.header));
        lane.seen.note(inputs);
        let mut early = lane.early.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records.iter_mut() {
            let change = std::mem::replace(&mut record.change, Change::Nothing);
            if let Some(early) = early.as_mut() {
                early.push((record.header, record.position, change));
                continue;
            }
            let applied = core.index.apply(&record.header, record.position, change);
            record.previous = Some(applied.previous);
            core.audit(&record.header, applied);
            if let Some(key) = key_of(record.header.entity)
                && applied.snapshot_due
            {
                core.queue_snapshot(key);
            }
        }
        if let Some(last) = records.last() {
            lane.landed_seq.store(last.header.seq, Ordering::Release);
        }
    }

    fn refused(&mut self, records: &[Draft]) {
        for draft in records.iter().filter(|draft| draft.kind == Kind::Step) {
            if let Some(key) = key_of(draft.entity) {
                self.core.index.give_back(key);
            }
        }
    }
}
