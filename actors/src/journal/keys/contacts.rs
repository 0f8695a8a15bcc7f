//! The stored keys of persons: one small file of rows, each a key wrapped by the ring.
//!
//! A key is made when something of a contact is to be sealed for the first time, so a contact that
//! never sent a file costs nothing; one that did costs a row on disk and about 40 bytes of memory.
//! A new key is appended and flushed before it is used. Erasing one writes the file anew without
//! its row, and a crash leaves the file before or after that. Keys wrapped by an older ring key are
//! wrapped anew when the file is opened, so that the older one may then leave the ring.
//!
//! Front: magic "CHQKEYS1", zeros up to the length of a row. Each row of 96 bytes: CRC32C of what
//! follows (u32), ring key (u32), contact (16), random id (16), the sealed key with its tag (48),
//! zeros (8). At start a bad row with no good one behind it is a torn tail and cut; another bad row
//! is counted as damaged and its key is gone.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{ContactKeys, Entropy, KeyError, Ring, Secret, WrappedKey, io_error};
use crate::journal::disk::{Disk, DiskFile, write_file};

const MAGIC: &[u8; 8] = b"CHQKEYS1";
const ROW: usize = 96;
const SEALED: std::ops::Range<usize> = 40..88;
/// Rows read or written at a time.
const BATCH: u64 = 1_024;

/// The keys of persons in a data directory. See the module head.
pub struct KeyStore {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    ring: Arc<Ring>,
    entropy: Arc<dyn Entropy>,
    rows: Mutex<Rows>,
    found: Found,
}

/// What was found in the file when it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Found {
    damaged: u64,
    cut_bytes: u64,
}

struct Rows {
    file: Arc<dyn DiskFile>,
    /// Where each contact's row stands, the first row being 0.
    index: HashMap<[u8; 16], u64>,
    count: u64,
    /// A flush failed: the file promises nothing any more and is written anew.
    doubtful: bool,
}

