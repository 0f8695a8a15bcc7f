//! What an operator asks of a stopped journal: what is in it, whether it is whole, and, after a
//! damage that no copy can mend, to go on without what is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::adapter::{Config, OpenError, Paths};
use super::checkpoint::{Checkpoint, CheckpointError, Item};
use super::keys::Ring;
use super::pages::{PagesError, Sealed};
use super::record::Kind;
use super::recover::{Damage, Depth, RecoverError, Scanned, Until, scan, survey};
use super::segment::Segment;

/// Differences named in a report; more are only counted.
const NAMED: usize = 20;

/// What one segment holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentReport {
    /// Its number.
    pub number: u32,
    /// When it was opened, Unix seconds.
    pub created: u64,
    /// Journal sequence of its first record.
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
    /// What is damaged, accepted losses included.
    pub damage: Vec<Damage>,
    /// Where the snapshot index differs from the checkpoint: the first twenty, in words.
    pub differences: Vec<String>,
    /// How many differences there are in all.
    pub differing: u64,
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
    /// The snapshot index cannot be read. The next start builds it again.
    #[error(transparent)]
    Pages(#[from] PagesError),
}

/// Lists the segments of a stopped journal; reads tables only.
pub fn inspect(config: &Config) -> Result<Report, VerifyError> {
    let stopped = Stopped::open(config)?;
    stopped.walk(Depth::Headers)
}

/// Opens every record, and compares the snapshot index with the one that checkpoint and journal
/// would give: the same snapshot for every entity, no more and no less.
pub fn verify(config: &Config) -> Result<Report, VerifyError> {
    let stopped = Stopped::open(config)?;
    let mut report = stopped.walk(Depth::Bodies)?;
    stopped.compare(&mut report)?;
    Ok(report)
}

/// Accepts the loss of everything that is damaged now: the next start reports it no longer and lifts
/// its fences. What is damaged stays unread for ever.
pub fn accept_losses(config: &Config) -> Result<Report, VerifyError> {
    let stopped = Stopped::open(config)?;
    let report = stopped.walk(Depth::Bodies)?;
    let accepted = stopped.paths.accept_damage(&*config.disk, &report.damage);
    accepted.map_err(OpenError::from)?;
    Ok(report)
}

struct Stopped<'a> {
    config: &'a Config,
    paths: Paths,
    ring: Ring,
    _lock: Box<dyn std::any::Any + Send + Sync>,
}

impl<'a> Stopped<'a> {
    fn open(config: &'a Config) -> Result<Self, OpenError> {
        let paths = Paths::new(&config.data);
        let disk = &*config.disk;
        let lock = paths.lock(disk)?;
        paths.check_format(disk, config.partitions)?;
        let ring = Ring::open_or_create(disk, &config.ring, &*config.entropy)?;
        Ok(Self {
            config,
            paths,
            ring,
            _lock: lock,
        })
    }

    fn walk(&self, depth: Depth) -> Result<Report, VerifyError> {
        let (disk, folder) = (&*self.config.disk, self.paths.lane());
        let partitions = u32::from(self.config.partitions);
        let contacts = &self.config.contacts;
        let survey = survey(disk, &folder, partitions, &self.ring, contacts);
        let survey = survey.map_err(OpenError::from)?;
        let mut report = Report {
            damage: survey.damage,
            ..Report::default()
        };
        for (segment, until) in &survey.chain {
            let mut kinds = BTreeMap::new();
            let scanned = scan(segment, *until, depth, &mut |found| {
                *kinds.entry(found.header.kind).or_default() += 1;
            });
            let scanned = scanned.map_err(|source| {
                OpenError::from(RecoverError::Io {
                    path: folder.display().to_string(),
                    source,
                })
            })?;
            report.records += scanned.records;
            report.damage.extend(scanned.damage.iter().cloned());
            report.segments.push(row(segment, *until, kinds, &scanned));
        }
        Ok(report)
    }

    fn compare(&self, report: &mut Report) -> Result<(), VerifyError> {
        let checkpoint = Checkpoint::open(
            Arc::clone(&self.config.disk),
            self.paths.checkpoint(),
            self.ring.clone(),
            Arc::clone(&self.config.entropy),
        )?;
        let pages = self.config.pages.open()?;
        let live = Sealed::new(pages, &self.ring, &*self.config.entropy)?;
        // An unclean stop leaves the index a few batches behind; the start would add them.
        let mut missed = Vec::new();
        checkpoint.replay(live.applied()?, &mut |item| {
            missed.push(item);
            Ok(())
        })?;
        live.put(&missed, Some(checkpoint.last()))?;
        let mut failed = None;
        checkpoint.latest(&mut |item| {
            let compared = compare_item(&live, &item, report);
            failed = failed.take().or(compared.err());
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)?;
        let mut entities = 0;
        live.heads(&mut |_, _| entities += 1)?;
        if entities != report.entities {
            let expected = report.entities;
            report.differ(format!("{entities} entities instead of {expected}"));
        }
        Ok(())
    }
}

fn compare_item(live: &Sealed, item: &Item, report: &mut Report) -> Result<(), PagesError> {
    match item {
        Item::Entity(key, saved) => {
            report.entities += 1;
            match live.get(*key)? {
                Some(found) if found == *saved => {}
                Some(found) => report.differ(format!(
                    "{key}: version {} instead of {}",
                    found.version, saved.version
                )),
                None => report.differ(format!("{key} is missing")),
            }
        }
        Item::Alias(alias, key, seq) => {
            report.aliases += 1;
            if live.alias(alias)? != Some((*key, *seq)) {
                report.differ(format!("an alias of {key} differs"));
            }
        }
    }
    Ok(())
}

fn row(
    segment: &Segment,
    until: Until,
    kinds: BTreeMap<Kind, u64>,
    scanned: &Scanned,
) -> SegmentReport {
    SegmentReport {
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
