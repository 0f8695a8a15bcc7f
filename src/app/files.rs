//! The files that people sent: the store opened with its keys, and swept once a day.

use std::sync::Arc;
use std::time::Duration;

use actors::journal::adapter::Paths;
use actors::journal::disk::RealDisk;
use actors::journal::keys::{KeyStore, Ring, SystemEntropy};
use actors::journal::media::{self, MediaStore};
use actors::ports::Clock;
use tokio::task::spawn_blocking;

use super::AppError;
use crate::config::Config;

/// How often files that outlived their days are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(86_400);

/// Opens the keys of persons and the files sealed under them.
///
/// # Errors
/// When the key file is no good or the folder cannot be made.
pub(super) async fn open(
    config: &Config,
    ring: Arc<Ring>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<MediaStore>, AppError> {
    let paths = Paths::new(&config.data.directory);
    let (tenant_bytes, days) = (config.media.tenant_bytes, config.retention.media_days);
    let opened = spawn_blocking(move || {
        let (disk, entropy) = (Arc::new(RealDisk), Arc::new(SystemEntropy));
        let keys = KeyStore::open(disk, paths.contact_keys(), ring, entropy)?;
        let settings = media::Config {
            tenant_bytes,
            days,
            ..media::Config::new(paths.media(), Arc::new(keys), clock)
        };
        Ok::<_, AppError>(Arc::new(MediaStore::open(settings)?))
    });
    let files = opened.await.map_err(std::io::Error::other)??;
    tokio::spawn(sweep(Arc::downgrade(&files)));
    Ok(files)
}

/// Removes files that outlived their days, until the store is gone.
async fn sweep(files: std::sync::Weak<MediaStore>) {
    let mut rounds = tokio::time::interval(SWEEP_EVERY);
    loop {
        rounds.tick().await;
        let Some(files) = files.upgrade() else { return };
        match spawn_blocking(move || files.sweep()).await {
            Ok(Ok(removed)) if removed.files > 0 => {
                let media::Removed { files, bytes } = removed;
                tracing::info!(files, bytes, "files that outlived their days were removed");
            }
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "files could not be swept"),
            Err(error) => tracing::error!(%error, "sweeping files ended"),
        }
    }
}
