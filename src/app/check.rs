//! Checking the connections to GLPI: what is missing in their set-up, in plain words.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use actors::model::Name;
use actors::ports::SystemClock;

use super::AppError;
use super::connections::glpi_settings;
use super::serve::ring;
use crate::cli::{self, End};
use crate::config::{Config, GlpiConnection, Tenant};
use crate::directory::{Limits, Published};
use crate::providers::glpi::{Client, Level, Report, Step};

/// A check asks GLPI about a dozen things, each with a time-out of its own.
const PATIENCE: Duration = Duration::from_secs(60);

/// Checks every connection, or the one that is named, and prints what was found.
///
/// # Errors
/// When the directory of connections cannot be read.
pub async fn check(config: Config, arguments: &cli::Check) -> Result<End, AppError> {
    let (mut connections, joining) = connections(&config)?;
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
        let joins = joining.contains(&connection.tenant);
        let checking = client.check_with(&arguments.entities, joins);
        let Ok(report) = tokio::time::timeout(PATIENCE, checking).await else {
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

/// The connections in force: of the directory once there is one, of the configuration before; and the
/// tenants whose people may join their number in the chat.
fn connections(config: &Config) -> Result<(Vec<GlpiConnection>, BTreeSet<Name>), AppError> {
    let joins = |tenant: &Tenant| !tenant.link_domains.is_empty();
    if !config.data.directory.join("directory").is_file() {
        let all = &config.bootstrap;
        let joining = all.tenants.iter().filter(|tenant| joins(tenant));
        let joining = joining.map(|tenant| tenant.id.clone()).collect();
        return Ok((all.glpi_connections.clone(), joining));
    }
    let ring = ring(config)?;
    let published = Published::open(&config.data.directory, ring, Limits::from(config))?;
    let directory = published.current();
    let connections = directory
        .glpi_connections()
        .map(|connection| connection.as_ref().clone());
    let connections: Vec<GlpiConnection> = connections.collect();
    let owners = connections.iter().map(|connection| &connection.tenant);
    let joining = owners.filter(|id| directory.tenant(id).is_some_and(|tenant| joins(tenant)));
    let joining = joining.cloned().collect();
    Ok((connections, joining))
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
