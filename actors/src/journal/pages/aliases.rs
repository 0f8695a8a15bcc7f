//! The entity that an alias names, every value sealed.
//!
//! Values are overwritten, so a value's nonce is a counter under a key of this process's *life*:
//! each opening writes a fresh random life id, and each value begins with the number of its life
//! and its count in it. Associated data are tree and key.

use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::HashMap;

use super::{Batch, Pages, PagesError, Tree};
use crate::journal::checkpoint::Item;
use crate::journal::filter::Filter;
use crate::journal::keys::{Entropy, FileKey, Ring, random_id};
use crate::journal::record::part;
use crate::model::Key;

const PREFIX_BYTES: usize = 12;
const APPLIED: &[u8] = b"applied";
/// The filter has room for so many aliases at least, and for twice those there are: with more it is
/// asked for in vain more often, until a start makes it larger.
const ROOM_MIN: usize = 1 << 19;

/// Aliases in pages with sealed values.
pub struct Aliases {
    pages: Box<dyn Pages>,
    life: u32,
    keys: HashMap<u32, FileKey>,
    next: AtomicU64,
    filter: Filter,
}

impl std::fmt::Debug for Aliases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aliases")
            .field("life", &self.life)
            .finish_non_exhaustive()
    }
}

impl Aliases {
    /// Begins a life on opened pages. There are about `expected` aliases in them or yet to come; those
    /// in them are looked for only after [`expect`](Self::expect) has named them.
    pub fn new(
        pages: Box<dyn Pages>,
        ring: &Ring,
        entropy: &dyn Entropy,
        expected: usize,
    ) -> Result<Self, PagesError> {
        let mut keys = HashMap::default();
        let mut life = 0;
        let mut bad = None;
        pages.scan(Tree::Meta, b"life/", &mut |key, value| {
            let read = (|| {
                let number = u32::from_be_bytes(key.get(5..9)?.try_into().ok()?);
                let (ring_key, id) = value.split_first_chunk::<4>()?;
                let key = ring.file_key(u32::from_le_bytes(*ring_key), id.try_into().ok()?);
                Some((number, key.ok()?))
            })();
            match read {
                Some((number, key)) => {
                    life = life.max(number);
                    keys.insert(number, key);
                    true
                }
                None => {
                    bad = Some(PagesError("a life of the index is unreadable".to_owned()));
                    false
                }
            }
        })?;
        bad.map_or(Ok(()), Err)?;
        let life = life + 1;
        let id = random_id(entropy);
        let key = ring.file_key(ring.writing(), &id);
        let key = key.map_err(|error| PagesError(error.to_string()))?;
        keys.insert(life, key);
        let mut value = ring.writing().to_le_bytes().to_vec();
        value.extend_from_slice(&id);
        let name = [b"life/".as_slice(), &life.to_be_bytes()].concat();
        pages.apply(vec![(Tree::Meta, name, Some(value))])?;
        Ok(Self {
            pages,
            life,
            keys,
            next: AtomicU64::new(0),
            filter: Filter::with_room((2 * expected).max(ROOM_MIN)),
        })
    }

    /// An alias that the pages may hold.
    pub fn expect(&self, alias: &[u8; 16]) {
        self.filter.add(u128::from_le_bytes(*alias));
    }

    /// The last checkpoint batch these pages hold; 0 before the first.
    pub fn applied(&self) -> Result<u64, PagesError> {
        let value = self.pages.get(Tree::Meta, APPLIED)?;
        let number = value.and_then(|value| value.try_into().ok());
        Ok(number.map_or(0, u64::from_le_bytes))
    }

    /// Writes the aliases among items; `applied` names the checkpoint batch that is complete with them.
    pub fn put<'a>(
        &self,
        items: impl IntoIterator<Item = &'a Item>,
        applied: Option<u64>,
    ) -> Result<(), PagesError> {
        let mut batch = Batch::new();
        for item in items {
            if let Item::Alias(alias, key, seq) = item {
                self.expect(alias);
                let mut named = name_of(*key).to_vec();
                named.extend_from_slice(&seq.to_le_bytes());
                let value = self.seal(Tree::Aliases, alias, &named);
                batch.push((Tree::Aliases, alias.to_vec(), Some(value)));
            }
        }
        if let Some(number) = applied {
            let value = number.to_le_bytes().to_vec();
            batch.push((Tree::Meta, APPLIED.to_vec(), Some(value)));
        }
        match batch.is_empty() {
            true => Ok(()),
            false => self.pages.apply(batch),
        }
    }

    /// Whether an alias has to be looked for; false is certain, and costs no reading.
    pub fn may_hold(&self, alias: &[u8; 16]) -> bool {
        self.filter.may_hold(u128::from_le_bytes(*alias))
    }

    /// The entity that an alias names, and the sequence of the record that says so.
    pub fn get(&self, alias: &[u8; 16]) -> Result<Option<(Key, u64)>, PagesError> {
        if !self.may_hold(alias) {
            return Ok(None);
        }
        let Some(value) = self.pages.get(Tree::Aliases, alias)? else {
            return Ok(None);
        };
        let named = self.open(Tree::Aliases, alias, &value);
        let named = named.and_then(|named| {
            let (name, seq) = named.split_first_chunk::<17>()?;
            Some((key_of(name)?, u64::from_le_bytes(seq.try_into().ok()?)))
        });
        named
            .map(Some)
            .ok_or_else(|| PagesError("an alias is unreadable".to_owned()))
    }

    /// How many there are.
    pub fn count(&self) -> Result<u64, PagesError> {
        let mut count = 0;
        self.pages.scan(Tree::Aliases, &[], &mut |_, _| {
            count += 1;
            true
        })?;
        Ok(count)
    }

    fn seal(&self, tree: Tree, key: &[u8], plain: &[u8]) -> Vec<u8> {
        let ordinal = self.next.fetch_add(1, Ordering::Relaxed);
        let mut value = Vec::with_capacity(PREFIX_BYTES + plain.len() + 16);
        value.extend_from_slice(&self.life.to_le_bytes());
        value.extend_from_slice(&ordinal.to_le_bytes());
        value.extend_from_slice(plain);
        let header = associated(tree, key);
        let life = &self.keys[&self.life];
        let tag = life.seal_slice(ordinal, &header, &mut value[PREFIX_BYTES..]);
        value.extend_from_slice(tag.as_ref());
        value
    }

    fn open(&self, tree: Tree, key: &[u8], value: &[u8]) -> Option<Vec<u8>> {
        if value.len() < PREFIX_BYTES {
            return None;
        }
        let life = self.keys.get(&u32::from_le_bytes(part(value, 0)))?;
        let ordinal = u64::from_le_bytes(part(value, 4));
        let mut sealed = value[PREFIX_BYTES..].to_vec();
        let header = associated(tree, key);
        let length = life.open(ordinal, &header, &mut sealed)?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

fn associated(tree: Tree, key: &[u8]) -> Vec<u8> {
    let mut header = Vec::with_capacity(1 + key.len());
    header.push(tree as u8);
    header.extend_from_slice(key);
    header
}

fn name_of(key: Key) -> [u8; 17] {
    let (kind, bytes) = key.parts();
    let mut name = [kind as u8; 17];
    name[1..].copy_from_slice(&bytes);
    name
}

fn key_of(name: &[u8]) -> Option<Key> {
    let (kind, bytes) = name.split_first()?;
    Key::from_parts(*kind, bytes.try_into().ok()?)
}
