//! The two tenants of every world: the demo's and a second one, each with a number, a GLPI
//! and a token of its own.

use actors::model::Name;
use chasqui::config::Config;
use chasqui::simulators::demo;
use chasqui::simulators::glpi::settings::Installation;
use chasqui::simulators::meta::settings::{LineSettings, Statuses, Webhooks};

/// What a test must know of a tenant to write to it and to read about it.
#[derive(Debug)]
pub struct Tenant {
    pub id: &'static str,
    pub name: &'static str,
    pub channel: &'static str,
    pub phone_number_id: &'static str,
    pub business_account_id: &'static str,
    pub number: &'static str,
    pub app_secret: &'static str,
    pub access_token: &'static str,
    pub glpi: &'static str,
    pub glpi_app_token: &'static str,
    pub glpi_user_token: &'static str,
    pub api_token: &'static str,
}

pub static TENANTS: [Tenant; 2] = [
    Tenant {
        id: "demo",
        name: "IT Green Peru",
        channel: demo::CHANNEL,
        phone_number_id: demo::PHONE_NUMBER_ID,
        business_account_id: demo::WABA_ID,
        number: demo::DISPLAY_PHONE_NUMBER,
        app_secret: demo::APP_SECRET,
        access_token: demo::ACCESS_TOKEN,
        glpi: "demo-glpi",
        glpi_app_token: demo::GLPI_APP_TOKEN,
        glpi_user_token: demo::GLPI_USER_TOKEN,
        api_token: "demo-api-token",
    },
    Tenant {
        id: "otra",
        name: "Otra Empresa",
        channel: "otra-meta",
        phone_number_id: "206540352242922",
        business_account_id: "202290129340398",
        number: "15550783882",
        app_secret: "otra-app-secret",
        access_token: "otra-access-token",
        glpi: "otra-glpi",
        glpi_app_token: "otra-app-token",
        glpi_user_token: "otra-user-token",
        api_token: "otra-api-token",
    },
];

/// The line of a simulated number: statuses come soon and failed webhooks are repeated soon,
/// so that what a kill left in doubt is settled within the test. People here write faster than
/// people do, so the limit of a message in six seconds to one person is lifted.
pub fn line(tenant: &Tenant) -> LineSettings {
    LineSettings {
        slug: tenant.channel.to_owned(),
        phone_number_id: tenant.phone_number_id.to_owned(),
        waba_id: tenant.business_account_id.to_owned(),
        display_phone_number: tenant.number.to_owned(),
        access_token: tenant.access_token.to_owned(),
        app_secret: tenant.app_secret.to_owned(),
        verify_token: format!("{}-verify-token", tenant.id),
        mps: 0,
        pair_limit: false,
        statuses: Statuses {
            sent_ms: 100,
            delivered_ms: 200,
            read_ms: 300,
            ..Statuses::default()
        },
        webhooks: Webhooks {
            retry_ms: 200,
            retry_max_ms: 1_000,
            ..Webhooks::default()
        },
        ..LineSettings::default()
    }
}

/// The GLPI of a tenant.
pub fn installation(tenant: &Tenant) -> Installation {
    Installation {
        app_token: tenant.glpi_app_token.to_owned(),
        user_token: tenant.glpi_user_token.to_owned(),
        ..Installation::default()
    }
}

/// Gives the configuration both tenants: all of them are made like the demo's.
pub fn move_in(config: &mut Config) {
    let pattern = config.bootstrap.clone();
    let simulators = config
        .providers
        .meta
        .base_url
        .trim_end_matches("/meta")
        .to_owned();
    let mut all = pattern.clone();
    all.tenants.clear();
    all.glpi_connections.clear();
    all.channels.clear();
    all.api_tokens.clear();
    for tenant in &TENANTS {
        let mut row = pattern.tenants[0].clone();
        row.id = name(tenant.id);
        row.name = tenant.name.to_owned();
        all.tenants.push(row);

        let mut connection = pattern.glpi_connections[0].clone();
        connection.id = name(tenant.glpi);
        connection.tenant = name(tenant.id);
        connection.url = format!("{simulators}/glpi/apirest.php");
        connection.app_token = Some(tenant.glpi_app_token.into());
        connection.user_token = tenant.glpi_user_token.into();
        all.glpi_connections.push(connection);

        let mut channel = pattern.channels[0].clone();
        channel.id = name(tenant.channel);
        channel.tenant = name(tenant.id);
        channel.phone_number_id = tenant.phone_number_id.to_owned();
        channel.business_account_id = tenant.business_account_id.to_owned();
        channel.number = tenant.number.to_owned();
        channel.app_secret = tenant.app_secret.into();
        channel.access_token = tenant.access_token.into();
        channel.glpi = Some(name(tenant.glpi));
        // The demo's queue is the demo tenant's; here the bot keeps every conversation.
        channel.queue = None;
        all.channels.push(channel);

        let mut token = pattern.api_tokens[0].clone();
        token.token = tenant.api_token.into();
        token.tenant = Some(name(tenant.id));
        all.api_tokens.push(token);
    }
    config.bootstrap = all;
}

fn name(text: &str) -> Name {
    Name::new(text).expect("the names of the tests are well formed")
}
