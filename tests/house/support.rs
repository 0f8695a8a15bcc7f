//! A house of one's own for each test: data directory, Postgres, ring, two tenants.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actors::journal::keys::{Ring, SystemEntropy};
use actors::model::{Millis, Name};
use chasqui::config::{self, Bootstrap, Config};
use chasqui::directory::{self, Limits, Published};
use chasqui::store::Store;
use chasqui::store::postgres::Postgres;
use chasqui::store::seal::Sealer;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// How long a condition is waited for.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A moment in November 2026, before any expiry in these tests.
pub const NOW: Millis = Millis(1_795_000_000_000);

pub struct House {
    pub data: TempDir,
    pub postgres: Postgres,
    pub ring: Arc<Ring>,
}

impl House {
    pub async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let postgres = launch(data.path()).await;
        Self {
            data,
            postgres,
            ring: Arc::new(Ring::generate(&SystemEntropy)),
        }
    }

    pub fn store(&self) -> Store {
        Store::new(self.postgres.options(), 4, Sealer::new(self.ring.clone()))
    }

    /// A store with its tables and the two tenants.
    pub async fn furnished_store(&self) -> Store {
        let store = self.store();
        store.migrate().await.unwrap();
        assert!(store.bootstrap(&two_tenants()).await.unwrap());
        store
    }

    pub async fn sql(&self) -> PgConnection {
        PgConnection::connect_with(&self.postgres.options())
            .await
            .unwrap()
    }

    pub fn published(&self) -> Published {
        let limits = Limits::from(&Config::default());
        Published::open(self.data.path(), self.ring.clone(), limits).unwrap()
    }

    /// The published directory, kept current by a task.
    pub async fn kept(&self) -> (Arc<Published>, JoinHandle<()>) {
        let published = Arc::new(self.published());
        let (store, kept) = (self.store(), published.clone());
        let task = tokio::spawn(async move {
            directory::prepare(&store, &two_tenants()).await;
            directory::follow(&store, &kept).await;
        });
        assert!(published.loaded(PATIENCE).await, "a directory is published");
        (published, task)
    }
}

pub async fn launch(data: &Path) -> Postgres {
    let postgres = Postgres::launch(&config::Postgres::default(), data).unwrap();
    postgres.ready(PATIENCE).await.unwrap();
    postgres
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// The demo's tenant and a second one with everything of its own.
pub fn two_tenants() -> Bootstrap {
    let demo = demo();
    let mut both = demo.clone();
    for mut tenant in demo.tenants {
        tenant.id = name("other");
        tenant.name = "Otra Empresa".into();
        tenant.time_zone = "America/Sao_Paulo".into();
        both.tenants.push(tenant);
    }
    for mut connection in demo.glpi_connections {
        connection.id = name("other-glpi");
        connection.tenant = name("other");
        both.glpi_connections.push(connection);
    }
    for mut queue in demo.queues {
        queue.tenant = name("other");
        both.queues.push(queue);
    }
    for mut rule in demo.rules {
        rule.tenant = name("other");
        both.rules.push(rule);
    }
    for mut channel in demo.channels {
        channel.id = name(&channel.id.as_str().replace("demo", "other"));
        channel.tenant = name("other");
        match &mut channel.gupshup {
            Some(app) => {
                app.id = "other-app".into();
                app.path_secret = "other-path-secret".into();
            }
            None => {
                channel.phone_number_id = "206540352242922".into();
                channel.app_secret = "other-app-secret".into();
            }
        }
        channel.glpi = Some(name("other-glpi"));
        channel.mode = config::Mode::Queue;
        both.channels.push(channel);
    }
    for mut token in demo.api_tokens {
        token.token = "other-api-token".into();
        token.tenant = Some(name("other"));
        token.scopes = vec!["health:read".into()];
        token.expires_at = Some("2027-01-31T00:00:00Z".into());
        both.api_tokens.push(token.clone());
        token.token = "platform-api-token".into();
        token.tenant = None;
        token.platform = true;
        token.expires_at = None;
        both.api_tokens.push(token);
    }
    // As the database gives them.
    both.channels.sort_by(|a, b| a.id.cmp(&b.id));
    both
}

pub fn demo() -> Bootstrap {
    let listen = "127.0.0.1:0".parse().unwrap();
    Config::demo("data".into(), listen, "http://127.0.0.1:8090").bootstrap
}
