//! The load world: many tenants with a number each, at the server and at the simulators alike.
//!
//! The configuration begins with the product's own demo, so that it follows the product; the
//! simulated numbers get the same names and secrets through `_control`.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use toml::{Table, Value};

/// How large the world is and which limits hold in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// Tenants, each with one channel and one GLPI.
    pub channels: usize,
    /// Contacts, spread over the channels.
    pub contacts: u32,
    /// Messages a contact writes in a row before it falls silent.
    pub turns: u32,
    /// Least pause between two of them, milliseconds.
    pub pause_ms: u32,
    /// Messages a second of one number, at the server and at the provider.
    pub messages_per_second: u32,
    /// A contact's soft limit, messages a minute.
    pub soft_limit: u32,
    /// Contacts held awake at a time.
    pub live_max: u32,
    /// Whether the channels have their GLPI. A question asks about a ticket that nobody knows; with
    /// a help desk the server asks there first, without it each question is one step and one reply.
    pub help_desk: bool,
    /// Further settings of the server, laid over its configuration.
    pub settings: Table,
}

impl Default for World {
    fn default() -> Self {
        Self {
            channels: 16,
            contacts: 40_000,
            turns: 4,
            pause_ms: 1_000,
            messages_per_second: 1_000,
            soft_limit: 60,
            live_max: 20_000,
            help_desk: false,
            settings: Table::new(),
        }
    }
}

/// A WhatsApp number of the load world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Short name, part of the webhook's address.
    pub slug: String,
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// Its WhatsApp business account.
    pub business_account_id: String,
    /// The number itself, digits.
    pub number: String,
    /// Key of the webhook signatures.
    pub app_secret: String,
    /// Bearer token of sends.
    pub access_token: String,
}

impl Channel {
    /// The `nth` channel of the load world.
    pub fn nth(nth: usize) -> Self {
        Self {
            slug: format!("load-{nth:02}"),
            phone_number_id: format!("2065403522{nth:05}"),
            business_account_id: format!("2022901293{nth:05}"),
            number: format!("155508{nth:05}"),
            app_secret: format!("load-app-secret-{nth:02}"),
            access_token: format!("load-access-token-{nth:02}"),
        }
    }

    /// The channel of the demo, for a server that runs already.
    pub fn demo() -> Self {
        Self {
            slug: "demo-meta".to_owned(),
            phone_number_id: "106540352242922".to_owned(),
            business_account_id: "102290129340398".to_owned(),
            number: "15550783881".to_owned(),
            app_secret: "demo-app-secret".to_owned(),
            access_token: "demo-access-token".to_owned(),
        }
    }
}

impl World {
    /// The numbers of this world.
    pub fn numbers(&self) -> Vec<Channel> {
        (0..self.channels).map(Channel::nth).collect()
    }

    /// The server's configuration: `demo` (what `chasqui demo --print-config` prints) with the
    /// tenants and limits of this world.
    pub fn configuration(&self, mut demo: Table) -> Table {
        let bootstrap = table(&mut demo, "bootstrap");
        let mut multiply = |list: &str, change: &dyn Fn(&mut Table, usize)| {
            let first = bootstrap.get(list).and_then(|rows| rows.get(0)).cloned();
            let Some(Value::Table(first)) = first else {
                return;
            };
            let rows = (0..self.channels).map(|nth| {
                let mut row = first.clone();
                change(&mut row, nth);
                Value::Table(row)
            });
            bootstrap.insert(list.to_owned(), Value::Array(rows.collect()));
        };
        multiply("tenants", &|row, nth| {
            row.insert("id".into(), tenant(nth).into());
            row.insert("tier".into(), "unlimited".into());
        });
        multiply("glpi_connections", &|row, nth| {
            row.insert("id".into(), format!("{}-glpi", tenant(nth)).into());
            row.insert("tenant".into(), tenant(nth).into());
            row.insert("app_token".into(), app_token(nth).into());
        });
        multiply("channels", &|row, nth| {
            let channel = Channel::nth(nth);
            row.insert("id".into(), channel.slug.into());
            row.insert("tenant".into(), tenant(nth).into());
            row.insert("phone_number_id".into(), channel.phone_number_id.into());
            row.insert(
                "business_account_id".into(),
                channel.business_account_id.into(),
            );
            row.insert("number".into(), channel.number.into());
            row.insert("app_secret".into(), channel.app_secret.into());
            row.insert("access_token".into(), channel.access_token.into());
            match self.help_desk {
                true => row.insert("glpi".into(), format!("{}-glpi", tenant(nth)).into()),
                false => row.remove("glpi"),
            };
            // Queue, cohorts and rules are the demo tenant's; under load the bot keeps everything.
            row.remove("queue");
        });
        for list in ["queues", "cohorts", "rules"] {
            bootstrap.remove(list);
        }
        bootstrap.insert("api_tokens".into(), Value::Array(Vec::new()));
        table(&mut demo, "server").insert("demo_page".into(), false.into());
        let contacts = table(&mut demo, "contacts");
        contacts.insert("messages_per_minute_soft".into(), self.soft_limit.into());
        contacts.insert("live_max".into(), self.live_max.into());
        let meta = table(table(&mut demo, "providers"), "meta");
        meta.insert(
            "messages_per_second".into(),
            self.messages_per_second.into(),
        );
        lay_over(&mut demo, &self.settings);
        demo
    }

