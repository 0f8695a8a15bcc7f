//! Keys at rest: the ring, what is derived from it, and the identity key.
//!
//! The *ring* is a small text file (mode 0600) that holds several readable keys and one writing
//! key. No ring key ever seals a byte itself: each file has its own key, HKDF-SHA256 of the ring
//! (or contact) key and the file's random 128-bit id, and the nonce inside a file is the ordinal
//! of the sealed record. A file is written by one process in one life, so no nonce repeats, and
//! rotating a key means adding one to the ring and letting new files use it.
//!
//! A *contact key* belongs to one person. It is stored wrapped by the ring ([`KeyStore`]), so that
//! deleting the wrapped form makes everything sealed under it unreadable. The *identity key* names contacts
//! (HMAC of their canonical identity); it is made with the data directory and never rotates.

mod contacts;

use std::fmt;
use std::io;
use std::path::Path;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, Tag, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::rand::SecureRandom;

use super::disk::{Disk, read_file, write_file};
pub use contacts::KeyStore;

/// Bytes of every secret key here.
pub const KEY_BYTES: usize = 32;
/// Bytes that sealing adds to a body (the AES-GCM tag).
pub const TAG_BYTES: usize = 16;

const RING_TITLE: &str = "chasqui-ring 1";
const IDENTITY_TITLE: &str = "chasqui-identity 1";

/// Where random bytes come from; a seeded one makes tests repeat.
pub trait Entropy: Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's random source.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        ring::rand::SystemRandom::new()
            .fill(bytes)
            .expect("the kernel's random source answers once it is seeded at boot");
    }
}

/// 16 random bytes: the id of a file.
pub fn random_id(entropy: &dyn Entropy) -> [u8; 16] {
    let mut id = [0; 16];
    entropy.fill(&mut id);
    id
}

/// What can be wrong with keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read or written.
    #[error("key file {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the disk said.
        source: io::Error,
    },
    /// The file is not what this release writes.
    #[error("key file {path} line {line} is not readable, restore it from a backup")]
    Malformed {
        /// The file.
        path: String,
        /// The first bad line, from 1.
        line: usize,
    },
    /// A record names a ring key that the ring no longer holds.
    #[error("ring key {0} is not in the ring, add it back as a read key")]
    Unknown(u32),
    /// The stored key of a contact was altered.
    #[error("key file {path}: a contact's key was altered, restore the file from a backup")]
    Altered {
        /// The file.
        path: String,
    },
}

/// A secret of 32 bytes that never shows itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; KEY_BYTES]);

impl Secret {
    /// A fresh random secret.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; KEY_BYTES];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// Wraps given bytes.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA256 of `data` for one purpose, under which nothing else is made.
    pub fn tag(&self, purpose: &[u8], data: &[u8]) -> [u8; 32] {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &self.0);
        let mut context = ring::hmac::Context::with_key(&key);
        // Purposes are constants; none is another's beginning.
        context.update(purpose);
        context.update(data);
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; KEY_BYTES];
        if text.len() != 2 * KEY_BYTES || !text.is_ascii() {
            return None;
        }
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

/// The keys that open and seal files. See the module head.
#[derive(Debug, Clone)]
pub struct Ring {
    writing: u32,
    keys: Vec<(u32, Secret)>,
}

