//! One segment: an append-only file of groups.
//!
//! The first 4 KiB hold the header twice (at 0 and at 2,048), so that one bad sector does not cost
//! a file. The header names the segment's random id, which every group repeats and from which its
//! key is derived, and says what was accepted of its predecessor: whatever lies there after that
//! group is ignored for ever, which settles cut tails and refused groups. Numbers are
//! little-endian; the layout is final:
//!
//! ```text
//!  0 magic "CHASQSEG"   8 version (u16)   10 lane (u16)   12 number (u32)   16 id (16)
//! 32 predecessor's id (16, zero = none)   48 its last accepted group ordinal (u64)
//! 56 first journal sequence (u64)   64 created, Unix seconds (u64)
//! 72 partitions (u32)   76 ring key (u32)   80 CRC32C of everything up to here
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, DiskFile};
use super::keys::{ContactKeys, FileKey, KeyError, Ring, TAG_BYTES};
use super::record::{HEADER_BYTES, Header, Position, Scope, part};

/// Bytes before the first group.
pub const FRONT_BYTES: usize = 4096;
/// The version this release writes.
pub const VERSION: u16 = 1;

const MAGIC: &[u8; 8] = b"CHASQSEG";
const HEADER_LEN: usize = 84;
const COPY_AT: usize = 2048;

/// What a segment says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentHeader {
    /// Lane, from 0.
    pub lane: u16,
    /// Number in the lane, from 1.
    pub number: u32,
    /// Random id.
    pub id: [u8; 16],
    /// The segment before this one; `None` for the first of a lane.
    pub predecessor: Option<Predecessor>,
    /// No record in it has a smaller journal sequence.
    pub first_seq: u64,
    /// When it was opened, Unix seconds.
    pub created: u64,
    /// P, the number of partitions of the data directory.
    pub partitions: u32,
    /// The ring key its file key is derived from.
    pub ring_key: u32,
}

/// What was accepted of the segment before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Predecessor {
    /// Its id.
    pub id: [u8; 16],
    /// Its last accepted group; 0 when none was.
    pub last_group: u64,
}

impl SegmentHeader {
    /// The first 4 KiB of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(HEADER_LEN);
        let predecessor = self.predecessor.unwrap_or(Predecessor {
            id: [0; 16],
            last_group: 0,
        });
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&VERSION.to_le_bytes());
        head.extend_from_slice(&self.lane.to_le_bytes());
        head.extend_from_slice(&self.number.to_le_bytes());
        head.extend_from_slice(&self.id);
        head.extend_from_slice(&predecessor.id);
        head.extend_from_slice(&predecessor.last_group.to_le_bytes());
        head.extend_from_slice(&self.first_seq.to_le_bytes());
        head.extend_from_slice(&self.created.to_le_bytes());
        head.extend_from_slice(&self.partitions.to_le_bytes());
        head.extend_from_slice(&self.ring_key.to_le_bytes());
        head.extend_from_slice(&crc32c::crc32c(&head).to_le_bytes());
        let mut front = vec![0; FRONT_BYTES];
        front[..HEADER_LEN].copy_from_slice(&head);
        front[COPY_AT..COPY_AT + HEADER_LEN].copy_from_slice(&head);
        front
    }

    /// Reads the header from the first 4 KiB; `None` when both copies are bad.
    pub fn decode(front: &[u8]) -> Option<Self> {
        let copies = [front, front.get(COPY_AT..)?];
        copies.into_iter().find_map(Self::decode_copy)
    }

    fn decode_copy(bytes: &[u8]) -> Option<Self> {
        let head = bytes.get(..HEADER_LEN)?;
        let crc = u32::from_le_bytes(part(head, HEADER_LEN - 4));
        let known = &head[..8] == MAGIC && u16::from_le_bytes(part(head, 8)) == VERSION;
        if !known || crc32c::crc32c(&head[..HEADER_LEN - 4]) != crc {
            return None;
        }
        let predecessor = Predecessor {
            id: part(head, 32),
            last_group: u64::from_le_bytes(part(head, 48)),
        };
        Some(Self {
            lane: u16::from_le_bytes(part(head, 10)),
            number: u32::from_le_bytes(part(head, 12)),
            id: part(head, 16),
            predecessor: (predecessor.id != [0; 16]).then_some(predecessor),
            first_seq: u64::from_le_bytes(part(head, 56)),
            created: u64::from_le_bytes(part(head, 64)),
            partitions: u32::from_le_bytes(part(head, 72)),
            ring_key: u32::from_le_bytes(part(head, 76)),
        })
    }
}

