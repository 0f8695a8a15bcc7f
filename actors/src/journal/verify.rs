//! What an operator asks of a stopped journal: what is in it, whether it is whole, and, after a
//! damage that no copy can mend, to go on without what is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::adapter::{AcceptedLosses, Config, DirectoryError, OpenError, Paths, setup};
use super::checkpoint::{Checkpoint, CheckpointError, Item, Snapshots};
use super::committer::Sequence;
use super::index::{Change, Index};
use super::keys::Ring;
use super::marks::Marks;
use super::pages::{Aliases, PagesError};
use super::record::{Header, Kind, Position};
use super::recover::{Damage, Depth, Found, RecoverError, Scanned, Until, scan, survey};
use super::segment::Segment;
use super::snapshot::Saved;
use crate::model::{Key, Partition};

/// Differences named in a report; more are only counted.
const NAMED: usize = 20;

/// What one segment holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentReport {
    /// Its lane.
    pub lane: u16,
    /// Its number.
    pub number: u32,
    /// When it was opened, Unix seconds.
    pub created: u64,
    /// No record in it has a smaller journal sequence.
    pub first_seq: u64,
    /// Records by kind.
    pub kinds: BTreeMap<Kind, u64>,
    /// Groups that count.
    pub groups: u64,
    /// Bytes in use.
    pub bytes: u32,
    /// It was closed in good order.
    pub closed: bool,
    /// Bytes of a torn tail; the next start cuts them.
    pub torn_bytes: u64,
}

/// Whether a journal is whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Its segments, oldest first.
    pub segments: Vec<SegmentReport>,
    /// Records opened and checked.
    pub records: u64,
    /// Entities in the checkpoint.
    pub entities: u64,
    /// Aliases in the checkpoint.
    pub aliases: u64,
    /// What is damaged or missing and not accepted.
    pub damage: Vec<Damage>,
    /// What was accepted, oldest first.
    pub accepted: Vec<AcceptedLoss>,
    /// Entities whose last steps no release could fold so far.
    pub unfolded: Vec<String>,
    /// Where a snapshot or an alias that is looked up differs from what the checkpoint holds: the first
    /// twenty, in words.
    pub differences: Vec<String>,
    /// How many differences there are in all.
    pub differing: u64,
}

/// A loss that an operator accepted, or that went with its segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedLoss {
    /// When, Unix seconds.
    pub at: u64,
    /// What, as [`Damage`] prints it.
    pub damage: String,
}

impl Report {
    /// Nothing is damaged and nothing differs.
    pub fn is_whole(&self) -> bool {
        self.damage.is_empty() && self.differing == 0
    }

    fn differ(&mut self, what: String) {
        self.differing += 1;
        if self.differences.len() < NAMED {
            self.differences.push(what);
        }
    }
}

/// Why a journal could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The data directory, its keys or its segments cannot be read at all.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The checkpoint cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The alias index cannot be read. The next start builds it again.
    #[error(transparent)]
    Pages(#[from] PagesError),
}

/// Lists the segments of a stopped journal; reads tables only.
pub fn inspect(config: &Config) -> Result<Report, VerifyError> {
    let stopped = Stopped::open(config)?;
    stopped.walk(Depth::Headers, &mut |_, _| ())
}

