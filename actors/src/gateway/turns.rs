//! When those that found a gateway's queue full come back.
//!
//! Each is given a turn of its own behind the queue, one after another at the gateway's rate. Without
//! it a crowd would ask again every second, and asking would cost more than sending.

use crate::model::Millis;

/// Nobody is sent away for longer, so that an effect comes back well within its lane's two minutes
/// and finds a rate that has grown meanwhile. Turns that would lie behind are spread over the second
/// half of this.
const AWAY_MAX_MS: u64 = 60_000;

/// The turns given out. A machine: it is told the time.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The last turn, in microseconds.
    last_us: u64,
    /// How many turns lay behind the limit; spreads them.
    behind: u64,
}

impl Turns {
    /// The turn of one more, where `waiting` others are in the queue of a gateway that makes
    /// `rate_milli` thousandths of a call a second.
    pub fn next(&mut self, waiting: usize, rate_milli: u64, now: Millis) -> Millis {
        let period_us = 1_000_000_000 / rate_milli.max(1);
        let now_us = now.0 * 1_000;
        let queue_ends_us = now_us.saturating_add(period_us.saturating_mul(waiting as u64));
        let turn_us = self.last_us.max(queue_ends_us).saturating_add(period_us);
        if turn_us <= now_us + AWAY_MAX_MS * 1_000 {
            self.last_us = turn_us;
            return Millis(turn_us.div_ceil(1_000));
        }
        self.behind += 1;
        // 7,919 is prime to the width, so that neighbours lie apart and every millisecond is used.
        let spread_ms = (self.behind * 7_919) % (AWAY_MAX_MS / 2);
        now.plus_ms(AWAY_MAX_MS / 2 + spread_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(5_000_000);

    #[test]
    fn turns_follow_the_queue_at_the_gateways_rate() {
        let mut turns = Turns::default();
        let given: Vec<u64> = (0..4)
            .map(|_| turns.next(80, 80_000, NOW).since(NOW))
            .collect();
        assert_eq!(given, [1_013, 1_025, 1_038, 1_050]);
    }

    #[test]
    fn a_crowd_comes_back_no_faster_than_it_can_be_served() {
        let mut turns = Turns::default();
        let mut given: Vec<u64> = (0..4_000).map(|_| turns.next(800, 80_000, NOW).0).collect();
        given.sort_unstable();
        for second in NOW.0 / 1_000..=NOW.0 / 1_000 + 60 {
            let back = given.iter().filter(|at| **at / 1_000 == second).count();
            assert!(back <= 81, "{back} come back in second {second}");
        }
    }

    #[test]
    fn nobody_is_sent_away_for_longer_than_a_minute() {
        let mut turns = Turns::default();
        for _ in 0..10_000 {
            let away = turns.next(16, 100, NOW).since(NOW);
            assert!((10_000..=60_000).contains(&away), "{away} ms");
        }
    }
}
