//! What happens on the committer's thread when records become durable.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::core::{Core, day_of};
use crate::journal::committer::{Landed, Landing};
use crate::journal::index::{Change, key_of};
use crate::journal::record::{Draft, Kind};
use crate::journal::segment::Segment;

/// The committer's landing: the index, the seen index, and the list of segments.
pub(crate) struct Shore(pub Arc<Core>);

impl Landing for Shore {
    fn opened(&mut self, segment: Arc<Segment>) {
        let core = &self.0;
        let number = segment.header.number;
        let before = core.open_segment.swap(number, Ordering::AcqRel);
        if before != 0 {
            // Its entries belong to the day it was opened on.
            let closed = core.segment(before);
            let day = closed.map_or_else(|| core.today(), |closed| day_of(&closed));
            core.seen.rotate(before, day);
        }
        let mut segments = core
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        segments.insert(number, segment);
    }

    fn landed(&mut self, records: &mut [Landed]) {
        let core = &self.0;
        let inputs = records
            .iter()
            .filter_map(|record| core.seen_id(&record.header));
        core.seen.note(inputs);
        let mut early = core.early.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records.iter_mut() {
            let change = std::mem::replace(&mut record.change, Change::Nothing);
            if let Some(early) = early.as_mut() {
                early.push((record.header, record.position, change));
                continue;
            }
            let applied = core.index.apply(&record.header, record.position, change);
            record.previous = Some(applied.previous);
            if let Some(key) = key_of(record.header.entity)
                && applied.snapshot_due
            {
                core.queue_snapshot(key);
            }
        }
        if let Some(last) = records.last() {
            core.landed_seq.store(last.header.seq, Ordering::Release);
        }
    }

    fn refused(&mut self, records: &[Draft]) {
        for draft in records.iter().filter(|draft| draft.kind == Kind::Step) {
            if let Some(key) = key_of(draft.entity) {
                self.0.index.give_back(key);
            }
        }
    }
}
