//! Opening a journal, in two halves. See the module head of [`super`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::core::{Begin, Core, Early, Stage, day_of, seen_id};
use super::landing::Shore;
use super::{Config, DirectoryError, OpenError, Paths};
use crate::journal::checkpoint::{Checkpoint, CheckpointError, Item};
use crate::journal::committer::{Class, Committer, Setup, StartError};
use crate::journal::index::{Change, Entry, key_of};
use crate::journal::keeper;
use crate::journal::keys::Ring;
use crate::journal::pages::{PagesError, Sealed};
use crate::journal::record::{Header, Kind};
use crate::journal::recover::{Depth, Found, Reopened, Until, reopen, scan};
use crate::journal::running::Suspect;
use crate::journal::seen::{Id, Seen};
use crate::journal::segment::{Segment, segment_path};
use crate::model::{InSeq, Note, Strike};

/// Items put into the snapshot index at once while it is built.
const REBUILD_BATCH: usize = 512;

/// Why the second half failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoveryError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Pages(#[from] PagesError),
    #[error("segment {segment}: {source}")]
    Io {
        segment: u32,
        source: std::io::Error,
    },
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// The first half; the second goes on in the returned thread, which then keeps house.
pub(super) fn open(config: Config) -> Result<(Arc<Core>, JoinHandle<()>), OpenError> {
    let paths = Paths::new(&config.data);
    let disk = Arc::clone(&config.disk);
    let lock = paths.lock(&*disk)?;
    let ring = Ring::open_or_create(&*disk, &config.ring, &*config.entropy)?;
    paths.check_format(&*disk, config.partitions)?;
    let setup = setup(&config, &paths, ring.clone());
    let io_error = |source| StartError::Io {
        folder: setup.folder.display().to_string(),
        source,
    };
    disk.create_dir(&setup.folder).map_err(io_error)?;
    let mut newest = Newest::default();
    let reopened = reopen(&setup, &mut |found| newest.take(found, config.partitions))?;
    let seen = Seen::open(Arc::clone(&disk), setup.folder.clone()).map_err(io_error)?;
    let chain = &reopened.survey.chain;
    let segments: BTreeMap<u32, Arc<Segment>> = chain
        .iter()
        .map(|(segment, _)| (segment.header.number, Arc::clone(segment)))
        .collect();
    if let Some(segment) = reopened.survey.newest() {
        let number = segment.header.number;
        if !seen.has_file(number) {
            seen.seal(number, day_of(segment), newest.seen);
        }
    }
    let accepted = paths.accepted_damage(&*disk)?;
    let scanned = reopened.newest.as_ref();
    let core = Arc::new(Core::new(Begin {
        config,
        paths,
        ring,
        seen,
        segments,
        early: newest.records,
        torn_bytes: scanned.map_or(0, |scanned| scanned.torn_bytes),
        landed_seq: reopened.start.next_seq - 1,
        lock,
    }));
    let damage = scanned.iter().flat_map(|scanned| &scanned.damage);
    for damage in reopened.survey.damage.iter().chain(damage) {
        core.take_damage(damage.clone(), &accepted);
    }
    let shore = Box::new(Shore(Arc::clone(&core)));
    let committer = Committer::start(setup, reopened.start, shore)?;
    core.set_committer(committer);
    let keeper = Arc::clone(&core);
    let thread = std::thread::Builder::new()
        .name("journal-keeper".to_owned())
        .spawn(move || {
            match recover(&keeper, &reopened, &accepted) {
                Ok(()) => keeper.reach(Stage::Ready),
                Err(error) => {
                    tracing::error!(%error, "the journal could not be recovered");
                    keeper.reach(Stage::Failed(error.to_string()));
                    return;
                }
            }
            keeper::run(&keeper);
        })
        .map_err(|source| StartError::Io {
            folder: core.config.data.display().to_string(),
            source,
        })?;
    Ok((core, thread))
}

pub(crate) fn setup(config: &Config, paths: &Paths, ring: Ring) -> Setup {
    let clock = Arc::clone(&config.clock);
    Setup {
        disk: Arc::clone(&config.disk),
        folder: paths.lane(),
        lane: 0,
        partitions: u32::from(config.partitions),
        segment_bytes: config.segment_bytes,
        queue_records: config.queue_records,
        queue_bytes: config.queue_bytes,
        ring,
        contacts: Arc::clone(&config.contacts),
        entropy: Arc::clone(&config.entropy),
        clock: Arc::new(move || clock.now().0 / 1000),
    }
}

