//! Why an effect may not enter a gate now, and when it is worth asking again.

use crate::model::Millis;

/// Why the gate is not open for an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// The provider is not well.
    Circuit {
        /// When it is worth asking again.
        until: Millis,
    },
    /// The gateway's rate is used up.
    Rate {
        /// When it is worth asking again.
        until: Millis,
    },
    /// This person has had enough messages.
    Pair {
        /// When it is worth asking again.
        until: Millis,
    },
    /// As many calls as allowed are in flight, or others wait already.
    Full,
    /// The server is shutting down.
    Closed,
}

impl Busy {
    /// When it is worth asking again, where that is known.
    pub const fn until(self) -> Option<Millis> {
        match self {
            Self::Circuit { until } | Self::Rate { until } | Self::Pair { until } => Some(until),
            Self::Full | Self::Closed => None,
        }
    }
}
