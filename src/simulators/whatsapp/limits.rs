//! The two send limits of the Cloud API: messages a second per business number (130429) and
//! the debt between a number and one person (131056). Pure: time comes in as milliseconds.

use std::sync::atomic::{AtomicI64, Ordering};

/// Debt in milliseconds that one message adds to its pair: one message in 6 s.
const DEBT_MS: i64 = 6_000;
/// Within this time of its first message a burst may borrow.
const BURST_MS: i64 = 6_000;
/// Messages of one burst.
const BURST_MESSAGES: u32 = 45;

/// The debt of one pair. It drains in real time; a burst may borrow up to 45 messages within
/// 6 s, after which everything waits until the whole debt is gone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pair {
    clear_at_ms: i64,
    burst_start_ms: i64,
    burst_count: u32,
}

impl Pair {
    /// Takes one message, or says how many milliseconds of debt remain.
    pub fn take(&mut self, now_ms: i64) -> Result<(), i64> {
        if now_ms >= self.clear_at_ms {
            *self = Self {
                clear_at_ms: now_ms + DEBT_MS,
                burst_start_ms: now_ms,
                burst_count: 1,
            };
            return Ok(());
        }
        let in_burst = now_ms - self.burst_start_ms <= BURST_MS;
        if in_burst && self.burst_count < BURST_MESSAGES {
            self.burst_count += 1;
            self.clear_at_ms += DEBT_MS;
            return Ok(());
        }
        Err(self.clear_at_ms - now_ms)
    }
}

/// Messages a second of one business number, in and out together: a bucket of one second.
#[derive(Debug, Default)]
pub struct Throughput {
    /// When the bucket is full again, in microseconds.
    full_at_us: AtomicI64,
}

impl Throughput {
    /// Takes one message; false when the second is used up. `mps` 0 never refuses.
    pub fn take(&self, now_ms: i64, mps: u32) -> bool {
        if mps == 0 {
            return true;
        }
        let cost = 1_000_000 / i64::from(mps);
        let now_us = now_ms.saturating_mul(1_000);
        let taken = self
            .full_at_us
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
                let next = full_at.max(now_us) + cost;
                (next - now_us <= 1_000_000).then_some(next)
            });
        taken.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_in_six_seconds_never_meets_the_pair_limit() {
        let mut pair = Pair::default();
        assert!((0..200).all(|i| pair.take(1_000_000 + i * 6_000).is_ok()));
    }

    #[test]
    fn a_burst_of_45_is_lent_and_paid_back_in_full() {
        let mut pair = Pair::default();
        let start = 1_000_000;
        assert!((0..45).all(|i| pair.take(start + i * 10).is_ok()));
        let debt = pair
            .take(start + 450)
            .expect_err("the 46th borrows too much");
        assert_eq!(debt, 45 * 6_000 - 450);
        assert!(pair.take(start + 45 * 6_000 - 1).is_err());
        assert!(pair.take(start + 45 * 6_000).is_ok());
    }

    #[test]
    fn a_burst_ends_after_six_seconds_even_if_few_were_sent() {
        let mut pair = Pair::default();
        assert!((0..20).all(|_| pair.take(0).is_ok()));
        assert_eq!(pair.take(6_001), Err(20 * 6_000 - 6_001));
    }

    /// People who are answered at random moments, with every message up to 1.9 s on its way: the
    /// server's own limit keeps each pair clear of this one.
    #[test]
    fn the_servers_limit_never_meets_the_pair_limit() {
        use actors::gateway::Pairs;
        use actors::model::{Millis, Recipient};
        use rand::rngs::StdRng;
        use rand::{RngExt, SeedableRng};

        let to = Recipient::UserId("PE.1".into());
        for (seed, burst) in [(1, 1), (2, 3), (3, 10), (4, 10), (5, 45)] {
            let mut dice = StdRng::seed_from_u64(seed);
            let (mut ours, mut meta) = (Pairs::new(burst), Pair::default());
            let mut now = Millis(1_000_000);
            let mut at_once = 0;
            for n in 0..5_000 {
                let gap_ms = [50, 2_000, 20_000][dice.random_range(0..3)];
                let wanted = now.plus_ms(dice.random_range(0..gap_ms));
                let left = ours.ready_at(&to, wanted);
                at_once += u32::from(left == wanted);
                ours.count(&to, left);
                let arrived = left.plus_ms(dice.random_range(0..1_900));
                let taken = meta.take(arrived.0 as i64);
                assert_eq!(taken, Ok(()), "seed {seed}, message {n}");
                now = arrived.plus_ms(dice.random_range(0..100));
                ours.answered(&to, left, now);
            }
            assert!(at_once > 500, "seed {seed}: only {at_once} left at once");
        }
    }

    #[test]
    fn throughput_refuses_the_81st_message_of_a_second() {
        let line = Throughput::default();
        assert!((0..80).all(|_| line.take(5_000, 80)));
        assert!(!line.take(5_000, 80));
        assert!(line.take(5_013, 80));
        assert!(!line.take(5_013, 80));
        assert!((0..1_000).all(|_| line.take(5_013, 0)));
    }
}
