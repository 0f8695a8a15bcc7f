//! The journal's housekeeping, on one thread.
//!
//! It writes snapshots (durable deltas of the checkpoint, with the aliases in their index), turns
//! the seen entries of sealed segments into files, sees to it that sealed segments are covered by
//! the checkpoint soon (see [`cover`]) and that they go in time (see [`carry`]). Nothing on the way
//! of a message waits for it.

mod save;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::ReadError;
use super::adapter::{Core, DirectoryError};
use super::carry;
use super::checkpoint::CheckpointError;
use super::cover;
pub(super) use save::save;

/// Snapshots made durable together. The larger a batch, the less often the checkpoint's files are
/// merged.
pub(super) const BATCH: usize = 4_096;
/// Snapshots of a round while messages come and few wait.
const TRICKLE: usize = 512;
/// Fewer than these wait so many rounds for company: a batch costs several flushes of the disk,
/// however small it is, and the journal's own wait for them.
const COMPANY_ROUNDS: u32 = 10;
/// Entities that may wait for a snapshot while messages come; each takes about half a kilobyte until
/// it has one. One that wakes meanwhile is read from memory, and needs one snapshot for all its
/// steps.
const WAITING_MAX: usize = 32_768;
/// When so many times that number wait, snapshots get half of the keeper's time; when fewer, less.
const PRESSING: u32 = 4;
/// Records of a round with fewer of which nobody is kept from anything.
const QUIET_RECORDS: u64 = 512;

/// Why housekeeping stopped half-way; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(super) enum HouseError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("journal files: {0}")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("carrying: {0}")]
    Carry(#[from] super::committer::Unwritten),
}

/// Keeps house until the journal closes.
pub(super) fn run(core: &Core) {
    let tick = Duration::from_millis(core.config.house_ms.min(core.config.max_age_ms / 40).max(1));
    let day = Duration::from_millis(core.config.max_age_ms);
    let mut rounds = Rounds {
        last_batch: Instant::now(),
        records: 0,
        // Soon after a start, so that frequent ones do not put it off for ever.
        flatten_at: Instant::now() + day / 24,
    };
    let mut failing = false;
    while core.rest(tick) {
        let done = catch_unwind(AssertUnwindSafe(|| tend(core, &mut rounds)));
        let failed = match done {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it panicked".to_owned()),
        };
        if let Some(reason) = &failed
            && !failing
        {
            tracing::error!(reason, "journal housekeeping failed and is tried again");
        }
        failing = failed.is_some();
    }
}

/// When what is done in turns was done last, or is to be done next.
struct Rounds {
    last_batch: Instant,
    /// Records applied until the last round.
    records: u64,
    /// All checkpoint files become one, so that what a snapshot said before is gone after as long
    /// as a segment stays in the journal.
    flatten_at: Instant,
}

fn tend(core: &Core, rounds: &mut Rounds) -> Result<(), HouseError> {
    save_waiting(core, rounds)?;
    for lane in &core.lanes {
        lane.seen.write_files(core.today())?;
        if !core.fences.is_lane_fenced(lane.number) {
            cover::tend(core, lane, false)?;
        }
    }
    if Instant::now() >= rounds.flatten_at {
        core.checkpoint().flatten()?;
        rounds.flatten_at = Instant::now() + Duration::from_millis(core.config.max_age_ms);
    }
    carry::tend(core)
}

/// Gives waiting entities their snapshots. While messages come, a small batch a round leaves the
/// processor to them, and the more wait, the longer a round takes, so that what sleeps is bounded in
/// memory. When nobody writes, all are saved.
fn save_waiting(core: &Core, rounds: &mut Rounds) -> Result<(), HouseError> {
    let round = Duration::from_millis(core.config.house_ms);
    let begun = Instant::now();
    let records = core.index.records();
    let was_quiet = records - std::mem::replace(&mut rounds.records, records) < QUIET_RECORDS;
    let is_quiet = || was_quiet && core.index.records() - records < QUIET_RECORDS;
    loop {
        let waiting = core.queued().len();
        let has_waited = waiting > 0 && rounds.last_batch.elapsed() >= round * COMPANY_ROUNDS;
        if waiting < TRICKLE && !has_waited {
            return Ok(());
        }
        let presses = waiting > WAITING_MAX;
        let most = if presses || is_quiet() {
            BATCH
        } else {
            TRICKLE
        };
        rounds.last_batch = Instant::now();
        let mut keys = core.take_queued(most);
        keys.retain(|key| !core.fences.is_held(*key));
        save(core, &keys)?;
        let pressure = (waiting / WAITING_MAX) as u32;
        let time = round * pressure.min(PRESSING) / PRESSING;
        let goes_on = is_quiet() || (presses && begun.elapsed() < time);
        if !goes_on || core.is_closing() {
            return Ok(());
        }
    }
}
