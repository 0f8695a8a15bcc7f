//! Whether a provider is well enough to be called.
//!
//! The circuit opens when at least half of twenty or more calls of the last ten seconds failed, or
//! when three calls in a row did: a gateway with little traffic would never see twenty. While it is
//! open nothing is called; every five seconds one call is let through as a probe. Its success
//! closes the circuit.
//!
//! Where messages have another way meanwhile, or where a call is known to be in vain, no message is
//! risked blindly: the provider is first *asked* something harmless every five seconds, and only when
//! it answers well is the next call let through as the probe. A provider may also be given a *rest*
//! of some minutes because it asked for it; the probe comes after it.

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::model::Millis;

const WINDOW_S: u64 = 10;
const CALLS_MIN: u32 = 20;
/// Failures without any success between them that open the circuit, however few calls there are.
const IN_A_ROW: u32 = 3;
const PROBE_EVERY_MS: u64 = 5_000;
/// When it is worth looking again whether a probe or a question ended.
const LOOK_AGAIN_MS: u64 = 1_000;
/// A probe that is not heard of again is given up after this.
const PROBE_LOST_MS: u64 = 120_000;

/// The circuit of one gateway. A machine: it is told the time.
#[derive(Clone, Debug)]
pub struct Breaker {
    state: State,
    window: [Second; WINDOW_S as usize],
    failures_in_a_row: u32,
    opened: u64,
    /// Since when it is not closed.
    since: Option<Millis>,
    /// Whether the provider is asked before a call probes.
    asks: bool,
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
    Open { probe_at: Millis, asked: bool },
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
            since: None,
            asks: false,
        }
    }
}

impl Breaker {
    /// From now on the provider is asked before a call probes, or no longer.
    pub const fn ask_first(&mut self, asks: bool) {
        self.asks = asks;
    }

    /// What [`Breaker::admit`] would say.
    pub fn peek(&self, now: Millis) -> Admission {
        match self.state {
            State::Closed => Admission::Go,
            State::Open { probe_at, asked } if probe_at <= now && (asked || !self.asks) => {
                Admission::Probe
            }
            State::Open { probe_at, .. } if probe_at > now => Admission::Shut { until: probe_at },
            State::Open { .. } => Admission::Shut {
                until: now.plus_ms(LOOK_AGAIN_MS),
            },
            State::HalfOpen { since } if now.since(since) >= PROBE_LOST_MS => Admission::Probe,
            State::HalfOpen { .. } => Admission::Shut {
                until: now.plus_ms(LOOK_AGAIN_MS),
            },
        }
    }

    /// When the provider is to be asked how it is; `None` while nothing depends on it.
    pub const fn ask_at(&self) -> Option<Millis> {
        match self.state {
            State::Open {
                probe_at,
                asked: false,
            } if self.asks => Some(probe_at),
            _ => None,
        }
    }

    /// The provider was asked. `well`: whether the next call may probe.
    pub const fn asked(&mut self, well: bool, now: Millis) {
        if let State::Open { asked: false, .. } = self.state {
            self.state = match well {
                true => State::Open {
                    probe_at: now,
                    asked: true,
                },
                false => State::Open {
                    probe_at: now.plus_ms(PROBE_EVERY_MS),
                    asked: false,
                },
            };
        }
    }

    /// Nothing is called until the provider, asked, is well: a call would be in vain.
    pub fn shut(&mut self, now: Millis) {
        self.asks = true;
        self.opens(now);
        self.state = State::Open {
            probe_at: now.plus_ms(PROBE_EVERY_MS),
            asked: false,
        };
    }

    /// Nothing is called for `ms`, because the provider asked for a rest; then a call probes.
    pub fn rest(&mut self, ms: u64, now: Millis) {
        self.opens(now);
        self.state = State::Open {
            probe_at: now.plus_ms(ms),
            asked: true,
        };
    }

    /// Since when it is not closed.
    pub const fn since(&self) -> Option<Millis> {
        self.since
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
                self.opens(now);
                self.open(now);
            }
            // Calls begun before it opened say nothing new.
            _ => {}
        }
    }

    /// A call ended without saying anything about the provider; a probe is made again.
    pub fn abandoned(&mut self, probe: bool, now: Millis) {
        if probe && matches!(self.state, State::HalfOpen { .. }) {
            self.state = State::Open {
                probe_at: now,
                asked: true,
            };
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
            asked: false,
        };
    }

    fn opens(&mut self, now: Millis) {
        if self.since.is_none() {
            self.since = Some(now);
            self.opened += 1;
        }
    }

    fn close(&mut self) {
        self.state = State::Closed;
        self.since = None;
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
