//! When an attempt that was surely not done is made again.
//!
//! Three retries: at once (within a second), 30 s after that, and a third, logged as an error, 60 s
//! after the second; then the dead-letter list. A provider's `Retry-After` moves a retry later, up
//! to [`WISH_MAX_MS`]; the lane goes on without the effect after its own limit.

use std::time::Duration;

use crate::model::{AttemptNo, EffectId, Millis};

/// The number of the try before which an error is logged, when none was spared: the third retry.
pub const LAST_TRY: AttemptNo = AttemptNo(4);

/// The longest wish of a provider that is honoured.
pub(super) const WISH_MAX_MS: u64 = 600_000;

/// Waits after the first, second and third failure, in milliseconds, and how much chance adds.
const WAITS_MS: [(u64, u64); 3] = [(100, 800), (30_000, 1_000), (60_000, 1_000)];

/// When to try again after `failures` tries that were surely not done; `None` when all are used up.
pub(super) fn after(
    failures: u32,
    now: Millis,
    wish: Option<Duration>,
    seed: u64,
    effect: EffectId,
) -> Option<Millis> {
    let index = (failures as usize).checked_sub(1)?;
    let (wait_ms, spread_ms) = *WAITS_MS.get(index)?;
    let jitter_ms = mix(seed, effect, failures) % spread_ms;
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
    use crate::model::{ContactId, Key};

    const NOW: Millis = Millis(1_000_000);

    fn wait_ms(failures: u32, wish_s: Option<u64>, seed: u64) -> Option<u64> {
        let effect = EffectId {
            key: Key::Contact(ContactId([1; 16])),
            hash: [7; 8],
        };
        let wish = wish_s.map(Duration::from_secs);
        after(failures, NOW, wish, seed, effect).map(|at| at.since(NOW))
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
