//! Reading a kept file, one chunk at a time.

use std::sync::Arc;

use super::MediaError;
use super::file::{About, CHUNK, Front, chunk_at, tenant_tag};
use super::incoming::name_of;
use crate::journal::disk::DiskFile;
use crate::journal::keys::{FileKey, Secret, TAG_BYTES};
use crate::model::{ContactId, Kept, TenantId};

/// A file opened for reading, from its beginning.
pub struct Reading {
    file: Arc<dyn DiskFile>,
    contact: ContactId,
    key: FileKey,
    kept: Kept,
    tenant: [u8; 8],
    next: u64,
}

impl Reading {
    pub(super) fn open(
        file: Arc<dyn DiskFile>,
        contact: ContactId,
        name: &str,
        key: &Secret,
    ) -> Result<Self, MediaError> {
        let opened = Front::open(&*file, contact, |id| FileKey::derive(key, id))?;
        let (front, sealing, about) = opened.ok_or(MediaError::Altered)?;
        let About { size, digest, mime } = about;
        if name_of(key, &digest) != name {
            return Err(MediaError::Altered);
        }
        let kept = Kept {
            name: name.into(),
            size,
            mime: mime.into(),
            digest,
        };
        Ok(Self {
            file,
            contact,
            key: sealing,
            kept,
            tenant: front.tenant,
            next: 0,
        })
    }

    /// What is known of the file.
    pub const fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Whether it was sent to this tenant.
    pub fn is_of(&self, tenant: &TenantId) -> bool {
        self.tenant == tenant_tag(tenant)
    }

    /// The next bytes, at most 64 KiB; `None` at the end.
    ///
    /// # Errors
    /// When they were altered, the file was cut, or the disk fails.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, MediaError> {
        let left = self.kept.size.saturating_sub(self.next * CHUNK as u64);
        if left == 0 {
            return Ok(None);
        }
        let length = (left as usize).min(CHUNK);
        let mut sealed = vec![0; length + TAG_BYTES];
        let read = self.file.read_at(&mut sealed, chunk_at(self.next));
        read.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => MediaError::Altered,
            _ => error.into(),
        })?;
        self.next += 1;
        let opened = self.key.open(self.next, &self.contact.0, &mut sealed);
        if opened.is_none() {
            return Err(MediaError::Altered);
        }
        sealed.truncate(length);
        Ok(Some(sealed))
    }

    /// All bytes. A file has at most 16 MiB.
    ///
    /// # Errors
    /// As [`Reading::next_chunk`].
    pub fn all(mut self) -> Result<Vec<u8>, MediaError> {
        let mut bytes = Vec::with_capacity(self.kept.size as usize);
        while let Some(chunk) = self.next_chunk()? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}
