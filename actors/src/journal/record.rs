//! One record: a header of 72 bytes in clear and a sealed body.
//!
//! The header is the body's associated data, so a changed header never passes for a record. Its
//! fields are all that recovery needs to rebuild the index without opening a body. Numbers are
//! little-endian; the layout is final:
//!
//! ```text
//!  0 version   1 kind   2 entity kind   3 key scope    4 key id (u32)
//!  8 entity key (16 bytes)             24 journal sequence (u64)   32 entity sequence (u64)
//! 40 input hash (8 bytes)              48 epoch (u64)              56 next wake, seconds (u64)
//! 64 body length without tag (u32)     68 zero (4 bytes)
//! ```

use serde::{Deserialize, Serialize};

use super::index::Change;

/// Bytes of a record header.
pub const HEADER_BYTES: usize = 72;
/// The version this release writes.
pub const VERSION: u8 = 1;
/// The longest body of one record.
pub const BODY_BYTES_MAX: usize = 512 * 1024;

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// An input accepted for an entity.
    Input = 1,
    /// An input consumed: events and effects.
    Step = 2,
    /// An attempt at an effect is about to leave.
    Sending = 3,
    /// What became of an attempt.
    Outcome = 4,
    /// Older records sealed anew with their original headers, so that their segment can go.
    Carried = 5,
    /// Another identity of a contact.
    Alias = 6,
    /// A contact was merged into another.
    Merged = 7,
    /// A try at an input that ended badly.
    Strike = 8,
    /// A setting of the journal itself.
    Config = 9,
}

impl Kind {
    fn parse(byte: u8) -> Option<Self> {
        const ALL: [Kind; 9] = [
            Kind::Input,
            Kind::Step,
            Kind::Sending,
            Kind::Outcome,
            Kind::Carried,
            Kind::Alias,
            Kind::Merged,
            Kind::Strike,
            Kind::Config,
        ];
        ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// Which key sealed a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Scope {
    /// No secret: the body is protected against change, not against reading.
    None = 0,
    /// The ring.
    Ring = 1,
    /// The contact's own key.
    Contact = 2,
}

impl Scope {
    fn parse(byte: u8) -> Option<Self> {
        [Self::None, Self::Ring, Self::Contact]
            .into_iter()
            .find(|scope| *scope as u8 == byte)
    }
}

/// The entity of a record: its kind and its 16-byte key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Entity {
    /// Contact, channel or gateway, as the model numbers them; 0 = the journal itself.
    pub kind: u8,
    /// The id.
    pub key: [u8; 16],
}

/// Everything about a record that is not secret. See the module head for the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What the record says.
    pub kind: Kind,
    /// Whom it concerns.
    pub entity: Entity,
    /// Which key sealed the body.
    pub scope: Scope,
    /// Number of that key.
    pub key_id: u32,
    /// Position in the journal, from 1: it rises within a lane, and no two lanes share one.
    pub seq: u64,
    /// The entity's version after this record; 0 for inputs.
    pub entity_seq: u64,
    /// Keyed hash of the input's provider id.
    pub input_hash: [u8; 8],
    /// Owner's epoch; 0 when the owner is alone.
    pub epoch: u64,
    /// When the entity next wants to be woken, Unix seconds; 0 = never.
    pub next_wake: u64,
    /// Length of the body without its tag.
    pub body_bytes: u32,
}

impl Header {
    /// The 72 bytes on disk.
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0] = VERSION;
        bytes[1] = self.kind as u8;
        bytes[2] = self.entity.kind;
        bytes[3] = self.scope as u8;
        bytes[4..8].copy_from_slice(&self.key_id.to_le_bytes());
        bytes[8..24].copy_from_slice(&self.entity.key);
        bytes[24..32].copy_from_slice(&self.seq.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.entity_seq.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.input_hash);
        bytes[48..56].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[56..64].copy_from_slice(&self.next_wake.to_le_bytes());
        bytes[64..68].copy_from_slice(&self.body_bytes.to_le_bytes());
        bytes
    }

    /// Reads a header; `None` when it is not one of this or an earlier release.
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        if bytes[0] != VERSION || bytes[68..72] != [0; 4] {
            return None;
        }
        let header = Self {
            kind: Kind::parse(bytes[1])?,
            entity: Entity {
                kind: bytes[2],
                key: part(bytes, 8),
            },
            scope: Scope::parse(bytes[3])?,
            key_id: u32::from_le_bytes(part(bytes, 4)),
            seq: u64::from_le_bytes(part(bytes, 24)),
            entity_seq: u64::from_le_bytes(part(bytes, 32)),
            input_hash: part(bytes, 40),
            epoch: u64::from_le_bytes(part(bytes, 48)),
            next_wake: u64::from_le_bytes(part(bytes, 56)),
            body_bytes: u32::from_le_bytes(part(bytes, 64)),
        };
        (header.body_bytes as usize <= BODY_BYTES_MAX).then_some(header)
    }
}

/// `N` bytes at an offset of a buffer known to be long enough.
pub(super) fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

/// A record to be written: the committer adds key and sequence.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What the record says.
    pub kind: Kind,
    /// Whom it concerns.
    pub entity: Entity,
    /// Which key is to seal the body.
    pub scope: Scope,
    /// The entity's version after this record; 0 for inputs.
    pub entity_seq: u64,
    /// Keyed hash of the input's provider id.
    pub input_hash: [u8; 8],
    /// Owner's epoch; 0 when the owner is alone.
    pub epoch: u64,
    /// When the entity next wants to be woken, Unix seconds; 0 = never.
    pub next_wake: u64,
    /// The body in clear.
    pub body: Vec<u8>,
    /// What it changes in the index, handed to the landing once it is durable.
    pub change: Change,
}

impl Draft {
    /// The header this draft gets under a key and a sequence.
    pub fn header(&self, key_id: u32, seq: u64) -> Header {
        Header {
            kind: self.kind,
            entity: self.entity,
            scope: self.scope,
            key_id,
            seq,
            entity_seq: self.entity_seq,
            input_hash: self.input_hash,
            epoch: self.epoch,
            next_wake: self.next_wake,
            body_bytes: self.body.len() as u32,
        }
    }

    /// Bytes this draft takes in a group.
    pub fn sealed_bytes(&self) -> usize {
        HEADER_BYTES + self.body.len() + super::keys::TAG_BYTES
    }
}

/// Where a durable record lies in its lane. 16 bytes, kept in the index and in snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Number of the segment.
    pub segment: u32,
    /// Offset of the header in the file.
    pub header: u32,
    /// Offset of the sealed body in the file.
    pub body: u32,
    /// Ordinal of the record in the file: its nonce.
    pub ordinal: u32,
}
