//! A file of the operating system, with a second way in that goes past its page cache.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{BLOCK, DiskFile};

/// Memory that is written past the page cache begins at a multiple of this, which is enough for every
/// device known; blocks may be smaller.
const MEMORY_ALIGN: usize = 4096;

/// An open file.
#[derive(Debug)]
pub(super) struct RealFile {
    file: fs::File,
    /// The same file past the page cache, from the first write of blocks on; `None` where the file
    /// system or the device cannot do it in blocks of [`BLOCK`] bytes.
    direct: OnceLock<Option<fs::File>>,
    /// Whether a write past the page cache was refused; no later one is tried.
    refused: AtomicBool,
}

thread_local! {
    /// Blocks on their way to the disk, at an aligned address. A thread that writes blocks is a
    /// committer and lives as long as its journal.
    static ALIGNED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl RealFile {
    pub fn new(file: fs::File) -> Self {
        Self {
            file,
            direct: OnceLock::new(),
            refused: AtomicBool::new(false),
        }
    }

    fn direct(&self) -> Option<&fs::File> {
        if self.refused.load(Ordering::Relaxed) {
            return None;
        }
        let open = || {
            let path = format!("/proc/self/fd/{}", self.file.as_raw_fd());
            let flags = rustix::fs::OFlags::DIRECT.bits() as i32;
            let mut options = fs::OpenOptions::new();
            options.write(true).custom_flags(flags);
            options.open(path).ok()
        };
        self.direct.get_or_init(open).as_ref()
    }
}

impl DiskFile for RealFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn write_blocks(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        debug_assert!(bytes.len().is_multiple_of(BLOCK) && offset.is_multiple_of(BLOCK as u64));
        let Some(direct) = self.direct() else {
            return self.write_at(bytes, offset);
        };
        let written = ALIGNED.with_borrow_mut(|memory| {
            let needed = bytes.len() + MEMORY_ALIGN;
            if memory.len() < needed {
                memory.resize(needed, 0);
            }
            let at = memory.as_ptr().align_offset(MEMORY_ALIGN);
            let aligned = &mut memory[at..at + bytes.len()];
            aligned.copy_from_slice(bytes);
            direct.write_all_at(aligned, offset)
        });
        match written {
            // A device with larger blocks, or a file system that takes the flag and not the write.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                self.refused.store(true, Ordering::Relaxed);
                self.write_at(bytes, offset)
            }
            written => written,
        }
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }

    fn allocate(&self, size: u64) -> io::Result<()> {
        match rustix::fs::fallocate(&self.file, rustix::fs::FallocateFlags::empty(), 0, size) {
            // A file system without the call finds out while zeros are written.
            Err(rustix::io::Errno::OPNOTSUPP) => Ok(()),
            done => Ok(done?),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_written_past_the_page_cache_are_read_through_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let file = RealFile::new(options.open(&path).unwrap());
        file.write_at(&[0; 8 * 4096], 0).unwrap();
        file.sync_data().unwrap();
        let mut seen = [0; 2 * BLOCK];
        // The page is in the cache before a part of it is written.
        file.read_at(&mut seen, 4096).unwrap();
        file.write_blocks(&[1; BLOCK], 4096).unwrap();
        file.write_blocks(&[2; BLOCK], 4096 + BLOCK as u64).unwrap();
        file.sync_data().unwrap();
        file.read_at(&mut seen, 4096).unwrap();
        assert!(seen[..BLOCK].iter().all(|byte| *byte == 1));
        assert!(seen[BLOCK..].iter().all(|byte| *byte == 2));
        file.write_at(&[3; 100], 4096 + 100).unwrap();
        file.write_blocks(&[4; BLOCK], 2 * 4096).unwrap();
        file.sync_data().unwrap();
        file.read_at(&mut seen, 4096).unwrap();
        assert_eq!((seen[99], seen[100], seen[199], seen[200]), (1, 3, 3, 1));
    }
}