impl KeyStore {
    /// Opens the file, or makes it when there is none. A torn tail is cut.
    ///
    /// # Errors
    /// When the file cannot be read or made, is another kind of file, or needs a ring key that the
    /// ring no longer holds.
    pub fn open(
        disk: Arc<dyn Disk>,
        path: PathBuf,
        ring: Arc<Ring>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyError> {
        let failed = |source| io_error(&path, source);
        let file = match disk.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                write_file(&*disk, &path, &front()).map_err(failed)?;
                disk.open(&path).map_err(failed)?
            }
            Err(error) => return Err(failed(error)),
        };
        let mut head = [0; ROW];
        let titled = file.read_at(&mut head, 0).is_ok() && head == front();
        if !titled {
            return Err(KeyError::Malformed {
                path: path.display().to_string(),
                line: 1,
            });
        }
        let (rows, found, older) = scan(file, ring.writing()).map_err(failed)?;
        let store = Self {
            disk,
            path,
            ring,
            entropy,
            rows: Mutex::new(rows),
            found,
        };
        if found != Found::default() {
            tracing::warn!(
                damaged = found.damaged,
                cut_bytes = found.cut_bytes,
                "keys of contacts: rows that could not be read"
            );
        }
        if older {
            store.rewrite(&mut store.lock(), None)?;
        }
        Ok(store)
    }

    /// The contact's key, `None` when there is none or the person was erased.
    ///
    /// # Errors
    /// When its row cannot be read or was altered.
    pub fn find(&self, contact: &[u8; 16]) -> Result<Option<Secret>, KeyError> {
        let rows = self.lock();
        let Some(at) = rows.index.get(contact) else {
            return Ok(None);
        };
        let mut row = [0; ROW];
        let read = rows.file.read_at(&mut row, offset(*at));
        read.map_err(|source| io_error(&self.path, source))?;
        self.opened(contact, &row).map(Some)
    }

    /// The contact's key, made and on disk when there was none.
    ///
    /// # Errors
    /// When its row cannot be read or written, or was altered.
    pub fn find_or_make(&self, contact: &[u8; 16]) -> Result<Secret, KeyError> {
        if let Some(key) = self.find(contact)? {
            return Ok(key);
        }
        let mut rows = self.lock();
        if rows.index.contains_key(contact) {
            // Another thread made it meanwhile.
            drop(rows);
            return self.find_or_make(contact);
        }
        if rows.doubtful {
            self.rewrite(&mut rows, None)?;
        }
        let key = Secret::random(&*self.entropy);
        let wrapped = self.ring.wrap(contact, &key, &*self.entropy);
        let at = rows.count;
        let row = encode(contact, &wrapped);
        let written = rows.file.write_at(&row, offset(at));
        let written = written.and_then(|()| {
            let flushed = rows.file.sync_data();
            rows.doubtful = flushed.is_err();
            flushed
        });
        written.map_err(|source| io_error(&self.path, source))?;
        rows.count = at + 1;
        rows.index.insert(*contact, at);
        Ok(key)
    }

    /// Forgets a contact's key for good; tells whether there was one. When this returns, what was
    /// sealed under it can no longer be read, whatever happens next.
    ///
    /// # Errors
    /// When the file cannot be written anew; the key is then still there.
    pub fn erase(&self, contact: &[u8; 16]) -> Result<bool, KeyError> {
        let mut rows = self.lock();
        let Some(at) = rows.index.get(contact).copied() else {
            return Ok(false);
        };
        let old = Arc::clone(&rows.file);
        self.rewrite(&mut rows, Some(contact))?;
        // The old file has no name any more; its blocks should not keep the key either.
        if let Err(error) = old
            .write_at(&[0; ROW], offset(at))
            .and_then(|()| old.sync_data())
        {
            tracing::warn!(%error, "an erased key's old place could not be overwritten");
        }
        Ok(true)
    }

    /// Keys on file.
    pub fn len(&self) -> usize {
        self.lock().index.len()
    }

    /// Whether no contact has a key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows that could not be read when the file was opened; their keys are gone.
    pub fn damaged(&self) -> u64 {
        self.found.damaged
    }

    /// Bytes of a torn tail cut when the file was opened.
    pub fn cut_bytes(&self) -> u64 {
        self.found.cut_bytes
    }

    /// Writes the file anew under the ring's writing key, without the row of `erased`.
    fn rewrite(&self, rows: &mut Rows, erased: Option<&[u8; 16]>) -> Result<(), KeyError> {
        let failed = |source| io_error(&self.path, source);
        let draft = self.path.with_extension("draft");
        let file = self.disk.create(&draft).map_err(failed)?;
        file.write_at(&front(), 0).map_err(failed)?;
        let (mut index, mut count) = (HashMap::with_capacity(rows.index.len()), 0);
        let mut batch = Vec::with_capacity(BATCH as usize * ROW);
        let flush = |batch: &mut Vec<u8>, upto: u64| {
            let at = offset(upto) - batch.len() as u64;
            file.write_at(batch, at)?;
            batch.clear();
            Ok::<(), io::Error>(())
        };
        let mut places: Vec<([u8; 16], u64)> =
            rows.index.iter().map(|(who, at)| (*who, *at)).collect();
        places.sort_unstable_by_key(|(_, at)| *at);
        for (contact, at) in places {
            if erased == Some(&contact) {
                continue;
            }
            let mut row = [0; ROW];
            let read = rows.file.read_at(&mut row, offset(at));
            read.map_err(failed)?;
            if ring_key(&row) != self.ring.writing() {
                let key = self.opened(&contact, &row)?;
                let wrapped = self.ring.wrap(&contact, &key, &*self.entropy);
                row = encode(&contact, &wrapped);
            }
            batch.extend_from_slice(&row);
            index.insert(contact, count);
            count += 1;
            if batch.len() >= BATCH as usize * ROW {
                flush(&mut batch, count).map_err(failed)?;
            }
        }
        flush(&mut batch, count).map_err(failed)?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let named = file
            .sync_data()
            .and_then(|()| self.disk.rename(&draft, &self.path))
            .and_then(|()| self.disk.sync_dir(folder));
        named.map_err(failed)?;
        *rows = Rows {
            file,
            index,
            count,
            doubtful: false,
        };
        Ok(())
    }

    fn opened(&self, contact: &[u8; 16], row: &[u8; ROW]) -> Result<Secret, KeyError> {
        let altered = || KeyError::Altered {
            path: self.path.display().to_string(),
        };
        let (found, wrapped) = decode(row).ok_or_else(altered)?;
        if found != *contact {
            return Err(altered());
        }
        self.ring.unwrap(contact, &wrapped)?.ok_or_else(altered)
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ContactKeys for KeyStore {
    fn key(&self, contact: &[u8; 16]) -> Option<Secret> {
        match self.find(contact) {
            Ok(key) => key,
            Err(error) => {
                tracing::error!(%error, "a contact's key could not be read");
                None
            }
        }
    }
}

impl std::fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyStore")
            .field("path", &self.path)
            .field("keys", &self.len())
            .finish_non_exhaustive()
    }
}

