//! One sorted file of seen ids, in pages of 4 KiB that carry their own checksum.
//!
//! Page 0 is the front: magic "CHASQSEE", version (u16), zero (6), number of entries (u64). Each
//! further page: up to 227 entries of 18 bytes (partition u16, hash 8, sequence u64; big-endian, so
//! that bytes sort as ids do), zeros, the number of entries (u16) and CRC32C of the page.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Id;
use crate::journal::disk::{Disk, DiskFile};
use crate::journal::record::part;
use crate::model::{IdHash, Partition};

const MAGIC: &[u8; 8] = b"CHASQSEE";
const VERSION: u16 = 1;
const PAGE_BYTES: usize = 4096;
const ENTRY_BYTES: usize = 18;
const PAGE_ENTRIES: usize = (PAGE_BYTES - 6) / ENTRY_BYTES;

/// Which segments a file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Day since the Unix epoch on which the segments were opened.
    pub day: u64,
    /// How often it was merged.
    pub level: u8,
    from: u32,
    to: u32,
}

impl Span {
    pub fn of_segment(segment: u32, day: u64) -> Self {
        Self {
            day,
            level: 0,
            from: segment,
            to: segment,
        }
    }

    /// The level above.
    pub fn risen(self) -> Self {
        Self {
            level: self.level.saturating_add(1),
            ..self
        }
    }

    pub fn joined(self, other: &Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
            ..self
        }
    }

    pub fn covers(&self, segment: u32) -> bool {
        (self.from..=self.to).contains(&segment)
    }

    pub fn contains(&self, other: &Self) -> bool {
        self.day == other.day && self.from <= other.from && other.to <= self.to
    }

    pub fn name(&self) -> String {
        let Self {
            day,
            level,
            from,
            to,
        } = self;
        format!("{day:06}-{level:02}-{from:010}-{to:010}.seen")
    }

    pub fn parse(name: &str) -> Option<Self> {
        let mut words = name.strip_suffix(".seen")?.split('-');
        let span = Self {
            day: words.next()?.parse().ok()?,
            level: words.next()?.parse().ok()?,
            from: words.next()?.parse().ok()?,
            to: words.next()?.parse().ok()?,
        };
        words.next().is_none().then_some(span)
    }
}

#[derive(Debug)]
pub(super) struct SeenFile {
    pub span: Span,
    file: Arc<dyn DiskFile>,
    pages: u64,
}

impl SeenFile {
    pub fn open(disk: &dyn Disk, path: &Path, span: Span) -> io::Result<Self> {
        let file = disk.open(path)?;
        let mut front = [0; PAGE_BYTES];
        file.read_at(&mut front, 0)?;
        let version = u16::from_le_bytes(part(&front, 8));
        if &front[..8] != MAGIC || version != VERSION {
            return Err(damaged(path));
        }
        let entries = u64::from_le_bytes(part(&front, 16));
        Ok(Self {
            span,
            file,
            pages: entries.div_ceil(PAGE_ENTRIES as u64),
        })
    }

    pub fn bytes(&self) -> u64 {
        (self.pages + 1) * PAGE_BYTES as u64
    }

