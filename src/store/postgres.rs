//! The Postgres the server talks to: a real one by its address, or a private one that
//! the server initialises, starts, adopts, restarts and stops by itself.
//!
//! ```text
//! Postgres::launch      finds binaries and a place; refuses what can never work
//!   supervisor task     initdb once; adopt or start; wait for its end; start again
//!     postgres          its own process group; outlives a killed server, is adopted by
//!                       the next one; ends with an orderly shutdown
//! ```
//!
//! The private one listens on a Unix socket alone. A root server runs it as an
//! unprivileged user, because Postgres refuses root.

mod account;
mod binaries;
mod cluster;
mod place;
mod process;
mod supervisor;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;

use crate::config;
use crate::config::environment;
use supervisor::Supervisor;

/// Oldest major version that is supported.
pub const MAJOR_MIN: u32 = 16;

/// Oldest major version on which the tables still work. It is warned about.
pub const MAJOR_TOLERATED: u32 = 15;

/// Why there will be no Postgres however often it is tried.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// No usable binaries.
    #[error(
        "no postgres binaries of version {MAJOR_TOLERATED} or newer found ({tried}); \
         run `make setup`, or set postgres.binaries or postgres.url"
    )]
    NoBinaries {
        /// Where was looked and what was wrong there.
        tried: String,
    },
    /// The data were written by a version that is not installed.
    #[error(
        "the data in {} are of postgres {data}, and no binaries of that version were found \
         ({tried}); set postgres.binaries to their folder", .folder.display()
    )]
    OtherVersion {
        /// The data's folder.
        folder: PathBuf,
        /// Their major version.
        data: u32,
        /// Where was looked and what was found there.
        tried: String,
    },
    /// Root, and nobody to become.
    #[error(
        "postgres refuses to run as root, and /etc/passwd has neither a user postgres nor \
         nobody; add one, run the server as another user, or set postgres.url"
    )]
    NoAccount,
    /// A file or folder could not be made or read.
    #[error("cannot {what} {}: {source}", .path.display())]
    Folder {
        /// What was tried.
        what: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A folder of data or of the socket is open to others or somebody else's.
    #[error(
        "{} must belong to the user with id {owner} and be closed to all others; give it to \
         that user with mode 0700, or choose another data directory", .path.display()
    )]
    ForeignFolder {
        /// The folder.
        path: PathBuf,
        /// Whose it should be.
        owner: u32,
    },
    /// The address of a real server cannot be read.
    #[error("postgres.url is not an address such as postgres://user:password@host/database")]
    Address,
}

/// How the private Postgres is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Being made or started.
    Starting,
    /// Answering.
    Up {
        /// The process, 0 for a real server, which is not watched.
        pid: u32,
        /// Whether a previous server had left it running.
        adopted: bool,
        /// How often it was started again since the server began.
        restarts: u32,
    },
    /// Not answering; tried again after a pause.
    Down {
        /// Why.
        reason: String,
    },
}

/// The private Postgres did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("postgres is not ready after {} ms: {state:?}", .waited.as_millis())]
pub struct NotReady {
    waited: Duration,
    state: State,
}

/// A Postgres to connect to.
pub struct Postgres {
    options: PgConnectOptions,
    state: watch::Receiver<State>,
    supervisor: Option<Supervisor>,
}

impl Postgres {
    /// Prepares the Postgres of `settings`. The private one keeps its data under
    /// `data_directory` and is started by a task; see [`Postgres::ready`].
    ///
    /// # Errors
    /// What no second try would mend: no binaries, no place, no unprivileged user.
    ///
    /// # Panics
    /// Outside a tokio runtime, which the task needs.
    pub fn launch(settings: &config::Postgres, data_directory: &Path) -> Result<Self, LaunchError> {
        match &settings.url {
            Some(url) => Self::real(url.expose()),
            None => Self::private(settings.binaries.as_deref(), data_directory),
        }
    }

    fn real(url: &str) -> Result<Self, LaunchError> {
        let options = PgConnectOptions::from_str(url).map_err(|_| LaunchError::Address)?;
        let (_, state) = watch::channel(State::Up {
            pid: 0,
            adopted: true,
            restarts: 0,
        });
        Ok(Self {
            options,
            state,
            supervisor: None,
        })
    }

    fn private(binaries: Option<&Path>, data_directory: &Path) -> Result<Self, LaunchError> {
        let account = account::Account::to_become()?;
        let runtime = environment::runtime_directory();
        let place = place::Place::prepare(data_directory, account.as_ref(), runtime.as_deref())?;
        let user_data = environment::user_data_directory();
        let search = binaries::Search {
            configured: binaries,
            user_data: user_data.as_deref(),
            account: account.as_ref(),
        };
        let binaries = search.find(&place)?;
        if binaries.major < MAJOR_MIN {
            tracing::warn!(
                postgres.major = binaries.major,
                "postgres is older than version {MAJOR_MIN}; run `make setup` for a newer one"
            );
        }
        let cluster = cluster::Cluster {
            binaries,
            place,
            account,
        };
        let options = cluster.options();
        let (supervisor, state) = Supervisor::spawn(cluster);
        Ok(Self {
            options,
            state,
            supervisor: Some(supervisor),
        })
    }

    /// How to connect.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// How it is doing, now and later.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Waits until it answers.
    ///
    /// # Errors
    /// When it does not within `patience`; it is tried further all the same.
    pub async fn ready(&self, patience: Duration) -> Result<(), NotReady> {
        let mut state = self.state.clone();
        let up = state.wait_for(|state| matches!(state, State::Up { .. }));
        match tokio::time::timeout(patience, up).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(NotReady {
                waited: patience,
                state: self.state.borrow().clone(),
            }),
        }
    }

    /// Ends the private Postgres in good order, at most about seven seconds. A real server
    /// goes on.
    pub async fn stop(self) {
        if let Some(supervisor) = self.supervisor {
            supervisor.stop().await;
        }
    }
}
