//! The configuration of `chasqui demo`: one tenant whose WhatsApp and GLPI are the
//! simulators. Nothing in it is secret.

use std::net::SocketAddr;
use std::path::PathBuf;

use actors::model::Name;

use super::{ApiToken, Bootstrap, Channel, Config, GlpiConnection, Mode, Provider, Tenant, Tier};

impl Config {
    /// The demo's configuration, with its data under `data`, listening on `listen`, and
    /// the simulators behind `simulators_url` (`http://127.0.0.1:8090`, no slash at the
    /// end).
    pub fn demo(data: PathBuf, listen: SocketAddr, simulators_url: &str) -> Self {
        let mut config = Self {
            bootstrap: Bootstrap::of_demo(simulators_url),
            ..Self::default()
        };
        config.data.directory = data;
        config.server.listen = listen;
        config.server.demo_page = true;
        config.providers.meta.base_url = format!("{simulators_url}/meta");
        config
    }
}

impl Bootstrap {
    /// What the example file shows: the demo's.
    pub(super) fn example() -> Self {
        Self::of_demo("http://127.0.0.1:8090")
    }

    fn of_demo(simulators_url: &str) -> Self {
        Self {
            tenants: vec![Tenant {
                id: name("demo"),
                name: "IT Green Peru".into(),
                tier: Tier::Unlimited,
                locale: "es".into(),
                time_zone: "America/Lima".into(),
            }],
            glpi_connections: vec![GlpiConnection {
                id: name("demo-glpi"),
                tenant: name("demo"),
                url: format!("{simulators_url}/glpi/apirest.php"),
                app_token: Some("demo-app-token".into()),
                user_token: "demo-user-token".into(),
                fallback_entity: 0,
            }],
            channels: vec![Channel {
                id: name("demo-meta"),
                tenant: name("demo"),
                provider: Provider::Meta,
                phone_number_id: "106540352242922".into(),
                business_account_id: "102290129340398".into(),
                number: "15550783881".into(),
                app_secret: "demo-app-secret".into(),
                verify_token: "demo-verify-token".into(),
                access_token: "demo-access-token".into(),
                mode: Mode::Dialogue,
                merge_interval_ms: 15_000,
                ticket_prefix: "TK".into(),
                glpi: Some(name("demo-glpi")),
            }],
            api_tokens: vec![ApiToken {
                token: "demo-api-token".into(),
                tenant: Some(name("demo")),
                platform: false,
                scopes: vec![
                    "health:read".into(),
                    "contacts:read".into(),
                    "effects:read".into(),
                ],
                expires_at: None,
            }],
        }
    }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("the names of the demo are well formed")
}
