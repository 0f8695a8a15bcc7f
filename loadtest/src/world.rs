//! The load world: many tenants with a number each, at the server and at the simulators alike.
//!
//! The configuration begins with the product's own demo, so that it follows the product; the
//! simulated numbers get the same names and secrets through `_control`.

mod channel;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use toml::{Table, Value};

pub use channel::{Carrier, Channel};

/// Messages a second that one number behind Gupshup may send; the server allows no more.
const GUPSHUP_PER_SECOND: u32 = 80;
/// Token with which the tester asks the server's API, in every tenant of the load world.
pub const API_TOKEN: &str = "load-api-token";

/// How large the world is and which limits hold in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// Tenants with a number of Meta's; each has one channel and one GLPI.
    pub channels: usize,
    /// Further tenants, with a number behind Gupshup.
    pub gupshup: usize,
    /// The share of the contacts that write to a number behind Gupshup, where there is one.
    pub gupshup_share: f64,
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
            gupshup: 0,
            gupshup_share: 0.0,
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

impl World {
    /// The numbers of this world.
    pub fn numbers(&self) -> Vec<Channel> {
        let meta = (0..self.channels).map(Channel::meta);
        let gupshup = (self.channels..self.tenants()).map(Channel::gupshup);
        meta.chain(gupshup).collect()
    }