/// What the first half keeps of the newest segment.
#[derive(Default)]
struct Newest {
    records: Vec<Early>,
    seen: Vec<(Id, u64)>,
}

impl Newest {
    fn take(&mut self, found: Found<'_>, partitions: u16) {
        self.seen.extend(seen_id(found.header, partitions));
        let change = change_of(found.header, found.body);
        self.records.push((*found.header, found.position, change));
    }
}

/// A body that does not decode changes nothing here; whoever needs the record will say so.
fn change_of(header: &Header, body: Option<&[u8]>) -> Change {
    let Some(body) = body else {
        return Change::Nothing;
    };
    Change::read(header, body).unwrap_or_else(|error| {
        tracing::error!(seq = header.seq, %error, "a record does not decode");
        Change::Nothing
    })
}

/// The second half: snapshots, the older segments, then what has arrived meanwhile.
fn recover(
    core: &Arc<Core>,
    reopened: &Reopened,
    accepted: &[String],
) -> Result<(), RecoveryError> {
    let checkpoint = Checkpoint::open(
        Arc::clone(&core.config.disk),
        core.paths.checkpoint(),
        core.ring.clone(),
        Arc::clone(&core.config.entropy),
    )?;
    // Set once, here.
    let _ = core.checkpoint.set(Mutex::new(checkpoint));
    core.open_pages()?;
    core.enter_snapshots()?;
    release_leftovers(core)?;
    let chain = &reopened.survey.chain;
    for (segment, until) in &chain[..chain.len().saturating_sub(1)] {
        read_segment(core, segment, *until, accepted)?;
    }
    let may_have_gaps = !accepted.is_empty();
    while core.apply_early(&mut |(header, position, change)| {
        apply(core, &header, position, change, may_have_gaps);
    }) {}
    for key in core.index.lost() {
        if !may_have_gaps {
            tracing::error!(%key, "a referenced record is in no segment");
            core.fences.fence(key);
        }
    }
    count_strikes(core, reopened.start.next_seq - 1);
    Ok(())
}

/// Counts a strike against each input that was being decided when the last process ended, and
/// begins to note steps anew. Whatever fails here costs only the evidence.
fn count_strikes(core: &Core, last_seq: u64) {
    let left = core.running.left().unwrap_or_else(|error| {
        tracing::warn!(%error, "the running file of the last process is unreadable");
        Some(Vec::new())
    });
    for suspect in left.iter().flatten() {
        let Suspect { key, input } = *suspect;
        let shard = core.index.shard(key);
        let active = shard.active.get(&key);
        let waits = active.is_some_and(|active| active.awaits(input.0));
        drop(shard);
        if !waits || core.fences.is_fenced(key) {
            continue;
        }
        tracing::warn!(%key, input = input.0, "this input was being decided when the process ended");
        let strike = Note::Strike(Strike {
            input,
            weight: 1,
            reason: "the process ended while this input was decided".into(),
        });
        let drafts = vec![super::draft::note(key, &strike)];
        if let Err(error) = core.committer().submit_blocking(Class::Work, drafts) {
            tracing::warn!(%error, "a strike is not on record");
        }
    }
    let suspect_to = InSeq(left.map_or(0, |_| last_seq));
    if let Err(error) = core.running.begin(suspect_to) {
        tracing::warn!(%error, "steps run unnoted: the running file cannot be made");
    }
}

/// Segments whose release was noted but not finished.
fn release_leftovers(core: &Core) -> Result<(), RecoveryError> {
    let below = core.paths.released_below(&*core.config.disk)?;
    let mut segments = core
        .segments
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    let kept = segments.split_off(&below);
    let leftovers = std::mem::replace(&mut *segments, kept);
    drop(segments);
    for number in leftovers.into_keys() {
        let path = segment_path(&core.paths.lane(), number);
        let removed = core.config.disk.remove(&path);
        removed.map_err(|source| RecoveryError::Io {
            segment: number,
            source,
        })?;
    }
    Ok(())
}

fn read_segment(
    core: &Core,
    segment: &Arc<Segment>,
    until: Until,
    accepted: &[String],
) -> Result<(), RecoveryError> {
    let number = segment.header.number;
    if core.segment(number).is_none() {
        return Ok(());
    }
    let partitions = core.config.partitions;
    let may_have_gaps = !accepted.is_empty();
    let mut seen = (!core.seen.has_file(number)).then(Vec::new);
    let scanned = scan(segment, until, Depth::Bodies, &mut |found| {
        let header = found.header;
        if let Some(seen) = &mut seen {
            seen.extend(seen_id(header, partitions));
        }
        // A covered record only tells where it lies.
        let change = match header.kind {
            Kind::Carried => change_of(header, found.body),
            _ if core.index.covers(header) => Change::Nothing,
            Kind::Input => Change::Input,
            _ => change_of(header, found.body),
        };
        apply(core, header, found.position, change, may_have_gaps);
    });
    let scanned = scanned.map_err(|source| RecoveryError::Io {
        segment: number,
        source,
    })?;
    for damage in scanned.damage {
        core.take_damage(damage, accepted);
    }
    if let Some(seen) = seen {
        core.seen.seal(number, day_of(segment), seen);
    }
    Ok(())
}