    /// The same world for `POST /_control`, calling back the server at `url`.
    pub fn control(&self, url: &str) -> Json {
        let lines = self.numbers().into_iter().map(|channel| {
            let settings = json!({
                "phone_number_id": channel.phone_number_id,
                "waba_id": channel.business_account_id,
                "display_phone_number": channel.number,
                "access_token": channel.access_token,
                "app_secret": channel.app_secret,
                "callback_url": format!("{url}/webhooks/meta/{}", channel.slug),
                "mps": self.messages_per_second,
                "pair_limit": true,
                "keep_messages": 1,
            });
            (channel.slug, settings)
        });
        let installations = (0..self.channels).map(|nth| {
            let settings = json!({"user_token": "demo-user-token"});
            (app_token(nth), settings)
        });
        json!({
            "meta": Json::Object(lines.collect()),
            "glpi": Json::Object(installations.collect()),
        })
    }
}

/// Switches delivery statuses of `channels` on or off: sent, delivered and read for every message,
/// ten to a body.
pub fn statuses(channels: &[Channel], enabled: bool) -> Json {
    let change = json!({
        "statuses": {"enabled": enabled, "sent_ms": 50, "delivered_ms": 150, "read_ms": 300,
                     "read_probability": 1.0},
        "webhooks": {"batch": 10, "linger_ms": 50},
    });
    let lines = channels
        .iter()
        .map(|channel| (channel.slug.clone(), change.clone()));
    json!({"meta": Json::Object(lines.collect())})
}

fn tenant(nth: usize) -> String {
    format!("load-{nth:02}")
}

fn app_token(nth: usize) -> String {
    format!("load-app-token-{nth:02}")
}

fn table<'a>(of: &'a mut Table, name: &str) -> &'a mut Table {
    let entry = of.entry(name).or_insert_with(|| Value::Table(Table::new()));
    if !entry.is_table() {
        *entry = Value::Table(Table::new());
    }
    entry.as_table_mut().expect("it was made a table just now")
}

fn lay_over(under: &mut Table, over: &Table) {
    for (key, value) in over {
        match value {
            Value::Table(over) => lay_over(table(under, key), over),
            value => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = r#"
        [server]
        listen = "127.0.0.1:0"
        demo_page = true
        [[bootstrap.tenants]]
        id = "demo"
        name = "IT Green Peru"
        [[bootstrap.glpi_connections]]
        id = "demo-glpi"
        url = "http://127.0.0.1:1/glpi/apirest.php"
        [[bootstrap.queues]]
        id = "support"
        tenant = "demo"
        [[bootstrap.channels]]
        id = "demo-meta"
        queue = "support"
        verify_token = "word"
    "#;

    #[test]
    fn every_channel_of_the_server_is_a_number_of_the_simulators() {
        let world = World {
            settings: toml::from_str("[journal]\nlanes = 2").unwrap(),
            ..World::default()
        };
        let configuration = world.configuration(toml::from_str(DEMO).unwrap());
        let control = world.control("http://127.0.0.1:9");
        let channels = configuration["bootstrap"]["channels"].as_array().unwrap();
        assert_eq!((channels.len(), world.numbers().len()), (16, 16));
        for channel in channels {
            let line = &control["meta"][channel["id"].as_str().unwrap()];
            assert_eq!(line["app_secret"], channel["app_secret"].as_str().unwrap());
            assert_eq!(channel["verify_token"].as_str(), Some("word"));
            assert!(channel.get("queue").is_none());
        }
        assert!(configuration["bootstrap"].get("queues").is_none());
        assert_eq!(configuration["journal"]["lanes"].as_integer(), Some(2));
        assert_eq!(configuration["server"]["demo_page"].as_bool(), Some(false));
        let tenants = configuration["bootstrap"]["tenants"].as_array().unwrap();
        assert!(
            tenants
                .iter()
                .all(|tenant| tenant["tier"].as_str() == Some("unlimited"))
        );
    }
}
