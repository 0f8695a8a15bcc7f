//! Which aliases the pages may hold, answered from memory.
//!
//! A person who writes for the first time is looked for among the aliases of everybody else, and
//! hardly ever is one. A Bloom filter (B. Bloom, "Space/time trade-offs in hash coding with allowable
//! errors", 1970) says so without asking sled: no means no, yes means look. Aliases are hashes, so
//! their own bytes are the filter's.

use std::sync::atomic::{AtomicU64, Ordering};

/// Words of 64 bits at the least: 1 MiB, in which a million aliases are mistaken for another one in
/// forty times. With more it is asked for in vain more often, until a start makes it larger.
const WORDS_MIN: usize = 1 << 17;
/// Bits set for one alias.
const PROBES: u64 = 4;

/// See the module head.
#[derive(Debug)]
pub struct Names {
    words: Box<[AtomicU64]>,
}

impl Names {
    /// A filter that has room for twice these and holds them.
    pub fn of(aliases: &[[u8; 16]]) -> Self {
        // Sixteen bits an alias.
        let words = (aliases.len() / 4).next_power_of_two().max(WORDS_MIN);
        let names = Self {
            words: (0..words).map(|_| AtomicU64::new(0)).collect(),
        };
        for alias in aliases {
            names.add(alias);
        }
        names
    }

    /// Adds an alias; from now on it may be held.
    pub fn add(&self, alias: &[u8; 16]) {
        for (word, bit) in self.probes(alias) {
            word.fetch_or(bit, Ordering::Release);
        }
    }

    /// False when this alias was surely never added.
    pub fn may_hold(&self, alias: &[u8; 16]) -> bool {
        self.probes(alias)
            .all(|(word, bit)| word.load(Ordering::Acquire) & bit != 0)
    }

    fn probes(&self, alias: &[u8; 16]) -> impl Iterator<Item = (&AtomicU64, u64)> {
        let number = u128::from_le_bytes(*alias);
        let (first, stride) = (number as u64, (number >> 64) as u64 | 1);
        let mask = self.words.len() as u64 * 64 - 1;
        (0..PROBES).map(move |probe| {
            let place = first.wrapping_add(stride.wrapping_mul(probe)) & mask;
            (&self.words[(place / 64) as usize], 1 << (place % 64))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An id like those of entities: bits without order (splitmix64).
    fn id(number: u64) -> [u8; 16] {
        let half = |seed: u64| {
            let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        let whole = u128::from(half(2 * number)) | u128::from(half(2 * number + 1)) << 64;
        whole.to_le_bytes()
    }

    #[test]
    fn what_was_added_is_never_denied_and_little_else_is_suspected() {
        let early: Vec<[u8; 16]> = (0..50_000).map(id).collect();
        let names = Names::of(&early);
        let late: Vec<[u8; 16]> = (50_000..100_000).map(id).collect();
        late.iter().for_each(|alias| names.add(alias));
        assert!(early.iter().chain(&late).all(|alias| names.may_hold(alias)));
        let suspected = (100_000..200_000).map(id).filter(|id| names.may_hold(id));
        assert!(suspected.count() < 100);
    }

    #[test]
    fn nothing_is_suspected_where_nothing_is_held() {
        let names = Names::of(&[]);
        assert!((0..1_000).map(id).all(|alias| !names.may_hold(&alias)));
    }
}
