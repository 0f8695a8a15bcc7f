//! Opening a journal: the first half, up to where inputs can be accepted.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::core::{Begin, Core, Early, Stage, day_of, seen_id};
use super::landing::Shore;
use super::lane::{Lane, LaneBegin};
use super::recovery::{change_of, recover};
use super::{Config, OpenError, Paths};
use crate::journal::committer::{Committer, Sequence, Setup, StartError};
use crate::journal::keeper;
use crate::journal::keys::Ring;
use crate::journal::marks::Marks;
use crate::journal::recover::{Found, Reopened, reopen};
use crate::journal::seen::{Id, Seen};

/// The first half; the second goes on in the returned thread, which then keeps house.
pub(super) fn open(config: Config) -> Result<(Arc<Core>, JoinHandle<()>), OpenError> {
    let paths = Paths::new(&config.data);
    let disk = Arc::clone(&config.disk);
    let lock = paths.lock(&*disk)?;
    let ring = Ring::open_or_create(&*disk, &config.ring, &*config.entropy)?;
    paths.check_format(&*disk, config.partitions, config.lanes)?;
    let accepted = paths.accepted_losses(&*disk)?;
    let sequence = Sequence::default();
    let (mut setups, mut lanes, mut reopened) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..config.lanes {
        let setup = setup(&config, &paths, ring.clone(), number, sequence.clone());
        let (lane, read) = open_lane(&config, &setup)?;
        // No lane counts on before all have said how far they are.
        sequence.at_least(read.start.next_seq);
        setups.push(setup);
        lanes.push(lane);
        reopened.push(read);
    }
    let scanned = reopened.iter().filter_map(|read| read.newest.as_ref());
    let core = Arc::new(Core::new(Begin {
        config,
        paths,
        ring,
        lanes,
        torn_bytes: scanned.map(|scanned| scanned.torn_bytes).sum(),
        lock,
    }));
    for read in &reopened {
        let newest = read.newest.iter().flat_map(|scanned| &scanned.damage);
        for damage in read.survey.damage.iter().chain(newest) {
            core.take_damage(damage.clone(), &accepted);
        }
    }
    for ((setup, read), lane) in setups.into_iter().zip(&reopened).zip(&core.lanes) {
        let shore = Shore {
            core: Arc::clone(&core),
            lane: lane.number,
        };
        lane.set_committer(Committer::start(setup, read.start, Box::new(shore))?);
    }
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
            drop((reopened, accepted));
            keeper::run(&keeper);
        })
        .map_err(|source| StartError::Io {
            folder: core.config.data.display().to_string(),
            source,
        })?;
    Ok((core, thread))
}

/// Records and bytes that a lane's queue has at least: one webhook body may go to one lane.
const QUEUE_RECORDS_MIN: usize = 16 * 1024;
const QUEUE_BYTES_MIN: usize = 32 * 1024 * 1024;

/// What the committer of a lane is set up with. Lanes share the queue's bounds evenly, as far as one
/// body still fits.
pub(crate) fn setup(
    config: &Config,
    paths: &Paths,
    ring: Ring,
    lane: u16,
    sequence: Sequence,
) -> Setup {
    let clock = Arc::clone(&config.clock);
    let lanes = usize::from(config.lanes.max(1));
    Setup {
        disk: Arc::clone(&config.disk),
        folder: paths.lane(lane),
        lane,
        partitions: u32::from(config.partitions),
        segment_bytes: config.segment_bytes,
        reserves: config.reserves(),
        sequence,
        queue_records: share(config.queue_records, lanes, QUEUE_RECORDS_MIN),
        queue_bytes: share(config.queue_bytes, lanes, QUEUE_BYTES_MIN),
        ring,
        contacts: Arc::clone(&config.contacts),
        entropy: Arc::clone(&config.entropy),
        clock: Arc::new(move || clock.now().0 / 1000),
    }
}

fn share(whole: usize, lanes: usize, least: usize) -> usize {
    whole.div_ceil(lanes).max(least.min(whole))
}

/// Reads the newest segment of a lane.
fn open_lane(config: &Config, setup: &Setup) -> Result<(Lane, Reopened), OpenError> {
    let io_error = |source| StartError::Io {
        folder: setup.folder.display().to_string(),
        source,
    };
    setup.disk.create_dir(&setup.folder).map_err(io_error)?;
    let marks = Marks::read(&*setup.disk, &setup.folder).map_err(io_error)?;
    let mut newest = Newest::default();
    let take = &mut |found: Found<'_>| newest.take(found, config.partitions);
    let reopened = reopen(setup, marks.as_ref(), take)?;
    let disk = Arc::clone(&setup.disk);
    let seen = Seen::open(disk, setup.folder.clone(), config.seen_days).map_err(io_error)?;
    if let Some(segment) = reopened.survey.newest() {
        let number = segment.header.number;
        if !seen.has_file(number) {
            seen.seal(number, day_of(segment), newest.seen);
        }
    }
    let chain = reopened.survey.chain.iter();
    let lane = Lane::new(LaneBegin {
        number: setup.lane,
        folder: setup.folder.clone(),
        seen,
        segments: chain
            .map(|(segment, _)| (segment.header.number, Arc::clone(segment)))
            .collect(),
        early: newest.records,
        start: reopened.start,
        marks,
    });
    Ok((lane, reopened))
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
