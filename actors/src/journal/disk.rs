//! The files below the journal.
//!
//! Everything the journal does to a disk goes through [`Disk`] and [`DiskFile`], so that the same
//! code runs on a real directory ([`RealDisk`]) and on a simulated one ([`sim::SimDisk`]) that
//! keeps un-synced writes apart and can be stopped, torn, filled and damaged on purpose.
//! Rules both follow: a write is durable after `sync_data` of its file, a name (creation, rename,
//! removal) after `sync_dir` of its folder, and a failed `sync_data` promises nothing about any
//! write since the last good one.

mod content;
mod dice;
mod real;
pub mod sim;

use std::any::Any;
use std::fmt::Debug;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use real::RealFile;

/// A folder tree in which the journal lives.
pub trait Disk: Debug + Send + Sync {
    /// Creates a folder and its parents (mode 0700); an existing one is fine.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Names of the files in a folder, sorted; empty when the folder is missing.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Creates a file (mode 0600) for reading and writing; an existing one is emptied.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;
    /// Opens an existing file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;
    /// Renames a file, replacing what had the new name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Takes a lock file for this process for as long as the value lives; `WouldBlock` when another
    /// process has it.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Any + Send + Sync>>;
}

/// An open file, shared between the committer and readers.
pub trait DiskFile: Debug + Send + Sync {
    /// Writes all bytes at an offset, growing the file when needed.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Writes whole blocks ([`BLOCK`] bytes, at a multiple of them) into room the file has already.
    /// Past the system's page cache where the file system can: a page that holds the end of one group
    /// and the beginning of the next then does not reach the disk twice.
    fn write_blocks(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_at(bytes, offset)
    }
    /// Fills the buffer from an offset; `UnexpectedEof` when the file ends before.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// Length in bytes.
    fn size(&self) -> io::Result<u64>;
    /// Cuts or extends the file.
    fn set_size(&self, size: u64) -> io::Result<()>;
    /// Claims room for the first `size` bytes; fails at once when the disk has not enough.
    fn allocate(&self, size: u64) -> io::Result<()>;
    /// Makes every write so far durable.
    fn sync_data(&self) -> io::Result<()>;
}

/// Blocks in which [`DiskFile::write_blocks`] counts, in bytes.
pub const BLOCK: usize = 512;

/// The operating system's file system.
#[derive(Debug, Default, Clone, Copy)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        Ok(Arc::new(RealFile::new(options.mode(0o600).open(path)?)))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = fs::OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Arc::new(RealFile::new(file)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        fs::File::open(path)?.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Any + Send + Sync>> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(path)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)?;
        Ok(Box::new(file))
    }
}

/// The whole content of a small file, `None` when there is none.
pub fn read_file(disk: &dyn Disk, path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match disk.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let size = usize::try_from(file.size()?).map_err(io::Error::other)?;
    let mut bytes = vec![0; size];
    file.read_at(&mut bytes, 0)?;
    Ok(Some(bytes))
}

/// Writes a small file so that a crash leaves the old content or the new one, never a mixture.
pub fn write_file(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let folder = path.parent().unwrap_or(Path::new("."));
    disk.create_dir(folder)?;
    let file = disk.create(&draft)?;
    file.write_at(bytes, 0)?;
    file.sync_data()?;
    disk.rename(&draft, path)?;
    disk.sync_dir(folder)
}
