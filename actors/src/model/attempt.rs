//! Attempts: each try to carry out an effect has a number, and each ends in an outcome.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{EffectId, Found, GatewayId, Kept, Millis};

/// Which try of an effect; the first is 1, 0 means none was made.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct AttemptNo(pub u32);

impl AttemptNo {
    /// The number of the next try.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// One line of an effect's history after it was planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Attempt {
    /// The call is about to be made. Durable before a call its provider cannot deduplicate.
    Sending {
        /// The effect.
        effect: EffectId,
        /// Which try.
        no: AttemptNo,
        /// When.
        at: Millis,
        /// This try may repeat a message whose earlier try was in doubt.
        possible_repeat: bool,
        /// What it may cost.
        charge: Option<Charge>,
        /// The channel's second line, when it carries this try; otherwise the effect's own gateway
        /// does.
        line: Option<GatewayId>,
    },
    /// The call ended, or later proof corrected its end.
    Outcome {
        /// The effect.
        effect: EffectId,
        /// Which try.
        no: AttemptNo,
        /// When.
        at: Millis,
        /// How.
        outcome: Outcome,
    },
}

impl Attempt {
    /// The effect this line belongs to.
    pub const fn effect(&self) -> EffectId {
        match self {
            Self::Sending { effect, .. } | Self::Outcome { effect, .. } => *effect,
        }
    }

    /// The try this line belongs to.
    pub const fn no(&self) -> AttemptNo {
        match self {
            Self::Sending { no, .. } | Self::Outcome { no, .. } => *no,
        }
    }
}

/// Money set aside for one attempt, in millionths of the wallet's currency unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Charge {
    /// The charge.
    pub id: [u8; 16],
    /// The wallet.
    pub wallet: [u8; 16],
    /// The lease under which it was taken.
    pub lease: [u8; 16],
    /// The lease's epoch.
    pub epoch: u64,
    /// The amount.
    pub micros: i64,
}

/// How an attempt, and with a final outcome its effect, ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The provider did it.
    Done(Reply),
    /// It was surely not done; try again no earlier than `at`.
    RetryAt {
        /// When the next try may be made.
        at: Millis,
        /// Why this one failed.
        reason: SmolStr,
        /// The tries so far that count. One that an open circuit let through as a probe does not, so
        /// that an outage uses up no retries, whatever is restarted meanwhile.
        failures: u32,
    },
    /// Nobody knows whether it was done.
    InDoubt {
        /// What was seen.
        reason: SmolStr,
    },
    /// It was refused for good, or dropped because it had become worthless.
    Failed {
        /// The provider's code, 0 when it gave none.
        code: u32,
        /// Why, in plain words.
        reason: SmolStr,
    },
    /// It waits for an operator.
    Shelved {
        /// On which list.
        shelf: Shelf,
        /// Why, in plain words.
        reason: SmolStr,
    },
    /// Told to the entity only, never stored as an attempt: the work takes longer than the person
    /// should wait in silence.
    Late,
}

/// The lists that wait for an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Shelf {
    /// Every retry was used up; due within 24 h.
    DeadLetter,
    /// The outcome is unknown and repeating is not allowed.
    Uncertain,
}

impl Outcome {
    /// Whether the effect needs nothing more from anybody.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed { .. })
    }
}

/// What a provider answered to a call that it did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The provider's id of what it made: message id, ticket id.
    pub id: SmolStr,
    /// When it was made, as the provider tells it.
    pub at: Option<Millis>,
    /// A remark for the operator, for example a fall-back that was taken.
    pub remark: Option<SmolStr>,
    /// The file that was fetched.
    pub kept: Option<Box<Kept>>,
    /// What a help desk told of tickets.
    pub found: Option<Box<Found>>,
}
