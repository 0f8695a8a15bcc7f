//! One group: the records that one fdatasync makes durable together.
//!
//! A group starts at a multiple of 512 bytes, so that no sector holds bytes of two groups and a
//! torn write never touches an acknowledged one. Numbers are little-endian; the layout is final:
//!
//! ```text
//!  0 magic "CQGR"   4 segment id (16)   20 group ordinal (u64, from 1)
//! 28 ordinal of its first record in the file (u32)     32 records (u32)
//! 36 bytes of all bodies with tags (u32)               40 flags (u32; 1 = nothing follows)
//! 44 table: records x 72-byte headers, then CRC32C of everything up to here
//!    bodies, each sealed with its header as associated data, each with its tag
//! ```
//!
//! A bad body costs one entity its record, a bad table the whole group.

use super::keys::{FileKey, TAG_BYTES};
use super::record::{Draft, HEADER_BYTES, Header, Position, part};

/// Groups start at multiples of this.
pub const ALIGN: usize = 512;
/// Most records of a group.
pub const RECORDS_MAX: usize = 1024;
/// Most bytes of a group (a single larger batch is let through whole).
pub const BYTES_MAX: usize = 1024 * 1024;

const MAGIC: &[u8; 4] = b"CQGR";
const HEAD_BYTES: usize = 44;
const CRC_BYTES: usize = 4;
const CLOSING: u32 = 1;

/// Bytes in front of the bodies of a group with this many records.
pub fn front_bytes(records: usize) -> usize {
    HEAD_BYTES + records * HEADER_BYTES + CRC_BYTES
}

/// The next group boundary at or after an offset.
pub fn align(offset: usize) -> usize {
    offset.next_multiple_of(ALIGN)
}

/// Where a group goes and what numbers it gets.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Id of the segment.
    pub segment: [u8; 16],
    /// Number of the segment.
    pub number: u32,
    /// Offset of the group in the file.
    pub offset: u32,
    /// Ordinal of the group, from 1.
    pub ordinal: u64,
    /// Ordinal of its first record in the file.
    pub first_record: u32,
    /// Journal sequence of its first record.
    pub first_seq: u64,
}

/// Seals drafts into `buffer` (emptied first; ends at a group boundary) and tells header and
/// position of each. `keys` gives the key and its number for a draft.
pub fn encode<'a>(
    buffer: &mut Vec<u8>,
    place: Place,
    drafts: impl ExactSizeIterator<Item = &'a Draft>,
    keys: &dyn Fn(&Draft) -> (u32, std::sync::Arc<FileKey>),
    mut placed: impl FnMut(Header, Position),
) {
    let records = drafts.len();
    buffer.clear();
    buffer.resize(front_bytes(records), 0);
    for (index, draft) in drafts.enumerate() {
        let (key_id, key) = keys(draft);
        let header = draft.header(key_id, place.first_seq + index as u64);
        let bytes = header.encode();
        let at = HEAD_BYTES + index * HEADER_BYTES;
        buffer[at..at + HEADER_BYTES].copy_from_slice(&bytes);
        let ordinal = place.first_record + index as u32;
        let start = buffer.len();
        buffer.extend_from_slice(&draft.body);
        let tag = key.seal_slice(u64::from(ordinal), &bytes, &mut buffer[start..]);
        buffer.extend_from_slice(tag.as_ref());
        let position = Position {
            segment: place.number,
            header: place.offset + at as u32,
            body: place.offset + start as u32,
            ordinal,
        };
        placed(header, position);
    }
    let bodies = buffer.len() - front_bytes(records);
    finish(buffer, place, records, bodies, 0);
}

/// The group without records that ends a segment closed in good order.
pub fn encode_closing(buffer: &mut Vec<u8>, place: Place) {
    buffer.clear();
    buffer.resize(front_bytes(0), 0);
    finish(buffer, place, 0, 0, CLOSING);
}

