//! Instants as integers. The wall clock is read once, in the shell, through [`crate::ports::Clock`].

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Millis(pub u64);

/// Seconds since the Unix epoch, UTC. Enough until the year 2106.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Seconds(pub u32);

impl Millis {
    /// The instant `ms` milliseconds later, saturating.
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; 0 when `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The second this instant lies in.
    pub const fn floor_seconds(self) -> Seconds {
        Seconds((self.0 / 1000) as u32)
    }

    /// The first whole second at or after this instant.
    pub const fn ceil_seconds(self) -> Seconds {
        Seconds(self.0.div_ceil(1000) as u32)
    }
}

impl Seconds {
    /// The first millisecond of this second.
    pub const fn to_millis(self) -> Millis {
        Millis(self.0 as u64 * 1000)
    }
}
