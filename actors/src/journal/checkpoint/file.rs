//! One checkpoint file: sealed blocks of items.
//!
//! Numbers are little-endian; the layout is final:
//!
//! ```text
//!  0 magic "CHASQCHK"   8 version (u16)   10 zero (2)   12 ring key (u32)   16 id (16)
//! 32 blocks: length without tag (u32, 0 = the last one), sealed content with its tag
//! ```
//!
//! A block's nonce is its ordinal and its associated data the 32 bytes of the front and whether it
//! is the last, so blocks can be neither moved nor left out. The last one is empty.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{CheckpointError, Item, damaged, io_error};
use crate::journal::disk::{Disk, DiskFile};
use crate::journal::keys::{Entropy, FileKey, Ring, TAG_BYTES, random_id};
use crate::journal::record::part;

const MAGIC: &[u8; 8] = b"CHASQCHK";
const VERSION: u16 = 1;
const FRONT_BYTES: usize = 32;
/// Content gathered before a block is sealed.
const BLOCK_BYTES: usize = 64 * 1024;
/// More than any block can have: one item of a state of 64 KiB behind a nearly full block.
const BLOCK_BYTES_MAX: u32 = 64 * 1024 * 1024;

/// Writes a file under a draft name; it gets its name when it is whole and durable.
pub struct Writer {
    path: PathBuf,
    draft: PathBuf,
    file: Arc<dyn DiskFile>,
    key: FileKey,
    front: [u8; FRONT_BYTES],
    block: Vec<u8>,
    blocks: u64,
    offset: u64,
}

impl Writer {
    pub(super) fn create(
        disk: &dyn Disk,
        path: PathBuf,
        ring: &Ring,
        entropy: &dyn Entropy,
    ) -> Result<Self, CheckpointError> {
        let id = random_id(entropy);
        let mut front = [0; FRONT_BYTES];
        front[..8].copy_from_slice(MAGIC);
        front[8..10].copy_from_slice(&VERSION.to_le_bytes());
        front[12..16].copy_from_slice(&ring.writing().to_le_bytes());
        front[16..32].copy_from_slice(&id);
        let key = ring.file_key(ring.writing(), &id);
        let key = key.map_err(|source| key_error(&path, source))?;
        let draft = path.with_extension("draft");
        let file = disk.create(&draft);
        let file = file.map_err(|source| io_error(&draft, source))?;
        let written = file.write_at(&front, 0);
        written.map_err(|source| io_error(&draft, source))?;
        Ok(Self {
            path,
            draft,
            file,
            key,
            front,
            block: Vec::with_capacity(BLOCK_BYTES),
            blocks: 0,
            offset: FRONT_BYTES as u64,
        })
    }

    /// Adds an item; ids must rise.
    pub fn put(&mut self, item: &Item) -> Result<(), CheckpointError> {
        let value = match item {
            Item::Entity(key, saved) => postcard::to_stdvec(&(key, saved)),
            Item::Alias(_, key, seq) => postcard::to_stdvec(&(key, seq)),
        };
        let value = value.expect("plain values always serialise");
        self.block.extend_from_slice(&item.id());
        self.block
            .extend_from_slice(&(value.len() as u32).to_le_bytes());
        self.block.extend_from_slice(&value);
        if self.block.len() >= BLOCK_BYTES {
            self.seal()?;
        }
        Ok(())
    }

    /// Makes the file durable under its name; gives its size in bytes.
    pub(super) fn finish(mut self, disk: &dyn Disk) -> Result<u64, CheckpointError> {
        if !self.block.is_empty() {
            self.seal()?;
        }
        self.seal()?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let named = (|| {
            self.file.sync_data()?;
            disk.rename(&self.draft, &self.path)?;
            disk.sync_dir(folder)
        })();
        named.map_err(|source| io_error(&self.path, source))?;
        Ok(self.offset)
    }

