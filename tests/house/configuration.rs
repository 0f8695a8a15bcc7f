//! What is promised about `chasqui.example.toml` and every file like it.

use std::path::{Path, PathBuf};

use actors::model::Name;
use chasqui::config::{self, Config, Environment, Problems, environment};

const DEMO_SIMULATORS: &str = "http://127.0.0.1:8090";

fn read(text: &str) -> Result<Config, Problems> {
    config::read(text, &Environment::default())
}

fn demo() -> Config {
    let listen = "127.0.0.1:8080".parse().unwrap();
    Config::demo(PathBuf::from("data"), listen, DEMO_SIMULATORS)
}

/// Asserts that reading `text` finds exactly the problems at these places, in order.
fn check(text: &str, places: &[&str]) {
    let problems = read(text).expect_err("the file has problems");
    let found: Vec<_> = problems
        .iter()
        .map(|problem| problem.place.as_str())
        .collect();
    assert_eq!(found, places, "{problems}");
}

#[test]
fn an_empty_file_means_the_defaults() {
    assert_eq!(read("").unwrap(), Config::default());
}

#[test]
fn the_example_file_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("chasqui.example.toml");
    let kept = std::fs::read_to_string(&path).unwrap();
    let way_out = "write it anew with `cargo run -- config --example > chasqui.example.toml`";
    assert!(
        kept == config::example(),
        "chasqui.example.toml is out of date; {way_out}"
    );
}

#[test]
fn the_example_stands_at_the_defaults() {
    assert_eq!(read(&config::example()).unwrap(), Config::default());
}

#[test]
fn the_bootstrap_part_of_the_example_can_be_uncommented() {
    let example = config::example();
    let mut text = String::new();
    let lines = example
        .lines()
        .skip_while(|line| !line.contains("[[bootstrap.tenants]]"));
    for line in lines.take_while(|line| !line.contains("The environment")) {
        text.push_str(
            line.strip_prefix("# ")
                .or(line.strip_prefix('#'))
                .unwrap_or(line),
        );
        text.push('\n');
    }
    assert_eq!(read(&text).unwrap().bootstrap, demo().bootstrap);
}

#[test]
fn a_configuration_written_and_read_is_the_same() {
    let mut config = demo();
    config.postgres.url = Some("postgres://chasqui:\"quoted\\\"@host/chasqui".into());
    config.bootstrap.api_tokens[0].expires_at = Some("2027-01-31T00:00:00Z".into());
    assert_eq!(read(&config.to_toml()).unwrap(), config);
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    check("colour = 1", &["colour"]);
    check("[server]\nlissten = \"127.0.0.1:1\"", &["server.lissten"]);
    check("[providers.metta]\ntimeout_ms = 1", &["providers.metta"]);
    let with_stray = demo()
        .to_toml()
        .replace("locale = ", "colour = 3\nlocale = ");
    check(&with_stray, &["bootstrap.tenants[0].colour"]);
}

