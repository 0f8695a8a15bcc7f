//! The data directory: its lock, its format file and what an operator accepted.

use std::any::Any;
use std::io;
use std::path::{Path, PathBuf};

use crate::journal::disk::{Disk, read_file, write_file};
use crate::journal::recover::Damage;

const FORMAT: &str = "chasqui-journal 1";

/// Where things are in a data directory.
#[derive(Debug, Clone)]
pub struct Paths {
    data: PathBuf,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another process has it.
    #[error("{0} is in use by another process, stop it or choose another data directory")]
    InUse(String),
    /// It was made with another P.
    #[error("{path} was made with {found} partitions, set {found} instead of {asked}")]
    Partitions {
        /// The directory.
        path: String,
        /// Its P.
        found: u16,
        /// The P asked for.
        asked: u16,
    },
    /// It was written by another release.
    #[error("{0} has a format that this release does not know, run the release that wrote it")]
    Format(String),
    /// The disk failed.
    #[error("data directory {path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the disk said.
        source: io::Error,
    },
}

impl Paths {
    /// The places of a data directory.
    pub fn new(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
        }
    }

    /// The key ring.
    pub fn ring(&self) -> PathBuf {
        self.data.join("keys/ring")
    }

    /// The identity key.
    pub fn identity(&self) -> PathBuf {
        self.data.join("keys/identity")
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.data.join("journal")
    }

    /// The checkpoint.
    pub fn checkpoint(&self) -> PathBuf {
        self.data.join("checkpoint")
    }

    pub(crate) fn lane(&self) -> PathBuf {
        crate::journal::segment::lane_folder(&self.journal(), 0)
    }

    fn format(&self) -> PathBuf {
        self.journal().join("format")
    }

    fn accepted(&self) -> PathBuf {
        self.journal().join("accepted")
    }

    pub(crate) fn running(&self) -> PathBuf {
        self.journal().join("running")
    }

    fn released(&self) -> PathBuf {
        self.journal().join("released")
    }

    /// Takes the directory for this process; the lock lasts as long as the value.
    pub(crate) fn lock(
        &self,
        disk: &dyn Disk,
    ) -> Result<Box<dyn Any + Send + Sync>, DirectoryError> {
        let created = disk.create_dir(&self.data);
        created.map_err(|source| self.io_error(&self.data, source))?;
        disk.lock(&self.data.join("lock"))
            .map_err(|source| match source.kind() {
                io::ErrorKind::WouldBlock => DirectoryError::InUse(self.data.display().to_string()),
                _ => self.io_error(&self.data, source),
            })
    }

    /// Writes P into a new directory, compares it with that of an existing one.
    pub(crate) fn check_format(&self, disk: &dyn Disk, asked: u16) -> Result<(), DirectoryError> {
        let path = self.format();
        let Some(bytes) = read_file(disk, &path).map_err(|source| self.io_error(&path, source))?
        else {
            let text = format!("{FORMAT}\npartitions {asked}\n");
            let written = write_file(disk, &path, text.as_bytes());
            return written.map_err(|source| self.io_error(&path, source));
        };
        let unknown = || DirectoryError::Format(path.display().to_string());
        let text = str::from_utf8(&bytes).map_err(|_| unknown())?;
        let (format, rest) = text.split_once('\n').ok_or_else(unknown)?;
        let found = rest.trim_end().strip_prefix("partitions ");
        let found: Option<u16> = found.and_then(|number| number.parse().ok());
        match found {
            Some(found) if format == FORMAT && found == asked => Ok(()),
            Some(found) if format == FORMAT => Err(DirectoryError::Partitions {
                path: self.data.display().to_string(),
                found,
                asked,
            }),
            _ => Err(unknown()),
        }
    }

    /// Damage that an operator accepted, one line each as [`Damage`] prints it.
    pub(crate) fn accepted_damage(&self, disk: &dyn Disk) -> Result<Vec<String>, DirectoryError> {
        let path = self.accepted();
        let bytes = read_file(disk, &path).map_err(|source| self.io_error(&path, source))?;
        let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Adds to what an operator accepted.
    pub(crate) fn accept_damage(
        &self,
        disk: &dyn Disk,
        damage: &[Damage],
    ) -> Result<(), DirectoryError> {
        let mut lines = self.accepted_damage(disk)?;
        lines.extend(damage.iter().map(Damage::to_string));
        lines.sort();
        lines.dedup();
        let path = self.accepted();
        let written = write_file(disk, &path, (lines.join("\n") + "\n").as_bytes());
        written.map_err(|source| self.io_error(&path, source))
    }

    /// Segments below this number were released in good order.
    pub(crate) fn released_below(&self, disk: &dyn Disk) -> Result<u32, DirectoryError> {
        let path = self.released();
        let bytes = read_file(disk, &path).map_err(|source| self.io_error(&path, source))?;
        let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        Ok(text.trim_end().parse().unwrap_or(0))
    }

    /// Notes, before it happens, that segments below a number go.
    pub(crate) fn release_below(&self, disk: &dyn Disk, number: u32) -> io::Result<()> {
        write_file(disk, &self.released(), format!("{number}\n").as_bytes())
    }

    fn io_error(&self, path: &Path, source: io::Error) -> DirectoryError {
        DirectoryError::Io {
            path: path.display().to_string(),
            source,
        }
    }
}
