//! Where each entity's records lie in a sealed segment: one sorted file a segment.
//!
//! With it the history of one entity is read without walking segments. It is made from the tables
//! of its segment, holds nothing that they do not, and can be made again at any time; what is wrong
//! with it only means that the segment is walked instead.
//!
//! Page 0 is the front: magic "CHASQPLC", version (u16), zero (6), number of entries (u64). Each
//! further page: up to 107 entries of 38 bytes (entity kind, entity key 16, sequence u64, whether
//! it is carried, and u32 each of header offset, body offset and ordinal; big-endian, so that bytes sort),
//! zeros, the number of entries (u16) and CRC32C of the page.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, DiskFile};
use super::record::{Entity, Kind, Position, part};
use super::recover::{Depth, Until, scan};
use super::segment::Segment;

const MAGIC: &[u8; 8] = b"CHASQPLC";
const VERSION: u16 = 1;
const PAGE_BYTES: usize = 4096;
const ENTRY_BYTES: usize = 38;
const PAGE_ENTRIES: usize = (PAGE_BYTES - 6) / ENTRY_BYTES;
/// Pages written at once.
const TOGETHER: usize = 64;

/// A record of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whose it is.
    pub entity: Entity,
    /// Its journal sequence.
    pub seq: u64,
    /// Whether it is a record as first written or carries an older one.
    pub carried: bool,
    /// Where it lies.
    pub position: Position,
}

/// The file of a segment in its lane's folder.
pub fn places_path(lane: &Path, number: u32) -> PathBuf {
    lane.join(format!("{number:010}.plc"))
}

/// The number in the name of such a file.
pub fn places_number(name: &str) -> Option<u32> {
    name.strip_suffix(".plc")?.parse().ok()
}

/// All records of a segment as far as its tables are whole.
pub fn walk(segment: &Segment, until: Until, show: &mut dyn FnMut(Place)) -> io::Result<()> {
    scan(segment, until, Depth::Headers, &mut |found| {
        show(Place {
            entity: found.header.entity,
            seq: found.header.seq,
            carried: found.header.kind == Kind::Carried,
            position: found.position,
        });
    })?;
    Ok(())
}

/// Makes the file of a sealed segment. Without fsync: it can be made again.
pub fn write(disk: &dyn Disk, folder: &Path, segment: &Segment, until: Until) -> io::Result<()> {
    let mut entries = Vec::new();
    walk(segment, until, &mut |place| entries.push(encode(&place)))?;
    entries.sort_unstable();
    let path = places_path(folder, segment.header.number);
    let draft = path.with_extension("draft");
    let file = disk.create(&draft)?;
    let mut front = vec![0; PAGE_BYTES];
    front[..8].copy_from_slice(MAGIC);
    front[8..10].copy_from_slice(&VERSION.to_be_bytes());
    front[16..24].copy_from_slice(&(entries.len() as u64).to_be_bytes());
    file.write_at(&front, 0)?;
    let mut pages = Vec::with_capacity(TOGETHER * PAGE_BYTES);
    let mut offset = PAGE_BYTES as u64;
    for together in entries.chunks(TOGETHER * PAGE_ENTRIES) {
        pages.clear();
        for chunk in together.chunks(PAGE_ENTRIES) {
            put_page(&mut pages, chunk);
        }
        file.write_at(&pages, offset)?;
        offset += pages.len() as u64;
    }
    disk.rename(&draft, &path)
}

fn put_page(pages: &mut Vec<u8>, entries: &[[u8; ENTRY_BYTES]]) {
    let start = pages.len();
    entries
        .iter()
        .for_each(|entry| pages.extend_from_slice(entry));
    pages.resize(start + PAGE_BYTES - 6, 0);
    pages.extend_from_slice(&(entries.len() as u16).to_be_bytes());
    let crc = crc32c::crc32c(&pages[start..]);
    pages.extend_from_slice(&crc.to_be_bytes());
}

/// The records of one entity in a sealed segment, by its file. An error means that the file is
/// missing or no good.
pub fn find(disk: &dyn Disk, folder: &Path, number: u32, entity: Entity) -> io::Result<Vec<Place>> {
    let places = Places::open(disk, folder, number)?;
    let (mut low, mut high) = (0, places.pages);
    // The first page whose last entry is not before the entity.
    while low < high {
        let middle = low + (high - low) / 2;
        let page = places.page(middle)?;
        match page
            .last()
            .is_some_and(|last| order(last.entity) < order(entity))
        {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    let mut found = Vec::new();
    for number in low..places.pages {
        let page = places.page(number)?;
        let before = found.len();
        found.extend(page.iter().filter(|place| place.entity == entity));
        let ended = page.last().is_some_and(|last| last.entity != entity);
        if ended || found.len() == before {
            break;
        }
    }
    Ok(found)
}

fn order(entity: Entity) -> (u8, [u8; 16]) {
    (entity.kind, entity.key)
}

struct Places {
    file: Arc<dyn DiskFile>,
    number: u32,
    pages: u64,
}

impl Places {
    fn open(disk: &dyn Disk, folder: &Path, number: u32) -> io::Result<Self> {
        let file = disk.open(&places_path(folder, number))?;
        let mut front = [0; PAGE_BYTES];
        file.read_at(&mut front, 0)?;
        if &front[..8] != MAGIC || u16::from_be_bytes(part(&front, 8)) != VERSION {
            return Err(damaged(number));
        }
        let entries = u64::from_be_bytes(part(&front, 16));
        Ok(Self {
            file,
            number,
            pages: entries.div_ceil(PAGE_ENTRIES as u64),
        })
    }

    fn page(&self, number: u64) -> io::Result<Vec<Place>> {
        let mut page = [0; PAGE_BYTES];
        self.file
            .read_at(&mut page, (number + 1) * PAGE_BYTES as u64)?;
        let crc = u32::from_be_bytes(part(&page, PAGE_BYTES - 4));
        let count = usize::from(u16::from_be_bytes(part(&page, PAGE_BYTES - 6)));
        if crc32c::crc32c(&page[..PAGE_BYTES - 4]) != crc || count > PAGE_ENTRIES {
            return Err(damaged(self.number));
        }
        let entries = page.chunks_exact(ENTRY_BYTES).take(count);
        Ok(entries.map(|entry| decode(entry, self.number)).collect())
    }
}

fn encode(place: &Place) -> [u8; ENTRY_BYTES] {
    let at = place.position;
    let mut bytes = [0; ENTRY_BYTES];
    bytes[0] = place.entity.kind;
    bytes[1..17].copy_from_slice(&place.entity.key);
    bytes[17..25].copy_from_slice(&place.seq.to_be_bytes());
    bytes[25] = u8::from(place.carried);
    bytes[26..30].copy_from_slice(&at.header.to_be_bytes());
    bytes[30..34].copy_from_slice(&at.body.to_be_bytes());
    bytes[34..38].copy_from_slice(&at.ordinal.to_be_bytes());
    bytes
}

fn decode(bytes: &[u8], segment: u32) -> Place {
    Place {
        entity: Entity {
            kind: bytes[0],
            key: part(bytes, 1),
        },
        seq: u64::from_be_bytes(part(bytes, 17)),
        carried: bytes[25] != 0,
        position: Position {
            segment,
            header: u32::from_be_bytes(part(bytes, 26)),
            body: u32::from_be_bytes(part(bytes, 30)),
            ordinal: u32::from_be_bytes(part(bytes, 34)),
        },
    }
}

fn damaged(number: u32) -> io::Error {
    let text = format!("the places of segment {number} are damaged");
    io::Error::new(io::ErrorKind::InvalidData, text)
}
