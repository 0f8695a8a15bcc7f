//! A file while it comes in: sealed chunk by chunk, never more than one chunk in memory.

use std::path::PathBuf;
use std::sync::Arc;

use ring::digest::{Context, SHA256};
use smol_str::SmolStr;

use super::file::{About, CHUNK, Front, chunk_at};
use super::{FILE_BYTES_MAX, MediaError, MediaStore, hex};
use crate::journal::disk::DiskFile;
use crate::journal::keys::{FileKey, Secret, random_id};
use crate::model::{ContactId, Kept};

/// What names are made for, apart from everything else the contact's key makes.
const NAMING: &[u8] = b"chasqui media name\0";

/// A file that is being written. Dropped before it is kept, it leaves nothing.
pub struct Incoming {
    store: Arc<MediaStore>,
    contact: ContactId,
    key: Secret,
    sealing: FileKey,
    front: Front,
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    chunk: Vec<u8>,
    chunks: u64,
    size: u64,
    digest: Context,
    kept: bool,
}

impl Incoming {
    pub(super) fn begin(
        store: Arc<MediaStore>,
        tenant: [u8; 8],
        contact: ContactId,
        key: Secret,
    ) -> Result<Self, MediaError> {
        let id = random_id(&*store.config.entropy);
        let path = store.incoming().join(hex(&id));
        let file = store.config.disk.create(&path)?;
        let stored = store.config.clock.now().floor_seconds().0.into();
        Ok(Self {
            store,
            contact,
            sealing: FileKey::derive(&key, &id),
            key,
            front: Front { id, tenant, stored },
            file,
            path,
            chunk: Vec::with_capacity(CHUNK + 16),
            chunks: 0,
            size: 0,
            digest: Context::new(&SHA256),
            kept: false,
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// When the file grows beyond [`FILE_BYTES_MAX`] or the disk is full or fails.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), MediaError> {
        self.size += bytes.len() as u64;
        if self.size > FILE_BYTES_MAX {
            return Err(MediaError::TooLarge);
        }
        self.digest.update(bytes);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
            if self.chunk.len() == CHUNK {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Bytes taken so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// SHA-256 of the bytes taken so far.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.digest.clone().finish().as_ref());
        digest
    }

    /// Makes the file durable under its name. The same bytes of the same contact are one file, kept
    /// anew from now on.
    ///
    /// # Errors
    /// When the tenant's quota does not hold it, or the disk is full or fails.
    pub fn keep(mut self, mime: &str) -> Result<Kept, MediaError> {
        if !self.chunk.is_empty() {
            self.flush()?;
        }
        let digest = self.digest();
        let about = About {
            size: self.size,
            digest,
            mime: mime.to_owned(),
        };
        let head = self.front.seal(&about, self.contact, &self.sealing);
        self.file.write_at(&head, 0)?;
        self.file.sync_data()?;
        let name = name_of(&self.key, &digest);
        self.place(&name)?;
        Ok(Kept {
            name: SmolStr::from(name),
            size: self.size,
            mime: mime.into(),
            digest,
        })
    }

    fn place(&mut self, name: &str) -> Result<(), MediaError> {
        let store = Arc::clone(&self.store);
        let disk = &store.config.disk;
        let (folder, place) = (
            store.folder_of(self.contact),
            store.place(self.contact, name),
        );
        disk.create_dir(&folder)?;
        let bytes = self.file.size()?;
        // Held while the file is named, so that two at once cannot both fit into the last bytes.
        let mut used = store.lock();
        let used = store.counted(&mut used)?;
        let before = match disk.open(&place) {
            Ok(before) => before.size()?,
            Err(_) => 0,
        };
        let used = used.entry(self.front.tenant).or_insert(0);
        let then = used.saturating_sub(before) + bytes;
        if then > store.config.tenant_bytes {
            return Err(MediaError::Quota);
        }
        disk.rename(&self.path, &place)?;
        self.kept = true;
        *used = then;
        disk.sync_dir(&folder)?;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), MediaError> {
        let ordinal = self.chunks + 1;
        self.sealing.seal(ordinal, &self.contact.0, &mut self.chunk);
        self.file.write_at(&self.chunk, chunk_at(self.chunks))?;
        self.chunks += 1;
        self.chunk.clear();
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.kept {
            // Removed at the next start at the latest.
            let _ = self.store.config.disk.remove(&self.path);
        }
    }
}

/// The name of a file of a contact: 32 hexadecimal digits.
pub(super) fn name_of(key: &Secret, digest: &[u8; 32]) -> String {
    hex(&key.tag(NAMING, digest)[..16])
}
