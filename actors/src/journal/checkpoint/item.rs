//! What a checkpoint holds, and how it is written.

use crate::journal::record::part;
use crate::journal::snapshot::Saved;
use crate::model::Key;

const ENTITY: u8 = 1;
const ALIAS: u8 = 2;

/// One thing that a checkpoint holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The snapshot of an entity.
    Entity(Key, Saved),
    /// The entity that an alias names, and the sequence of the record that says so: of two
    /// records the later one holds.
    Alias([u8; 16], Key, u64),
}

/// What orders and identifies an item: its sort, its entity's kind, and 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemId([u8; ItemId::BYTES]);

impl ItemId {
    /// Length.
    pub const BYTES: usize = 18;

    /// The id of an entity's snapshot.
    pub fn entity(key: Key) -> Self {
        let (kind, bytes) = key.parts();
        Self::new(ENTITY, kind as u8, &bytes)
    }

    fn new(sort: u8, kind: u8, bytes: &[u8; 16]) -> Self {
        let mut id = [0; Self::BYTES];
        id[0] = sort;
        id[1] = kind;
        id[2..].copy_from_slice(bytes);
        Self(id)
    }

    /// The id with these bytes.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// What a filter keeps of it.
    pub fn hash(&self) -> u128 {
        let sort = u128::from(u16::from_le_bytes(part(&self.0, 0)));
        u128::from_le_bytes(part(&self.0, 2)) ^ sort
    }
}

impl Item {
    /// Its id.
    pub fn id(&self) -> ItemId {
        match self {
            Self::Entity(key, _) => ItemId::entity(*key),
            Self::Alias(alias, ..) => ItemId::new(ALIAS, 0, alias),
        }
    }

    /// What is written beside the id.
    pub fn value(&self) -> Vec<u8> {
        let value = match self {
            Self::Entity(_, saved) => postcard::to_stdvec(saved),
            Self::Alias(_, key, seq) => postcard::to_stdvec(&(key, seq)),
        };
        value.expect("plain values always serialise")
    }

    /// The item of an id and a value; `None` when they are not one.
    pub fn read(id: &ItemId, value: &[u8]) -> Option<Self> {
        let [sort, kind, ..] = id.0;
        let bytes = part(&id.0, 2);
        match sort {
            ENTITY => {
                let saved = postcard::from_bytes(value).ok()?;
                Some(Self::Entity(Key::from_parts(kind, bytes)?, saved))
            }
            ALIAS => {
                let (key, seq) = postcard::from_bytes(value).ok()?;
                Some(Self::Alias(bytes, key, seq))
            }
            _ => None,
        }
    }
}
