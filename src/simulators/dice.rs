//! Seeded randomness: the same seed and the same order of rolls give the same faults.
//!
//! One die per purpose, so that rolls for webhooks do not disturb rolls for requests.

use std::sync::atomic::{AtomicU64, Ordering};

/// A lock-free counter-based generator (SplitMix64 over seed and ordinal).
#[derive(Debug)]
pub struct Dice {
    seed: AtomicU64,
    rolls: AtomicU64,
}

impl Dice {
    /// A die for one purpose; `purpose` keeps dice of one seed apart.
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self {
            seed: AtomicU64::new(mix(seed ^ mix(purpose))),
            rolls: AtomicU64::new(0),
        }
    }

    /// Starts the sequence of another seed from its first roll.
    pub fn reseed(&self, seed: u64, purpose: u64) {
        self.seed.store(mix(seed ^ mix(purpose)), Ordering::Relaxed);
        self.rolls.store(0, Ordering::Relaxed);
    }

    /// The next 64 bits.
    pub fn bits(&self) -> u64 {
        let ordinal = self.rolls.fetch_add(1, Ordering::Relaxed);
        mix(self
            .seed
            .load(Ordering::Relaxed)
            .wrapping_add(ordinal.wrapping_mul(GOLDEN)))
    }

    /// The next number in `0.0..1.0`.
    pub fn unit(&self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with the given probability. Certainties roll nothing, so that switched-off
    /// faults leave the sequence alone.
    pub fn hits(&self, probability: f64) -> bool {
        probability >= 1.0 || (probability > 0.0 && self.unit() < probability)
    }

    /// A number in `0..=max`.
    pub fn up_to(&self, max: u64) -> u64 {
        if max == 0 {
            0
        } else {
            self.bits() % max.saturating_add(1)
        }
    }
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_gives_the_same_rolls_and_purposes_differ() {
        let rolls = |seed, purpose| {
            let dice = Dice::new(seed, purpose);
            (0..8).map(|_| dice.bits()).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7, 1), rolls(7, 1));
        assert_ne!(rolls(7, 1), rolls(7, 2));
        assert_ne!(rolls(7, 1), rolls(8, 1));
    }

    #[test]
    fn hits_follow_their_probability() {
        let dice = Dice::new(1, 1);
        let hits = (0..10_000).filter(|_| dice.hits(0.25)).count();
        assert!((2_200..2_800).contains(&hits), "{hits}");
        assert!((0..100).all(|_| dice.hits(1.0) && !dice.hits(0.0)));
    }
}
