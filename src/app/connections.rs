//! From the published directory to the clients of providers, now and after every edit.

use std::sync::Arc;
use std::time::Duration;

use actors::model::GatewayId;

use crate::config::{self, Channel, GlpiConnection, Provider};
use crate::directory::Published;
use crate::providers::{Connection, ProviderSet, glpi, meta};

/// What the clients of every connection share.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// Addresses, bounds and time-outs.
    pub providers: config::Providers,
    /// The demo's GLPI, whose address changes with the simulators' port while the directory keeps
    /// that of the first start.
    pub glpi_url: Option<String>,
}

impl Shared {
    /// Gives `set` the connections of the directory in force.
    pub async fn apply(&self, published: &Published, set: &ProviderSet) {
        let connections: Vec<(GatewayId, Connection)> = {
            let directory = published.current();
            let channels = directory.channels().map(|channel| self.channel(channel));
            let desks = directory
                .glpi_connections()
                .map(|connection| self.glpi(connection));
            channels.chain(desks).collect()
        };
        for (gateway, problem) in set.replace(connections).await {
            tracing::error!(%gateway, %problem, "a connection cannot be used; edit it");
        }
    }

    /// Follows the directory until it is gone.
    pub async fn follow(self, published: Arc<Published>, set: Arc<ProviderSet>) {
        let mut versions = published.versions();
        while versions.changed().await.is_ok() {
            self.apply(&published, &set).await;
        }
    }

    fn channel(&self, channel: &Channel) -> (GatewayId, Connection) {
        let shared = &self.providers.meta;
        let connection = match channel.provider {
            Provider::Meta => Connection::Meta(meta::Settings {
                base_url: shared.base_url.clone(),
                version: shared.graph_version.clone(),
                phone_number_id: channel.phone_number_id.clone(),
                token: channel.access_token.clone(),
                timeout: Duration::from_millis(shared.timeout_ms),
            }),
        };
        (channel.gateway_id(), connection)
    }

    fn glpi(&self, connection: &GlpiConnection) -> (GatewayId, Connection) {
        let url = self.glpi_url.as_ref().unwrap_or(&connection.url);
        let settings = glpi_settings(&self.providers, connection, url);
        (connection.gateway_id(), Connection::Glpi(settings))
    }
}

/// The settings of a connection's client at this address.
pub(super) fn glpi_settings(
    providers: &config::Providers,
    connection: &GlpiConnection,
    url: &str,
) -> glpi::Settings {
    let shared = &providers.glpi;
    glpi::Settings {
        app_token: connection.app_token.clone(),
        fallback_entity: connection.fallback_entity,
        concurrency: shared.calls_in_flight_max as usize,
        read_timeout: Duration::from_millis(shared.timeout_ms),
        create_timeout: Duration::from_millis(shared.create_timeout_ms),
        ..glpi::Settings::new(url, connection.user_token.clone())
    }
}
