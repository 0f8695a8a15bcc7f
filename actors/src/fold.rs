//! Reading what was recorded, of any release, and folding it: the same for every kind of entity.
//!
//! A snapshot is two bytes of schema version and the state in `postcard`; the events of a step are
//! versioned by the step. [`EntityFold`] folds each kind of entity by its own machine, so that the
//! checkpoint makes snapshots of sleeping entities without knowing what they are.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::gateway::entity;
use crate::journal::{Fold, FoldError, Loaded, StateBytes};
use crate::model::{Key, SCHEMA, Step};
use crate::{channel, contact};

/// Room for the events of most steps.
const EVENTS_BYTES: usize = 192;

/// A snapshot or event list that this release cannot read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableState {
    /// It was written by a newer release; run that one.
    #[error("schema {0} is newer than this release's {SCHEMA}; run the release that wrote it")]
    Newer(u16),
    /// The bytes do not decode.
    #[error("bytes of schema {schema} do not decode: {reason}")]
    Malformed {
        /// The schema they claim.
        schema: u16,
        /// What the decoder said.
        reason: String,
    },
}

/// The state of one kind of entity: the fold of its steps.
pub(crate) trait Folded: StateBytes + Default {
    /// Decodes a snapshot written by [`StateBytes::encode`], lifting old shapes.
    fn decode(bytes: &[u8]) -> Result<Self, UnreadableState>;

    /// Folds one recorded step.
    fn fold(&mut self, step: &Step) -> Result<(), UnreadableState>;
}

/// Appends a state with its schema version.
pub(crate) fn put_state(state: &impl Serialize, out: &mut Vec<u8>) {
    out.extend_from_slice(&SCHEMA.to_le_bytes());
    let body = std::mem::take(out);
    *out = postcard::to_extend(state, body).expect("a state of plain values serialises");
}

/// Reads a state with its schema version.
pub(crate) fn take_state<S: DeserializeOwned>(bytes: &[u8]) -> Result<S, UnreadableState> {
    let Some((schema, body)) = bytes.split_first_chunk::<2>() else {
        let reason = "shorter than its version".to_owned();
        return Err(UnreadableState::Malformed { schema: 0, reason });
    };
    take(u16::from_le_bytes(*schema), body)
}

/// Encodes the events of one step.
pub(crate) fn put_events(events: &[impl Serialize]) -> Vec<u8> {
    let room = Vec::with_capacity(EVENTS_BYTES);
    postcard::to_extend(events, room).expect("events of plain values serialise")
}

/// Reads what was recorded under `schema`.
pub(crate) fn take<T: DeserializeOwned>(schema: u16, bytes: &[u8]) -> Result<T, UnreadableState> {
    match schema {
        1 => postcard::from_bytes(bytes).map_err(|error| UnreadableState::Malformed {
            schema,
            reason: error.to_string(),
        }),
        newer => Err(UnreadableState::Newer(newer)),
    }
}

/// The state that the journal loaded for `key`: its snapshot and the steps after it.
pub(crate) fn state_of<S: Folded>(key: Key, loaded: &Loaded) -> Result<S, FoldError> {
    folded(key, loaded.state.as_deref(), &loaded.tail)
}

fn folded<S: Folded>(key: Key, state: Option<&[u8]>, steps: &[Step]) -> Result<S, FoldError> {
    let error = |at, reason: UnreadableState| FoldError {
        key,
        at,
        reason: reason.to_string(),
    };
    let mut state = state
        .map(S::decode)
        .transpose()
        .map_err(|reason| error(None, reason))?
        .unwrap_or_default();
    for step in steps {
        state
            .fold(step)
            .map_err(|reason| error(Some(step.consumed), reason))?;
    }
    Ok(state)
}

/// Folds every kind of entity for the checkpoint, each by its own machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntityFold;

impl Fold for EntityFold {
    fn fold(&self, key: Key, state: Option<&[u8]>, steps: &[Step]) -> Result<Vec<u8>, FoldError> {
        let mut bytes = Vec::with_capacity(256);
        match key {
            Key::Contact(_) => folded::<contact::State>(key, state, steps)?.encode(&mut bytes),
            Key::Channel(_) => folded::<channel::State>(key, state, steps)?.encode(&mut bytes),
            Key::Gateway(_) => folded::<entity::State>(key, state, steps)?.encode(&mut bytes),
        }
        Ok(bytes)
    }
}
