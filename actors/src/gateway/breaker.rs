//! Whether a provider is well enough to be called.
//!
//! The circuit opens when at least half of twenty or more calls of the last ten seconds failed, or
//! when three calls in a row did: a gateway with little traffic would never see twenty. While it is
//! open nothing is called; every five seconds one call is let through as a probe. Its success
//! closes the circuit.

use serde::Serialize;

use crate::model::Millis;

const WINDOW_S: u64 = 10;
const CALLS_MIN: u32 = 20;
/// Failures without any success between them that open the circuit, however few calls there are.
const IN_A_ROW: u32 = 3;
const PROBE_EVERY_MS: u64 = 5_000;
/// A probe that is not heard of again is given up after this.
const PROBE_LOST_MS: u64 = 120_000;

/// The circuit of one gateway. A machine: it is told the time.
#[derive(Clone, Debug)]
pub struct Breaker {
    state: State,
    window: [Second; WINDOW_S as usize],
    failures_in_a_row: u32,
    opened: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    second: u64,
    calls: u32,
    failures: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open { probe_at: Millis },
    HalfOpen { since: Millis },
}

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The circuit is closed.
    Go,
    /// As the one call that finds out whether the provider is back.
    Probe,
    /// Not before this instant.
    Shut {
        /// When the next probe is due.
        until: Millis,
    },
}

/// The state of a circuit by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Circuit {
    /// Calls go through.
    Closed,
    /// Nothing goes through.
    Open,
    /// A probe is under way.
    HalfOpen,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            state: State::Closed,
            window: [Second::default(); WINDOW_S as usize],
            failures_in_a_row: 0,
            opened: 0,
        }
    }
}

impl Breaker {
    /// What [`Breaker::admit`] would say.
    pub fn peek(&self, now: Millis) -> Admission {
        match self.state {
            State::Closed => Admission::Go,
            State::Open { probe_at } if probe_at <= now => Admission::Probe,
            State::Open { probe_at } => Admission::Shut { until: probe_at },
            State::HalfOpen { since } if now.since(since) >= PROBE_LOST_MS => Admission::Probe,
            State::HalfOpen { .. } => Admission::Shut {
                until: now.plus_ms(1_000),
            },
        }
    }

    /// A call is about to be made, if the answer is not `Shut`.
    pub fn admit(&mut self, now: Millis) -> Admission {
        let admission = self.peek(now);
        if admission == Admission::Probe {
            self.state = State::HalfOpen { since: now };
        }
        admission
    }

    /// A call ended. `healthy`: whether the provider did its part, even by refusing.
    pub fn ended(&mut self, probe: bool, healthy: bool, now: Millis) {
        self.count(healthy, now);
        match self.state {
            State::HalfOpen { .. } if probe && healthy => self.close(),
            State::HalfOpen { .. } if probe => self.open(now),
            State::Closed if self.is_failing(now) => {
                self.opened += 1;
                self.open(now);
            }
            // Calls begun before it opened say nothing new.
            _ => {}
        }
    }

    /// A call ended without saying anything about the provider; a probe is made again.
    pub fn abandoned(&mut self, probe: bool, now: Millis) {
        if probe && matches!(self.state, State::HalfOpen { .. }) {
            self.state = State::Open { probe_at: now };
        }
    }

    /// Its state by name.
    pub const fn circuit(&self) -> Circuit {
        match self.state {
            State::Closed => Circuit::Closed,
            State::Open { .. } => Circuit::Open,
            State::HalfOpen { .. } => Circuit::HalfOpen,
        }
    }

    /// How often it has opened.
    pub const fn opened(&self) -> u64 {
        self.opened
    }

    fn open(&mut self, now: Millis) {
        self.state = State::Open {
            probe_at: now.plus_ms(PROBE_EVERY_MS),
        };
    }

    fn close(&mut self) {
        self.state = State::Closed;
        self.window = [Second::default(); WINDOW_S as usize];
        self.failures_in_a_row = 0;
    }

