//! When a help desk is looked at next. A machine: it is told the time and the dice.

use crate::model::Millis;

/// Longest wait after faults.
const BACK_OFF_MAX_MS: u64 = 300_000;
/// Two looks are never closer than this, however often a help desk says that something changed.
const GAP_MIN_MS: u64 = 1_000;

/// How a look ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything was read.
    All,
    /// There is more to read.
    More,
    /// The help desk gave no answer; it may have named a wait.
    Fault {
        /// The wait it asked for, in milliseconds.
        wish_ms: Option<u64>,
    },
    /// The circuit is open.
    Shut {
        /// Until when.
        until: Millis,
    },
}

/// The pace of one help desk's looks.
#[derive(Clone, Debug)]
pub struct Pace {
    every_ms: u64,
    faults: u32,
    last: Option<Millis>,
    due: Millis,
}

impl Pace {
    /// The first look is due at once.
    pub const fn new(every_ms: u64, now: Millis) -> Self {
        Self {
            every_ms,
            faults: 0,
            last: None,
            due: now,
        }
    }

    /// When the next look is due.
    pub const fn due(&self) -> Millis {
        self.due
    }

    /// Faults since the last look that was answered.
    pub const fn faults(&self) -> u32 {
        self.faults
    }

    /// Takes another interval, from the next look on.
    pub const fn set_every(&mut self, every_ms: u64) {
        self.every_ms = every_ms;
    }

    /// A look ended; `chance` spreads the looks of many help desks.
    pub fn ended(&mut self, ended: Ended, now: Millis, chance: u64) {
        self.last = Some(now);
        let spread = |ms: u64| ms + chance % (ms / 5).max(1);
        self.due = match ended {
            Ended::All => {
                self.faults = 0;
                now.plus_ms(spread(self.every_ms))
            }
            Ended::More => {
                self.faults = 0;
                now
            }
            Ended::Fault { wish_ms } => {
                self.faults = self.faults.saturating_add(1);
                let doubled = self.every_ms << self.faults.min(10);
                let wait_ms = doubled.max(wish_ms.unwrap_or(0)).min(BACK_OFF_MAX_MS);
                now.plus_ms(spread(wait_ms))
            }
            Ended::Shut { until } => until.plus_ms(chance % GAP_MIN_MS),
        };
    }

    /// The help desk said that something changed: looks soon, but not at once after the last look.
    pub fn prodded(&mut self, now: Millis) {
        let soonest = self.last.map_or(now, |last| last.plus_ms(GAP_MIN_MS));
        self.due = self.due.min(soonest.max(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);

    #[test]
    fn looks_come_at_the_interval_and_spread_by_a_fifth() {
        let mut pace = Pace::new(10_000, NOW);
        assert_eq!(pace.due(), NOW);
        for chance in [0, 1, 1_999, u64::MAX] {
            pace.ended(Ended::All, NOW, chance);
            assert!((10_000..12_000).contains(&pace.due().since(NOW)));
        }
        pace.ended(Ended::More, NOW, 5);
        assert_eq!(pace.due(), NOW);
    }

    #[test]
    fn faults_double_the_wait_up_to_its_bound_and_one_answer_ends_that() {
        let mut pace = Pace::new(10_000, NOW);
        let fault = Ended::Fault { wish_ms: None };
        let waits: Vec<u64> = (0..6)
            .map(|_| {
                pace.ended(fault, NOW, 0);
                pace.due().since(NOW) / 1_000
            })
            .collect();
        assert_eq!(waits, [20, 40, 80, 160, 300, 300]);
        pace.ended(Ended::All, NOW, 0);
        pace.ended(fault, NOW, 0);
        assert_eq!(pace.due().since(NOW), 20_000);
        let wish = Ended::Fault {
            wish_ms: Some(90_000),
        };
        pace.ended(wish, NOW, 0);
        assert_eq!(pace.due().since(NOW), 90_000);
    }

    #[test]
    fn a_flood_of_nudges_makes_one_look_a_second() {
        let mut pace = Pace::new(10_000, NOW);
        pace.ended(Ended::All, NOW, 0);
        for at in [10, 20, 900] {
            pace.prodded(NOW.plus_ms(at));
            assert_eq!(pace.due(), NOW.plus_ms(1_000));
        }
        pace.ended(Ended::All, NOW, 0);
        pace.prodded(NOW.plus_ms(5_000));
        assert_eq!(pace.due(), NOW.plus_ms(5_000));
    }

    #[test]
    fn an_open_circuit_is_waited_for() {
        let mut pace = Pace::new(10_000, NOW);
        let until = NOW.plus_ms(45_000);
        pace.ended(Ended::Shut { until }, NOW, 17);
        assert_eq!(pace.due(), until.plus_ms(17));
    }
}
