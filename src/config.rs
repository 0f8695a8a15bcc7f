//! Everything an installation can set, one struct per concern.
//!
//! A setting is declared once: its comment, name, type, default and bounds are the
//! struct field, the line in `chasqui.example.toml` and the check that is made when a
//! file is read. A file is read to its end: unknown keys, wrong types and values out
//! of bounds are collected and reported together. The environment
//! ([`environment`]) may replace a few settings. Secrets are [`Secret`]s and print as
//! stars; [`Config::to_toml`] alone writes them out.

mod bootstrap;
mod demo;
pub mod environment;
pub(crate) mod notices;
mod people;
mod problems;
mod providers;
pub(crate) mod render;
mod secret;
pub(crate) mod section;
mod sections;
pub(crate) mod setting;

use std::path::Path;

pub use bootstrap::{
    ApiToken, Bootstrap, Channel, GlpiConnection, GupshupApp, Mode, Provider, TemplatePurpose,
    Tenant, Tier,
};
pub use demo::DEMO_TOKEN;
pub use environment::Environment;
pub use people::{Action, Cohort, Integration, KINDS, Queue, Rule, UnknownNumbers};
pub use problems::{Problem, Problems};
pub use providers::{Glpi, Meta, Providers};
pub use secret::Secret;
pub use section::Section;
use section::section;
pub use sections::{
    Contacts, Data, Format, Journal, Keys, Level, Log, Media, OpenTelemetry, Postgres, Retention,
    Server,
};

section! {
    /// The settings of one server.
    pub struct Config {
        /// The door: where requests come in and what is refused there.
        pub server: Server = Server::default(),
        /// Where everything that must survive a restart is kept.
        pub data: Data = Data::default(),
        /// The journal, in which an inbound event is durable before its webhook is answered.
        pub journal: Journal = Journal::default(),
        /// Contacts: how many are awake and how fast one may write.
        pub contacts: Contacts = Contacts::default(),
        /// The database of tenants, channels, secrets and the trace log. Without a word here
        /// the server runs a private one under its data directory.
        pub postgres: Postgres = Postgres::default(),
        /// The files that people send, fetched when they come because providers forget them.
        pub media: Media = Media::default(),
        /// The systems outside.
        pub providers: Providers = Providers::default(),
        /// How long things are kept.
        pub retention: Retention = Retention::default(),
        /// The key ring, which seals everything on disk.
        pub keys: Keys = Keys::default(),
        /// Log lines on standard error.
        pub log: Log = Log::default(),
        /// Traces of messages, for an OpenTelemetry collector.
        pub opentelemetry: OpenTelemetry = OpenTelemetry::default(),
        /// What an empty data directory begins with. Applied once; after that tenants,
        /// channels, connections and tokens are edited in the database.
        pub bootstrap: Bootstrap = Bootstrap::default(),
    }
}

/// Reads a configuration file and the process's environment.
///
/// # Errors
/// Every problem of the file and of the environment at once.
pub fn load(path: &Path) -> Result<Config, Problems> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Problems::one(path.display(), format!("cannot be read: {error}")))?;
    read(&text, &Environment::of_process())
}

/// Reads a configuration from text, with `environment` laid over it.
///
/// # Errors
/// Every problem of both at once.
pub fn read(text: &str, environment: &Environment) -> Result<Config, Problems> {
    let mut problems = Problems::default();
    let mut table = table(text)?;
    environment.lay_over(&mut table, &mut problems);
    let config = Config::read(table, "", &mut problems);
    if let Some(config) = &config {
        config.check(&mut problems);
    }
    problems.unless(config)
}

/// Reads one section alone, as [`write_section`] wrote it.
pub(crate) fn read_section<S: Section>(text: &str) -> Result<S, Problems> {
    let mut problems = Problems::default();
    let section = S::read(table(text)?, "", &mut problems);
    problems.unless(section)
}

/// Reads one section alone from JSON, as [`Section::show`] gives it. What is null is not given.
///
/// # Errors
/// Every problem at once, each with its field.
pub fn read_json<S: Section>(settings: serde_json::Value) -> Result<S, Problems> {
    let mut problems = Problems::default();
    let table = match toml_of(settings) {
        Some(toml::Value::Table(table)) => table,
        _ => return Err(Problems::one("body", "must be an object")),
    };
    let section = S::read(table, "", &mut problems);
    problems.unless(section)
}

/// A section with some of its settings changed: null takes one away, and those that are not given
/// stay, secrets too.
///
/// # Errors
/// Every problem at once, each with its field.
pub fn changed<S: Section>(
    section: &S,
    settings: serde_json::Map<String, serde_json::Value>,
) -> Result<S, Problems> {
    let mut problems = Problems::default();
    let mut table = table(&write_section(section))?;
    for (key, value) in settings {
        match toml_of(value) {
            Some(value) => drop(table.insert(key, value)),
            None => drop(table.remove(&key)),
        }
    }
    let section = S::read(table, "", &mut problems);
    problems.unless(section)
}

/// The settings in which two sections differ, secrets too.
pub fn differing<S: Section>(one: &S, other: &S) -> Vec<String> {
    let read = |section| table(&write_section(section)).unwrap_or_default();
    let (one, other) = (read(one), read(other));
    let keys = one.keys().chain(other.keys());
    let mut differing: Vec<String> = keys
        .filter(|key| one.get(*key) != other.get(*key))
        .cloned()
        .collect();
    differing.dedup();
    differing
}

/// JSON as TOML, without what is null.
fn toml_of(value: serde_json::Value) -> Option<toml::Value> {
    use serde_json::Value;
    Some(match value {
        Value::Null => return None,
        Value::Bool(truth) => truth.into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => text.into(),
        Value::Array(items) => items
            .into_iter()
            .filter_map(toml_of)
            .collect::<Vec<_>>()
            .into(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let table: toml::Table = fields
                .filter_map(|(key, value)| Some((key, toml_of(value)?)))
                .collect();
            table.into()
        }
    })
}

/// A section alone as TOML, secrets in clear: it must be sealed before it leaves memory.
pub(crate) fn write_section(section: &impl Section) -> String {
    render::plain(section)
}

fn table(text: &str) -> Result<toml::Table, Problems> {
    toml::from_str(text).map_err(|error| Problems::one("toml", error.to_string().trim_end()))
}

/// The annotated example: every setting with its comment, bounds and default, an
/// example of the bootstrap part, and the table of environment variables.
pub fn example() -> String {
    render::example()
}

impl Config {
    /// This configuration as TOML that [`read`] reads back to the same value. It holds
    /// the secrets in clear: it is meant for a file that only the server can read.
    pub fn to_toml(&self) -> String {
        render::plain(self)
    }

    /// Adds what no single setting shows. The bootstrap part is looked at as a whole only
    /// when all of it could be read, or what is missing there would be reported twice.
    fn check(&self, problems: &mut Problems) {
        self.server.check(problems);
        self.journal.check(problems);
        self.providers.check(problems);
        self.opentelemetry.check(problems);
        if !problems
            .iter()
            .any(|problem| problem.place.starts_with("bootstrap"))
        {
            self.bootstrap.check(problems);
        }
    }
}
