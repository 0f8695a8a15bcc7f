//! The rows of the directory behind the door.

use actors::model::Millis;
use ring::digest;

use super::name;
use crate::config::{Config, Tier};
use crate::directory::{Entries, TemplateRow, Token};

/// The demo's directory, a second tenant with a number of its own, and their tokens.
pub fn entries(now: Millis) -> Entries {
    let listen = "127.0.0.1:0".parse().expect("an address");
    let demo = Config::demo("data".into(), listen, "http://127.0.0.1:8090").bootstrap;
    let mut entries = Entries {
        tenants: demo.tenants,
        glpi_connections: demo.glpi_connections,
        queues: demo.queues,
        channels: demo.channels,
        cohorts: demo.cohorts,
        rules: demo.rules,
        tokens: tokens(now),
        templates: templates(),
    };
    let mut tenant = entries.tenants[0].clone();
    (tenant.id, tenant.tier) = (name("other"), Tier::Basic);
    tenant.responsible = "rosa".to_owned();
    entries.tenants.push(tenant);
    let mut channel = entries.channels[0].clone();
    (channel.id, channel.tenant, channel.glpi) = (name("other-meta"), name("other"), None);
    (channel.phone_number_id, channel.queue) = ("106540352242923".into(), None);
    entries.channels.push(channel);
    entries
}

/// One template of the demo's number at Meta, and one that rests.
fn templates() -> Vec<TemplateRow> {
    let row = |name: &str, category: &str, approval: &str, body: &str| TemplateRow {
        channel: super::name("demo-meta"),
        name: name.to_owned(),
        language: "es".to_owned(),
        category: category.to_owned(),
        approval: approval.to_owned(),
        provider_id: "1".to_owned(),
        second_id: None,
        header: String::new(),
        header_media: String::new(),
        body: body.to_owned(),
        footer: String::new(),
        buttons: "[]".to_owned(),
        rests: false,
    };
    vec![
        row("ticket_update", "utility", "approved", "Hola {{1}}: {{2}}"),
        row("promo", "marketing", "approved", "Oferta para {{1}}"),
        row("rests", "utility", "paused", "Hola"),
    ]
}

fn tokens(now: Millis) -> Vec<Token> {
    let all = [
        "health:read",
        "contacts:read",
        "effects:read",
        "templates:read",
        "messages:write",
        "contacts:erase",
    ];
    let token = |text: &str, tenant: Option<&str>, scopes: &[&str], expires_at_s| Token {
        digest: hex::encode(digest::digest(&digest::SHA256, text.as_bytes())),
        tenant: tenant.map(name),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        expires_at_s,
    };
    let now_s = now.0 / 1000;
    vec![
        token("demo-token", Some("demo"), &all, Some(now_s + 3600)),
        token("other-token", Some("other"), &all, None),
        token("other-second", Some("other"), &all, None),
        token("other-third", Some("other"), &all, None),
        token("other-fourth", Some("other"), &all, None),
        token("health-token", Some("demo"), &["health:read"], None),
        token("ended-token", Some("demo"), &all, Some(now_s)),
        token("desk-token", Some("demo"), &["effects:write"], None),
        token("setup-token", Some("demo"), &["setup"], None),
        token(
            "other-people",
            Some("other"),
            &["contacts:read", "conversations:write"],
            None,
        ),
        token(
            "people-token",
            Some("demo"),
            &["contacts:read", "conversations:write"],
            None,
        ),
        token(
            "operator-token",
            None,
            &[&all[..], &["effects:write", "templates:write"]].concat(),
            None,
        ),
    ]
}
