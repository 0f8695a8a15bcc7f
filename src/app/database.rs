//! The database behind the directory: launched, brought to this release, followed.
//!
//! Nothing of a message waits for it. With a directory file in place the server runs without it;
//! only a server with an empty data directory needs it once, because its tenants come from there.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actors::journal::keys::Ring;
use actors::ports::SystemClock;
use tokio::task::JoinHandle;

use super::AppError;
use crate::config::Config;
use crate::directory::{self, Published};
use crate::store::postgres::{Postgres, State};
use crate::store::seal::Sealer;
use crate::store::{Store, TraceLog, remove_old_traces};

/// How long the first directory is awaited: a private Postgres is made in a few seconds.
const FIRST_DIRECTORY: Duration = Duration::from_secs(120);

/// A database that keeps the directory current.
pub(super) struct Database {
    postgres: Postgres,
    store: Store,
    keeper: JoinHandle<()>,
    traces: TraceLog,
}

impl Database {
    /// Launches the database and follows it. `Ok(None)` when it cannot be launched and a directory
    /// is in force without it.
    ///
    /// # Errors
    /// When there is neither a directory nor a database.
    pub fn start(
        config: &Config,
        ring: &Arc<Ring>,
        published: &Arc<Published>,
    ) -> Result<Option<Self>, AppError> {
        let (postgres, store) = match launch(config, ring) {
            Ok(launched) => launched,
            Err(error) if published.is_loaded() => {
                tracing::error!(%error, "no database; the directory in force stays");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let mut state = postgres.state();
        let (kept, published) = (store.clone(), published.clone());
        let bootstrap = config.bootstrap.clone();
        let days = config.retention.trace_log_days;
        let keeper = tokio::spawn(async move {
            // A supervisor that is gone leaves nothing to wait for; the follower will say so.
            let _ = state
                .wait_for(|state| matches!(state, State::Up { .. }))
                .await;
            directory::prepare(&kept, &bootstrap).await;
            // There is nothing to sweep before the tables exist.
            tokio::join!(
                directory::follow(&kept, &published),
                remove_old_traces(kept.clone(), SystemClock, days),
            );
        });
        // The writer ends by itself when the last handle is gone.
        let (traces, _writer) = TraceLog::start(store.clone());
        Ok(Some(Self {
            postgres,
            store,
            keeper,
            traces,
        }))
    }

    /// Its rows.
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// The trace log in it.
    pub fn traces(&self) -> TraceLog {
        self.traces.clone()
    }

    /// Waits for the first directory of an empty data directory.
    pub async fn first_directory(published: &Published) -> Result<(), AppError> {
        let loaded = published.is_loaded() || published.loaded(FIRST_DIRECTORY).await;
        loaded.then_some(()).ok_or(AppError::NoDirectory)
    }

    /// Ends what was started, at most about seven seconds.
    pub async fn stop(self) {
        self.keeper.abort();
        self.store.close().await;
        self.postgres.stop().await;
    }
}

/// Brings the tables to this release and ends.
///
/// # Errors
/// When the database cannot be launched or refuses.
pub(super) async fn migrate(config: &Config, ring: &Arc<Ring>) -> Result<(), AppError> {
    let (postgres, store) = launch(config, ring)?;
    let migrated = match postgres.ready(FIRST_DIRECTORY).await {
        Ok(()) => store.migrate().await.map_err(AppError::from),
        Err(error) => Err(error.into()),
    };
    store.close().await;
    postgres.stop().await;
    migrated
}

fn launch(config: &Config, ring: &Arc<Ring>) -> Result<(Postgres, Store), AppError> {
    let data: &Path = &config.data.directory;
    let postgres = Postgres::launch(&config.postgres, data)?;
    let sealer = Sealer::new(ring.clone());
    let store = Store::new(postgres.options(), config.postgres.connections_max, sealer);
    Ok((postgres, store))
}