    fn tenants(&self) -> usize {
        self.channels + self.gupshup
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
            let rows = (0..self.tenants()).map(|nth| {
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
        let patterns = bootstrap.get("channels").and_then(Value::as_array).cloned();
        let channels = self
            .numbers()
            .into_iter()
            .enumerate()
            .map(|(nth, channel)| {
                let carrier = if channel.is_meta() { "meta" } else { "gupshup" };
                let is_of =
                    |row: &&Value| row.get("provider").and_then(Value::as_str) == Some(carrier);
                let pattern = patterns.iter().flatten().find(is_of);
                let mut row = pattern
                    .and_then(Value::as_table)
                    .cloned()
                    .unwrap_or_default();
                channel.describe(&mut row);
                row.insert("tenant".into(), tenant(nth).into());
                match self.help_desk {
                    true => row.insert("glpi".into(), format!("{}-glpi", tenant(nth)).into()),
                    false => row.remove("glpi"),
                };
                // Queue, cohorts and rules are the demo tenant's; under load the bot keeps everything.
                row.remove("queue");
                Value::Table(row)
            });
        bootstrap.insert("channels".into(), Value::Array(channels.collect()));
        for list in ["queues", "cohorts", "rules"] {
            bootstrap.remove(list);
        }
        let mut token = Table::new();
        token.insert("token".into(), API_TOKEN.into());
        token.insert("platform".into(), true.into());
        let scopes = [
            "health:read",
            "contacts:read",
            "templates:read",
            "templates:write",
            "messages:write",
        ];
        token.insert(
            "scopes".into(),
            Value::Array(scopes.map(Value::from).to_vec()),
        );
        bootstrap.insert("api_tokens".into(), Value::Array(vec![Value::Table(token)]));
        let server = table(&mut demo, "server");
        server.insert("demo_page".into(), false.into());
        // The tester looks more often than an operator would.
        server.insert("api_requests_per_minute".into(), 100_000.into());
        let contacts = table(&mut demo, "contacts");
        contacts.insert("messages_per_minute_soft".into(), self.soft_limit.into());
        contacts.insert("live_max".into(), self.live_max.into());
        let providers = table(&mut demo, "providers");
        let mut per_second = |provider: &str, messages: u32| {
            table(providers, provider).insert("messages_per_second".into(), messages.into())
        };
        per_second("meta", self.messages_per_second);
        per_second("gupshup", self.messages_per_second.min(GUPSHUP_PER_SECOND));
        lay_over(&mut demo, &self.settings);
        demo
    }

    /// The same world for `POST /_control`, calling back the server at `url`.
    pub fn control(&self, url: &str) -> Json {
        let of = |meta: bool, per_second: u32| {
            let numbers = self.numbers().into_iter();
            let numbers = numbers.filter(move |channel| channel.is_meta() == meta);
            let lines =
                numbers.map(|channel| (channel.slug.clone(), channel.simulated(url, per_second)));
            Json::Object(lines.collect())
        };
        let installations = (0..self.tenants()).map(|nth| {
            let settings = json!({"user_token": "demo-user-token"});
            (app_token(nth), settings)
        });
        json!({
            "meta": of(true, self.messages_per_second),
            "gupshup": of(false, GUPSHUP_PER_SECOND),
            "glpi": Json::Object(installations.collect()),
        })
    }

    /// Which of `channels` somebody writes to.
    pub fn channel_of(&self, contact: u32, channels: &[Channel]) -> usize {
        let meta = channels.iter().filter(|channel| channel.is_meta()).count();
        let others = channels.len() - meta;
        let contact_at = |of: usize| contact as usize % of.max(1);
        if others > 0 && share(contact, 1) < self.gupshup_share {
            meta + contact_at(others)
        } else {
            contact_at(meta)
        }
    }
}

/// Where a contact stands in `0.0..1.0` as far as one question is concerned; the same in every run.
pub fn share(contact: u32, question: u64) -> f64 {
    crate::dice::Dice::new(u64::from(contact), 70 + question).unit()
}

/// Switches delivery statuses of `channels` on or off: sent, delivered and read for every message.
/// Meta sends them ten to a body, Gupshup each in one of its own.
pub fn statuses(channels: &[Channel], enabled: bool) -> Json {
    let of = |meta: bool| {
        let channels = channels
            .iter()
            .filter(move |channel| channel.is_meta() == meta);
        let lines = channels.map(|channel| {
            let mut change = json!({
                "statuses": {"enabled": enabled, "sent_ms": 50, "delivered_ms": 150,
                             "read_ms": 300, "read_probability": 1.0},
            });
            if meta {
                change["webhooks"] = json!({"batch": 10, "linger_ms": 50});
            }
            (channel.slug.clone(), change)
        });
        Json::Object(lines.collect())
    };
    json!({"meta": of(true), "gupshup": of(false)})
}

/// What the names of the load world's tenants and numbers begin with.
pub const SLUG: &str = "load-";

fn tenant(nth: usize) -> String {
    format!("{SLUG}{nth:02}")
}

/// The app token of the GLPI behind the number called `slug`.
pub fn app_token_of(slug: &str) -> String {
    let nth = slug.strip_prefix(SLUG);
    nth.map_or("demo-app-token".to_owned(), |nth| {
        format!("load-app-token-{nth}")
    })
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
        provider = "meta"
        queue = "support"
        verify_token = "word"
        [[bootstrap.channels]]
        id = "demo-gupshup"
        provider = "gupshup"
        mode = "dialogue"
    "#;

    #[test]
    fn every_channel_of_the_server_is_a_number_of_the_simulators() {
        let world = World {
            gupshup: 2,
            settings: toml::from_str("[journal]\nlanes = 2").unwrap(),
            ..World::default()
        };
        let configuration = world.configuration(toml::from_str(DEMO).unwrap());
        let control = world.control("http://127.0.0.1:9");
        let channels = configuration["bootstrap"]["channels"].as_array().unwrap();
        assert_eq!((channels.len(), world.numbers().len()), (18, 18));
        for (channel, number) in channels.iter().zip(world.numbers()) {
            let id = channel["id"].as_str().unwrap();
            assert!(channel.get("queue").is_none());
            if number.is_meta() {
                let line = &control["meta"][id];
                assert_eq!(line["app_secret"], channel["app_secret"].as_str().unwrap());
                assert_eq!(channel["verify_token"].as_str(), Some("word"));
            } else {
                let app = &control["gupshup"][id];
                assert_eq!(
                    app["api_key"],
                    channel["gupshup"]["api_key"].as_str().unwrap()
                );
                let secret = channel["gupshup"]["path_secret"].as_str().unwrap();
                assert!(app["callback_url"].as_str().unwrap().ends_with(secret));
                assert!(channel.get("app_secret").is_none());
            }
        }
        assert!(configuration["bootstrap"].get("queues").is_none());
        assert_eq!(configuration["journal"]["lanes"].as_integer(), Some(2));
        assert_eq!(configuration["server"]["demo_page"].as_bool(), Some(false));
        let tenants = configuration["bootstrap"]["tenants"].as_array().unwrap();
        assert_eq!(tenants.len(), 18);
        assert!(
            tenants
                .iter()
                .all(|tenant| tenant["tier"].as_str() == Some("unlimited"))
        );
    }

    #[test]
    fn a_share_of_the_contacts_writes_to_gupshup_and_each_always_to_the_same_number() {
        let world = World {
            gupshup: 2,
            gupshup_share: 0.25,
            ..World::default()
        };
        let channels = world.numbers();
        let of = |contact| world.channel_of(contact, &channels);
        let behind = (0..10_000).filter(|contact| of(*contact) >= 16).count();
        assert!((2_200..2_800).contains(&behind), "{behind}");
        assert!((0..1_000).all(|contact| of(contact) == of(contact)));
        let meta = World::default();
        assert!((0..1_000).all(|contact| meta.channel_of(contact, &meta.numbers()) < 16));
    }
}