/// The folder of a lane below the journal's folder.
pub fn lane_folder(journal: &Path, lane: u16) -> PathBuf {
    journal.join(format!("lane-{lane:02}"))
}

/// The file of a segment in its lane's folder.
pub fn segment_path(lane: &Path, number: u32) -> PathBuf {
    lane.join(format!("{number:010}.seg"))
}

/// The number in a segment's file name.
pub fn segment_number(name: &str) -> Option<u32> {
    name.strip_suffix(".seg")?.parse().ok()
}

/// Why a record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The disk did not give the bytes.
    #[error("segment {segment} at {offset}: {source}")]
    Io {
        /// Number of the segment.
        segment: u32,
        /// Offset in the file.
        offset: u32,
        /// What the disk said.
        source: io::Error,
    },
    /// Header or body changed since they were written.
    #[error("segment {segment}: record {ordinal} at {offset} is damaged, run `journal verify`")]
    Damaged {
        /// Number of the segment.
        segment: u32,
        /// Ordinal of the record in the file.
        ordinal: u32,
        /// Offset of its body.
        offset: u32,
    },
    /// The contact's key was deleted: the person was erased.
    #[error("segment {segment}: record {ordinal} belongs to an erased person")]
    Erased {
        /// Number of the segment.
        segment: u32,
        /// Ordinal of the record in the file.
        ordinal: u32,
    },
}

/// A segment that can be read, shared by index, committer and carrier.
pub struct Segment {
    /// What the file says about itself.
    pub header: SegmentHeader,
    /// The file.
    pub file: Arc<dyn DiskFile>,
    ring_key: Arc<FileKey>,
    public_key: Arc<FileKey>,
    contacts: Arc<dyn ContactKeys>,
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segment")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl Segment {
    /// A segment over an open file whose header is known.
    pub fn new(
        header: SegmentHeader,
        file: Arc<dyn DiskFile>,
        ring: &Ring,
        contacts: Arc<dyn ContactKeys>,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            ring_key: Arc::new(ring.file_key(header.ring_key, &header.id)?),
            public_key: Arc::new(FileKey::public(&header.id)),
            header,
            file,
            contacts,
        })
    }

    /// Reads the header of a file; `Ok(None)` when it holds none that is whole.
    pub fn read_header(
        disk: &dyn Disk,
        path: &Path,
    ) -> io::Result<(Arc<dyn DiskFile>, Option<SegmentHeader>)> {
        let file = disk.open(path)?;
        if file.size()? < FRONT_BYTES as u64 {
            return Ok((file, None));
        }
        let mut front = vec![0; FRONT_BYTES];
        file.read_at(&mut front, 0)?;
        let header = SegmentHeader::decode(&front);
        Ok((file, header))
    }

    /// The key of a scope in this file; `None` when the contact was erased.
    pub fn key(&self, scope: Scope, entity: &[u8; 16]) -> Option<Arc<FileKey>> {
        match scope {
            Scope::None => Some(Arc::clone(&self.public_key)),
            Scope::Ring => Some(Arc::clone(&self.ring_key)),
            Scope::Contact => {
                let secret = self.contacts.key(entity)?;
                Some(Arc::new(FileKey::derive(&secret, &self.header.id)))
            }
        }
    }

    /// Reads and opens one record.
    pub fn read(&self, position: Position) -> Result<(Header, Vec<u8>), ReadError> {
        let mut bytes = [0; HEADER_BYTES];
        self.fill(&mut bytes, position.header)?;
        let damaged = ReadError::Damaged {
            segment: self.header.number,
            ordinal: position.ordinal,
            offset: position.body,
        };
        let Some(header) = Header::decode(&bytes) else {
            return Err(damaged);
        };
        let mut body = vec![0; header.body_bytes as usize + TAG_BYTES];
        self.fill(&mut body, position.body)?;
        let key = self
            .key(header.scope, &header.entity.key)
            .ok_or(ReadError::Erased {
                segment: self.header.number,
                ordinal: position.ordinal,
            })?;
        match key.open(u64::from(position.ordinal), &bytes, &mut body) {
            Some(plain) => {
                let length = plain.len();
                body.truncate(length);
                Ok((header, body))
            }
            None => Err(damaged),
        }
    }

    fn fill(&self, buffer: &mut [u8], offset: u32) -> Result<(), ReadError> {
        let read = self.file.read_at(buffer, u64::from(offset));
        read.map_err(|source| ReadError::Io {
            segment: self.header.number,
            offset,
            source,
        })
    }
}
