//! One file of a checkpoint: items in the order of their ids, in sealed blocks.
//!
//! Numbers are little-endian; the layout is final:
//!
//! ```text
//!  0 magic "CHASQCHK"   8 version (u16)   10 zero (2)   12 ring key (u32)   16 id (16)
//! 32 blocks, each sealed with its tag: id (18), length (u32), value, and so on
//!    directory, sealed with its tag: items (u64), blocks (u32), then of each block the id of its
//!    first item (18) and its length with the tag (u32), then the filter of all ids
//! -24 end: offset of the directory (u64), its length with the tag (u64), blocks (u64)
//! ```
//!
//! A nonce is the block's number, the directory's the number of blocks; associated data are the 32
//! bytes of the front and which of the two it is. So blocks can be neither moved nor left out.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::item::ItemId;
use super::{CheckpointError, Part, damaged, io_error};
use crate::journal::disk::{Disk, DiskFile};
use crate::journal::filter::Filter;
use crate::journal::keys::{FileKey, KeyError, Ring};
use crate::journal::record::part;

pub(super) const MAGIC: &[u8; 8] = b"CHASQCHK";
pub(super) const VERSION: u16 = 2;
pub(super) const FRONT_BYTES: usize = 32;
pub(super) const END_BYTES: usize = 24;
/// Bytes of a block in the directory.
const ENTRY_BYTES: usize = ItemId::BYTES + 4;

/// A file that is whole, opened for reading.
pub struct Table {
    pub(super) part: Part,
    pub(super) path: PathBuf,
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) key: FileKey,
    pub(super) front: [u8; FRONT_BYTES],
    pub(super) directory: Directory,
}

/// What lies where in a file.
#[derive(Debug)]
pub(super) struct Directory {
    pub items: u64,
    pub blocks: Vec<Block>,
    pub filter: Filter,
}

/// A block of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub first: ItemId,
    pub offset: u64,
    /// With the tag.
    pub bytes: u32,
}

/// What is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Block = 0,
    Directory = 1,
}

impl Table {
    /// Opens a file and reads its directory.
    pub(super) fn open(
        disk: &dyn Disk,
        path: PathBuf,
        ring: &Ring,
        part: Part,
    ) -> Result<Self, CheckpointError> {
        let file = disk.open(&path).map_err(|source| io_error(&path, source))?;
        let mut front = [0; FRONT_BYTES];
        read(&*file, &mut front, 0, &path)?;
        let key = front_key(&front, ring).ok_or_else(|| damaged(&path))?;
        let key = key.map_err(|source| CheckpointError::Key {
            path: path.display().to_string(),
            source,
        })?;
        let bytes = file.size().map_err(|source| io_error(&path, source))?;
        let directory = Directory::read(&*file, bytes, &key, &front, &path)?;
        Ok(Self {
            part: Part { bytes, ..part },
            path,
            file,
            key,
            front,
            directory,
        })
    }

    /// Number of items.
    pub(super) fn items(&self) -> u64 {
        self.directory.items
    }

    /// The value of an id.
    pub(super) fn find(&self, id: &ItemId) -> Result<Option<Vec<u8>>, CheckpointError> {
        if !self.directory.filter.may_hold(id.hash()) {
            return Ok(None);
        }
        let blocks = &self.directory.blocks;
        let behind = blocks.partition_point(|block| block.first <= *id);
        let Some(number) = behind.checked_sub(1) else {
            return Ok(None);
        };
        let mut block = Vec::new();
        self.read_block(number, &mut block)?;
        let mut at = 0;
        while at < block.len() {
            let (found, value) = item_at(&block, at).ok_or_else(|| damaged(&self.path))?;
            if found == *id {
                return Ok(Some(value.to_vec()));
            }
            at += item_bytes(value);
        }
        Ok(None)
    }

    fn read_block(&self, number: usize, block: &mut Vec<u8>) -> Result<(), CheckpointError> {
        let Block { offset, bytes, .. } = self.directory.blocks[number];
        block.resize(bytes as usize, 0);
        read(&*self.file, block, offset, &self.path)?;
        let header = associated(&self.front, Sort::Block);
        let opened = self.key.open(number as u64, &header, block);
        let length = opened.ok_or_else(|| damaged(&self.path))?.len();
        block.truncate(length);
        Ok(())
    }
}

