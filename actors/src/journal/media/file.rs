//! The form of one file: a front in clear, what is known of it sealed, then its bytes in chunks.
//!
//! Front (40 bytes): magic "CHQMED01", random id (16), tenant tag (8), second it was stored (u64).
//! Then 128 bytes about it (length u64, SHA-256, media type padded with zeros), sealed as ordinal 0
//! with front and contact as associated data. Then chunks of 64 KiB, the last one shorter, sealed
//! as ordinals 1, 2, … with the contact as associated data. The length under seal tells a cut file
//! from a whole one. The key is HKDF of the contact's key and the random id.

use std::io;

use crate::journal::disk::DiskFile;
use crate::journal::keys::{FileKey, TAG_BYTES};
use crate::model::{ContactId, TenantId};

const MAGIC: &[u8; 8] = b"CHQMED01";
const FRONT_BYTES: usize = 40;
const ABOUT_BYTES: usize = 128;
const MIME_BYTES: usize = ABOUT_BYTES - 40;
/// Bytes of a chunk before it is sealed.
pub(super) const CHUNK: usize = 64 * 1024;
/// Where the first chunk begins.
pub(super) const BODY: u64 = (FRONT_BYTES + ABOUT_BYTES + TAG_BYTES) as u64;
/// Hexadecimal digits of a file's name.
const NAME_DIGITS: usize = 32;

/// What stands in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Front {
    pub id: [u8; 16],
    pub tenant: [u8; 8],
    /// Second since 1970.
    pub stored: u64,
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct About {
    pub size: u64,
    pub digest: [u8; 32],
    pub mime: String,
}

impl Front {
    /// The front of a file, `None` when it has none.
    pub fn read(file: &dyn DiskFile) -> io::Result<Option<Self>> {
        let mut bytes = [0; FRONT_BYTES];
        match file.read_at(&mut bytes, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        Ok(Self::decode(&bytes))
    }

    fn decode(bytes: &[u8; FRONT_BYTES]) -> Option<Self> {
        let (magic, rest) = bytes.split_at(8);
        (magic == MAGIC).then_some(())?;
        Some(Self {
            id: rest[..16].try_into().ok()?,
            tenant: rest[16..24].try_into().ok()?,
            stored: u64::from_be_bytes(rest[24..32].try_into().ok()?),
        })
    }

    fn encode(&self) -> [u8; FRONT_BYTES] {
        let mut bytes = [0; FRONT_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..24].copy_from_slice(&self.id);
        bytes[24..32].copy_from_slice(&self.tenant);
        bytes[32..].copy_from_slice(&self.stored.to_be_bytes());
        bytes
    }

    /// Front and sealed knowledge as they are written. Once a file.
    pub fn seal(&self, about: &About, contact: ContactId, key: &FileKey) -> Vec<u8> {
        let mut head = self.encode().to_vec();
        let mut sealed = about.encode();
        key.seal(0, &bound(&head, contact), &mut sealed);
        head.extend_from_slice(&sealed);
        head
    }

    /// Reads both; `None` when a bit changed or they belong to another contact.
    pub fn open(
        file: &dyn DiskFile,
        contact: ContactId,
        key: impl Fn(&[u8; 16]) -> FileKey,
    ) -> io::Result<Option<(Self, FileKey, About)>> {
        let mut head = [0; BODY as usize];
        match file.read_at(&mut head, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let (front, sealed) = head.split_at_mut(FRONT_BYTES);
        let Some(parsed) = <&[u8; FRONT_BYTES]>::try_from(&*front)
            .ok()
            .and_then(Self::decode)
        else {
            return Ok(None);
        };
        let key = key(&parsed.id);
        let about = key
            .open(0, &bound(front, contact), sealed)
            .and_then(|about| About::decode(about));
        Ok(about.map(|about| (parsed, key, about)))
    }
}

impl About {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0; ABOUT_BYTES];
        bytes[..8].copy_from_slice(&self.size.to_be_bytes());
        bytes[8..40].copy_from_slice(&self.digest);
        let mime = &self.mime.as_bytes()[..self.mime.len().min(MIME_BYTES)];
        bytes[40..40 + mime.len()].copy_from_slice(mime);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mime = bytes
            .get(40..ABOUT_BYTES)?
            .split(|byte| *byte == 0)
            .next()?;
        Some(Self {
            size: u64::from_be_bytes(bytes[..8].try_into().ok()?),
            digest: bytes[8..40].try_into().ok()?,
            mime: String::from_utf8(mime.to_vec()).ok()?,
        })
    }
}

/// Where the chunk with this number, from 0, begins.
pub(super) const fn chunk_at(number: u64) -> u64 {
    BODY + number * (CHUNK + TAG_BYTES) as u64
}

/// What a tenant is called in clear: enough to count its bytes.
pub(super) fn tenant_tag(tenant: &TenantId) -> [u8; 8] {
    let digest = ring::digest::digest(&ring::digest::SHA256, tenant.as_str().as_bytes());
    let mut tag = [0; 8];
    tag.copy_from_slice(&digest.as_ref()[..8]);
    tag
}

/// Whether this may be the name of a file.
pub(super) fn is_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    name.len() == NAME_DIGITS && name.bytes().all(legal)
}

/// The contact in the name of a file on disk.
pub(super) fn contact_of(file: &str) -> Option<[u8; 16]> {
    let (contact, name) = file.split_once('-')?;
    if !is_name(name) || !is_name(contact) {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&contact[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

fn bound(front: &[u8], contact: ContactId) -> Vec<u8> {
    [front, &contact.0].concat()
}