/// Shows every record of a stopped journal with its lane, without bodies; gives what is damaged.
pub fn records(
    config: &Config,
    show: &mut dyn FnMut(u16, Found<'_>),
) -> Result<Vec<Damage>, VerifyError> {
    let stopped = Stopped::open(config)?;
    let report = stopped.walk(Depth::Headers, show)?;
    Ok(report.damage)
}

/// Opens every record, looks for the records that entities still need, and looks up every snapshot
/// and alias of the checkpoint: each must be found as it is there, and no alias more.
pub fn verify(config: &Config) -> Result<Report, VerifyError> {
    let stopped = Stopped::open(config)?;
    let (mut report, checkpoint) = stopped.read()?;
    stopped.compare(&checkpoint, &mut report)?;
    Ok(report)
}

/// Accepts the loss of everything that is damaged now: the next start reports it no longer and lifts
/// its fences. What is damaged stays unread for ever.
pub fn accept_losses(config: &Config) -> Result<Report, VerifyError> {
    let stopped = Stopped::open(config)?;
    let (mut report, checkpoint) = stopped.read()?;
    stopped.compare(&checkpoint, &mut report)?;
    let mut accepted = stopped.accepted.clone();
    accepted.add(config.clock.now().0 / 1000, &report.damage);
    let written = stopped.paths.accept_losses(&*config.disk, &accepted);
    written.map_err(OpenError::from)?;
    report.damage.clear();
    report.accepted = losses(&accepted);
    Ok(report)
}

struct Stopped<'a> {
    config: &'a Config,
    lanes: u16,
    paths: Paths,
    ring: Ring,
    accepted: AcceptedLosses,
    _lock: Box<dyn std::any::Any + Send + Sync>,
}

impl<'a> Stopped<'a> {
    fn open(config: &'a Config) -> Result<Self, OpenError> {
        let paths = Paths::new(&config.data);
        let disk = &*config.disk;
        let lock = paths.lock(disk)?;
        let path = || config.data.display().to_string();
        // The directory says how many lanes it has; nobody has to know.
        let lanes = match paths.shape(disk)? {
            Some((found, lanes)) if found == config.partitions => lanes,
            Some((found, _)) => {
                return Err(OpenError::from(DirectoryError::Partitions {
                    path: path(),
                    found,
                    asked: config.partitions,
                }));
            }
            None => return Err(OpenError::from(DirectoryError::Format(path()))),
        };
        Ok(Self {
            config,
            lanes,
            ring: Ring::open_or_create(disk, &config.ring, &*config.entropy)?,
            accepted: paths.accepted_losses(disk)?,
            paths,
            _lock: lock,
        })
    }

    /// Opens every record, and takes in what a start would.
    fn read(&self) -> Result<(Report, Checkpoint), VerifyError> {
        let checkpoint = Checkpoint::open(
            Arc::clone(&self.config.disk),
            self.paths.checkpoint(),
            self.ring.clone(),
            Arc::clone(&self.config.entropy),
        )?;
        let index = Index::new(self.config.partitions);
        checkpoint.latest(&mut |item| {
            if let Item::Entity(key, saved) = item {
                let active = saved.is_busy().then(|| saved.active());
                index.restore(key, saved.entry(), active);
            }
            Ok(())
        })?;
        let mut report = self.walk(Depth::Bodies, &mut |_, found| {
            take(&index, found.header, found.position, found.body);
        })?;
        for lane in 0..self.lanes {
            let partitions = (lane..self.config.partitions).step_by(usize::from(self.lanes));
            let there = report.segments.iter().filter(|row| row.lane == lane);
            let there: Vec<u32> = there.map(|row| row.number).collect();
            for reference in index.references(partitions.map(Partition)) {
                let gone = Damage::gone(lane, &reference);
                if !there.contains(&gone.segment) && !self.accepted.holds(&gone.to_string()) {
                    report.damage.push(gone);
                }
            }
        }
        Ok((report, checkpoint))
    }