impl Ring {
    /// A ring with one fresh key, number 1.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self {
            writing: 1,
            keys: vec![(1, Secret::random(entropy))],
        }
    }

    /// Reads the ring file, or makes one when the data directory is new.
    pub fn open_or_create(
        disk: &dyn Disk,
        path: &Path,
        entropy: &dyn Entropy,
    ) -> Result<Self, KeyError> {
        match read_file(disk, path).map_err(|source| io_error(path, source))? {
            Some(bytes) => Self::parse(path, &bytes),
            None => {
                let ring = Self::generate(entropy);
                ring.save(disk, path)?;
                Ok(ring)
            }
        }
    }

    /// Writes the ring file (mode 0600) so that a crash leaves the old or the new one.
    pub fn save(&self, disk: &dyn Disk, path: &Path) -> Result<(), KeyError> {
        let mut text = format!("{RING_TITLE}\n");
        for (id, key) in &self.keys {
            let role = if *id == self.writing { "write" } else { "read" };
            text.push_str(&format!("{role} {id} {}\n", key.to_hex()));
        }
        write_file(disk, path, text.as_bytes()).map_err(|source| io_error(path, source))
    }

    /// Adds a fresh key that new files will use; the older ones stay readable.
    pub fn rotate(&mut self, entropy: &dyn Entropy) -> u32 {
        let id = 1 + self.keys.iter().map(|(id, _)| *id).max().unwrap_or(0);
        self.keys.push((id, Secret::random(entropy)));
        self.writing = id;
        id
    }

    /// The number of the key that new files use.
    pub fn writing(&self) -> u32 {
        self.writing
    }

    /// The key of one file, derived from the ring key that its header names.
    pub fn file_key(&self, ring_key: u32, file: &[u8; 16]) -> Result<FileKey, KeyError> {
        let secret = self.secret(ring_key)?;
        Ok(FileKey::derive(secret, file))
    }

    /// Wraps a contact's key for storage; `contact` is bound to it.
    pub fn wrap(&self, contact: &[u8; 16], key: &Secret, entropy: &dyn Entropy) -> WrappedKey {
        let file = random_id(entropy);
        let mut sealed = key.0.to_vec();
        let secret = self
            .secret(self.writing)
            .expect("the writing key is always in the ring");
        FileKey::derive(secret, &file).seal(0, contact, &mut sealed);
        WrappedKey {
            ring_key: self.writing,
            file,
            sealed,
        }
    }

    /// Opens a wrapped contact key; `None` when it was altered or belongs to another contact.
    pub fn unwrap(
        &self,
        contact: &[u8; 16],
        wrapped: &WrappedKey,
    ) -> Result<Option<Secret>, KeyError> {
        let key = self.file_key(wrapped.ring_key, &wrapped.file)?;
        let mut bytes = wrapped.sealed.clone();
        let opened = key.open(0, contact, &mut bytes);
        Ok(opened
            .and_then(|plain| <[u8; KEY_BYTES]>::try_from(&*plain).ok())
            .map(Secret))
    }

    fn secret(&self, id: u32) -> Result<&Secret, KeyError> {
        let found = self.keys.iter().find(|(known, _)| *known == id);
        found.map(|(_, key)| key).ok_or(KeyError::Unknown(id))
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self, KeyError> {
        let malformed = |line| KeyError::Malformed {
            path: path.display().to_string(),
            line,
        };
        let text = str::from_utf8(bytes).map_err(|_| malformed(1))?;
        let mut lines = text.lines();
        if lines.next() != Some(RING_TITLE) {
            return Err(malformed(1));
        }
        let (mut keys, mut writing) = (Vec::new(), None);
        for (line, number) in lines.zip(2..) {
            let (role, id, key) = ring_line(line).ok_or_else(|| malformed(number))?;
            if role == "write" && writing.replace(id).is_some() {
                return Err(malformed(number));
            }
            keys.push((id, key));
        }
        let writing = writing.ok_or_else(|| malformed(1))?;
        Ok(Self { writing, keys })
    }
}

fn ring_line(line: &str) -> Option<(&str, u32, Secret)> {
    let mut words = line.split(' ');
    let role = words
        .next()
        .filter(|role| matches!(*role, "read" | "write"))?;
    let id = words.next()?.parse().ok()?;
    let key = Secret::from_hex(words.next()?)?;
    words.next().is_none().then_some((role, id, key))
}

fn io_error(path: &Path, source: io::Error) -> KeyError {
    KeyError::Io {
        path: path.display().to_string(),
        source,
    }
}

/// A contact's key as it is stored: opened by the ring, useless without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The ring key that wrapped it.
    pub ring_key: u32,
    /// Random id that makes the wrapping key unique.
    pub file: [u8; 16],
    /// The sealed 32 bytes with their tag.
    pub sealed: Vec<u8>,
}

