//! How fast a gateway calls: a governor that follows what the provider bears.
//!
//! The rate of the settings is the ceiling. When the provider says that it is too much, the rate
//! falls by a third (at most once a second) and the rate that was too much is remembered: it is
//! approached quickly up to nine tenths and passed only in small steps, so that in the long run well
//! under one call in a hundred is rejected.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::model::Millis;

/// What the limiter never falls below: a fiftieth of the ceiling, and one call in ten seconds.
const FLOOR_PART: u64 = 50;
const FLOOR_MILLI: u64 = 100;
/// At most this much comes at once; the rest of a second's calls is spread over it.
const BURST_PART: u32 = 4;

/// The rate as a machine, in thousandths of a call a second.
#[derive(Clone, Debug)]
pub struct Throttle {
    ceiling: u64,
    rate: u64,
    too_much: Option<u64>,
    cut: Millis,
    grown: Millis,
}

impl Throttle {
    /// Starts at the ceiling.
    pub fn new(per_second: u32) -> Self {
        let ceiling = u64::from(per_second.max(1)) * 1_000;
        Self {
            ceiling,
            rate: ceiling,
            too_much: None,
            cut: Millis(0),
            grown: Millis(0),
        }
    }

    /// The provider rejected a call as too much. Whether the rate changed.
    pub fn rejected(&mut self, now: Millis) -> bool {
        if self.too_much.is_some() && now.since(self.cut) < 1_000 {
            return false;
        }
        self.too_much = Some(self.rate);
        self.rate = (self.rate * 2 / 3)
            .max(self.ceiling / FLOOR_PART)
            .max(FLOOR_MILLI);
        self.cut = now;
        self.grown = now;
        true
    }

    /// Lets the rate recover with time. Whether it changed.
    pub fn recover(&mut self, now: Millis) -> bool {
        let Some(too_much) = self.too_much else {
            return false;
        };
        let seconds = (now.since(self.grown) / 1_000).min(60);
        if seconds == 0 {
            return false;
        }
        self.grown = now;
        for _ in 0..seconds {
            let near = too_much * 9 / 10;
            self.rate = if self.rate < near {
                (self.rate + self.ceiling / 20).min(near)
            } else {
                self.rate + (self.rate / 400).max(1)
            };
        }
        if self.rate >= self.ceiling {
            self.rate = self.ceiling;
            self.too_much = None;
        }
        true
    }

    /// Thousandths of a call a second.
    pub const fn rate_milli(&self) -> u64 {
        self.rate
    }
}

/// The limiter of one gateway.
#[derive(Debug)]
pub struct Limiter {
    throttle: Throttle,
    clock: Told,
    governor: RateLimiter<NotKeyed, InMemoryState, Told, NoOpMiddleware<Duration>>,
}

impl Limiter {
    /// At most `per_second` calls a second, a quarter of them at once.
    pub fn new(per_second: u32, now: Millis) -> Self {
        let clock = Told(Arc::new(AtomicU64::new(now.0)));
        let throttle = Throttle::new(per_second);
        Self {
            governor: RateLimiter::direct_with_clock(quota(&throttle), clock.clone()),
            throttle,
            clock,
        }
    }

    /// Takes one call's place, or says when there will be one.
    pub fn take(&mut self, now: Millis) -> Result<(), Millis> {
        self.clock.0.fetch_max(now.0, Ordering::Relaxed);
        if self.throttle.recover(now) {
            self.rebuild();
        }
        self.governor.check().map_err(|not_until| {
            use governor::clock::Reference;
            let at: Duration = not_until.earliest_possible();
            let told = self.clock.now();
            let wait: Duration = at.duration_since(told).into();
            now.plus_ms(wait.as_millis() as u64 + 1)
        })
    }

    /// The provider rejected a call as too much.
    pub fn rejected(&mut self, now: Millis) {
        self.clock.0.fetch_max(now.0, Ordering::Relaxed);
        if self.throttle.rejected(now) {
            self.rebuild();
        }
    }

    /// Thousandths of a call a second at present.
    pub const fn rate_milli(&self) -> u64 {
        self.throttle.rate_milli()
    }

    /// A changed rate starts without the burst, which the old one may have just used.
    fn rebuild(&mut self) {
        let quota = quota(&self.throttle);
        self.governor = RateLimiter::direct_with_clock(quota, self.clock.clone());
        let spent = self.governor.check_n(quota.burst_size());
        debug_assert!(
            matches!(spent, Ok(Ok(()))),
            "a new governor has its whole burst"
        );
    }
}

fn quota(throttle: &Throttle) -> Quota {
    let rate = throttle.rate_milli().max(1);
    let period = Duration::from_nanos(1_000_000_000_000 / rate);
    let burst = (rate / 1_000) as u32 / BURST_PART;
    Quota::with_period(period)
        .expect("a rate is never so high that its period is zero")
        .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

/// A clock that knows what it was told.
#[derive(Clone, Debug)]
struct Told(Arc<AtomicU64>);

impl Clock for Told {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Millis = Millis(9_000_000);

    /// Calls as fast as the limiter lets for `seconds`, against a provider that bears `bears` calls
    /// a second; gives calls and rejections of the last `counted` seconds.
    fn drive(limiter: &mut Limiter, from: Millis, seconds: u64, bears: u64) -> (u64, u64) {
        let (mut calls, mut rejections) = (0, 0);
        let mut now = from;
        let end = from.plus_ms(seconds * 1_000);
        // The provider's own bucket: a second's worth of calls.
        let (mut bucket_milli, mut filled) = (bears * 1_000, from);
        while now < end {
            match limiter.take(now) {
                Ok(()) => {
                    calls += 1;
                    let earned = now.since(filled) * bears;
                    bucket_milli = (bucket_milli + earned).min(bears * 1_000);
                    filled = now;
                    if bucket_milli >= 1_000 {
                        bucket_milli -= 1_000;
                    } else {
                        rejections += 1;
                        limiter.rejected(now);
                    }
                }
                Err(until) => now = until,
            }
        }
        (calls, rejections)
    }

    #[test]
    fn the_ceiling_is_kept_and_used() {
        let mut limiter = Limiter::new(80, START);
        let (calls, _) = drive(&mut limiter, START, 100, 1_000);
        assert!((7_900..=8_020).contains(&calls), "{calls}");
    }

    #[test]
    fn one_call_a_second_is_possible() {
        let mut limiter = Limiter::new(1, START);
        let (calls, _) = drive(&mut limiter, START, 60, 1_000);
        assert!((60..=61).contains(&calls), "{calls}");
    }

    #[test]
    fn the_rate_settles_below_what_the_provider_bears() {
        for bears in [10, 20, 35, 60, 75] {
            let mut limiter = Limiter::new(80, START);
            drive(&mut limiter, START, 120, bears);
            let settled = START.plus_ms(120_000);
            let (calls, rejections) = drive(&mut limiter, settled, 1_200, bears);
            assert!(
                rejections * 100 <= calls,
                "{bears}/s: {rejections} of {calls} rejected"
            );
            assert!(
                calls * 100 >= bears * 1_200 * 80,
                "{bears}/s: only {calls} used"
            );
        }
    }

    #[test]
    fn the_rate_recovers_when_the_provider_does() {
        let mut limiter = Limiter::new(80, START);
        drive(&mut limiter, START, 60, 10);
        assert!(limiter.rate_milli() < 20_000, "{}", limiter.rate_milli());
        let later = START.plus_ms(60_000);
        drive(&mut limiter, later, 1_200, 1_000);
        assert_eq!(limiter.rate_milli(), 80_000);
    }
}
