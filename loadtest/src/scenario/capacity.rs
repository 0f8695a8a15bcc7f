//! How much of the measured maximum may be relied on (R222: a fifth stays free, because without it
//! replies are delayed at peaks).

use serde::{Deserialize, Serialize};

/// The least share of the maximum that stays free.
const RESERVE_MIN: f64 = 0.2;

/// How much of the measured maximum may be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capacity {
    /// Share of the measured maximum that stays free; 0.2 at least.
    pub reserve: f64,
    /// The load an installation is meant for, messages a minute; what exceeds the maximum less the
    /// reserve fails the run.
    pub rated_per_minute: Option<f64>,
    /// The maximum, messages a minute, as an earlier run found it: for scenarios that look for none.
    pub maximum_per_minute: Option<f64>,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            reserve: RESERVE_MIN,
            rated_per_minute: None,
            maximum_per_minute: None,
        }
    }
}

impl Capacity {
    /// Refuses a reserve that is too small to be one.
    ///
    /// # Errors
    /// When it is below a fifth, or everything.
    pub fn checked(self) -> anyhow::Result<Self> {
        anyhow::ensure!(
            (RESERVE_MIN..1.0).contains(&self.reserve),
            "capacity.reserve is {}: it is a share of at least {RESERVE_MIN} and less than 1",
            self.reserve
        );
        Ok(self)
    }

    /// The most that may be relied on where `maximum_per_minute` held.
    pub fn usable(&self, maximum_per_minute: f64) -> f64 {
        maximum_per_minute * (1.0 - self.reserve)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_at_least_stays_free() {
        let of = |reserve| Capacity {
            reserve,
            ..Capacity::default()
        };
        assert_eq!(
            Capacity::default().checked().unwrap().usable(5_000.0),
            4_000.0
        );
        assert_eq!(of(0.5).checked().unwrap().usable(5_000.0), 2_500.0);
        for none in [0.0, 0.19, 1.0, -1.0, f64::NAN] {
            assert!(of(none).checked().is_err(), "{none}");
        }
    }
}