    /// The sequence of an id.
    pub fn find(&self, id: Id) -> io::Result<Option<u64>> {
        let (mut low, mut high) = (0, self.pages);
        while low < high {
            let middle = low + (high - low) / 2;
            let page = self.page(middle)?;
            match page.binary_search_by_key(&id, |(id, _)| *id) {
                Ok(at) => return Ok(Some(page[at].1)),
                Err(0) => high = middle,
                Err(at) if at == page.len() => low = middle + 1,
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    pub fn entries(self: &Arc<Self>) -> io::Result<Entries> {
        let mut entries = Entries {
            file: Arc::clone(self),
            page: Vec::new(),
            at: 0,
            next_page: 0,
        };
        entries.fill()?;
        Ok(entries)
    }

    fn page(&self, number: u64) -> io::Result<Vec<(Id, u64)>> {
        let mut page = [0; PAGE_BYTES];
        self.file
            .read_at(&mut page, (number + 1) * PAGE_BYTES as u64)?;
        let crc = u32::from_le_bytes(part(&page, PAGE_BYTES - 4));
        let count = usize::from(u16::from_le_bytes(part(&page, PAGE_BYTES - 6)));
        if crc32c::crc32c(&page[..PAGE_BYTES - 4]) != crc || count > PAGE_ENTRIES {
            return Err(damaged(Path::new(&self.span.name())));
        }
        let entries = page.chunks_exact(ENTRY_BYTES).take(count);
        Ok(entries.map(decode).collect())
    }
}

/// The entries of a file, one after the other.
pub(super) struct Entries {
    file: Arc<SeenFile>,
    page: Vec<(Id, u64)>,
    at: usize,
    next_page: u64,
}

impl Entries {
    pub fn head(&self) -> Option<(Id, u64)> {
        self.page.get(self.at).copied()
    }

    pub fn advance(&mut self) -> io::Result<()> {
        self.at += 1;
        self.fill()
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.at >= self.page.len() && self.next_page < self.file.pages {
            self.page = self.file.page(self.next_page)?;
            self.next_page += 1;
            self.at = 0;
        }
        Ok(())
    }
}

/// Writes a file under a draft name.
pub(super) struct Writer {
    span: Span,
    folder: PathBuf,
    draft: PathBuf,
    file: Arc<dyn DiskFile>,
    page: Vec<u8>,
    entries: u64,
    pages: u64,
}

impl Writer {
    pub fn create(disk: &dyn Disk, folder: &Path, span: Span) -> io::Result<Self> {
        let draft = folder.join("seen.draft");
        Ok(Self {
            span,
            folder: folder.to_owned(),
            file: disk.create(&draft)?,
            draft,
            page: Vec::with_capacity(PAGE_BYTES),
            entries: 0,
            pages: 0,
        })
    }

    pub fn put(&mut self, id: Id, seq: u64) -> io::Result<()> {
        self.page.extend_from_slice(&id.partition.0.to_be_bytes());
        self.page.extend_from_slice(&id.hash.0);
        self.page.extend_from_slice(&seq.to_be_bytes());
        self.entries += 1;
        match self.page.len() / ENTRY_BYTES {
            PAGE_ENTRIES => self.write_page(),
            _ => Ok(()),
        }
    }

    /// Makes the file durable under its name.
    pub fn finish(mut self, disk: &dyn Disk) -> io::Result<SeenFile> {
        if !self.page.is_empty() {
            self.write_page()?;
        }
        let mut front = [0; PAGE_BYTES];
        front[..8].copy_from_slice(MAGIC);
        front[8..10].copy_from_slice(&VERSION.to_le_bytes());
        front[16..24].copy_from_slice(&self.entries.to_le_bytes());
        self.file.write_at(&front, 0)?;
        self.file.sync_data()?;
        let path = self.folder.join(self.span.name());
        disk.rename(&self.draft, &path)?;
        disk.sync_dir(&self.folder)?;
        Ok(SeenFile {
            span: self.span,
            file: self.file,
            pages: self.pages,
        })
    }

    fn write_page(&mut self) -> io::Result<()> {
        let count = (self.page.len() / ENTRY_BYTES) as u16;
        self.page.resize(PAGE_BYTES - 6, 0);
        self.page.extend_from_slice(&count.to_le_bytes());
        let crc = crc32c::crc32c(&self.page);
        self.page.extend_from_slice(&crc.to_le_bytes());
        self.pages += 1;
        let offset = self.pages * PAGE_BYTES as u64;
        self.file.write_at(&self.page, offset)?;
        self.page.clear();
        Ok(())
    }
}

fn decode(entry: &[u8]) -> (Id, u64) {
    let id = Id {
        partition: Partition(u16::from_be_bytes(part(entry, 0))),
        hash: IdHash(part(entry, 2)),
    };
    (id, u64::from_be_bytes(part(entry, 10)))
}

fn damaged(path: &Path) -> io::Error {
    let text = format!("seen file {} is damaged", path.display());
    io::Error::new(io::ErrorKind::InvalidData, text)
}
