//! Writes one file of a checkpoint.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::item::ItemId;
use super::table::{
    Block, Directory, FRONT_BYTES, MAGIC, Sort, Table, VERSION, associated, put_item,
};
use super::{CheckpointError, Part, io_error};
use crate::journal::disk::{Disk, DiskFile};
use crate::journal::filter::Filter;
use crate::journal::keys::{Entropy, FileKey, Ring, TAG_BYTES, random_id};

/// Content gathered before a block is sealed: what has to be opened to read one snapshot.
const BLOCK_BYTES: usize = 2 * 1024;
/// Bytes written at once.
const WRITE_BYTES: usize = 256 * 1024;
/// Bytes after which the disk is asked to keep what it has: a large file's all at once would make the
/// journal's own flush wait.
const SYNC_BYTES: u64 = 8 * 1024 * 1024;

/// Writes a file under a draft name; it gets its name when it is whole and durable.
pub(super) struct Writer {
    part: Part,
    path: PathBuf,
    draft: PathBuf,
    file: Arc<dyn DiskFile>,
    key: FileKey,
    front: [u8; FRONT_BYTES],
    directory: Directory,
    /// The block that is being gathered, and the id of its first item.
    block: Vec<u8>,
    first: Option<ItemId>,
    /// Sealed, not yet written.
    sealed: Vec<u8>,
    written: u64,
    synced: u64,
}

impl Writer {
    /// Begins a file of at most so many items.
    pub fn create(
        disk: &dyn Disk,
        (path, part): (PathBuf, Part),
        ring: &Ring,
        entropy: &dyn Entropy,
        items: u64,
    ) -> Result<Self, CheckpointError> {
        let id = random_id(entropy);
        let mut front = [0; FRONT_BYTES];
        front[..8].copy_from_slice(MAGIC);
        front[8..10].copy_from_slice(&VERSION.to_le_bytes());
        front[12..16].copy_from_slice(&ring.writing().to_le_bytes());
        front[16..32].copy_from_slice(&id);
        let key = ring.file_key(ring.writing(), &id);
        let key = key.map_err(|source| CheckpointError::Key {
            path: path.display().to_string(),
            source,
        })?;
        let draft = path.with_extension("draft");
        let file = disk.create(&draft);
        let file = file.map_err(|source| io_error(&draft, source))?;
        Ok(Self {
            part,
            path,
            draft,
            file,
            key,
            front,
            directory: Directory {
                items: 0,
                blocks: Vec::new(),
                filter: Filter::with_room(items as usize),
            },
            block: Vec::with_capacity(2 * BLOCK_BYTES),
            first: None,
            sealed: front.to_vec(),
            written: 0,
            synced: 0,
        })
    }

    /// Adds an item; ids must rise.
    pub fn put(&mut self, id: &ItemId, value: &[u8]) -> Result<(), CheckpointError> {
        self.first.get_or_insert(*id);
        put_item(&mut self.block, id, value);
        self.directory.filter.add(id.hash());
        self.directory.items += 1;
        if self.block.len() >= BLOCK_BYTES {
            self.seal_block()?;
        }
        Ok(())
    }

    /// Makes the file durable under its name and opens it for reading.
    pub fn finish(mut self, disk: &dyn Disk) -> Result<Table, CheckpointError> {
        self.seal_block()?;
        let offset = self.written + self.sealed.len() as u64;
        let blocks = self.directory.blocks.len() as u64;
        let directory = self.directory.to_bytes();
        let length = self.seal(blocks, Sort::Directory, &directory);
        for number in [offset, length as u64, blocks] {
            self.sealed.extend_from_slice(&number.to_le_bytes());
        }
        self.write()?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let named = (|| {
            self.file.sync_data()?;
            disk.rename(&self.draft, &self.path)?;
            disk.sync_dir(folder)
        })();
        named.map_err(|source| io_error(&self.path, source))?;
        self.directory.blocks.shrink_to_fit();
        Ok(Table {
            part: Part {
                bytes: self.written,
                ..self.part
            },
            path: self.path,
            file: self.file,
            key: self.key,
            front: self.front,
            directory: self.directory,
        })
    }

    fn seal_block(&mut self) -> Result<(), CheckpointError> {
        let Some(first) = self.first.take() else {
            return Ok(());
        };
        let offset = self.written + self.sealed.len() as u64;
        let number = self.directory.blocks.len() as u64;
        let mut block = std::mem::take(&mut self.block);
        let bytes = self.seal(number, Sort::Block, &block) as u32;
        block.clear();
        self.block = block;
        self.directory.blocks.push(Block {
            first,
            offset,
            bytes,
        });
        if self.sealed.len() >= WRITE_BYTES {
            self.write()?;
        }
        Ok(())
    }

    /// Seals content behind what is sealed; gives its length with the tag.
    fn seal(&mut self, ordinal: u64, sort: Sort, content: &[u8]) -> usize {
        let from = self.sealed.len();
        self.sealed.extend_from_slice(content);
        let header = associated(&self.front, sort);
        let tag = self
            .key
            .seal_slice(ordinal, &header, &mut self.sealed[from..]);
        self.sealed.extend_from_slice(tag.as_ref());
        content.len() + TAG_BYTES
    }

    fn write(&mut self) -> Result<(), CheckpointError> {
        let written = self.file.write_at(&self.sealed, self.written);
        let written = written.and_then(|()| {
            self.written += self.sealed.len() as u64;
            self.sealed.clear();
            match self.written - self.synced >= SYNC_BYTES {
                true => {
                    self.synced = self.written;
                    self.file.sync_data()
                }
                false => Ok(()),
            }
        });
        written.map_err(|source| io_error(&self.draft, source))
    }
}
