//! The journal: where an input becomes durable before anybody is told it was taken, and where every
//! step, attempt and note of an entity is kept in order.
//!
//! [`Journal`] and [`Ownership`] are the seam to more than one machine: nothing above knows which
//! adapter runs. Two adapters exist, the segment journal on local disk and the in-memory one of the
//! simulated world; one conformance suite runs on both.
//!
//! A step is one record and therefore the transaction: consumed position, events and effects become
//! durable together or not at all. Memory changes when the record is durable, and effects start
//! after that. Attempts belong to the outbox: they are versioned by effect and number and do not
//! move the entity's version.

pub mod adapter;
mod carry;
pub mod checkpoint;
pub mod codec;
pub mod committer;
mod cover;
pub mod disk;
mod filter;
pub mod group;
pub mod index;
mod keeper;
pub mod keys;
pub mod marks;
pub mod media;
pub mod memory;
pub mod pages;
mod places;
pub mod record;
pub mod recover;
pub mod running;
pub mod seen;
pub mod segment;
pub mod snapshot;
pub mod space;
pub mod verify;

use std::future::Future;
use std::sync::Arc;

use crate::model::{
    Attempt, AttemptNo, Effect, EffectId, GatewayId, IdHash, InEvent, InSeq, Key, Millis, Note,
    Outcome, Partition, Seconds, Step, Version,
};

/// Durable, ordered memory of every entity.
///
/// All methods may be called from many tasks at once; for one entity only its own actor calls
/// `commit`, and `expect` fences a second one.
pub trait Journal: Send + Sync + 'static {
    /// Makes the events of one webhook body durable, each entity's in order, with one wait. When it returns `Ok`
    /// every event is on disk; when it returns `Err` none is promised, though some may be found
    /// later (the provider repeats them and they are deduplicated).
    fn accept(
        &self,
        events: Vec<InEvent>,
    ) -> impl Future<Output = Result<Vec<Accepted>, Refused>> + Send;

    /// Everything needed to bring an entity to life; an unknown key gives an empty value.
    fn load(&self, key: Key) -> impl Future<Output = Result<Loaded, ReadError>> + Send;

    /// Up to `max` inputs of `key` after position `after`, in order of acceptance.
    fn next_inputs(
        &self,
        key: Key,
        after: InSeq,
        max: usize,
    ) -> impl Future<Output = Result<Vec<(InSeq, InEvent)>, ReadError>> + Send;

    /// Records a step, and with it the `Sending` of its first effect where that may start at once.
    /// `expect` is the version before the step; `state` encodes the entity after it and is called
    /// only by adapters that store whole states.
    fn commit(
        &self,
        key: Key,
        step: &Step,
        first: Option<&Attempt>,
        expect: Version,
        state: &(dyn StateBytes + Sync),
    ) -> impl Future<Output = Result<Version, CommitError>> + Send;

    /// As [`Journal::commit`], but gives back while the record is on its way; `None` when it has to be
    /// waited for, and nothing was done. What is recorded later of the same entity stands behind it.
    fn commit_soon(
        &self,
        _key: Key,
        _step: &Step,
        _expect: Version,
        _state: &(dyn StateBytes + Sync),
    ) -> Result<Option<(Version, Recording)>, CommitError> {
        Ok(None)
    }

    /// Records an attempt or its outcome; `expect` is the number of the last attempt on record.
    fn attempt(
        &self,
        key: Key,
        attempt: &Attempt,
        expect: AttemptNo,
    ) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// As [`Journal::attempt`], but gives back while the record is on its way; `None` when it has to
    /// be waited for, and nothing was done. What is recorded later of the same entity stands behind
    /// it.
    fn attempt_soon(
        &self,
        _key: Key,
        _attempt: &Attempt,
        _expect: AttemptNo,
    ) -> Result<Option<Recording>, CommitError> {
        Ok(None)
    }

    /// Records a note.
    fn note(&self, key: Key, note: &Note) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Whether an input with this id hash was accepted in `partition` before position `before`,
    /// within the days for which ids are remembered (at least eight).
    fn seen(
        &self,
        partition: Partition,
        hash: IdHash,
        before: InSeq,
    ) -> impl Future<Output = Result<bool, ReadError>> + Send;

    /// Every entity of a partition that asked to be woken, with the second.
    fn wakes(
        &self,
        partition: Partition,
    ) -> impl Future<Output = Result<Vec<(Key, Seconds)>, ReadError>> + Send;

    /// Every entity of a partition with inputs to consume or effects that are neither final nor
    /// shelved; they are brought to life at start.
    fn backlog(
        &self,
        partition: Partition,
    ) -> impl Future<Output = Result<Vec<Key>, ReadError>> + Send;

    /// What waits for an operator, oldest first, at most `max` of each kind.
    fn desk(&self, max: usize) -> impl Future<Output = Result<Desk, ReadError>> + Send;

    /// The entity that `alias` names, where one is on record.
    fn resolve(
        &self,
        alias: [u8; 16],
    ) -> impl Future<Output = Result<Option<Key>, ReadError>> + Send;

    /// The records of an entity that are still in the journal, oldest first.
    fn history(
        &self,
        key: Key,
        range: std::ops::Range<u64>,
    ) -> impl Future<Output = Result<Vec<Entry>, ReadError>> + Send;

    /// The entity rests: nothing of it is in flight, so little of it need be in memory.
    fn settled(&self, key: Key);

    /// Where steps are noted while they are decided, so that one which ends the process is found at
    /// the next start. A journal that does not outlive its process notes nothing.
    fn running(&self) -> Arc<dyn running::RunningSteps> {
        Arc::new(running::Unnoted)
    }
}

