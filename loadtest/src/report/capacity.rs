//! How much load the measured maximum carries (R222).

use serde::{Deserialize, Serialize};

use super::Report;
use crate::scenario;

/// The maximum, and what of it may be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// The most that held, messages a minute.
    pub maximum_per_minute: f64,
    /// Where that is known from.
    pub known_from: KnownFrom,
    /// The share of it that stays free.
    pub reserve: f64,
    /// What may be relied on: the maximum less the reserve.
    pub usable_per_minute: f64,
    /// The load the scenario says an installation is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated_per_minute: Option<f64>,
}

/// Where a maximum is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnownFrom {
    /// The last step of a ramp that held, with replies in time.
    Ramp,
    /// A ramp that ended before anything gave way: there may be more.
    Bound,
    /// As many at a time as the window of a ceiling allows, however long each takes.
    Ceiling,
    /// The scenario's own words, from an earlier run.
    Setting,
}

impl KnownFrom {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ramp => "the ramp's last step that held",
            Self::Bound => "the ramp's last step; nothing had given way yet",
            Self::Ceiling => "as fast as it goes, statuses off",
            Self::Setting => "an earlier run",
        }
    }
}

impl Capacity {
    /// The capacity that `report` shows under a scenario's `setting`; `None` where neither knows a
    /// maximum.
    pub fn of(report: &Report, setting: &scenario::Capacity) -> Option<Self> {
        let ramp = report.ramp.as_ref().map(|ramp| {
            let from = match ramp.ended_by.as_str() {
                "bound" => KnownFrom::Bound,
                _ => KnownFrom::Ramp,
            };
            (ramp.peak_per_minute, from)
        });
        let ceiling = || {
            let per_minute = report.rate.steps_per_s * 60.0;
            (!report.turns.is_empty()).then_some((per_minute, KnownFrom::Ceiling))
        };
        let told = || Some((setting.maximum_per_minute?, KnownFrom::Setting));
        let (maximum_per_minute, known_from) = ramp.or_else(ceiling).or_else(told)?;
        Some(Self {
            maximum_per_minute,
            known_from,
            reserve: setting.reserve,
            usable_per_minute: setting.usable(maximum_per_minute),
            rated_per_minute: setting.rated_per_minute,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::report;
    use crate::report::{RampReport, Turn};
    use crate::scenario::Require;

    fn ramp(ended_by: &str) -> Report {
        Report {
            ramp: Some(RampReport {
                peak_per_minute: 5_000.0,
                ended_by: ended_by.to_owned(),
                steps: Vec::new(),
            }),
            ..report()
        }
    }

    fn rated(per_minute: f64) -> scenario::Capacity {
        scenario::Capacity {
            rated_per_minute: Some(per_minute),
            ..scenario::Capacity::default()
        }
    }

    #[test]
    fn four_fifths_of_the_maximum_may_be_relied_on() {
        let setting = scenario::Capacity::default();
        let found = Capacity::of(&ramp("replies"), &setting).unwrap();
        assert_eq!(
            (found.usable_per_minute, found.known_from),
            (4_000.0, KnownFrom::Ramp)
        );
        let found = Capacity::of(&ramp("bound"), &setting).unwrap();
        assert_eq!(found.known_from, KnownFrom::Bound);
        let mut ceiling = report();
        assert_eq!(Capacity::of(&ceiling, &setting), None);
        ceiling.turns.push(Turn {
            steps_per_s: 1_000.0,
            ceiling_per_s: 4_000.0,
            relay_per_s: None,
            steps_on_per_s: None,
        });
        let found = Capacity::of(&ceiling, &setting).unwrap();
        assert_eq!(
            (found.usable_per_minute, found.known_from),
            (48_000.0, KnownFrom::Ceiling)
        );
    }

    #[test]
    fn a_rated_load_above_that_fails_the_run_and_so_does_one_without_a_maximum() {
        let passes = |mut report: Report, setting: scenario::Capacity| {
            report.capacity = Capacity::of(&report, &setting);
            report.check(&Require::default(), &setting);
            report.passed
        };
        assert!(passes(ramp("replies"), rated(4_000.0)));
        assert!(!passes(ramp("replies"), rated(4_001.0)));
        assert!(!passes(report(), rated(1.0)), "no maximum is known");
        let told = scenario::Capacity {
            maximum_per_minute: Some(2.0),
            ..rated(1.0)
        };
        assert!(passes(report(), told));
        assert!(passes(report(), scenario::Capacity::default()));
    }
}
