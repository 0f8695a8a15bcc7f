//! What is promised about the published directory file.

use std::time::Duration;

use actors::model::{ChannelId, Millis};
use actors::ports::{Mode, Settings};
use chasqui::config::{Config, Provider};
use chasqui::directory::{Limits, PublishError, Published, Reach};
use chasqui::providers::glpi::PREPARATION;

use crate::support::{House, NOW, PATIENCE, launch, name};

async fn edit(house: &House, statement: &'static str) {
    sqlx::query(statement)
        .execute(&mut house.sql().await)
        .await
        .unwrap();
}

/// Waits until the published directory has changed so.
async fn until(published: &Published, what: &str, holds: impl Fn(&Published) -> bool) {
    let mut versions = published.versions();
    let changed = async {
        while !holds(published) {
            versions.changed().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, changed).await.expect(what);
}

fn tenant_name(published: &Published) -> String {
    published
        .current()
        .tenant(&name("demo"))
        .unwrap()
        .name
        .clone()
}

#[tokio::test]
async fn the_server_starts_from_the_file_without_postgres() {
    let house = House::new().await;
    let (published, task) = house.kept().await;
    let version = published.current().version();
    task.abort();
    house.postgres.stop().await;
    std::fs::remove_dir_all(house.data.path().join("postgres")).unwrap();

    let limits = Limits::from(&Config::default());
    let again = Published::open(house.data.path(), house.ring, limits).unwrap();
    assert!(again.is_loaded());
    let directory = again.current();
    assert_eq!(directory.version(), version);
    let channel = directory.channel(&name("demo-meta")).unwrap();
    assert_eq!(channel.app_secret.expose(), "demo-app-secret");
    let by_number = directory
        .channel_of_number(Provider::Meta, "106540352242922")
        .unwrap();
    assert_eq!(by_number.id, channel.id);
    assert!(directory.channel(&name("nobody")).is_none());
}

#[tokio::test]
async fn an_edit_is_published_without_a_restart() {
    let house = House::new().await;
    let (published, task) = house.kept().await;
    edit(
        &house,
        "update tenants set name = 'Renamed' where id = 'demo'",
    )
    .await;
    until(&published, "the new name", |published| {
        tenant_name(published) == "Renamed"
    })
    .await;
    assert_eq!(tenant_name(&house.published()), "Renamed");
    task.abort();
    house.postgres.stop().await;
}

#[tokio::test]
async fn the_directory_in_force_outlasts_a_database_that_is_away() {
    let mut house = House::new().await;
    let (published, task) = house.kept().await;
    house.postgres.stop().await;
    assert_eq!(tenant_name(&published), "IT Green Peru");
    assert!(published.current().access("demo-api-token", NOW).is_some());

    house.postgres = launch(house.data.path()).await;
    edit(
        &house,
        "update tenants set name = 'Renamed' where id = 'demo'",
    )
    .await;
    until(&published, "the edit after the outage", |published| {
        tenant_name(published) == "Renamed"
    })
    .await;
    task.abort();
    house.postgres.stop().await;
}

#[tokio::test]
async fn rows_that_do_not_fit_are_not_published() {
    let house = House::new().await;
    let (published, task) = house.kept().await;
    edit(
        &house,
        "update tenants set time_zone = 'Nowhere/Land' where id = 'demo'",
    )
    .await;
    edit(
        &house,
        "update tenants set name = 'Unfit' where id = 'demo'",
    )
    .await;
    let (version, entries) = house.store().directory().await.unwrap();
    let error = published.publish(version, &entries).unwrap_err();
    assert!(matches!(error, PublishError::Unfit(_)), "{error}");
    assert_eq!(tenant_name(&published), "IT Green Peru");
    edit(
        &house,
        "update tenants set time_zone = 'America/Bogota' where id = 'demo'",
    )
    .await;
    until(&published, "the mended rows", |published| {
        tenant_name(published) == "Unfit"
    })
    .await;
    task.abort();
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_damaged_file_names_the_way_out_and_is_published_again() {
    let house = House::new().await;
    let (_, task) = house.kept().await;
    task.abort();
    let path = house.data.path().join("directory");
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let limits = Limits::from(&Config::default());
    let Err(error) = Published::open(house.data.path(), house.ring.clone(), limits) else {
        panic!("a damaged file is not read");
    };
    assert!(error.to_string().contains("remove it"), "{error}");

    std::fs::remove_file(&path).unwrap();
    let (published, task) = house.kept().await;
    assert_eq!(tenant_name(&published), "IT Green Peru");
    task.abort();
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_token_opens_its_tenant_until_it_ends() {
    let house = House::new().await;
    let (published, task) = house.kept().await;
    let directory = published.current();
    let demo = directory.access("demo-api-token", NOW).unwrap();
    assert_eq!(demo.reach, Reach::Tenant(name("demo")));
    assert!(demo.allows("contacts:read") && !demo.allows("contacts:write"));
    let platform = directory.access("platform-api-token", NOW).unwrap();
    assert_eq!(platform.reach, Reach::Platform);
    assert!(directory.access("demo-api-toke", NOW).is_none());
    assert!(directory.access("", NOW).is_none());

    // 2027-01-31T00:00:00Z
    let end = Millis(1_801_353_600_000);
    let just_before = Millis(end.0 - 1);
    let other = directory.access("other-api-token", just_before).unwrap();
    assert_eq!(other.reach, Reach::Tenant(name("other")));
    assert!(!other.allows("contacts:read"));
    assert!(directory.access("other-api-token", end).is_none());
    task.abort();
    house.postgres.stop().await;
}

#[tokio::test]
async fn conversations_get_their_channels_settings() {
    let house = House::new().await;
    let (published, task) = house.kept().await;
    let id = |tenant, channel| ChannelId::of(&name(tenant), &name(channel));
    let demo = published.channel(&id("demo", "demo-meta")).unwrap();
    assert_eq!(demo.mode, Mode::Dialogue);
    assert_eq!(demo.tenant_name, "IT Green Peru");
    assert_eq!(demo.utc_offset.at(NOW), -5 * 3600);
    let other = published.channel(&id("other", "other-meta")).unwrap();
    assert_eq!(
        other.mode,
        Mode::Queue {
            merge_interval_ms: 15_000
        }
    );
    assert_eq!(other.utc_offset.at(NOW), -3 * 3600);
    assert!(published.channel(&id("demo", "other-meta")).is_none());

    let glpi = published.gateway(&demo.help_desk.unwrap()).unwrap();
    // A creating request leaves at most one preparation after the attempt began.
    let settle = PREPARATION + Duration::from_secs(35);
    assert_eq!((glpi.provider, glpi.settle), ("glpi", settle));
    let meta = published.gateway(&demo.messages).unwrap();
    assert_eq!(
        (meta.provider, meta.timeout),
        ("meta", Duration::from_millis(3500))
    );
    assert_ne!(other.help_desk, demo.help_desk);
    let gupshup = published.channel(&id("demo", "demo-gupshup")).unwrap();
    assert_eq!(gupshup.own_ids, Some(gupshup.messages));
    assert_eq!(demo.own_ids, None);
    let gupshup = published.gateway(&gupshup.messages).unwrap();
    assert_eq!((gupshup.provider, gupshup.rate_per_second), ("gupshup", 20));
    let files = published.gateway(&demo.media).unwrap();
    assert_eq!((files.provider, files.concurrency), ("media", 4));
    assert!(files.timeout > Duration::from_secs(60), "a whole download");
    // Each channel sends through one gateway and fetches files through another.
    let channels = published.current().channels().count();
    let connections = published.current().glpi_connections().count();
    let gateways = published.current().gateways().count();
    assert_eq!(gateways, 2 * channels + connections);
    task.abort();
    house.postgres.stop().await;
}
