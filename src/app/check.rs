//! Checking the connections to GLPI: what is missing in their set-up, in plain words.

use std::sync::Arc;
use std::time::Duration;

use actors::ports::SystemClock;

use super::AppError;
use super::connections::glpi_settings;
use super::serve::ring;
use crate::cli::{self, End};
use crate::config::{Config, GlpiConnection};
use crate::directory::{Limits, Published};
use crate::providers::glpi::{Client, Level, Report, Step};

/// A check asks GLPI about a dozen things, each with a time-out of its own.
const PATIENCE: Duration = Duration::from_secs(60);

/// Checks every connection, or the one that is named, and prints what was found.
///
/// # Errors
/// When the directory of connections cannot be read.
pub async fn check(config: Config, arguments: &cli::Check) -> Result<End, AppError> {
    let mut connections = connections(&config)?;
    if let Some(name) = &arguments.connection {
        connections.retain(|connection| connection.id.as_str() == name);
    }
    if connections.is_empty() {
        let known = arguments.connection.as_deref().unwrap_or("of GLPI");
        eprintln!("chasqui: there is no connection {known} in the configuration or the directory");
        return Ok(End::Wrong);
    }
    let mut worst = Level::Fine;
    for connection in &connections {
        println!("{} ({})", connection.id, connection.url);
        let settings = glpi_settings(&config.providers, connection, &connection.url);
        let client = match Client::new(settings, Arc::new(SystemClock)) {
            Ok(client) => client,
            Err(problem) => {
                println!("  broken   set-up     {problem}");
                worst = Level::Broken;
                continue;
            }
        };
        let Ok(report) = tokio::time::timeout(PATIENCE, client.check(&arguments.entities)).await
        else {
            println!("  broken   log-in     GLPI answers too slowly to be checked");
            worst = Level::Broken;
            continue;
        };
        client.close().await;
        print(&report);
        worst = worst.max(report.level());
    }
    Ok(match worst {
        Level::Broken => End::Failed,
        Level::Fine | Level::Warning => End::Done,
    })
}

/// The connections in force: of the directory once there is one, of the configuration before.
fn connections(config: &Config) -> Result<Vec<GlpiConnection>, AppError> {
    if !config.data.directory.join("directory").is_file() {
        return Ok(config.bootstrap.glpi_connections.clone());
    }
    let ring = ring(config)?;
    let published = Published::open(&config.data.directory, ring, Limits::from(config))?;
    let directory = published.current();
    let connections = directory.glpi_connections();
    Ok(connections
        .map(|connection| connection.as_ref().clone())
        .collect())
}

fn print(report: &Report) {
    for finding in &report.findings {
        let level = match finding.level {
            Level::Fine => "fine",
            Level::Warning => "warning",
            Level::Broken => "broken",
        };
        let step = match finding.step {
            Step::LogIn => "log-in",
            Step::Version => "version",
            Step::Rights => "rights",
            Step::Entities => "entities",
            Step::Users => "users",
            Step::Documents => "documents",
            Step::Clock => "clock",
        };
        println!("  {level:8} {step:10} {}", finding.text);
    }
}
