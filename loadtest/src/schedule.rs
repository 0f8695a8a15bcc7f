//! When messages arrive: a Poisson process whose rate follows a profile, fixed by the seed alone.
//! Nothing the server does moves an arrival, so a stall shows as latency and never as less load.

use std::time::Duration;

use crate::dice::Dice;
use crate::scenario::Phase;

/// A day by the hour, as shares of the peaks from 9 to 11 and from 19 to 21 o'clock.
const DAY: [f64; 24] = [
    0.10, 0.06, 0.04, 0.04, 0.05, 0.08, 0.15, 0.30, 0.60, 1.00, 1.00, 0.70, //
    0.55, 0.50, 0.55, 0.60, 0.55, 0.55, 0.70, 1.00, 1.00, 0.60, 0.35, 0.20,
];

/// A rate over time, in straight pieces.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pieces: Vec<Piece>,
}

/// Seconds, and events a second at both ends.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    seconds: f64,
    from: f64,
    to: f64,
}

impl Profile {
    /// The profile of some phases.
    pub fn of_phases(phases: &[Phase]) -> Self {
        let piece = |phase: &Phase| Piece {
            seconds: phase.seconds,
            from: phase.per_s,
            to: phase.to_per_s.unwrap_or(phase.per_s),
        };
        Self {
            pieces: phases.iter().map(piece).collect(),
        }
    }

    /// The same rate throughout.
    pub fn constant(seconds: f64, per_s: f64) -> Self {
        Self::of_phases(&[Phase {
            seconds,
            per_s,
            to_per_s: None,
        }])
    }

    /// A day in so many seconds; the rate goes in straight lines from each full hour to the next.
    pub fn of_day(seconds: f64, peak_per_s: f64) -> Self {
        let piece = |hour: usize| Piece {
            seconds: seconds / 24.0,
            from: peak_per_s * DAY[hour],
            to: peak_per_s * DAY[(hour + 1) % 24],
        };
        Self {
            pieces: (0..24).map(piece).collect(),
        }
    }

    /// Its length in seconds.
    pub fn seconds(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.seconds).sum()
    }

    /// Every rate times `factor`.
    pub fn scaled(mut self, factor: f64) -> Self {
        for piece in &mut self.pieces {
            piece.from *= factor;
            piece.to *= factor;
        }
        self
    }

    /// The arrivals of one seed, as times after the beginning.
    pub fn arrivals(&self, seed: u64) -> Arrivals {
        Arrivals {
            pieces: self.pieces.clone(),
            at: 0,
            begun: 0.0,
            before: 0.0,
            events: 0.0,
            dice: Dice::new(seed, 1),
        }
    }
}

impl Piece {
    fn events(&self) -> f64 {
        (self.from + self.to) / 2.0 * self.seconds
    }

    /// When, within this piece, so many events have happened in the mean.
    fn time_of(&self, events: f64) -> f64 {
        let slope = (self.to - self.from) / self.seconds;
        if slope.abs() < 1e-9 {
            return events / self.from;
        }
        // The root of from·t + slope/2·t² = events in the form that stays exact for small slopes.
        let root = (self.from * self.from + 2.0 * slope * events)
            .max(0.0)
            .sqrt();
        2.0 * events / (self.from + root)
    }
}

/// Times of arrival in order.
#[derive(Clone, Debug)]
pub struct Arrivals {
    pieces: Vec<Piece>,
    at: usize,
    /// Seconds before this piece.
    begun: f64,
    /// Events in the mean before this piece.
    before: f64,
    /// Events in the mean until the last arrival.
    events: f64,
    dice: Dice,
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.events += self.dice.exponential();
        loop {
            let piece = self.pieces.get(self.at)?;
            let within = self.events - self.before;
            if within < piece.events() {
                return Some(Duration::from_secs_f64(self.begun + piece.time_of(within)));
            }
            self.before += piece.events();
            self.begun += piece.seconds;
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(times: &[Duration], from: f64, to: f64) -> f64 {
        let inside = |time: &&Duration| (from..to).contains(&time.as_secs_f64());
        times.iter().filter(inside).count() as f64
    }

    #[test]
    fn arrivals_follow_the_rate_and_the_seed() {
        let phases = [
            Phase {
                seconds: 10.0,
                per_s: 100.0,
                to_per_s: None,
            },
            Phase {
                seconds: 10.0,
                per_s: 100.0,
                to_per_s: Some(900.0),
            },
            Phase {
                seconds: 5.0,
                per_s: 0.0,
                to_per_s: None,
            },
            Phase {
                seconds: 10.0,
                per_s: 0.0,
                to_per_s: Some(200.0),
            },
        ];
        let profile = Profile::of_phases(&phases);
        let times: Vec<_> = profile.arrivals(5).collect();
        assert!(times.is_sorted());
        assert!((between(&times, 0.0, 10.0) - 1_000.0).abs() < 120.0);
        // Half of a straight slope from 100 to 900 brings 1,500 and 3,500.
        assert!((between(&times, 10.0, 15.0) - 1_500.0).abs() < 160.0);
        assert!((between(&times, 15.0, 20.0) - 3_500.0).abs() < 240.0);
        assert_eq!(between(&times, 20.0, 25.0), 0.0);
        assert!((between(&times, 30.0, 35.0) - 750.0).abs() < 110.0);
        assert_eq!(times, profile.arrivals(5).collect::<Vec<_>>());
        assert_ne!(times, profile.arrivals(6).collect::<Vec<_>>());
    }

    #[test]
    fn gaps_are_those_of_a_poisson_process() {
        let times: Vec<_> = Profile::constant(20.0, 1_000.0).arrivals(1).collect();
        let gaps: Vec<_> = times
            .windows(2)
            .map(|two| (two[1] - two[0]).as_secs_f64())
            .collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let long = gaps.iter().filter(|gap| **gap > 0.001).count() as f64 / gaps.len() as f64;
        assert!((mean - 0.001).abs() < 0.00003, "{mean}");
        assert!((long - (-1.0f64).exp()).abs() < 0.02, "{long}");
    }

    #[test]
    fn a_day_has_its_two_peaks() {
        let day = Profile::of_day(240.0, 100.0);
        let times: Vec<_> = day.arrivals(3).collect();
        let hour = |hour: f64| between(&times, hour * 10.0, (hour + 1.0) * 10.0);
        assert!(hour(9.0) > 1.8 * hour(7.0) && hour(19.0) > 1.4 * hour(16.0));
        assert!((day.seconds() - 240.0).abs() < 1e-9);
    }
}
