//! The configuration of `chasqui demo`: one tenant whose WhatsApp and GLPI are the
//! simulators. Nothing in it is secret.

use std::net::SocketAddr;
use std::path::PathBuf;

use actors::model::{Name, Notices};

use super::{
    Action, ApiToken, Bootstrap, Channel, Config, GlpiConnection, GupshupApp, Mode, Provider,
    Queue, Rule, Secret, Tenant, Tier, UnknownNumbers,
};

/// The token of the demo's API, which everybody may know.
pub const DEMO_TOKEN: &str = "demo-api-token";

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
        config.server.public_url = Some(format!("http://{listen}"));
        config.providers.meta.base_url = format!("{simulators_url}/meta");
        config.providers.gupshup.base_url = format!("{simulators_url}/gupshup");
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
                notices: Notices::ALL,
                paused: false,
                link_domains: Vec::new(),
                responsible: "operations".into(),
            }],
            glpi_connections: vec![GlpiConnection {
                id: name("demo-glpi"),
                tenant: name("demo"),
                url: format!("{simulators_url}/glpi/apirest.php"),
                app_token: Some("demo-app-token".into()),
                user_token: "demo-user-token".into(),
                fallback_entity: 0,
                webhook_secret: Some("demo-webhook-secret".into()),
                paused: false,
            }],
            queues: vec![Queue {
                id: name("support"),
                tenant: name("demo"),
                name: "Mesa de ayuda".into(),
                members: vec!["ana".into(), "luis".into()],
                hours: Vec::new(),
                time_zone: None,
                out_of_hours_text: None,
                integrations: vec!["create-ticket".into(), "query-tickets".into()],
                start_on_transfer: false,
                tell_ticket_number: true,
                merge_interval_ms: 15_000,
                idle_s: 28_800,
                paused: false,
            }],
            cohorts: Vec::new(),
            rules: vec![Rule {
                id: name("address"),
                tenant: name("demo"),
                channels: Vec::new(),
                keywords: vec!["ubicación".into(), "dirección".into()],
                kinds: Vec::new(),
                action: Action::Text,
                text: Some("Estamos en Av. Larco 123, Miraflores, Lima.".into()),
                queue: None,
                template: None,
                values: Vec::new(),
                paused: false,
            }],
            channels: vec![
                Channel {
                    provider: Provider::Meta,
                    phone_number_id: "106540352242922".into(),
                    business_account_id: "102290129340398".into(),
                    app_secret: "demo-app-secret".into(),
                    verify_token: "demo-verify-token".into(),
                    access_token: "demo-access-token".into(),
                    ..channel("demo-meta", "15550783881")
                },
                Channel {
                    provider: Provider::Gupshup,
                    gupshup: Some(GupshupApp {
                        name: "DemoApp".into(),
                        id: "82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into(),
                        api_key: "demo-api-key".into(),
                        path_secret: "demo-secret".into(),
                    }),
                    ..channel("demo-gupshup", "15550783882")
                },
            ],
            api_tokens: vec![ApiToken {
                token: DEMO_TOKEN.into(),
                tenant: Some(name("demo")),
                platform: false,
                scopes: vec![
                    "health:read".into(),
                    "contacts:read".into(),
                    "effects:read".into(),
                    "conversations:write".into(),
                    "setup".into(),
                    "templates:read".into(),
                    "templates:write".into(),
                    "messages:write".into(),
                    "contacts:erase".into(),
                ],
                expires_at: None,
            }],
        }
    }
}

/// What the demo's channels have in common.
fn channel(id: &str, number: &str) -> Channel {
    Channel {
        id: name(id),
        tenant: name("demo"),
        provider: Provider::Meta,
        number: number.into(),
        phone_number_id: String::new(),
        business_account_id: String::new(),
        app_secret: Secret::default(),
        verify_token: Secret::default(),
        access_token: Secret::default(),
        gupshup: None,
        fallback: None,
        fallback_after_ms: 10_000,
        mode: Mode::Dialogue,
        merge_interval_ms: 15_000,
        ticket_prefix: "TK".into(),
        glpi: Some(name("demo-glpi")),
        queue: Some(name("support")),
        messages_before_people: 6,
        known_numbers: Vec::new(),
        glpi_match: false,
        glpi_match_wait_s: 15,
        glpi_match_keep_h: 24,
        glpi_match_silent: UnknownNumbers::Accept,
        unknown_numbers: UnknownNumbers::Accept,
        refusal_text: None,
        paused: false,
        template_purposes: Vec::new(),
    }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("the names of the demo are well formed")
}