fn apply(
    core: &Core,
    header: &Header,
    position: crate::journal::record::Position,
    change: Change,
    may_have_gaps: bool,
) {
    let applied = core.index.apply(header, position, change);
    if let Some(key) = key_of(header.entity) {
        if applied.gap && !may_have_gaps {
            tracing::error!(%key, seq = header.seq, "a step is missing before this one");
            core.fences.fence(key);
        }
        if applied.snapshot_due {
            core.queue_snapshot(key);
        }
    }
}

impl Core {
    /// Opens the snapshot index and brings it up to the checkpoint; anything wrong with it means
    /// that it is built again.
    fn open_pages(&self) -> Result<(), RecoveryError> {
        let opened = self.config.pages.open().and_then(|pages| {
            let sealed = Sealed::new(pages, &self.ring, &*self.config.entropy)?;
            let applied = sealed.applied()?;
            Ok((sealed, applied))
        });
        match opened {
            Ok((sealed, applied)) if applied <= self.last_batch() => {
                if self.fill_pages(&sealed, applied).is_ok() {
                    let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
                    *pages = Some(sealed);
                    return Ok(());
                }
            }
            Ok(_) => tracing::warn!("the snapshot index is ahead of the checkpoint"),
            Err(error) => tracing::warn!(%error, "the snapshot index could not be opened"),
        }
        self.rebuild_pages()
    }

    /// Throws the snapshot index away and builds it from the checkpoint.
    pub(crate) fn rebuild_pages(&self) -> Result<(), RecoveryError> {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        // The old one must be closed before its files are removed.
        *pages = None;
        let fresh = self.config.pages.reset()?;
        let sealed = Sealed::new(fresh, &self.ring, &*self.config.entropy)?;
        self.fill_pages(&sealed, 0)?;
        *pages = Some(sealed);
        Ok(())
    }

    fn fill_pages(&self, sealed: &Sealed, applied: u64) -> Result<(), RecoveryError> {
        let checkpoint = self.checkpoint();
        let mut batch: Vec<Item> = Vec::with_capacity(REBUILD_BATCH);
        let mut failed = None;
        checkpoint.replay(applied, &mut |item| {
            batch.push(item);
            if batch.len() == REBUILD_BATCH && failed.is_none() {
                failed = sealed.put(&batch, None).err();
                batch.clear();
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)?;
        sealed.put(&batch, Some(checkpoint.last()))?;
        Ok(())
    }

    fn last_batch(&self) -> u64 {
        self.checkpoint().last()
    }

    pub(crate) fn checkpoint(&self) -> std::sync::MutexGuard<'_, Checkpoint> {
        let checkpoint = self.checkpoint.get();
        let checkpoint = checkpoint.expect("the start sets it before anything asks for it");
        checkpoint.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters every saved entity into the index; builds the pages again when they are unreadable.
    fn enter_snapshots(&self) -> Result<(), RecoveryError> {
        if let Err(error) = self.enter_heads() {
            tracing::warn!(%error, "the snapshot index is unreadable");
            self.rebuild_pages()?;
            self.enter_heads()?;
        }
        Ok(())
    }

    fn enter_heads(&self) -> Result<(), PagesError> {
        let pages = self.pages.read().unwrap_or_else(PoisonError::into_inner);
        let pages = pages
            .as_ref()
            .ok_or_else(|| PagesError("it is missing".to_owned()))?;
        let mut busy = Vec::new();
        pages.heads(&mut |key, head| {
            let entry = Entry {
                version: head.version,
                consumed: head.consumed,
                cover: head.cover,
                wake: head.wake,
                merged: head.merged,
            };
            self.index.restore(key, entry, None);
            busy.extend(head.busy.then_some(key));
        })?;
        for key in busy {
            let saved = pages.get(key)?;
            let saved = saved.ok_or_else(|| PagesError(format!("{key} has no snapshot")))?;
            self.index.restore(key, saved.entry(), Some(saved.active()));
        }
        Ok(())
    }
}
