//! Reading across entities or far back: the operators' desk and an entity's history.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::PoisonError;

use super::Core;
use super::read::Trouble;
use crate::journal::codec::{self, Told};
use crate::journal::index::key_of;
use crate::journal::record::{Header, Kind, Position};
use crate::journal::recover::{Depth, Until, scan};
use crate::journal::{Desk, Entry, ReadError};
use crate::model::{InSeq, Key, Partition, Version};

impl Core {
    /// Everything that waits for an operator.
    pub fn desk(&self, max: usize) -> Result<Desk, ReadError> {
        let mut shelved = Vec::new();
        let mut quarantined = Vec::new();
        for partition in (0..self.config.partitions).map(Partition) {
            let shard = self.index.partition(partition);
            for (key, active) in &shard.active {
                shelved.extend(active.shelved().map(|open| (open.planned, *key, open.hash)));
                let aside = active.set_aside.iter();
                quarantined.extend(aside.map(|aside| (aside.seq, *key, aside.reason.clone())));
            }
        }
        shelved.sort_unstable_by_key(|(planned, ..)| *planned);
        quarantined.sort_unstable_by_key(|(seq, ..)| *seq);
        let mut desk = Desk::default();
        for (_, key, hash) in shelved.into_iter().take(max) {
            desk.shelved.extend(self.again(key, || {
                let (_, active) = self.view(key);
                self.open_effects(key, active.open(&hash).into_iter())
            })?);
        }
        for (seq, key, reason) in quarantined.into_iter().take(max) {
            let input = self.again(key, || {
                let (_, active) = self.view(key);
                let aside = active.set_aside.iter().find(|aside| aside.seq == seq);
                aside.map(|aside| self.input(key, aside.at)).transpose()
            })?;
            let row = input.map(|input| (InSeq(seq), input, reason.to_string()));
            desk.quarantined.extend(row);
        }
        Ok(desk)
    }

    /// The records of an entity that are still in the journal, oldest first. Walks the tables of
    /// all segments: for timelines, not for the way of a message.
    pub fn history(&self, key: Key, range: Range<u64>) -> Result<Vec<Entry>, ReadError> {
        self.check_fence(key)?;
        let durable = self.landed_seq();
        let mut found: BTreeMap<u64, Position> = BTreeMap::new();
        let segments: Vec<_> = {
            let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
            segments.values().cloned().collect()
        };
        for segment in segments {
            let mut carried = Vec::new();
            let walked = scan(&segment, Until::Unknown, Depth::Headers, &mut |record| {
                let header = record.header;
                if key_of(header.entity) != Some(key) || header.seq > durable {
                    return;
                }
                match header.kind {
                    Kind::Carried => carried.push(record.position),
                    _ => {
                        found.insert(header.seq, record.position);
                    }
                }
            });
            walked.map_err(|error| ReadError::Disk(error.to_string()))?;
            for at in carried {
                if let Ok((header, _)) = self.record(key, at) {
                    found.entry(header.seq).or_insert(at);
                }
            }
        }
        let (skip, take) = (range.start, range.end.saturating_sub(range.start));
        let window = found
            .into_values()
            .skip(usize::try_from(skip).unwrap_or(usize::MAX))
            .take(usize::try_from(take).unwrap_or(usize::MAX));
        let mut entries = Vec::new();
        for at in window {
            match self.record(key, at) {
                Ok((header, body)) => entries.push(entry(key, &header, &body)?),
                // Released meanwhile: it is no longer in the journal.
                Err(Trouble::Moved) => {}
                Err(Trouble::Error(error)) => return Err(error),
            }
        }
        Ok(entries)
    }
}

fn entry(key: Key, header: &Header, body: &[u8]) -> Result<Entry, ReadError> {
    let told = codec::decode(header.kind, body).map_err(|_| ReadError::Damaged(key))?;
    Ok(match told {
        Told::Input(input) => Entry::Input(InSeq(header.seq), input),
        Told::Step(step) => Entry::Step(Version(header.entity_seq), step),
        Told::Attempt(attempt) => Entry::Attempt(attempt),
        Told::Note(note) => Entry::Note(note),
    })
}