    fn walk(
        &self,
        depth: Depth,
        show: &mut dyn FnMut(u16, Found<'_>),
    ) -> Result<Report, VerifyError> {
        let mut report = Report::default();
        for lane in 0..self.lanes {
            self.walk_lane(lane, depth, show, &mut report)?;
        }
        report
            .damage
            .retain(|damage| !self.accepted.holds(&damage.to_string()));
        report.accepted = losses(&self.accepted);
        Ok(report)
    }

    fn walk_lane(
        &self,
        lane: u16,
        depth: Depth,
        show: &mut dyn FnMut(u16, Found<'_>),
        report: &mut Report,
    ) -> Result<(), VerifyError> {
        let ring = self.ring.clone();
        let setup = setup(self.config, &self.paths, ring, lane, Sequence::default());
        let io_error = |source| {
            OpenError::from(RecoverError::Io {
                path: setup.folder.display().to_string(),
                source,
            })
        };
        let marks = Marks::read(&*setup.disk, &setup.folder).map_err(io_error)?;
        let survey = survey(&setup, marks.as_ref()).map_err(OpenError::from)?;
        report.damage.extend(survey.damage);
        for (segment, until) in &survey.chain {
            let mut kinds = BTreeMap::new();
            let scanned = scan(segment, *until, depth, &mut |found| {
                *kinds.entry(found.header.kind).or_default() += 1;
                show(lane, found);
            });
            let scanned = scanned.map_err(io_error)?;
            report.records += scanned.records;
            report.damage.extend(scanned.damage.iter().cloned());
            report.segments.push(row(segment, *until, kinds, &scanned));
        }
        Ok(())
    }

    fn compare(&self, checkpoint: &Checkpoint, report: &mut Report) -> Result<(), VerifyError> {
        let pages = self.config.pages.open()?;
        let expected = checkpoint.items() as usize;
        let live = Aliases::new(pages, &self.ring, &*self.config.entropy, expected)?;
        // An unclean stop leaves the index a few batches behind; the start would add them.
        let mut missed = Vec::new();
        checkpoint.replay(live.applied()?, &mut |item| {
            missed.extend(matches!(item, Item::Alias(..)).then_some(item));
            Ok(())
        })?;
        live.put(&missed, Some(checkpoint.last()))?;
        let snapshots = checkpoint.snapshots();
        let mut failed = None;
        checkpoint.latest(&mut |item| {
            match item {
                Item::Entity(key, saved) => compare_snapshot(&snapshots, key, &saved, report)?,
                Item::Alias(alias, key, seq) => {
                    let compared = compare_alias(&live, &alias, (key, seq), report);
                    failed = failed.take().or(compared.err());
                }
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)?;
        let aliases = live.count()?;
        if aliases != report.aliases {
            let expected = report.aliases;
            report.differ(format!("{aliases} aliases instead of {expected}"));
        }
        Ok(())
    }
}

fn compare_snapshot(
    snapshots: &Snapshots,
    key: Key,
    saved: &Saved,
    report: &mut Report,
) -> Result<(), CheckpointError> {
    report.entities += 1;
    if !saved.tail.is_empty() {
        report.unfolded.push(key.to_string());
    }
    match snapshots.of(key)? {
        Some(found) if found == *saved => {}
        Some(found) => report.differ(format!(
            "{key}: version {} instead of {}",
            found.version, saved.version
        )),
        None => report.differ(format!("{key} is missing")),
    }
    Ok(())
}

fn compare_alias(
    live: &Aliases,
    alias: &[u8; 16],
    named: (Key, u64),
    report: &mut Report,
) -> Result<(), PagesError> {
    report.aliases += 1;
    live.expect(alias);
    if live.get(alias)? != Some(named) {
        report.differ(format!("an alias of {} differs", named.0));
    }
    Ok(())
}

/// Takes a record into the index as a start would; one that the checkpoint covers changes nothing.
fn take(index: &Index, header: &Header, position: Position, body: Option<&[u8]>) {
    if index.covers(header) {
        return;
    }
    // What does not decode is told by whoever needs it.
    let change = body.and_then(|body| Change::read(header, body).ok());
    index.apply(header, position, change.unwrap_or(Change::Nothing));
}

fn losses(accepted: &AcceptedLosses) -> Vec<AcceptedLoss> {
    let lines = accepted.lines();
    lines
        .map(|(at, damage)| AcceptedLoss {
            at,
            damage: damage.to_owned(),
        })
        .collect()
}

fn row(
    segment: &Segment,
    until: Until,
    kinds: BTreeMap<Kind, u64>,
    scanned: &Scanned,
) -> SegmentReport {
    SegmentReport {
        lane: segment.header.lane,
        number: segment.header.number,
        created: segment.header.created,
        first_seq: segment.header.first_seq,
        kinds,
        groups: scanned.last_group,
        bytes: scanned.end,
        // Whoever has a successor was followed in good order as far as that one says.
        closed: scanned.closed || matches!(until, Until::Group(_)),
        torn_bytes: scanned.torn_bytes,
    }
}
