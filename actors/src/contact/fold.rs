//! Reading recorded states and events of any release, and folding them for the checkpoint.

use crate::journal::{Fold, FoldError, StateBytes};
use crate::model::{Key, SCHEMA, Step};

use super::{Event, State};

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

/// Encodes the events of one step.
pub fn encode_events(events: &[Event]) -> Vec<u8> {
    postcard::to_stdvec(events).expect("events of plain values serialise")
}

/// Decodes the events of a step recorded under `schema`, lifting old shapes.
pub fn decode_events(schema: u16, bytes: &[u8]) -> Result<Vec<Event>, UnreadableState> {
    match schema {
        1 => postcard::from_bytes(bytes).map_err(|error| UnreadableState::Malformed {
            schema,
            reason: error.to_string(),
        }),
        newer => Err(UnreadableState::Newer(newer)),
    }
}

impl State {
    /// Decodes a snapshot written by [`StateBytes::encode`], lifting old shapes.
    pub fn decode(bytes: &[u8]) -> Result<Self, UnreadableState> {
        let Some((schema, body)) = bytes.split_first_chunk::<2>() else {
            let reason = "shorter than its version".to_owned();
            return Err(UnreadableState::Malformed { schema: 0, reason });
        };
        match u16::from_le_bytes(*schema) {
            schema @ 1 => postcard::from_bytes(body).map_err(|error| UnreadableState::Malformed {
                schema,
                reason: error.to_string(),
            }),
            newer => Err(UnreadableState::Newer(newer)),
        }
    }

    /// Folds one recorded step.
    pub fn fold(&mut self, step: &Step) -> Result<(), UnreadableState> {
        for event in decode_events(step.schema, &step.events)? {
            self.apply(&event);
        }
        Ok(())
    }
}

/// Folds contacts for the checkpoint.
#[derive(Clone, Copy, Debug, Default)]
pub struct ContactFold;

impl Fold for ContactFold {
    fn fold(&self, key: Key, state: Option<&[u8]>, steps: &[Step]) -> Result<Vec<u8>, FoldError> {
        let error = |at, reason: UnreadableState| FoldError {
            key,
            at,
            reason: reason.to_string(),
        };
        let mut state = state
            .map(State::decode)
            .transpose()
            .map_err(|reason| error(None, reason))?
            .unwrap_or_default();
        for step in steps {
            state
                .fold(step)
                .map_err(|reason| error(Some(step.consumed), reason))?;
        }
        let mut bytes = Vec::with_capacity(256);
        state.encode(&mut bytes);
        Ok(bytes)
    }
}
