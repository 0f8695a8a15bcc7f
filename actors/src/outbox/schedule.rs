//! When an attempt that was surely not done is made again.
//!
//! Three retries: at once (within a second), 30 s after that, and a third, logged as an error, 60 s
//! after the second; then the dead-letter list. A provider's `Retry-After` moves a retry later, up
//! to [`WISH_MAX_MS`]; the lane goes on without the effect after its own limit.
//!
//! What may be repeated at will ([`Class::Repeatable`]) is tried until it expires: after the same
//! three waits in 5 and 15 minutes, in an hour, then every three hours.

use std::time::Duration;

use crate::model::{AttemptNo, Class, Effect, EffectId, Millis};

/// The number of the try before which an error is logged, when none was spared: the third retry.
pub const LAST_TRY: AttemptNo = AttemptNo(4);

/// The longest wish of a provider that is honoured.
pub(super) const WISH_MAX_MS: u64 = 600_000;

/// Waits after the first, second and third failure, in milliseconds, and how much chance adds.
const WAITS_MS: [(u64, u64); 3] = [(100, 800), (30_000, 1_000), (60_000, 1_000)];

/// Further waits of what may be repeated at will; the last one goes on.
const LONG_WAITS_MS: [(u64, u64); 4] = [
    (300_000, 30_000),
    (900_000, 90_000),
    (3_600_000, 360_000),
    (10_800_000, 1_080_000),
];

/// When to try again after `failures` tries that were surely not done; `None` when all are used up.
pub(super) fn after(
    effect: &Effect,
    failures: u32,
    now: Millis,
    wish: Option<Duration>,
    seed: u64,
) -> Option<Millis> {
    let index = (failures as usize).checked_sub(1)?;
    let (wait_ms, spread_ms) = match WAITS_MS.get(index) {
        Some(wait) => *wait,
        None if effect.class == Class::Repeatable => {
            let further = (index - WAITS_MS.len()).min(LONG_WAITS_MS.len() - 1);
            LONG_WAITS_MS[further]
        }
        None => return None,
    };
    let jitter_ms = mix(seed, effect.id, failures) % spread_ms;
    let wish_ms = wish.map_or(0, |wish| {
        wish.as_millis().min(u128::from(WISH_MAX_MS)) as u64
    });
    let wait_ms = wait_ms.max(wish_ms);
    Some(now.plus_ms(wait_ms + jitter_ms))
}

/// Chance without state: the same effect and failure give the same jitter (splitmix64's finaliser).
fn mix(seed: u64, effect: EffectId, failures: u32) -> u64 {
    let mut x = u64::from_be_bytes(effect.hash) ^ seed ^ (u64::from(failures) << 56);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::tests::of_class;

    const NOW: Millis = Millis(1_000_000);

    fn wait_ms(failures: u32, wish_s: Option<u64>, seed: u64) -> Option<u64> {
        waited(Class::Reply, failures, wish_s, seed)
    }

    fn waited(class: Class, failures: u32, wish_s: Option<u64>, seed: u64) -> Option<u64> {
        let wish = wish_s.map(Duration::from_secs);
        let at = after(&of_class(1, class), failures, NOW, wish, seed);
        at.map(|at| at.since(NOW))
    }

    #[test]
    fn what_may_be_repeated_is_tried_ever_more_rarely_and_never_given_up() {
        let wait = |failures| waited(Class::Repeatable, failures, None, 3).unwrap();
        for failures in 1..=3 {
            assert_eq!(wait(failures), wait_ms(failures, None, 3).unwrap());
        }
        assert!((300_000..330_000).contains(&wait(4)));
        assert!((900_000..990_000).contains(&wait(5)));
        assert!((3_600_000..3_960_000).contains(&wait(6)));
        for failures in [7, 30, 1_000] {
            assert!((10_800_000..11_880_000).contains(&wait(failures)));
        }
    }

    #[test]
    fn three_retries_then_none() {
        for seed in 0..500 {
            assert!(matches!(wait_ms(1, None, seed), Some(1..1_000)));
            assert!(matches!(wait_ms(2, None, seed), Some(30_000..=31_000)));
            assert!(matches!(wait_ms(3, None, seed), Some(60_000..=61_000)));
            assert_eq!(wait_ms(4, None, seed), None);
        }
    }

    #[test]
    fn the_servers_wish_is_honoured_within_bounds() {
        assert!(matches!(wait_ms(1, Some(20), 1), Some(20_000..=21_000)));
        assert!(matches!(wait_ms(2, Some(4), 1), Some(30_000..=31_000)));
        let endless = wait_ms(3, Some(86_400), 1);
        assert!(matches!(endless, Some(600_000..=601_000)), "{endless:?}");
    }

    #[test]
    fn different_effects_spread() {
        let spread: std::collections::BTreeSet<_> =
            (0..50).filter_map(|seed| wait_ms(1, None, seed)).collect();
        assert!(spread.len() > 25, "{spread:?}");
    }
}
