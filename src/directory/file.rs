//! The directory file: a clear head, a sealed body.
//!
//! Head: magic (8) ‖ format (2) ‖ ring key number (4) ‖ random file id (16) ‖ directory
//! version (8), big endian. Body: the entries as TOML, sealed with the key of this file id;
//! the head is the associated data. Each file has a new id, so its key seals once.

use actors::journal::keys::{Entropy, KeyError, Ring, random_id};

use super::Entries;
use crate::config::{self, Problems};

const MAGIC: &[u8; 8] = b"chasqdir";
const FORMAT: u16 = 1;
const HEAD_BYTES: usize = 8 + 2 + 4 + 16 + 8;

/// Why a directory file is not readable.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is something else, or cut short.
    #[error("it is not a directory file; remove it to have it published again")]
    Foreign,
    /// A later release wrote it.
    #[error("its format {0} is newer than this release")]
    Newer(u16),
    /// Its key is not in the ring.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It was altered.
    #[error("it was altered or damaged; remove it to have it published again")]
    Altered,
    /// Its content does not fit this release.
    #[error("its content is not readable: {0}")]
    Content(#[from] Problems),
}

/// The bytes of a new file.
pub(super) fn seal(
    version: u64,
    entries: &Entries,
    ring: &Ring,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, KeyError> {
    let id = random_id(entropy);
    let number = ring.writing();
    let mut file = Vec::new();
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&FORMAT.to_be_bytes());
    file.extend_from_slice(&number.to_be_bytes());
    file.extend_from_slice(&id);
    file.extend_from_slice(&version.to_be_bytes());
    let mut body = config::write_section(entries).into_bytes();
    ring.file_key(number, &id)?.seal(0, &file, &mut body);
    file.append(&mut body);
    Ok(file)
}

/// What a file holds, and its version.
pub(super) fn open(file: &[u8], ring: &Ring) -> Result<(u64, Entries), FileError> {
    let (bytes, body) = file
        .split_at_checked(HEAD_BYTES)
        .ok_or(FileError::Foreign)?;
    let mut head = Head(bytes);
    if head.take() != *MAGIC {
        return Err(FileError::Foreign);
    }
    let format = u16::from_be_bytes(head.take());
    if format != FORMAT {
        return Err(FileError::Newer(format));
    }
    let number = u32::from_be_bytes(head.take());
    let id: [u8; 16] = head.take();
    let version = u64::from_be_bytes(head.take());
    let mut body = body.to_vec();
    let plain = ring
        .file_key(number, &id)?
        .open(0, bytes, &mut body)
        .ok_or(FileError::Altered)?;
    let text = str::from_utf8(plain).map_err(|_| FileError::Altered)?;
    Ok((version, config::read_section(text)?))
}

struct Head<'a>(&'a [u8]);

impl Head<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (first, rest) = self
            .0
            .split_first_chunk()
            .expect("the parts make up HEAD_BYTES");
        self.0 = rest;
        *first
    }
}

#[cfg(test)]
mod tests {
    use actors::journal::keys::SystemEntropy;

    use super::*;
    use crate::config::Config;

    fn entries() -> Entries {
        let listen = "127.0.0.1:0".parse().unwrap();
        let bootstrap = Config::demo("data".into(), listen, "http://127.0.0.1:8090").bootstrap;
        Entries {
            queues: Vec::new(),
            cohorts: Vec::new(),
            rules: Vec::new(),
            tenants: bootstrap.tenants,
            glpi_connections: bootstrap.glpi_connections,
            channels: bootstrap.channels,
            tokens: Vec::new(),
            templates: Vec::new(),
        }
    }

    #[test]
    fn a_sealed_file_opens_to_the_same_entries() {
        let ring = Ring::generate(&SystemEntropy);
        let file = seal(7, &entries(), &ring, &SystemEntropy).unwrap();
        assert_eq!(open(&file, &ring).unwrap(), (7, entries()));
        let in_clear = |word: &[u8]| file.windows(word.len()).any(|bytes| bytes == word);
        assert!(!in_clear(b"demo-app-secret") && !in_clear(b"15550783881"));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let ring = Ring::generate(&SystemEntropy);
        let file = seal(7, &entries(), &ring, &SystemEntropy).unwrap();
        for index in 0..file.len() {
            let mut flipped = file.clone();
            flipped[index] ^= 1;
            assert!(open(&flipped, &ring).is_err(), "byte {index}");
        }
        for length in 0..HEAD_BYTES {
            assert!(matches!(
                open(&file[..length], &ring),
                Err(FileError::Foreign)
            ));
        }
    }
}
