//! The composition root: every part is made here, given to those who need it, and ended in order.

mod announce;
mod chance;
mod check;
mod configuration;
mod connections;
mod database;
mod erase;
mod figures;
mod files;
mod look;
mod record;
mod running;
mod serve;
mod set_up;
#[cfg(feature = "simulators")]
mod simulate;
mod traced;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use actors::journal::adapter::{DirectoryError, OpenError};
use actors::journal::disk::{Disk, RealDisk};
use actors::journal::keys::KeyError;
use actors::journal::media::MediaError;
use actors::journal::verify::VerifyError;
use actors::system;
use tokio::sync::watch;

use crate::config::Config;
use crate::directory::PublishError;
use crate::providers::BadSettings;
use crate::shutdown::Signals;
#[cfg(feature = "simulators")]
use crate::simulators;
use crate::spans::SpansError;
use crate::store::StoreError;
use crate::store::postgres::{LaunchError, NotReady};
use crate::telemetry::{self, Metrics, MetricsError};
use announce::announce;
pub use check::check;
pub use configuration::{configuration, print_demo};
pub use look::look;
pub use record::record;
use serve::Server;
#[cfg(feature = "simulators")]
pub use simulate::{demo, simulate};

/// Why the process could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}; choose another address or port 0")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused a signal handler, a folder or standard output.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The process has a log already.
    #[error("the log cannot be started: {0}")]
    Log(#[from] tracing_subscriber::util::TryInitError),
    /// Metrics cannot be collected.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// A key file is not usable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The data directory is in use or not usable.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The journal cannot be opened.
    #[error("the journal cannot be opened: {0}")]
    Journal(#[from] OpenError),
    /// There is no journal to look into.
    #[error("{} holds no journal; name a data directory with --data", .0.display())]
    NoJournal(PathBuf),
    /// The running server gives no recording.
    #[error("nothing can be recorded: {0}")]
    Recording(String),
    /// The journal cannot be read.
    #[error("the journal cannot be read: {0}")]
    Verify(#[from] VerifyError),
    /// The files that people sent cannot be opened.
    #[error("people's files cannot be opened: {0}")]
    Media(#[from] MediaError),
    /// The directory file cannot be read.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The database cannot be launched.
    #[error("the database cannot be launched: {0}")]
    Launch(#[from] LaunchError),
    /// The database does not come up.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An empty data directory got no directory in time.
    #[error("no directory was published; the log above tells what the database said")]
    NoDirectory,
    /// Messages cannot be traced.
    #[error(transparent)]
    Spans(#[from] SpansError),
    /// The supervision tree did not come up.
    #[error(transparent)]
    System(#[from] system::StartError),
    /// `server.public_url` cannot be used.
    #[error("server.public_url: {0}")]
    PublicUrl(#[from] BadSettings),
    /// A client for the simulators could not be made.
    #[error("a client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
    /// The simulators could not start.
    #[cfg(feature = "simulators")]
    #[error(transparent)]
    Simulators(#[from] simulators::StartError),
    /// The simulators' world could not be made.
    #[cfg(feature = "simulators")]
    #[error("simulator world: {0}")]
    World(#[from] simulators::meta::WorldError),
    /// The simulated Gupshup could not be made.
    #[cfg(feature = "simulators")]
    #[error("simulator world: {0}")]
    GupshupWorld(#[from] simulators::gupshup::WorldError),
}

/// Runs the server until the process is told to stop.
///
/// # Errors
/// What keeps it from starting.
pub async fn serve(config: Config) -> Result<(), AppError> {
    telemetry::start_log(&config.log)?;
    let metrics = Metrics::install()?;
    let (close, closing) = watch::channel(false);
    tokio::spawn(Signals::take()?.close(close));
    let (listener, address) = serve::bind(config.server.listen).await?;
    let simulators_url = simulators_of(&config);
    let server = Server::start(config, None).await?;
    let page = simulators_url
        .map(|url| server.page(url, closing.clone()))
        .transpose()?;
    announce(Some(address), None)?;
    server.run(listener, metrics, page, closing).await;
    Ok(())
}

/// Brings the database to this release.
///
/// # Errors
/// When the data directory is in use by a server, or the database refuses.
pub async fn migrate(config: Config) -> Result<(), AppError> {
    telemetry::start_log(&config.log)?;
    let ring = serve::ring(&config)?;
    let _lock = lock(&config.data.directory)?;
    database::migrate(&config, &ring).await
}

/// Takes a data directory for this process.
fn lock(data: &Path) -> Result<Box<dyn std::any::Any + Send + Sync>, AppError> {
    let in_use = |source: io::Error| match source.kind() {
        io::ErrorKind::WouldBlock => {
            AppError::Directory(DirectoryError::InUse(data.display().to_string()))
        }
        _ => source.into(),
    };
    RealDisk.lock(&data.join("lock")).map_err(in_use)
}

/// Where the simulators of a configuration with the demo's page are.
fn simulators_of(config: &Config) -> Option<String> {
    let base = config.providers.meta.base_url.strip_suffix("/meta")?;
    config.server.demo_page.then(|| base.to_owned())
}