/// A record on its way to the disk.
#[derive(Debug)]
pub struct Recording(committer::Answer);

impl Recording {
    /// Waits until it is durable.
    ///
    /// # Errors
    /// [`Refused`] when it will never be read.
    pub async fn durable(self) -> Result<(), Refused> {
        let written = self.0.await.unwrap_or(Err(committer::Unwritten::Closed));
        written.map(drop).map_err(Refused::from)
    }
}

/// Where an input came to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its position.
    pub seq: InSeq,
    /// The position of the same entity's input before it, `InSeq(0)` when it is the first ever, and
    /// `None` while the journal does not know yet (just after a start). An input handed over in
    /// memory is used only when `previous` is the last one consumed.
    pub previous: Option<InSeq>,
}

/// Encodes the whole state of an entity; called lazily.
pub trait StateBytes {
    /// Appends the state to `out`.
    fn encode(&self, out: &mut Vec<u8>);
}

/// Folds steps into a state without deciding anything; given to the checkpoint, so that it can
/// make snapshots of sleeping entities.
pub trait Fold: Send + Sync + 'static {
    /// The state of `key` after `steps`, starting at `state` (`None`: never seen).
    fn fold(&self, key: Key, state: Option<&[u8]>, steps: &[Step]) -> Result<Vec<u8>, FoldError>;
}

/// A recorded state or step that this release cannot read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{key} cannot be folded at input {at:?}: {reason}")]
pub struct FoldError {
    /// The entity.
    pub key: Key,
    /// The step's input, or `None` for the snapshot itself.
    pub at: Option<InSeq>,
    /// What was wrong with it.
    pub reason: String,
}

/// Which partitions this process may write, and under which epoch.
pub trait Ownership: Send + Sync + 'static {
    /// The epoch under which this process owns `partition`; `None` when another process does.
    fn epoch(&self, partition: Partition) -> Option<u64>;

    /// How many partitions there are; fixed when the data directory is made.
    fn partitions(&self) -> u16;
}

/// The one process that owns everything in its data directory.
#[derive(Clone, Copy, Debug)]
pub struct SoleOwner {
    /// How many partitions the data directory was made with.
    pub partitions: u16,
}

impl Ownership for SoleOwner {
    fn epoch(&self, partition: Partition) -> Option<u64> {
        (partition.0 < self.partitions).then_some(0)
    }

    fn partitions(&self) -> u16 {
        self.partitions
    }
}