    fn count(&mut self, healthy: bool, now: Millis) {
        let second = now.0 / 1_000;
        let slot = &mut self.window[(second % WINDOW_S) as usize];
        if slot.second != second {
            *slot = Second {
                second,
                ..Second::default()
            };
        }
        slot.calls += 1;
        slot.failures += u32::from(!healthy);
        self.failures_in_a_row = if healthy {
            0
        } else {
            self.failures_in_a_row.saturating_add(1)
        };
    }

    fn is_failing(&self, now: Millis) -> bool {
        let second = now.0 / 1_000;
        let recent = |slot: &&Second| second.saturating_sub(slot.second) < WINDOW_S;
        let (calls, failures) = self
            .window
            .iter()
            .filter(recent)
            .fold((0, 0), |(calls, failures), slot| {
                (calls + slot.calls, failures + slot.failures)
            });
        let half = calls >= CALLS_MIN && failures * 2 >= calls;
        half || self.failures_in_a_row >= IN_A_ROW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Millis = Millis(5_000_000);

    fn after(ms: u64) -> Millis {
        START.plus_ms(ms)
    }

    fn opened_by(outcomes: impl IntoIterator<Item = bool>, gap_ms: u64) -> Option<usize> {
        let mut breaker = Breaker::default();
        let mut now = START;
        for (index, healthy) in outcomes.into_iter().enumerate() {
            assert_eq!(breaker.admit(now), Admission::Go);
            breaker.ended(false, healthy, now);
            if breaker.circuit() == Circuit::Open {
                return Some(index + 1);
            }
            now = now.plus_ms(gap_ms);
        }
        None
    }

    #[test]
    fn half_of_twenty_calls_in_ten_seconds_open_it() {
        let alternating = |n: usize| (0..n).map(|i| i % 2 == 0);
        assert_eq!(opened_by(alternating(100), 100), Some(20));
        assert_eq!(opened_by(alternating(19), 100), None, "too few calls");
        assert_eq!(
            opened_by(alternating(100), 1_000),
            None,
            "too few at a time"
        );
        let mostly_well = (0..200).map(|i| i % 3 != 0);
        assert_eq!(opened_by(mostly_well, 50), None, "a third fails");
    }

    #[test]
    fn three_failures_in_a_row_open_it_however_slow_the_traffic() {
        assert_eq!(opened_by([false; 5], 60_000), Some(3));
        assert_eq!(
            opened_by([false, false, true, false, false, true], 60_000),
            None
        );
    }

    fn open() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            breaker.ended(false, false, START);
        }
        breaker
    }

    #[test]
    fn one_probe_every_five_seconds_and_success_closes_it() {
        let mut breaker = open();
        assert_eq!(
            breaker.admit(after(4_999)),
            Admission::Shut {
                until: after(5_000)
            }
        );
        assert_eq!(breaker.admit(after(5_000)), Admission::Probe);
        assert!(
            matches!(breaker.admit(after(5_001)), Admission::Shut { .. }),
            "one at a time"
        );
        breaker.ended(true, false, after(5_500));
        assert_eq!(
            breaker.admit(after(6_000)),
            Admission::Shut {
                until: after(10_500)
            }
        );
        assert_eq!(breaker.admit(after(10_500)), Admission::Probe);
        breaker.ended(true, true, after(10_600));
        assert_eq!(breaker.admit(after(10_600)), Admission::Go);
        breaker.ended(false, false, after(10_700));
        assert_eq!(
            breaker.circuit(),
            Circuit::Closed,
            "old failures are forgotten"
        );
        assert_eq!(breaker.opened(), 1);
    }

    #[test]
    fn calls_begun_before_it_opened_do_not_close_it() {
        let mut breaker = open();
        breaker.ended(false, true, after(100));
        assert_eq!(breaker.circuit(), Circuit::Open);
    }

    #[test]
    fn a_lost_or_abandoned_probe_is_made_again() {
        let mut breaker = open();
        assert_eq!(breaker.admit(after(5_000)), Admission::Probe);
        breaker.abandoned(true, after(5_100));
        assert_eq!(breaker.admit(after(5_100)), Admission::Probe);
        assert!(matches!(
            breaker.admit(after(100_000)),
            Admission::Shut { .. }
        ));
        assert_eq!(breaker.admit(after(125_100)), Admission::Probe);
    }
}
