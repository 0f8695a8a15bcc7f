//! The current directory, and its replacement as a whole.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actors::journal::disk::{RealDisk, read_file, write_file};
use actors::journal::keys::{KeyError, Ring, SystemEntropy};
use actors::model::{ChannelId, GatewayId};
use actors::ports::{ChannelSettings, GatewaySettings, Settings, Watched};
use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;

use super::build::Limits;
use super::file::{self, FileError};
use super::{Directory, Entries};
use crate::config::Problems;

/// Why a directory could not be read or published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The file could not be read or written.
    #[error("directory file {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
    /// The file could be read, but not understood.
    #[error("directory file {}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FileError,
    },
    /// The ring has lost its writing key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The rows contradict each other.
    #[error("the directory does not fit together: {0}")]
    Unfit(#[from] Problems),
}

/// The directory in force. Readers never wait; a publisher replaces it as a whole.
pub struct Published {
    current: ArcSwap<Directory>,
    version: watch::Sender<u64>,
    path: PathBuf,
    ring: Arc<Ring>,
    limits: Limits,
}

impl Published {
    /// The directory of a data directory, from its file; empty when there is none yet.
    ///
    /// # Errors
    /// When there is a file that cannot be read.
    pub fn open(
        data_directory: &Path,
        ring: Arc<Ring>,
        limits: Limits,
    ) -> Result<Self, PublishError> {
        let path = data_directory.join("directory");
        let found = read_file(&RealDisk, &path).map_err(|source| io_error(&path, source))?;
        let directory = match found {
            None => Directory::default(),
            Some(bytes) => {
                let unreadable = |source| PublishError::File {
                    path: path.clone(),
                    source,
                };
                let (version, entries) = file::open(&bytes, &ring).map_err(unreadable)?;
                Directory::build(version, &entries, &limits)?
            }
        };
        let (version, _) = watch::channel(directory.version);
        Ok(Self {
            current: ArcSwap::from_pointee(directory),
            version,
            path,
            ring,
            limits,
        })
    }

    /// The directory in force, for one look. Cheap; not to be held across an await.
    pub fn current(&self) -> Guard<Arc<Directory>> {
        self.current.load()
    }

    /// Whether there is one: part of being ready.
    pub fn is_loaded(&self) -> bool {
        *self.version.borrow() > 0
    }

    /// Waits for the first one, at most so long. Tells whether it came.
    pub async fn loaded(&self, patience: Duration) -> bool {
        let mut version = self.version.subscribe();
        let loaded = version.wait_for(|version| *version > 0);
        matches!(tokio::time::timeout(patience, loaded).await, Ok(Ok(_)))
    }

    /// The version in force, now and later.
    pub fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Makes these rows the directory in force, first on disk. What cannot be built is not
    /// published; the one before stays.
    ///
    /// # Errors
    /// When the rows do not fit together or the file cannot be written.
    pub fn publish(&self, version: u64, entries: &Entries) -> Result<(), PublishError> {
        let directory = Directory::build(version, entries, &self.limits)?;
        let bytes = file::seal(version, entries, &self.ring, &SystemEntropy)?;
        write_file(&RealDisk, &self.path, &bytes).map_err(|source| io_error(&self.path, source))?;
        self.current.store(Arc::new(directory));
        self.version.send_replace(version);
        Ok(())
    }
}

impl Settings for Published {
    fn channel(&self, id: &ChannelId) -> Option<Arc<ChannelSettings>> {
        self.current().channel_settings(id).cloned()
    }

    fn gateway(&self, id: &GatewayId) -> Option<Arc<GatewaySettings>> {
        self.current().gateway_settings(id).cloned()
    }

    fn watched(&self) -> Vec<Watched> {
        self.current().watched().to_vec()
    }
}

fn io_error(path: &Path, source: io::Error) -> PublishError {
    PublishError::Io {
        path: path.to_owned(),
        source,
    }
}