fn finish(buffer: &mut Vec<u8>, place: Place, records: usize, bodies: usize, flags: u32) {
    buffer[..4].copy_from_slice(MAGIC);
    buffer[4..20].copy_from_slice(&place.segment);
    buffer[20..28].copy_from_slice(&place.ordinal.to_le_bytes());
    buffer[28..32].copy_from_slice(&place.first_record.to_le_bytes());
    buffer[32..36].copy_from_slice(&(records as u32).to_le_bytes());
    buffer[36..40].copy_from_slice(&(bodies as u32).to_le_bytes());
    buffer[40..44].copy_from_slice(&flags.to_le_bytes());
    let table_end = front_bytes(records) - CRC_BYTES;
    let crc = crc32c::crc32c(&buffer[..table_end]);
    buffer[table_end..table_end + CRC_BYTES].copy_from_slice(&crc.to_le_bytes());
    buffer.resize(align(buffer.len()), 0);
}

/// The fixed front of a group, before its table was checked.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// Ordinal of the group, from 1.
    pub ordinal: u64,
    /// Ordinal of its first record in the file.
    pub first_record: u32,
    /// Number of records.
    pub records: u32,
    /// Bytes of all bodies with tags.
    pub bodies: u32,
    /// Nothing follows: the segment was closed in good order.
    pub closing: bool,
}

impl Head {
    /// Bytes that must be at hand to read a head.
    pub const BYTES: usize = HEAD_BYTES;

    /// Reads a head; `None` when these bytes do not begin a group of this segment.
    pub fn decode(bytes: &[u8], segment: &[u8; 16]) -> Option<Self> {
        if bytes.len() < HEAD_BYTES || &bytes[..4] != MAGIC || bytes[4..20] != segment[..] {
            return None;
        }
        let flags = u32::from_le_bytes(part(bytes, 40));
        let head = Self {
            ordinal: u64::from_le_bytes(part(bytes, 20)),
            first_record: u32::from_le_bytes(part(bytes, 28)),
            records: u32::from_le_bytes(part(bytes, 32)),
            bodies: u32::from_le_bytes(part(bytes, 36)),
            closing: flags & CLOSING != 0,
        };
        (head.records as usize <= u16::MAX as usize).then_some(head)
    }

    /// Bytes up to the bodies.
    pub fn front_bytes(&self) -> usize {
        front_bytes(self.records as usize)
    }

    /// Bytes up to the next group boundary.
    pub fn whole_bytes(&self) -> usize {
        align(self.front_bytes() + self.bodies as usize)
    }
}

/// Reads a checked table from the front of a group; `None` when a bit of it changed.
pub fn decode_table(head: &Head, front: &[u8]) -> Option<Vec<Header>> {
    let table_end = head.front_bytes() - CRC_BYTES;
    let crc = u32::from_le_bytes(part(front, table_end));
    if crc32c::crc32c(&front[..table_end]) != crc {
        return None;
    }
    let headers: Option<Vec<Header>> = (0..head.records as usize)
        .map(|index| Header::decode(&part(front, HEAD_BYTES + index * HEADER_BYTES)))
        .collect();
    let headers = headers?;
    let bodies: usize = headers
        .iter()
        .map(|header| header.body_bytes as usize + TAG_BYTES)
        .sum();
    (bodies == head.bodies as usize).then_some(headers)
}

/// Positions of a group's records, in order.
pub fn positions<'a>(
    head: &Head,
    headers: &'a [Header],
    number: u32,
    offset: u32,
) -> impl Iterator<Item = (&'a Header, Position)> {
    let first_record = head.first_record;
    let mut body = offset + head.front_bytes() as u32;
    headers.iter().zip(0u32..).map(move |(header, index)| {
        let position = Position {
            segment: number,
            header: offset + HEAD_BYTES as u32 + index * HEADER_BYTES as u32,
            body,
            ordinal: first_record + index,
        };
        body += header.body_bytes + TAG_BYTES as u32;
        (header, position)
    })
}
