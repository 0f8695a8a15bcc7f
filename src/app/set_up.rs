//! The editor of what is set up, and how it looks at a connection.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actors::ports::SystemClock;
use tokio::time::timeout;

use super::connections::glpi_settings;
use crate::config::{GlpiConnection, Providers};
use crate::directory::Published;
use crate::providers::glpi::{Client, Report};
use crate::setup::SetUp;
use crate::store::Store;

/// A check of a connection must end within its request.
const CHECK_PATIENCE: Duration = Duration::from_secs(15);

type Checking = Pin<Box<dyn Future<Output = Result<Report, String>> + Send>>;

/// An editor of these rows. `glpi_url` replaces the address of every connection, as it does for
/// their clients.
pub(super) fn set_up(
    store: Store,
    published: Arc<Published>,
    providers: Providers,
    glpi_url: Option<String>,
) -> SetUp {
    let checker = move |connection: GlpiConnection, joins: bool| -> Checking {
        let url = glpi_url.clone().unwrap_or_else(|| connection.url.clone());
        let settings = glpi_settings(&providers, &connection, &url);
        Box::pin(async move {
            let client = Client::new(settings, Arc::new(SystemClock))
                .map_err(|problem| problem.to_string())?;
            let report = timeout(CHECK_PATIENCE, client.check_with(&[], joins)).await;
            client.close().await;
            report.map_err(|_| "GLPI answers too slowly to be checked".to_owned())
        })
    };
    SetUp::new(store, published, Box::new(checker))
}
