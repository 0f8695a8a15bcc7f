//! Secrets of tenants, sealed before they reach the database.
//!
//! Sealed form: version (1) ‖ ring key number (4, big endian) ‖ random id (16) ‖ ciphertext
//! and tag. The key is derived from the ring key and the random id, as for a file of the
//! journal, so no nonce can repeat however many values there are. The associated data name
//! table, column and row: a value copied into another cell does not open.

use std::sync::Arc;

use actors::journal::keys::{Entropy, KeyError, Ring, SystemEntropy, random_id};

use crate::config::Secret;

const VERSION: u8 = 1;
const HEAD_BYTES: usize = 1 + 4 + 16;

/// The cell a secret lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's id.
    pub row: &'a str,
}

/// A sealed secret does not open.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key it was sealed with is gone.
    #[error("{table}.{column} of {row} does not open: {source}")]
    Key {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        row: String,
        /// Why the key is not to be had.
        source: KeyError,
    },
    /// It was altered, or sealed for another cell or by another ring.
    #[error(
        "{table}.{column} of {row} was altered or sealed with another ring; \
         restore the ring file, or enter the secret again"
    )]
    Altered {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        row: String,
    },
}

/// Seals and opens secrets with the key ring.
#[derive(Clone)]
pub struct Sealer {
    ring: Arc<Ring>,
    entropy: Arc<dyn Entropy>,
}

impl Sealer {
    /// A sealer that writes with the ring's writing key and reads with any of its keys.
    pub fn new(ring: Arc<Ring>) -> Self {
        Self {
            ring,
            entropy: Arc::new(SystemEntropy),
        }
    }

    /// Seals a secret for its cell.
    ///
    /// # Errors
    /// When the ring lacks its writing key.
    pub fn seal(&self, cell: Cell<'_>, secret: &Secret) -> Result<Vec<u8>, SealError> {
        let number = self.ring.writing();
        let id = random_id(&*self.entropy);
        let key = self
            .ring
            .file_key(number, &id)
            .map_err(|source| cell.without_key(source))?;
        let mut body = secret.expose().as_bytes().to_vec();
        key.seal(0, &cell.associated_data(), &mut body);
        let mut sealed = Vec::with_capacity(HEAD_BYTES + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&number.to_be_bytes());
        sealed.extend_from_slice(&id);
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Opens what [`Sealer::seal`] made for the same cell.
    ///
    /// # Errors
    /// When the ring has lost the key, or a bit of the value changed.
    pub fn open(&self, cell: Cell<'_>, sealed: &[u8]) -> Result<Secret, SealError> {
        let (number, id, body) = split(sealed).ok_or_else(|| cell.altered())?;
        let key = self
            .ring
            .file_key(number, &id)
            .map_err(|source| cell.without_key(source))?;
        let mut body = body.to_vec();
        let plain = key.open(0, &cell.associated_data(), &mut body);
        let text = plain.and_then(|plain| str::from_utf8(plain).ok());
        text.map(Secret::new).ok_or_else(|| cell.altered())
    }
}

impl Cell<'_> {
    fn associated_data(&self) -> Vec<u8> {
        [self.table, self.column, self.row].join("\0").into_bytes()
    }

    fn without_key(&self, source: KeyError) -> SealError {
        let Self { table, column, row } = *self;
        SealError::Key {
            table,
            column,
            row: row.to_owned(),
            source,
        }
    }

    fn altered(&self) -> SealError {
        let Self { table, column, row } = *self;
        SealError::Altered {
            table,
            column,
            row: row.to_owned(),
        }
    }
}

fn split(sealed: &[u8]) -> Option<(u32, [u8; 16], &[u8])> {
    let (head, body) = sealed.split_at_checked(HEAD_BYTES)?;
    let (version, head) = head.split_first()?;
    let (number, id) = head.split_first_chunk::<4>()?;
    (*version == VERSION).then_some((u32::from_be_bytes(*number), id.try_into().ok()?, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: Cell<'_> = Cell {
        table: "channels",
        column: "app_secret",
        row: "demo",
    };

    fn sealer() -> Sealer {
        Sealer::new(Arc::new(Ring::generate(&SystemEntropy)))
    }

    #[test]
    fn a_sealed_secret_opens_in_its_own_cell_only() {
        let sealer = sealer();
        let sealed = sealer.seal(CELL, &"word".into()).unwrap();
        assert_eq!(sealer.open(CELL, &sealed).unwrap().expose(), "word");
        let other = Cell {
            row: "demo2",
            ..CELL
        };
        assert!(matches!(
            sealer.open(other, &sealed),
            Err(SealError::Altered { .. })
        ));
        assert!(!sealed.windows(4).any(|bytes| bytes == b"word"));
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let sealer = sealer();
        let sealed = sealer.seal(CELL, &"word".into()).unwrap();
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(sealer.open(CELL, &altered).is_err(), "byte {index}");
        }
        assert!(sealer.open(CELL, &sealed[..HEAD_BYTES - 1]).is_err());
    }

    #[test]
    fn secrets_sealed_before_a_rotation_stay_readable() {
        let mut ring = Ring::generate(&SystemEntropy);
        let sealed = Sealer::new(Arc::new(ring.clone()))
            .seal(CELL, &"word".into())
            .unwrap();
        ring.rotate(&SystemEntropy);
        let after = Sealer::new(Arc::new(ring));
        assert_eq!(after.open(CELL, &sealed).unwrap().expose(), "word");
    }

    #[test]
    fn another_ring_does_not_open_it() {
        let sealed = sealer().seal(CELL, &"word".into()).unwrap();
        assert!(matches!(
            sealer().open(CELL, &sealed),
            Err(SealError::Altered { .. })
        ));
    }
}
