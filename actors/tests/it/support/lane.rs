//! A lane of the journal on a simulated disk, with verbs: open, write, recover.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use actors::journal::committer::{Class, Committer, Landed, Landing, Sequence, Setup, Unwritten};
use actors::journal::disk::Disk;
use actors::journal::disk::sim::{Dice, SimDisk};
use actors::journal::index::Change;
use actors::journal::keys::{Entropy, NoContactKeys, Ring};
use actors::journal::record::{Draft, Entity, Kind, Scope};
use actors::journal::recover::{Damage, Depth, Scanned, reopen, scan};
use actors::journal::segment::{Segment, lane_folder, segment_number, segment_path};

/// Random bytes from a seed.
pub struct Seeded(pub Mutex<Dice>);

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut dice = self.0.lock().unwrap();
        bytes.fill_with(|| dice.roll() as u8);
    }
}

/// Sequences and bodies as they became durable.
pub type Story = BTreeMap<u64, Vec<u8>>;

#[derive(Clone, Default)]
pub struct Log(pub Arc<Mutex<Story>>);

impl Landing for Log {
    fn opened(&mut self, _segment: Arc<Segment>) {}

    fn landed(&mut self, records: &mut [Landed]) {
        let mut story = self.0.lock().unwrap();
        for record in records {
            let twice = story.insert(record.header.seq, record.body.clone());
            assert!(
                twice.is_none(),
                "sequence {} landed twice",
                record.header.seq
            );
        }
    }

    fn refused(&mut self, _records: &[Draft]) {}
}

pub struct Lane {
    pub disk: SimDisk,
    pub committer: Committer,
    /// What this life acknowledged.
    pub log: Log,
    /// What this life found.
    pub found: Found,
}

#[derive(Default, Debug, Clone)]
pub struct Found {
    pub story: Story,
    pub torn_bytes: u64,
    pub damage: Vec<Damage>,
    pub scanned: Vec<Scanned>,
}

pub const SEGMENT_BYTES: u32 = 64 * 1024;

pub fn folder() -> PathBuf {
    PathBuf::from("/data/journal/lane-00")
}

pub fn segment(number: u32) -> PathBuf {
    segment_path(Path::new("/data/journal/lane-00"), number)
}

/// Numbers of the segments of a lane on a disk.
pub fn segments_of(disk: &SimDisk, lane: u16) -> Vec<u32> {
    let folder = lane_folder(Path::new("/data/journal"), lane);
    let names = disk.list(&folder).unwrap();
    names
        .iter()
        .filter_map(|name| segment_number(name))
        .collect()
}

pub fn setup(disk: &SimDisk, entropy_seed: u64) -> Setup {
    let ring = Ring::generate(&Seeded(Mutex::new(Dice::new(42))));
    Setup {
        disk: Arc::new(disk.clone()),
        folder: folder(),
        lane: 0,
        partitions: 64,
        segment_bytes: SEGMENT_BYTES,
        reserves: 1,
        sequence: Sequence::default(),
        queue_records: 4096,
        queue_bytes: 8 << 20,
        ring,
        contacts: Arc::new(NoContactKeys),
        entropy: Arc::new(Seeded(Mutex::new(Dice::new(entropy_seed)))),
        clock: Arc::new(|| 1_800_000_000),
    }
}

/// Reads everything in a lane and says where the next life begins.
pub fn recover(setup: &Setup) -> (Found, actors::journal::committer::Start) {
    let mut newest = Story::new();
    let reopened = reopen(setup, None, &mut |found| {
        newest.insert(found.header.seq, found.body.unwrap().to_vec());
    })
    .unwrap();
    let mut all = Found {
        damage: reopened.survey.damage.clone(),
        ..Found::default()
    };
    let chain = &reopened.survey.chain;
    for (segment, until) in &chain[..chain.len().saturating_sub(1)] {
        let scanned = scan(segment, *until, Depth::Bodies, &mut |found| {
            let body = found.body.unwrap().to_vec();
            assert!(all.story.insert(found.header.seq, body).is_none());
        })
        .unwrap();
        all.damage.extend(scanned.damage.clone());
        all.scanned.push(scanned);
    }
    all.story.extend(newest);
    if let Some(scanned) = reopened.newest {
        all.torn_bytes = scanned.torn_bytes;
        all.damage.extend(scanned.damage.clone());
        all.scanned.push(scanned);
    }
    (all, reopened.start)
}

impl Lane {
    pub fn open(disk: &SimDisk, entropy_seed: u64) -> Self {
        let setup = setup(disk, entropy_seed);
        let (found, start) = recover(&setup);
        let log = Log::default();
        let committer = Committer::start(setup, start, Box::new(log.clone())).unwrap();
        Self {
            disk: disk.clone(),
            committer,
            log,
            found,
        }
    }

    /// Writes one batch and waits for its fate.
    pub fn write(&self, class: Class, bodies: &[Vec<u8>]) -> Result<u64, Unwritten> {
        let drafts = bodies.iter().map(|body| draft(Kind::Input, body)).collect();
        let written = self.committer.submit_blocking(class, drafts);
        written.map(|written| written.first_seq)
    }

    /// Everything known durable: found at the start or acknowledged since.
    pub fn promised(&self) -> Story {
        let mut story = self.found.story.clone();
        story.extend(self.log.0.lock().unwrap().clone());
        story
    }
}

pub fn draft(kind: Kind, body: &[u8]) -> Draft {
    Draft {
        kind,
        entity: Entity {
            kind: 1,
            key: [body.first().copied().unwrap_or(0); 16],
        },
        scope: Scope::Ring,
        entity_seq: 0,
        input_hash: [7; 8],
        epoch: 0,
        next_wake: 0,
        body: body.to_vec(),
        change: Change::Nothing,
    }
}

/// A batch of one to three bodies that never repeat.
pub fn batch(dice: &mut Dice) -> Vec<Vec<u8>> {
    let one = |dice: &mut Dice| {
        let mut body = dice.roll().to_le_bytes().to_vec();
        body.resize(8 + dice.below(2500) as usize, 0xA5);
        body
    };
    (0..1 + dice.below(3)).map(|_| one(dice)).collect()
}
