//! Steps and notes: what the journal records of an entity besides its inputs and attempts.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Effect, EffectId, IdHash, InSeq, Key, Millis, Seconds};

/// One input consumed: a single journal record, and therefore the transaction.
///
/// `events` are opaque to the journal: the machine of the entity's kind encodes and folds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Position of the input that was consumed.
    pub consumed: InSeq,
    /// Its id hash.
    pub input: IdHash,
    /// The instant the decision was taken with.
    pub now: Millis,
    /// Version of the event shapes in `events`.
    pub schema: u16,
    /// The decided events, encoded by the entity's machine.
    pub events: Vec<u8>,
    /// The decided effects, fully rendered.
    pub effects: Vec<Effect>,
    /// Reported effects that this step has taken note of; they are closed by it.
    pub closes: Vec<EffectId>,
    /// When the entity wants to be woken next.
    pub wake: Option<Seconds>,
    /// The input was not decided but set aside for an operator; it stays referenced.
    pub set_aside: bool,
}

/// Facts about an entity that are neither inputs nor steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Note {
    /// `alias` (see [`super::IdentityKey::alias`]) names the entity of this record.
    Alias {
        /// The keyed identity.
        alias: [u8; 16],
    },
    /// The entity of this record was drained into `into`.
    Merged {
        /// The older contact.
        into: Key,
    },
    /// Processing an input failed in a way that must not be repeated for ever.
    Strike(Strike),
    /// An input that had been set aside is referenced no longer: an operator dismissed it, or
    /// released it and the [`super::Inbound::Released`] that stands for it is being consumed.
    Released {
        /// The input.
        input: InSeq,
    },
    /// A change of settings worth keeping in order with the traffic.
    Config {
        /// What changed, without secrets.
        summary: SmolStr,
    },
}

/// One count against an input; at five it is set aside for an operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strike {
    /// The input.
    pub input: InSeq,
    /// How much it counts: 1 for a panic, 5 for a step that would not end.
    pub weight: u8,
    /// The panic text, cut to 200 bytes and without message content.
    pub reason: SmolStr,
}

impl Strike {
    /// Total weight at which an input is quarantined.
    pub const LIMIT: u8 = 5;
}