/// What [`Journal::load`] found.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The last snapshot, encoded by [`StateBytes`] or [`Fold`].
    pub state: Option<Vec<u8>>,
    /// The steps after it, in order.
    pub tail: Vec<Step>,
    /// The version after the last step.
    pub version: Version,
    /// The position of the last input consumed.
    pub consumed: InSeq,
    /// Effects that are not closed, in order of decision.
    pub open: Vec<OpenEffect>,
    /// Strikes against the next input.
    pub strikes: u8,
    /// Where the entity was drained to, if it was.
    pub merged_into: Option<Key>,
}

/// An effect that is planned, under way, in doubt, waiting for its report to be consumed, or on an
/// operator's list.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenEffect {
    /// The effect as it was decided.
    pub effect: Effect,
    /// When it was decided.
    pub planned: Millis,
    /// Its last attempt, with its outcome once that is known.
    pub last: Option<LastAttempt>,
}

/// The end of an effect's history so far.
#[derive(Clone, Debug, PartialEq)]
pub struct LastAttempt {
    /// Which try.
    pub no: AttemptNo,
    /// When it was begun.
    pub sent: Millis,
    /// Its `Sending` says that it may repeat a message whose earlier try was in doubt.
    pub possible_repeat: bool,
    /// The channel's second line, when that carried it.
    pub line: Option<GatewayId>,
    /// How it ended; `None` while only its beginning is on record.
    pub outcome: Option<(Millis, Outcome)>,
}

/// One record of an entity's history.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// An input and its position.
    Input(InSeq, InEvent),
    /// A step and the version after it.
    Step(Version, Step),
    /// An attempt or an outcome.
    Attempt(Attempt),
    /// A note.
    Note(Note),
}

/// Lists that wait for an operator.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Effects on a shelf.
    pub shelved: Vec<OpenEffect>,
    /// Inputs set aside, with the reason of the last strike.
    pub quarantined: Vec<(InSeq, InEvent, String)>,
}

impl Desk {
    /// The ids of all shelved effects.
    pub fn effects(&self) -> impl Iterator<Item = EffectId> + '_ {
        self.shelved.iter().map(|open| open.effect.id)
    }
}

/// An input that was not taken. The door answers 503; the provider comes again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too much is waiting for the disk. Come again in a second.
    #[error("the journal queue is full; come again shortly")]
    Overloaded,
    /// No space is left for inputs; the reserve is kept for steps and outcomes.
    #[error("the disk is full: free space in the data directory, the server recovers by itself")]
    Full,
    /// The flush of this group failed; a new segment is being opened.
    #[error("the disk refused a flush: {0}")]
    Disk(String),
    /// The entity's partition is fenced until an operator accepts its damage.
    #[error("{0} is fenced: its records are damaged; see `chasqui journal verify`")]
    Fenced(Key),
    /// The server is shutting down.
    #[error("the journal is closed")]
    Closed,
}

impl From<committer::Unwritten> for Refused {
    fn from(unwritten: committer::Unwritten) -> Self {
        use committer::Unwritten;
        match unwritten {
            Unwritten::Overloaded => Self::Overloaded,
            Unwritten::Full => Self::Full,
            Unwritten::Closed => Self::Closed,
            Unwritten::Disk | Unwritten::TooLarge => Self::Disk(unwritten.to_string()),
        }
    }
}

impl Refused {
    /// Whether waiting cannot help.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Fenced(_) | Self::Closed)
    }
}

/// A step, attempt or note that was not recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else moved the entity or the effect: drop memory and load again.
    #[error("{key} has moved on: expected {expected}, found {found}")]
    Moved {
        /// The entity.
        key: Key,
        /// What the caller had.
        expected: u64,
        /// What is on record.
        found: u64,
    },
    /// Not durable. Nothing changed; try again after a short wait.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// A record that could not be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadError {
    /// The disk did not give it; try again.
    #[error("reading the journal failed: {0}")]
    Disk(String),
    /// The bytes are damaged; the entity is fenced until an operator accepts the loss.
    #[error("records of {0} are damaged; see `chasqui journal verify`")]
    Damaged(Key),
    /// The state cannot be folded.
    #[error(transparent)]
    Fold(#[from] FoldError),
}
