//! A set of ids that can be asked whether it may hold one, without reading what it stands for.
//!
//! It is a Bloom filter (B. Bloom, "Space/time trade-offs in hash coding with allowable errors",
//! 1970): no means no, yes means look. A file of the checkpoint has one of what lies in it, and the
//! aliases have one, because a person who writes for the first time is looked for among everybody
//! else and hardly ever is one of them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bits for each id: with four probes one id in 160 is suspected in vain.
const BITS: usize = 12;
/// Bits set for one id.
const PROBES: u64 = 4;

/// See the module head.
#[derive(Debug)]
pub struct Filter {
    words: Box<[AtomicU64]>,
}

impl Filter {
    /// An empty filter for so many ids. With more it is asked for in vain more often.
    pub fn with_room(ids: usize) -> Self {
        let words = (ids * BITS).div_ceil(64).max(1);
        Self {
            words: (0..words).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Adds an id; from now on it may be held.
    pub fn add(&self, id: u128) {
        for (word, bit) in self.probes(id) {
            word.fetch_or(bit, Ordering::Release);
        }
    }

    /// False when this id was surely never added.
    pub fn may_hold(&self, id: u128) -> bool {
        self.probes(id)
            .all(|(word, bit)| word.load(Ordering::Acquire) & bit != 0)
    }

    /// Its content, little-endian, for [`Filter::from_bytes`].
    pub fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        let words = self.words.iter().map(|word| word.load(Ordering::Acquire));
        words.flat_map(u64::to_le_bytes)
    }

    /// The filter with this content; `None` when it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        let is_whole = rest.is_empty() && !words.is_empty();
        is_whole.then(|| Self {
            words: words
                .iter()
                .map(|word| AtomicU64::new(u64::from_le_bytes(*word)))
                .collect(),
        })
    }

    fn probes(&self, id: u128) -> impl Iterator<Item = (&AtomicU64, u64)> {
        let first = mixed(id as u64 ^ mixed((id >> 64) as u64));
        let stride = mixed(first) | 1;
        let bits = self.words.len() as u128 * 64;
        (0..PROBES).map(move |probe| {
            let hash = first.wrapping_add(stride.wrapping_mul(probe));
            let place = ((u128::from(hash) * bits) >> 64) as usize;
            (&self.words[place / 64], 1 << (place % 64))
        })
    }
}

/// Spreads bits (the end of splitmix64, S. Vigna). Files hold filters, so it never changes.
fn mixed(bits: u64) -> u64 {
    let mut mixed = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_never_denied_and_little_else_is_suspected() {
        let filter = Filter::with_room(100_000);
        (0..100_000).for_each(|id| filter.add(id));
        assert!((0..100_000).all(|id| filter.may_hold(id)));
        let suspected = (100_000..200_000).filter(|id| filter.may_hold(*id));
        assert!(suspected.count() < 1_000);
        let again = Filter::from_bytes(&filter.bytes().collect::<Vec<u8>>()).unwrap();
        assert!((0..200_000).all(|id| again.may_hold(id) == filter.may_hold(id)));
    }

    #[test]
    fn nothing_is_suspected_where_nothing_is_held() {
        for room in [0, 1, 1_000] {
            let filter = Filter::with_room(room);
            assert!((0..1_000).all(|id| !filter.may_hold(id << 64)));
        }
    }

    #[test]
    fn bytes_of_no_filter_make_none() {
        assert!(Filter::from_bytes(&[]).is_none());
        assert!(Filter::from_bytes(&[0; 15]).is_none());
    }
}
