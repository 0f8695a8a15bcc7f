//! Keeps the published directory as new as the database.

use std::time::Duration;

use super::{PublishError, Published};
use crate::config::Bootstrap;
use crate::store::{Store, StoreError};

/// How often the database is asked for its version: one row, a few times a minute.
const LOOK_PAUSE: Duration = Duration::from_secs(2);

/// Pause after a failure, in which the database may come back.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// Brings the tables to this release and applies the bootstrap part once. Tries until it is
/// done.
pub async fn prepare(store: &Store, bootstrap: &Bootstrap) {
    let mut quiet = false;
    while let Err(error) = prepare_once(store, bootstrap).await {
        complain(&error, &mut quiet);
        tokio::time::sleep(RETRY_PAUSE).await;
    }
}

/// Publishes every change of a prepared database. Runs until it is dropped; while the
/// database is away the directory in force stays.
pub async fn follow(store: &Store, published: &Published) {
    let mut quiet = false;
    loop {
        let pause = match follow_once(store, published).await {
            Ok(()) => {
                quiet = false;
                LOOK_PAUSE
            }
            Err(error) => {
                complain(&error, &mut quiet);
                RETRY_PAUSE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Publishes what was just written, without waiting for the next look; what cannot be published now
/// is by [`follow`].
pub async fn publish_now(store: &Store, published: &Published) {
    if let Err(error) = follow_once(store, published).await {
        tracing::warn!(%error, "an edit waits to be published");
    }
}

#[derive(Debug, thiserror::Error)]
enum KeepError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Publish(#[from] PublishError),
}

async fn prepare_once(store: &Store, bootstrap: &Bootstrap) -> Result<(), KeepError> {
    store.migrate().await?;
    if store.bootstrap(bootstrap).await? {
        tracing::info!(
            tenants = bootstrap.tenants.len(),
            channels = bootstrap.channels.len(),
            "the empty database was given its first tenants"
        );
    }
    Ok(())
}

async fn follow_once(store: &Store, published: &Published) -> Result<(), KeepError> {
    let in_force = published.current().version();
    if store.directory_version().await? == in_force {
        return Ok(());
    }
    let (version, entries) = store.directory().await?;
    published.publish(version, &entries)?;
    tracing::info!(directory.version = version, "a directory was published");
    Ok(())
}

/// Says it once, not every half second.
fn complain(error: &KeepError, quiet: &mut bool) {
    if !std::mem::replace(quiet, true) {
        tracing::warn!("the directory in force stays: {error}");
    }
}
