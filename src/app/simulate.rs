//! The simulators of the providers: as a process of their own, or beside the server as the demo.

use tokio::sync::watch;

use super::AppError;
use super::announce::announce;
use super::serve::{self, Server};
use crate::cli;
use crate::config::Config;
use crate::shutdown::{Signals, told};
use crate::simulators::{Settings, Simulators, demo as world};
use crate::telemetry::{self, Metrics};

/// Runs the simulators until the process is told to stop.
///
/// # Errors
/// When they cannot start.
pub async fn simulate(arguments: cli::Simulate) -> Result<(), AppError> {
    telemetry::start_log(&Config::default().log)?;
    let (close, closing) = watch::channel(false);
    tokio::spawn(Signals::take()?.close(close));
    let mut settings = Settings::demo(arguments.listen, arguments.log);
    settings.seed = arguments.seed;
    let simulators = Simulators::start(settings).await?;
    point(&simulators, &arguments.server)?;
    announce(None, Some(simulators.local_addr()))?;
    told(closing).await;
    simulators.shutdown().await;
    Ok(())
}

/// Runs server and simulators together until the process is told to stop.
///
/// # Errors
/// When either cannot start.
pub async fn demo(arguments: cli::Demo) -> Result<(), AppError> {
    telemetry::start_log(&Config::default().log)?;
    let metrics = Metrics::install()?;
    let (close, closing) = watch::channel(false);
    tokio::spawn(Signals::take()?.close(close));
    let (listener, address) = serve::bind(arguments.listen).await?;
    let log = arguments.data.join("simulators");
    std::fs::create_dir_all(&log)?;
    let simulators = Simulators::start(Settings::demo(arguments.simulators_listen, log)).await?;
    let simulators_url = format!("http://{}", simulators.local_addr());
    point(&simulators, &format!("http://{address}"))?;
    let config = Config::demo(arguments.data, address, &simulators_url);
    let glpi_url = format!("{simulators_url}/glpi/apirest.php");
    let server = Server::start(config, Some(glpi_url)).await?;
    let page = server.page(simulators_url, closing.clone())?;
    announce(Some(address), Some(simulators.local_addr()))?;
    tracing::info!("open http://{address}/ in a browser");
    server.run(listener, metrics, Some(page), closing).await;
    simulators.shutdown().await;
    Ok(())
}

/// Sends the webhooks of the demo's channels to the server behind `url`.
fn point(simulators: &Simulators, url: &str) -> Result<(), AppError> {
    let webhooks = format!("{}/webhooks", url.trim_end_matches('/'));
    let meta = format!("{webhooks}/meta/{}", world::CHANNEL);
    simulators.set_callback(world::CHANNEL, &meta)?;
    let (channel, secret) = (world::GUPSHUP_CHANNEL, world::GUPSHUP_PATH_SECRET);
    let gupshup = format!("{webhooks}/gupshup/{channel}/{secret}");
    simulators.set_gupshup_callback(channel, &gupshup)?;
    let glpi = format!("{webhooks}/glpi/demo-glpi");
    simulators.set_glpi_callback(world::GLPI_APP_TOKEN, &glpi, world::GLPI_WEBHOOK_SECRET);
    Ok(())
}
