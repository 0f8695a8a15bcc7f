//! The database: rows that are not money, and the private Postgres that holds them.
//!
//! Nothing here is on the way of a message. The server starts from the directory file and
//! goes on while Postgres is away; what is edited here reaches it when it is published.

mod bootstrap;
mod entries;
pub mod postgres;
pub mod seal;
mod setup;
mod templates;
mod trace_log;

use std::time::Duration;

use actors::model::ParseIdError;
use sqlx::ConnectOptions;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::config::Problems;
use seal::{SealError, Sealer};

pub use setup::AuditLine;
pub use templates::Changed;
pub use trace_log::{Direction, Trace, TraceLevel, TraceLog, WantedTraces, remove_old_traces};

/// The tables of this release.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long a caller waits for a connection. Nobody who serves a person waits for one.
const CONNECTION_PATIENCE: Duration = Duration::from_secs(5);

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is away, or refused.
    #[error("the database does not answer: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought to this release.
    #[error("the tables cannot be brought to this release: {0}")]
    Migrate(#[from] MigrateError),
    /// A secret does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A row names something that is no name.
    #[error("a row of the database is not readable: {0}")]
    Name(#[from] ParseIdError),
    /// A row holds a word or number that this release does not know.
    #[error("{table}.{column} holds {value:?}, which this release does not know")]
    Unknown {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is there.
        value: String,
    },
    /// Somebody changed the row meanwhile.
    #[error("the row was changed meanwhile; it has revision {revision} now")]
    Stale {
        /// Its revision now, at least.
        revision: u64,
    },
    /// The rows contradict each other.
    #[error("the rows of the database do not fit together: {0}")]
    Unfit(#[from] Problems),
}

impl StoreError {
    /// Whether another row has what must be one row's own.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(refusal)) if refusal.is_unique_violation())
    }

    /// Whether other rows point at it.
    pub fn is_in_use(&self) -> bool {
        matches!(
            self,
            Self::Database(sqlx::Error::Database(refusal)) if refusal.is_foreign_key_violation()
        )
    }
}

/// Access to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: PgPool,
    sealer: Sealer,
}

impl Store {
    /// Access that connects when it is first used, and again whenever the database was away.
    pub fn new(options: PgConnectOptions, connections_max: u32, sealer: Sealer) -> Self {
        let pool = pool(options, connections_max);
        Self { pool, sealer }
    }

    /// Brings the tables to this release. Two servers may do it at once.
    ///
    /// # Errors
    /// When the database is away, or newer than this release.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // Tables take as long to make as the disk takes; that is no slow statement to warn about.
        let options = (*self.pool.connect_options()).clone();
        let once = pool(options.disable_statement_logging(), 1);
        let migrated = MIGRATIONS.run(&once).await;
        once.close().await;
        Ok(migrated?)
    }

    /// Closes the connections, after the work on them.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A pool that connects when it is first used. While the database starts, waiting for it is
/// ordinary up to the patience, so nothing before that is called slow.
fn pool(options: PgConnectOptions, connections_max: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(CONNECTION_PATIENCE)
        .acquire_slow_threshold(CONNECTION_PATIENCE)
        .connect_lazy_with(options)
}
