//! Snapshots in pages, every value sealed.
//!
//! Values are overwritten, so a value's nonce is a counter under a key of this process's *life*:
//! each opening writes a fresh random life id, and each value begins with the number of its life
//! and its count in it. Associated data are tree and key, and for chunks of a body also the
//! sequence it covers, so that chunks of two snapshots never pass for one.

use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::{Batch, Pages, PagesError, Tree};
use crate::journal::checkpoint::Item;
use crate::journal::keys::{Entropy, FileKey, Ring, random_id};
use crate::journal::record::part;
use crate::journal::snapshot::Saved;
use crate::model::Key;

/// Bytes of a body's chunk; sled stores values up to about 1 KiB well.
const CHUNK_BYTES: usize = 960;
const PREFIX_BYTES: usize = 12;
const APPLIED: &[u8] = b"applied";

/// What is read of every entity at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Steps taken.
    pub version: u64,
    /// Position of the last input consumed.
    pub consumed: u64,
    /// What the snapshot covers.
    pub cover: u64,
    /// Next wake, Unix seconds; 0 = never.
    pub wake: u32,
    /// The body says more than the head: records that recovery must find.
    pub busy: bool,
    /// It was drained into another entity.
    pub merged: bool,
    /// Bytes of the body.
    pub body_bytes: u32,
}

/// Pages with sealed values.
pub struct Sealed {
    pages: Box<dyn Pages>,
    life: u32,
    keys: HashMap<u32, FileKey>,
    next: AtomicU64,
    names: Names,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed")
            .field("life", &self.life)
            .finish_non_exhaustive()
    }
}

impl Sealed {
    /// Begins a life on opened pages.
    pub fn new(
        pages: Box<dyn Pages>,
        ring: &Ring,
        entropy: &dyn Entropy,
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
        let mut aliases = Vec::new();
        pages.scan(Tree::Aliases, &[], &mut |alias, _| {
            aliases.extend(<[u8; 16]>::try_from(alias));
            true
        })?;
        Ok(Self {
            pages,
            life,
            keys,
            next: AtomicU64::new(0),
            names: Names::of(&aliases),
        })
    }

    /// The last checkpoint batch these pages hold; 0 before the first.
    pub fn applied(&self) -> Result<u64, PagesError> {
        let value = self.pages.get(Tree::Meta, APPLIED)?;
        let number = value.and_then(|value| value.try_into().ok());
        Ok(number.map_or(0, u64::from_le_bytes))
    }

