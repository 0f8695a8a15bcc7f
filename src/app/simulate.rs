//! The simulators of the providers as a process of their own: the demo's world.

use tokio::sync::watch;

use super::AppError;
use super::announce::announce;
use crate::cli;
use crate::shutdown::{Signals, told};
use crate::simulators::{Settings, Simulators, demo};

/// Runs the simulators until the process is told to stop.
///
/// # Errors
/// When they cannot start.
pub async fn simulate(arguments: cli::Simulate) -> Result<(), AppError> {
    let signals = Signals::take()?;
    let mut settings = Settings::demo(arguments.listen, arguments.log);
    settings.seed = arguments.seed;
    let simulators = Simulators::start(settings).await?;
    simulators.set_callback(demo::CHANNEL, &callback(&arguments.server))?;
    announce(None, Some(simulators.local_addr()))?;
    let (close, closing) = watch::channel(false);
    tokio::spawn(signals.close(close));
    told(closing).await;
    simulators.shutdown().await;
    Ok(())
}

/// Where the demo channel's webhooks go at the server behind `url`.
pub(super) fn callback(url: &str) -> String {
    format!(
        "{}/webhooks/meta/{}",
        url.trim_end_matches('/'),
        demo::CHANNEL
    )
}