#[test]
fn a_company_links_by_addresses_of_its_own_only() {
    let with = |domains: &str| {
        let list = format!("link_domains = {domains}");
        demo().to_toml().replace("link_domains = []", &list)
    };
    let place = |index: usize| format!("bootstrap.tenants[0].link_domains[{index}]");
    check(
        &with(r#"["empresa.pe", "Empresa.pe", "@empresa.pe", "gmail.com"]"#),
        &[&place(1), &place(2), &place(3)],
    );
    let good = read(&with(r#"["empresa.pe"]"#)).unwrap();
    assert_eq!(good.bootstrap.tenants[0].link_domains, ["empresa.pe"]);
}

#[test]
fn all_problems_are_reported_at_once() {
    check(
        r#"
        [server]
        listen = "everywhere"
        colour = "red"
        [journal]
        lanes = 0
        segment_bytes = "big"
        [contacts]
        live_max = -1
        [providers.meta]
        base_url = "graph.facebook.com"
        [providers.glpi]
        settle_ms = 1000
        [log]
        level = "loud"
        [[bootstrap.tenants]]
        id = "demo"
        [[bootstrap.api_tokens]]
        tenant = "demo"
        "#,
        &[
            "server.listen",
            "server.colour",
            "journal.lanes",
            "journal.segment_bytes",
            "contacts.live_max",
            "log.level",
            "bootstrap.tenants[0].name",
            "bootstrap.api_tokens[0].token",
            "providers.meta.base_url",
            "providers.glpi.settle_ms",
        ],
    );
}

#[test]
fn a_channel_needs_a_tenant_and_that_tenants_connection() {
    let mut config = demo();
    config.bootstrap.channels[0].queue = None;
    config.bootstrap.channels[0].tenant = Name::new("other").unwrap();
    check(
        &config.to_toml(),
        &["bootstrap.channels[0].tenant", "bootstrap.channels[0].glpi"],
    );
    config.bootstrap.channels[0].glpi = Some(Name::new("nowhere").unwrap());
    config.bootstrap.channels[0].tenant = Name::new("demo").unwrap();
    check(&config.to_toml(), &["bootstrap.channels[0].glpi"]);
}

#[test]
fn an_id_is_a_name_that_fits_into_an_address() {
    let text = demo()
        .to_toml()
        .replace("id = \"demo-meta\"", "id = \"Demo/Meta\"");
    check(&text, &["bootstrap.channels[0].id"]);
}

#[test]
fn ids_and_numbers_are_given_once() {
    let mut config = demo();
    let twin = config.bootstrap.channels[0].clone();
    config.bootstrap.channels.push(twin);
    let twin = config.bootstrap.channels[1].clone();
    config.bootstrap.channels.push(twin);
    check(
        &config.to_toml(),
        &[
            "bootstrap.channels[2].id",
            "bootstrap.channels[3].id",
            "bootstrap.channels[2].phone_number_id",
            "bootstrap.channels[3].gupshup.id",
        ],
    );
}

#[test]
fn a_channel_has_the_credentials_of_its_provider() {
    let mut config = demo();
    let app = config.bootstrap.channels[1].gupshup.take();
    config.bootstrap.channels[0].access_token = config::Secret::default();
    check(
        &config.to_toml(),
        &[
            "bootstrap.channels[0].access_token",
            "bootstrap.channels[1].gupshup",
        ],
    );
    let mut config = demo();
    config.bootstrap.channels[0].gupshup = app;
    if let Some(app) = &mut config.bootstrap.channels[1].gupshup {
        app.path_secret = "a/b?secret".into();
    }
    check(
        &config.to_toml(),
        &[
            "bootstrap.channels[0].gupshup",
            "bootstrap.channels[1].gupshup.path_secret",
        ],
    );
}

#[test]
fn a_fall_back_is_the_other_provider_with_its_own_credentials() {
    let mut config = demo();
    let app = config.bootstrap.channels.pop().and_then(|row| row.gupshup);
    config.bootstrap.channels[0].fallback = Some(config::Provider::Gupshup);
    check(&config.to_toml(), &["bootstrap.channels[0].gupshup"]);
    config.bootstrap.channels[0].gupshup = app;
    let read_back = read(&config.to_toml()).expect("it fits");
    assert_eq!(read_back.bootstrap.channels, config.bootstrap.channels);
    config.bootstrap.channels[0].fallback_after_ms = 10;
    check(
        &config.to_toml(),
        &["bootstrap.channels[0].fallback_after_ms"],
    );
    config.bootstrap.channels[0].fallback_after_ms = 5_000;
    config.bootstrap.channels[0].fallback = Some(config::Provider::Meta);
    check(
        &config.to_toml(),
        &[
            "bootstrap.channels[0].fallback",
            "bootstrap.channels[0].gupshup",
        ],
    );
}

#[test]
fn a_token_is_a_tenants_or_the_platforms() {
    let mut config = demo();
    config.bootstrap.api_tokens[0].platform = true;
    check(&config.to_toml(), &["bootstrap.api_tokens[0]"]);
    config.bootstrap.api_tokens[0].tenant = None;
    assert!(read(&config.to_toml()).is_ok());
    config.bootstrap.api_tokens[0].expires_at = Some("tomorrow".into());
    check(&config.to_toml(), &["bootstrap.api_tokens[0].expires_at"]);
}

#[test]
fn the_merge_interval_is_at_least_15_seconds() {
    let text = demo().to_toml();
    let short = text.replace("merge_interval_ms = 15000", "merge_interval_ms = 14999");
    let queue = "bootstrap.queues[0].merge_interval_ms";
    let channels = [0, 1].map(|at| format!("bootstrap.channels[{at}].merge_interval_ms"));
    check(&short, &[queue, &channels[0], &channels[1]]);
}

#[test]
fn the_environment_replaces_settings() {
    let environment = Environment::of([
        ("CHASQUI_LISTEN", "127.0.0.1:0"),
        ("CHASQUI_POSTGRES_URL", "postgres://x"),
    ]);
    let config = config::read("[server]\nlisten = \"127.0.0.1:9\"", &environment).unwrap();
    assert_eq!(config.server.listen.port(), 0);
    assert_eq!(config.postgres.url.unwrap().expose(), "postgres://x");
}

#[test]
fn a_wrong_environment_is_reported_beside_the_files_problems() {
    let environment = Environment::of([("CHASQUI_LOG_LEVEL", "loud")]);
    let problems = config::read("colour = 1", &environment).unwrap_err();
    let places: Vec<_> = problems
        .iter()
        .map(|problem| problem.place.as_str())
        .collect();
    assert_eq!(places, ["log.level", "colour"]);
}

#[test]
fn every_variable_names_a_setting_of_the_example() {
    let example = config::example();
    for variable in environment::TABLE {
        let (section, key) = variable.key.split_once('.').unwrap();
        let settings = example
            .split(&format!("[{section}]"))
            .nth(1)
            .expect(section);
        let settings = settings.split("\n[").next().unwrap();
        assert!(settings.contains(&format!("{key} =")), "{}", variable.key);
    }
}

#[test]
fn secrets_print_as_stars() {
    let config = demo();
    let printed = format!("{config:?} {:#?}", config.bootstrap);
    for secret in [
        "demo-app-secret",
        "demo-verify-token",
        "demo-access-token",
        "demo-app-token",
        "demo-user-token",
        "demo-api-token",
    ] {
        assert!(!printed.contains(secret), "{secret} is printed");
        assert!(config.to_toml().contains(secret), "{secret} is kept");
    }
}