/// Reads all rows; tells also whether one is wrapped by another key than the writing one.
fn scan(file: Arc<dyn DiskFile>, writing: u32) -> io::Result<(Rows, Found, bool)> {
    let size = file.size()?;
    let whole = (size - ROW as u64) / ROW as u64;
    let (mut index, mut older) = (HashMap::new(), false);
    let (mut count, mut good) = (0, 0);
    let mut bytes = Vec::new();
    while count < whole {
        let rows = (whole - count).min(BATCH);
        bytes.resize(rows as usize * ROW, 0);
        file.read_at(&mut bytes, offset(count))?;
        for row in bytes.chunks_exact(ROW) {
            count += 1;
            let row: &[u8; ROW] = row.try_into().expect("chunks have the length of a row");
            if let Some((contact, wrapped)) = decode(row) {
                index.insert(contact, count - 1);
                older |= wrapped.ring_key != writing;
                good += 1;
            }
        }
    }
    let last = index.values().max().map_or(0, |at| at + 1);
    let found = Found {
        damaged: last - good,
        cut_bytes: size - offset(last),
    };
    if found.cut_bytes > 0 {
        file.set_size(offset(last))?;
        file.sync_data()?;
    }
    let rows = Rows {
        file,
        index,
        count: last,
        doubtful: false,
    };
    Ok((rows, found, older))
}

fn front() -> [u8; ROW] {
    let mut front = [0; ROW];
    front[..8].copy_from_slice(MAGIC);
    front
}

const fn offset(row: u64) -> u64 {
    (row + 1) * ROW as u64
}

fn ring_key(row: &[u8; ROW]) -> u32 {
    u32::from_be_bytes([row[4], row[5], row[6], row[7]])
}

fn encode(contact: &[u8; 16], wrapped: &WrappedKey) -> [u8; ROW] {
    let mut row = [0; ROW];
    row[4..8].copy_from_slice(&wrapped.ring_key.to_be_bytes());
    row[8..24].copy_from_slice(contact);
    row[24..40].copy_from_slice(&wrapped.file);
    row[SEALED].copy_from_slice(&wrapped.sealed);
    let crc = crc32c::crc32c(&row[4..]);
    row[..4].copy_from_slice(&crc.to_be_bytes());
    row
}

fn decode(row: &[u8; ROW]) -> Option<([u8; 16], WrappedKey)> {
    let crc = u32::from_be_bytes([row[0], row[1], row[2], row[3]]);
    if crc != crc32c::crc32c(&row[4..]) {
        return None;
    }
    let sixteen = |at: usize| <[u8; 16]>::try_from(&row[at..at + 16]).ok();
    let wrapped = WrappedKey {
        ring_key: ring_key(row),
        file: sixteen(24)?,
        sealed: row[SEALED].to_vec(),
    };
    Some((sixteen(8)?, wrapped))
}
