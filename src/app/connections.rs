//! From the published directory to the clients of providers, now and after every edit.

use std::sync::Arc;
use std::time::Duration;

use actors::model::GatewayId;
use tokio::sync::watch;

use crate::config::{self, Channel, GlpiConnection, Provider};
use crate::directory::Published;
use crate::providers::media::Source;
use crate::providers::{Connection, ProviderSet, glpi, gupshup, meta};

/// What the clients of every connection share.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// Addresses, bounds and time-outs.
    pub providers: config::Providers,
    /// Bounds of files.
    pub media: config::Media,
    /// The demo's GLPI, whose address changes with the simulators' port while the directory keeps
    /// that of the first start.
    pub glpi_url: Option<String>,
}

impl Shared {
    /// Gives `set` the connections of the directory in force.
    pub async fn apply(&self, published: &Published, set: &ProviderSet) {
        let connections: Vec<(GatewayId, Connection)> = {
            let directory = published.current();
            let channels = directory
                .channels()
                .flat_map(|channel| channel.providers().map(move |provider| (channel, provider)))
                .filter_map(|(channel, provider)| self.channel(channel, provider))
                .flatten();
            let desks = directory
                .glpi_connections()
                .map(|connection| self.glpi(connection));
            channels.chain(desks).collect()
        };
        for (gateway, problem) in set.replace(connections).await {
            tracing::error!(%gateway, %problem, "a connection cannot be used; edit it");
        }
    }

    /// Follows the directory until it is gone. `versions` was taken before the connections were
    /// given for the first time, so that no version is missed in between.
    pub async fn follow(
        self,
        mut versions: watch::Receiver<u64>,
        published: Arc<Published>,
        set: Arc<ProviderSet>,
    ) {
        while versions.changed().await.is_ok() {
            self.apply(&published, &set).await;
        }
    }

    /// Who sends on a channel's line, and who fetches what people send by it.
    fn channel(
        &self,
        channel: &Channel,
        provider: Provider,
    ) -> Option<[(GatewayId, Connection); 2]> {
        let config::Providers { meta, gupshup, .. } = &self.providers;
        let (connection, source, hosts) = match provider {
            Provider::Meta => {
                let settings = meta::Settings {
                    base_url: meta.base_url.clone(),
                    version: meta.graph_version.clone(),
                    phone_number_id: channel.phone_number_id.clone(),
                    token: channel.access_token.clone(),
                    timeout: Duration::from_millis(meta.timeout_ms),
                };
                let sending = Connection::Meta(settings.clone());
                (sending, Source::Meta(settings), &meta.media_hosts)
            }
            Provider::Gupshup => {
                let app = channel.gupshup.as_ref()?;
                let settings = gupshup::Settings {
                    base_url: gupshup.base_url.clone(),
                    app: app.name.clone(),
                    app_id: app.id.clone(),
                    source: channel.number.clone(),
                    api_key: app.api_key.clone(),
                    timeout: Duration::from_millis(gupshup.timeout_ms),
                };
                (
                    Connection::Gupshup(settings.clone()),
                    Source::Gupshup(settings),
                    &gupshup.media_hosts,
                )
            }
        };
        let media = Connection::Media {
            source,
            hosts: hosts.clone(),
            timeout: Duration::from_millis(self.media.fetch_timeout_ms),
        };
        Some([
            (channel.gateway_id(provider), connection),
            (channel.media_gateway_id(provider), media),
        ])
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