    fn seal(&mut self) -> Result<(), CheckpointError> {
        let length = (self.block.len() as u32).to_le_bytes();
        let header = associated(&self.front, self.block.is_empty());
        self.key.seal(self.blocks, &header, &mut self.block);
        let mut bytes = length.to_vec();
        bytes.append(&mut self.block);
        let written = self.file.write_at(&bytes, self.offset);
        written.map_err(|source| io_error(&self.draft, source))?;
        self.offset += bytes.len() as u64;
        self.blocks += 1;
        Ok(())
    }
}

/// Reads a file item by item.
pub struct Reader {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    key: FileKey,
    front: [u8; FRONT_BYTES],
    block: Vec<u8>,
    at: usize,
    blocks: u64,
    offset: u64,
    ended: bool,
}

impl Reader {
    pub(super) fn open(disk: &dyn Disk, path: &Path, ring: &Ring) -> Result<Self, CheckpointError> {
        let file = disk.open(path).map_err(|source| io_error(path, source))?;
        let mut front = [0; FRONT_BYTES];
        read(&*file, &mut front, 0, path)?;
        let version = u16::from_le_bytes(part(&front, 8));
        if &front[..8] != MAGIC || version != VERSION {
            return Err(damaged(path));
        }
        let ring_key = u32::from_le_bytes(part(&front, 12));
        let key = ring.file_key(ring_key, &part(&front, 16));
        Ok(Self {
            path: path.to_owned(),
            file,
            key: key.map_err(|source| key_error(path, source))?,
            front,
            block: Vec::new(),
            at: 0,
            blocks: 0,
            offset: FRONT_BYTES as u64,
            ended: false,
        })
    }

    /// The next item, `None` behind the last.
    #[expect(clippy::should_implement_trait, reason = "it can fail")]
    pub fn next(&mut self) -> Result<Option<Item>, CheckpointError> {
        while self.at >= self.block.len() {
            if self.ended {
                return Ok(None);
            }
            self.read_block()?;
        }
        let item = self.parse().ok_or_else(|| damaged(&self.path))?;
        Ok(Some(item))
    }

    fn parse(&mut self) -> Option<Item> {
        let rest = &self.block[self.at..];
        let (id, rest) = rest.split_first_chunk::<18>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let value = rest.get(..length)?;
        self.at += 18 + 4 + length;
        match id[0] {
            1 => {
                let (key, saved) = postcard::from_bytes(value).ok()?;
                Some(Item::Entity(key, saved))
            }
            2 => {
                let (key, seq) = postcard::from_bytes(value).ok()?;
                Some(Item::Alias(part(id, 2), key, seq))
            }
            _ => None,
        }
    }

    fn read_block(&mut self) -> Result<(), CheckpointError> {
        let mut length = [0; 4];
        read(&*self.file, &mut length, self.offset, &self.path)?;
        let length = u32::from_le_bytes(length);
        if length > BLOCK_BYTES_MAX {
            return Err(damaged(&self.path));
        }
        self.block.resize(length as usize + TAG_BYTES, 0);
        read(&*self.file, &mut self.block, self.offset + 4, &self.path)?;
        let header = associated(&self.front, length == 0);
        let opened = self.key.open(self.blocks, &header, &mut self.block);
        opened.ok_or_else(|| damaged(&self.path))?;
        self.block.truncate(length as usize);
        self.at = 0;
        self.blocks += 1;
        self.offset += u64::from(length) + 4 + TAG_BYTES as u64;
        self.ended = length == 0;
        Ok(())
    }
}

fn associated(front: &[u8; FRONT_BYTES], last: bool) -> [u8; FRONT_BYTES + 1] {
    let mut header = [u8::from(last); FRONT_BYTES + 1];
    header[..FRONT_BYTES].copy_from_slice(front);
    header
}

fn read(
    file: &dyn DiskFile,
    buffer: &mut [u8],
    offset: u64,
    path: &Path,
) -> Result<(), CheckpointError> {
    file.read_at(buffer, offset)
        .map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => damaged(path),
            _ => io_error(path, source),
        })
}

fn key_error(path: &Path, source: crate::journal::keys::KeyError) -> CheckpointError {
    CheckpointError::Key {
        path: path.display().to_string(),
        source,
    }
}
