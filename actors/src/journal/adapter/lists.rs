//! Reading across entities or far back: the operators' desk and an entity's history.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::ops::Range;

use super::Core;
use super::lane::Lane;
use super::trouble::Trouble;
use crate::journal::codec::{self, Told};
use crate::journal::index::entity_of;
use crate::journal::places::{self, Place};
use crate::journal::record::{Entity, Header, Position};
use crate::journal::segment::Segment;
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

    /// The records of an entity that are still in the journal, oldest first. Sealed segments are
    /// read by their files of places, the open one (and one whose file is no good) is walked.
    /// What is damaged is left out and told in the log.
    pub fn history(&self, key: Key, range: Range<u64>) -> Result<Vec<Entry>, ReadError> {
        self.check_fence(key)?;
        let lane = self.lane(key);
        let durable = lane.landed_seq();
        let mut found: BTreeMap<u64, Position> = BTreeMap::new();
        for segment in lane.all_segments() {
            let places = self.places(lane, &segment, entity_of(key));
            let places = places.map_err(|error| ReadError::Disk(error.to_string()))?;
            for place in places.into_iter().filter(|place| place.seq <= durable) {
                if !place.carried {
                    found.insert(place.seq, place.position);
                } else if let Ok((header, _)) = self.record_unfenced(key, place.position) {
                    found.entry(header.seq).or_insert(place.position);
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
            match self.record_unfenced(key, at) {
                Ok((header, body)) => entries.push(entry(key, &header, &body)?),
                // Released meanwhile: it is no longer in the journal. Or nothing to be had.
                Err(Trouble::Moved | Trouble::Error(ReadError::Damaged(_))) => {}
                Err(Trouble::Error(error)) => return Err(error),
            }
        }
        Ok(entries)
    }

    fn places(
        &self,
        lane: &Lane,
        segment: &Segment,
        entity: Entity,
    ) -> std::io::Result<Vec<Place>> {
        let number = segment.header.number;
        if number < lane.marks().covered
            && let Ok(found) = places::find(&*self.config.disk, &lane.folder, number, entity)
        {
            return Ok(found);
        }
        match walked(lane, segment, entity) {
            // It was sealed meanwhile, which cuts what it had in reserve, and happens once.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => walked(lane, segment, entity),
            walked => walked,
        }
    }
}

fn walked(lane: &Lane, segment: &Segment, entity: Entity) -> std::io::Result<Vec<Place>> {
    let mut found = Vec::new();
    places::walk(segment, lane.until(segment), &mut |place| {
        found.extend((place.entity == entity).then_some(place));
    })?;
    Ok(found)
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