    /// Writes items; `applied` names the checkpoint batch that is complete with them.
    pub fn put<'a>(
        &self,
        items: impl IntoIterator<Item = &'a Item>,
        applied: Option<u64>,
    ) -> Result<(), PagesError> {
        let mut batch = Batch::new();
        for item in items {
            match item {
                Item::Entity(key, saved) => self.put_entity(*key, saved, &mut batch)?,
                Item::Alias(alias, key, seq) => {
                    self.names.add(alias);
                    let mut named = name_of(*key).to_vec();
                    named.extend_from_slice(&seq.to_le_bytes());
                    let value = self.seal(Tree::Aliases, alias, 0, &named);
                    batch.push((Tree::Aliases, alias.to_vec(), Some(value)));
                }
            }
        }
        if let Some(number) = applied {
            let value = number.to_le_bytes().to_vec();
            batch.push((Tree::Meta, APPLIED.to_vec(), Some(value)));
        }
        self.pages.apply(batch)
    }

    /// The snapshot of an entity.
    pub fn get(&self, key: Key) -> Result<Option<Saved>, PagesError> {
        let name = name_of(key);
        // The writer may replace the snapshot between head and chunks; then they do not fit.
        for _ in 0..4 {
            let Some(value) = self.pages.get(Tree::Heads, &name)? else {
                return Ok(None);
            };
            let head = self.open_head(&name, &value)?;
            if let Some(body) = self.body(&name, &head)? {
                let saved = postcard::from_bytes(&body);
                return saved
                    .map(Some)
                    .map_err(|error| PagesError(error.to_string()));
            }
        }
        Err(PagesError(format!("the snapshot of {key} is unreadable")))
    }

    /// Shows the head of every entity.
    pub fn heads(&self, show: &mut dyn FnMut(Key, Head)) -> Result<(), PagesError> {
        let mut bad = None;
        self.pages.scan(Tree::Heads, &[], &mut |name, value| {
            let key = key_of(name).ok_or_else(|| PagesError("a head without entity".to_owned()));
            match key.and_then(|key| Ok((key, self.open_head(name, value)?))) {
                Ok((key, head)) => show(key, head),
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        bad.map_or(Ok(()), Err)
    }

    /// Whether an alias has to be looked for; false is certain, and costs no reading.
    pub fn may_hold_alias(&self, alias: &[u8; 16]) -> bool {
        self.names.may_hold(alias)
    }

    /// The entity that an alias names, and the sequence of the record that says so.
    pub fn alias(&self, alias: &[u8; 16]) -> Result<Option<(Key, u64)>, PagesError> {
        if !self.may_hold_alias(alias) {
            return Ok(None);
        }
        let Some(value) = self.pages.get(Tree::Aliases, alias)? else {
            return Ok(None);
        };
        let named = self.open(Tree::Aliases, alias, 0, &value);
        let named = named.and_then(|named| {
            let (name, seq) = named.split_first_chunk::<17>()?;
            Some((key_of(name)?, u64::from_le_bytes(seq.try_into().ok()?)))
        });
        named
            .map(Some)
            .ok_or_else(|| PagesError("an alias is unreadable".to_owned()))
    }

    fn put_entity(&self, key: Key, saved: &Saved, batch: &mut Batch) -> Result<(), PagesError> {
        let name = name_of(key);
        let body = postcard::to_stdvec(saved).expect("plain values always serialise");
        let head = Head {
            version: saved.version,
            consumed: saved.consumed,
            cover: saved.cover,
            wake: saved.wake,
            busy: saved.is_busy(),
            merged: saved.merged.is_some(),
            body_bytes: body.len() as u32,
        };
        let before = match self.pages.get(Tree::Heads, &name)? {
            Some(value) => chunks_of(self.open_head(&name, &value)?.body_bytes),
            None => 0,
        };
        let plain = postcard::to_stdvec(&head).expect("plain values always serialise");
        let value = self.seal(Tree::Heads, &name, 0, &plain);
        batch.push((Tree::Heads, name.to_vec(), Some(value)));
        for (chunk, number) in body.chunks(CHUNK_BYTES).zip(0..) {
            let name = chunk_name(&name, number);
            let value = self.seal(Tree::Bodies, &name, saved.cover, chunk);
            batch.push((Tree::Bodies, name.to_vec(), Some(value)));
        }
        for number in chunks_of(head.body_bytes)..before {
            batch.push((Tree::Bodies, chunk_name(&name, number).to_vec(), None));
        }
        Ok(())
    }

    /// The body that belongs to a head; `None` when a chunk belongs to another.
    fn body(&self, name: &[u8; 17], head: &Head) -> Result<Option<Vec<u8>>, PagesError> {
        let mut body = Vec::with_capacity(head.body_bytes as usize);
        for number in 0..chunks_of(head.body_bytes) {
            let name = chunk_name(name, number);
            let value = self.pages.get(Tree::Bodies, &name)?;
            let chunk = value.and_then(|value| self.open(Tree::Bodies, &name, head.cover, &value));
            let Some(chunk) = chunk else { return Ok(None) };
            body.extend_from_slice(&chunk);
        }
        Ok((body.len() == head.body_bytes as usize).then_some(body))
    }

    fn open_head(&self, name: &[u8], value: &[u8]) -> Result<Head, PagesError> {
        let plain = self.open(Tree::Heads, name, 0, value);
        let head = plain.and_then(|plain| postcard::from_bytes(&plain).ok());
        head.ok_or_else(|| PagesError("a head is unreadable".to_owned()))
    }

    fn seal(&self, tree: Tree, key: &[u8], cover: u64, plain: &[u8]) -> Vec<u8> {
        let ordinal = self.next.fetch_add(1, Ordering::Relaxed);
        let mut value = Vec::with_capacity(PREFIX_BYTES + plain.len() + 16);
        value.extend_from_slice(&self.life.to_le_bytes());
        value.extend_from_slice(&ordinal.to_le_bytes());
        value.extend_from_slice(plain);
        let header = associated(tree, key, cover);
        let life = &self.keys[&self.life];
        let tag = life.seal_slice(ordinal, &header, &mut value[PREFIX_BYTES..]);
        value.extend_from_slice(tag.as_ref());
        value
    }

    fn open(&self, tree: Tree, key: &[u8], cover: u64, value: &[u8]) -> Option<Vec<u8>> {
        if value.len() < PREFIX_BYTES {
            return None;
        }
        let life = self.keys.get(&u32::from_le_bytes(part(value, 0)))?;
        let ordinal = u64::from_le_bytes(part(value, 4));
        let mut sealed = value[PREFIX_BYTES..].to_vec();
        let header = associated(tree, key, cover);
        let length = life.open(ordinal, &header, &mut sealed)?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

fn associated(tree: Tree, key: &[u8], cover: u64) -> Vec<u8> {
    let mut header = Vec::with_capacity(1 + key.len() + 8);
    header.push(tree as u8);
    header.extend_from_slice(key);
    header.extend_from_slice(&cover.to_le_bytes());
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

fn chunk_name(name: &[u8; 17], number: u16) -> [u8; 19] {
    let mut chunk = [0; 19];
    chunk[..17].copy_from_slice(name);
    chunk[17..].copy_from_slice(&number.to_be_bytes());
    chunk
}

fn chunks_of(body_bytes: u32) -> u16 {
    (body_bytes as usize).div_ceil(CHUNK_BYTES) as u16
}