impl Directory {
    /// The directory at the end of a file of so many bytes.
    fn read(
        file: &dyn DiskFile,
        bytes: u64,
        key: &FileKey,
        front: &[u8; FRONT_BYTES],
        path: &Path,
    ) -> Result<Self, CheckpointError> {
        let broken = || damaged(path);
        let end_at = bytes.checked_sub(END_BYTES as u64).ok_or_else(broken)?;
        let mut end = [0; END_BYTES];
        read(file, &mut end, end_at, path)?;
        let [offset, length, blocks] = [0, 8, 16].map(|at| u64::from_le_bytes(part(&end, at)));
        if offset.checked_add(length) != Some(end_at) {
            return Err(broken());
        }
        let mut sealed = vec![0; length as usize];
        read(file, &mut sealed, offset, path)?;
        let header = associated(front, Sort::Directory);
        let content = key.open(blocks, &header, &mut sealed).ok_or_else(broken)?;
        Self::parse(content).ok_or_else(broken)
    }

    /// Its bytes in the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.items.to_le_bytes().to_vec();
        bytes.extend_from_slice(&(self.blocks.len() as u32).to_le_bytes());
        for block in &self.blocks {
            bytes.extend_from_slice(block.first.bytes());
            bytes.extend_from_slice(&block.bytes.to_le_bytes());
        }
        bytes.extend(self.filter.bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (items, rest) = bytes.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let blocks_bytes = (u32::from_le_bytes(*count) as usize).checked_mul(ENTRY_BYTES)?;
        let (listed, filter) = rest.split_at_checked(blocks_bytes)?;
        let mut offset = FRONT_BYTES as u64;
        let (listed, _) = listed.as_chunks::<ENTRY_BYTES>();
        let blocks = listed.iter().map(|entry| {
            let bytes = u32::from_le_bytes(part(entry, ItemId::BYTES));
            let block = Block {
                first: ItemId::from_bytes(part(entry, 0)),
                offset,
                bytes,
            };
            offset += u64::from(bytes);
            block
        });
        Some(Self {
            items: u64::from_le_bytes(*items),
            blocks: blocks.collect(),
            filter: Filter::from_bytes(filter)?,
        })
    }
}

/// Walks the items of a file in their order.
pub(super) struct Cursor {
    table: Arc<Table>,
    next_block: usize,
    block: Vec<u8>,
    at: usize,
}

impl Cursor {
    /// At the first item.
    pub fn new(table: Arc<Table>) -> Result<Self, CheckpointError> {
        let mut cursor = Self {
            table,
            next_block: 0,
            block: Vec::new(),
            at: 0,
        };
        cursor.fill()?;
        Ok(cursor)
    }

    /// The item it stands at, `None` behind the last.
    pub fn item(&self) -> Option<(ItemId, &[u8])> {
        item_at(&self.block, self.at)
    }

    /// Goes to the next item.
    pub fn advance(&mut self) -> Result<(), CheckpointError> {
        if let Some((_, value)) = self.item() {
            self.at += item_bytes(value);
        }
        self.fill()
    }

    fn fill(&mut self) -> Result<(), CheckpointError> {
        if self.at >= self.block.len() {
            self.at = 0;
            if self.next_block == self.table.directory.blocks.len() {
                self.block.clear();
                return Ok(());
            }
            self.table.read_block(self.next_block, &mut self.block)?;
            self.next_block += 1;
        }
        match self.item() {
            Some(_) => Ok(()),
            None => Err(damaged(&self.table.path)),
        }
    }
}

/// Adds an item to a block.
pub(super) fn put_item(block: &mut Vec<u8>, id: &ItemId, value: &[u8]) {
    block.extend_from_slice(id.bytes());
    block.extend_from_slice(&(value.len() as u32).to_le_bytes());
    block.extend_from_slice(value);
}

fn item_at(block: &[u8], at: usize) -> Option<(ItemId, &[u8])> {
    let (id, rest) = block.get(at..)?.split_first_chunk::<{ ItemId::BYTES }>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let value = rest.get(..u32::from_le_bytes(*length) as usize)?;
    Some((ItemId::from_bytes(*id), value))
}

fn item_bytes(value: &[u8]) -> usize {
    ItemId::BYTES + 4 + value.len()
}

pub(super) fn associated(front: &[u8; FRONT_BYTES], sort: Sort) -> [u8; FRONT_BYTES + 1] {
    let mut header = [sort as u8; FRONT_BYTES + 1];
    header[..FRONT_BYTES].copy_from_slice(front);
    header
}

/// The key that a front names; `None` when it is no front of this version.
fn front_key(front: &[u8; FRONT_BYTES], ring: &Ring) -> Option<Result<FileKey, KeyError>> {
    let version = u16::from_le_bytes(part(front, 8));
    let is_ours = &front[..8] == MAGIC && version == VERSION;
    is_ours.then(|| ring.file_key(u32::from_le_bytes(part(front, 12)), &part(front, 16)))
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