/// The stored keys of persons. Deleting one erases what was sealed under it.
pub trait ContactKeys: Send + Sync {
    /// The contact's key, `None` when there is none or the person was erased.
    fn key(&self, contact: &[u8; 16]) -> Option<Secret>;
}

/// A release without per-contact keys: everything in the journal is sealed under the ring.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoContactKeys;

impl ContactKeys for NoContactKeys {
    fn key(&self, _contact: &[u8; 16]) -> Option<Secret> {
        None
    }
}

/// The key of one file. Seals and opens bodies in place.
pub struct FileKey(LessSafeKey);

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(****)")
    }
}

impl FileKey {
    /// HKDF-SHA256 of `secret` with the file's id.
    pub fn derive(secret: &Secret, file: &[u8; 16]) -> Self {
        let prk: Prk = Salt::new(HKDF_SHA256, b"chasqui file key").extract(&secret.0);
        let info: [&[u8]; 1] = [file];
        let okm = prk
            .expand(&info, Aes256)
            .expect("32 bytes are within what HKDF-SHA256 can give");
        let mut bytes = [0; KEY_BYTES];
        okm.fill(&mut bytes)
            .expect("the output has the length asked for");
        let key = UnboundKey::new(&AES_256_GCM, &bytes).expect("an AES-256 key has 32 bytes");
        Self(LessSafeKey::new(key))
    }

    /// The key of bodies that are not secret: it gives integrity, not secrecy.
    pub fn public(file: &[u8; 16]) -> Self {
        Self::derive(&Secret([0; KEY_BYTES]), file)
    }

    /// Seals `body` in place and appends its tag. `ordinal` must be unique in the file.
    pub fn seal(&self, ordinal: u64, header: &[u8], body: &mut Vec<u8>) {
        let tag = self.seal_slice(ordinal, header, body);
        body.extend_from_slice(tag.as_ref());
    }

    /// Seals a slice in place and gives its tag. `ordinal` must be unique in the file.
    pub fn seal_slice(&self, ordinal: u64, header: &[u8], body: &mut [u8]) -> Tag {
        self.0
            .seal_in_place_separate_tag(nonce(ordinal), Aad::from(header), body)
            .expect("a body is far below the 64 GiB that AES-GCM can seal")
    }

    /// Opens `sealed` (body and tag) in place; `None` when a bit of it or of `header` changed.
    pub fn open<'a>(
        &self,
        ordinal: u64,
        header: &[u8],
        sealed: &'a mut [u8],
    ) -> Option<&'a mut [u8]> {
        self.0
            .open_in_place(nonce(ordinal), Aad::from(header), sealed)
            .ok()
    }
}

fn nonce(ordinal: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&ordinal.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

struct Aes256;

impl KeyType for Aes256 {
    fn len(&self) -> usize {
        KEY_BYTES
    }
}

/// Reads the secret of the identity key of a data directory, or makes it when the directory is
/// new. It names contacts, so it never rotates.
pub fn identity_secret(
    disk: &dyn Disk,
    path: &Path,
    entropy: &dyn Entropy,
) -> Result<[u8; KEY_BYTES], KeyError> {
    let malformed = |line| KeyError::Malformed {
        path: path.display().to_string(),
        line,
    };
    if let Some(bytes) = read_file(disk, path).map_err(|source| io_error(path, source))? {
        let text = str::from_utf8(&bytes).map_err(|_| malformed(1))?;
        let (title, key) = text.split_once('\n').ok_or_else(|| malformed(1))?;
        if title != IDENTITY_TITLE {
            return Err(malformed(1));
        }
        let secret = Secret::from_hex(key.trim_end()).ok_or_else(|| malformed(2))?;
        return Ok(secret.0);
    }
    let secret = Secret::random(entropy);
    let text = format!("{IDENTITY_TITLE}\n{}\n", secret.to_hex());
    write_file(disk, path, text.as_bytes()).map_err(|source| io_error(path, source))?;
    Ok(secret.0)
}
