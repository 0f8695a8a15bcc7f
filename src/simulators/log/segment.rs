//! One file of the log: an append buffer, the start of every line, and patches in place.
//!
//! The room for `status` and `accepted` has a fixed width, so that a patch never moves a
//! byte: `"status":  0,"accepted":false` becomes `"status":200,"accepted":true `, which is
//! the same JSON with other white space.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const PENDING: &[u8] = b",\"status\":  0,\"accepted\":false";
/// Buffered bytes at which the file is written.
const HEAVY_BYTES: usize = 256 * 1024;
const READ_BYTES: usize = 256 * 1024;

/// Where the facts of one line stand in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(u64);

/// A file of lines with consecutive numbers.
#[derive(Debug)]
pub(super) struct Segment {
    path: PathBuf,
    file: Arc<File>,
    first_n: u64,
    starts: Vec<u64>,
    written: u64,
    buffer: Vec<u8>,
}

/// The part of a file that a reader wants.
pub(super) struct Slice {
    file: Arc<File>,
    from: u64,
    to: u64,
}

/// Removes the files of an earlier run.
pub(super) fn remove_old(dir: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name.starts_with("requests-") && name.ends_with(".jsonl") {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

impl Segment {
    pub(super) fn create(dir: &Path, first_n: u64) -> io::Result<Self> {
        let path = dir.join(format!("requests-{first_n:012}.jsonl"));
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(&path)?;
        Ok(Self {
            path,
            file: Arc::new(file),
            first_n,
            starts: Vec::new(),
            written: 0,
            buffer: Vec::with_capacity(HEAVY_BYTES + 4096),
        })
    }

    pub(super) fn first_n(&self) -> u64 {
        self.first_n
    }

    pub(super) fn lines(&self) -> u64 {
        self.starts.len() as u64
    }

    pub(super) fn is_heavy(&self) -> bool {
        self.buffer.len() >= HEAVY_BYTES
    }

    pub(super) fn append(&mut self, n: u64, provider: &str, rest: &[u8]) -> Place {
        self.starts.push(self.written + self.buffer.len() as u64);
        // Writing into memory cannot fail.
        let _ = write!(self.buffer, "{{\"n\":{n},\"provider\":\"{provider}\"");
        let place = self.written + self.buffer.len() as u64;
        self.buffer.extend_from_slice(PENDING);
        self.buffer.extend_from_slice(rest);
        Place(place)
    }

    pub(super) fn patch(&mut self, place: Place, status: u16, accepted: bool) {
        let flag = if accepted { "true " } else { "false" };
        let facts = format!(",\"status\":{:>3},\"accepted\":{flag}", status.min(999));
        if place.0 >= self.written {
            let at = (place.0 - self.written) as usize;
            self.buffer[at..at + facts.len()].copy_from_slice(facts.as_bytes());
        } else if let Err(error) = self.file.write_all_at(facts.as_bytes(), place.0) {
            tracing::error!(%error, "a line of the simulator log could not be completed");
        }
    }

    /// Writes the buffer out. What cannot be written is dropped: the log must not grow in
    /// memory while the disk is full.
    pub(super) fn write_out(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let result = self.file.write_all_at(&self.buffer, self.written);
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        result
    }

    /// The written lines from number `n` on, up to and without number `end`.
    pub(super) fn slice(&self, n: u64, end: u64) -> Option<Slice> {
        let start = |n: u64| {
            let index = usize::try_from(n.saturating_sub(self.first_n)).ok()?;
            self.starts.get(index).copied()
        };
        let from = start(n)?;
        let to = start(end).unwrap_or(self.written);
        (from < to).then(|| Slice {
            file: self.file.clone(),
            from,
            to,
        })
    }

    pub(super) fn remove(self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, "an old file of the simulator log could not be removed");
        }
    }
}

impl Slice {
    /// Calls `take` with each line, its line break included, until it returns false.
    pub(super) fn each_line(&self, mut take: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
        let mut carried: Vec<u8> = Vec::new();
        let mut at = self.from;
        while at < self.to {
            let size = READ_BYTES.min((self.to - at) as usize);
            let start = carried.len();
            carried.resize(start + size, 0);
            self.file.read_exact_at(&mut carried[start..], at)?;
            at += size as u64;
            let mut line_start = 0;
            while let Some(length) = carried[line_start..].iter().position(|byte| *byte == b'\n') {
                if !take(&carried[line_start..=line_start + length]) {
                    return Ok(());
                }
                line_start += length + 1;
            }
            carried.drain(..line_start);
        }
        Ok(())
    }
}
