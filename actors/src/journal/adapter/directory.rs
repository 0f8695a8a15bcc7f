//! The data directory: its lock, its format file and where its parts are.

use std::any::Any;
use std::io;
use std::path::{Path, PathBuf};

use super::accepted::Accepted;
use crate::journal::disk::{Disk, read_file, write_file};

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
    /// It was made with another number of lanes.
    #[error(
        "{path} was made with {found} journal lanes and keeps them: set journal.lanes = {found} \
         instead of {asked}, or choose a new data directory"
    )]
    Lanes {
        /// The directory.
        path: String,
        /// Its lanes.
        found: u16,
        /// The lanes asked for.
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

    /// The keys of persons.
    pub fn contact_keys(&self) -> PathBuf {
        self.data.join("keys/contacts")
    }

    /// The files that people sent.
    pub fn media(&self) -> PathBuf {
        self.data.join("media")
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.data.join("journal")
    }

    /// The checkpoint.
    pub fn checkpoint(&self) -> PathBuf {
        self.data.join("checkpoint")
    }

    pub(crate) fn lane(&self, number: u16) -> PathBuf {
        crate::journal::segment::lane_folder(&self.journal(), number)
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

    /// Writes P and the number of lanes into a new directory, compares them with those of an
    /// existing one.
    pub(crate) fn check_format(
        &self,
        disk: &dyn Disk,
        partitions: u16,
        lanes: u16,
    ) -> Result<(), DirectoryError> {
        let Some(found) = self.shape(disk)? else {
            let text = format!("{FORMAT}\npartitions {partitions}\nlanes {lanes}\n");
            let path = self.format();
            let written = write_file(disk, &path, text.as_bytes());
            return written.map_err(|source| self.io_error(&path, source));
        };
        let path = self.data.display().to_string();
        match found {
            (found, _) if found != partitions => Err(DirectoryError::Partitions {
                path,
                found,
                asked: partitions,
            }),
            (_, found) if found != lanes => Err(DirectoryError::Lanes {
                path,
                found,
                asked: lanes,
            }),
            _ => Ok(()),
        }
    }

    /// P and the number of lanes of an existing directory.
    pub(crate) fn shape(&self, disk: &dyn Disk) -> Result<Option<(u16, u16)>, DirectoryError> {
        let path = self.format();
        let bytes = read_file(disk, &path).map_err(|source| self.io_error(&path, source))?;
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let text = str::from_utf8(&bytes).ok();
        match text.and_then(shape_of) {
            Some(shape) => Ok(Some(shape)),
            None => Err(DirectoryError::Format(path.display().to_string())),
        }
    }

    /// What an operator accepted.
    pub(crate) fn accepted_losses(&self, disk: &dyn Disk) -> Result<Accepted, DirectoryError> {
        let path = self.accepted();
        let bytes = read_file(disk, &path).map_err(|source| self.io_error(&path, source))?;
        Ok(Accepted::parse(&String::from_utf8_lossy(
            &bytes.unwrap_or_default(),
        )))
    }

    /// Puts down what an operator accepted.
    pub(crate) fn accept_losses(
        &self,
        disk: &dyn Disk,
        accepted: &Accepted,
    ) -> Result<(), DirectoryError> {
        let path = self.accepted();
        let written = write_file(disk, &path, accepted.to_text().as_bytes());
        written.map_err(|source| self.io_error(&path, source))
    }

    fn io_error(&self, path: &Path, source: io::Error) -> DirectoryError {
        DirectoryError::Io {
            path: path.display().to_string(),
            source,
        }
    }
}

fn shape_of(text: &str) -> Option<(u16, u16)> {
    let mut lines = text.lines();
    if lines.next()? != FORMAT {
        return None;
    }
    let partitions = lines.next()?.strip_prefix("partitions ")?.parse().ok()?;
    let lanes = lines.next()?.strip_prefix("lanes ")?.parse().ok()?;
    Some((partitions, lanes)).filter(|(_, lanes)| *lanes > 0)
}
