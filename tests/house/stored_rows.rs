//! What is promised about the rows in Postgres.

use std::sync::Arc;
use std::time::Instant;

use actors::journal::keys::{Ring, SystemEntropy};
use actors::model::{ChannelId, ContactId, EffectId, Key, Millis};
use actors::ports::Clock;
use chasqui::store::seal::Sealer;
use chasqui::store::{
    Direction, Store, StoreError, Trace, TraceLevel, TraceLog, WantedTraces, remove_old_traces,
};
use sqlx::postgres::PgConnectOptions;

use crate::support::{House, NOW, name, two_tenants};

/// A clock that stands.
struct At(Millis);

impl Clock for At {
    fn now(&self) -> Millis {
        self.0
    }
}

fn trace(at: Millis, message: &str) -> Trace {
    Trace {
        at,
        level: TraceLevel::Warn,
        module: "webhooks::meta".into(),
        direction: Direction::In,
        correlation_id: "input-1".into(),
        payload_digest: Some(Trace::digest_of(b"payload")),
        message: message.into(),
    }
}

#[tokio::test]
async fn tables_are_made_once() {
    let house = House::new().await;
    let store = house.store();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    house.postgres.stop().await;
}

#[tokio::test]
async fn the_bootstrap_part_is_applied_once() {
    let house = House::new().await;
    let store = house.furnished_store().await;
    assert!(!store.bootstrap(&two_tenants()).await.unwrap());
    let (_, entries) = store.directory().await.unwrap();
    let bootstrap = two_tenants();
    assert_eq!(entries.tenants, bootstrap.tenants);
    assert_eq!(entries.glpi_connections, bootstrap.glpi_connections);
    assert_eq!(entries.channels, bootstrap.channels);
    assert_eq!(entries.queues, bootstrap.queues);
    assert_eq!(entries.cohorts, bootstrap.cohorts);
    assert_eq!(entries.rules, bootstrap.rules);
    assert_eq!(entries.tokens.len(), bootstrap.api_tokens.len());
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_bootstrap_part_that_fails_leaves_nothing_behind() {
    let house = House::new().await;
    let store = house.store();
    store.migrate().await.unwrap();
    let mut broken = two_tenants();
    let [_, meta, _, other] = &mut broken.channels[..] else {
        panic!("two channels of each tenant");
    };
    other.phone_number_id = meta.phone_number_id.clone();
    assert!(matches!(
        store.bootstrap(&broken).await,
        Err(StoreError::Database(_))
    ));
    assert!(store.directory().await.unwrap().1.tenants.is_empty());
    assert!(
        store.bootstrap(&two_tenants()).await.unwrap(),
        "a second try is not refused"
    );
    house.postgres.stop().await;
}

#[tokio::test]
async fn no_secret_is_in_clear_in_any_table() {
    let house = House::new().await;
    house.furnished_store().await;
    let mut sql = house.sql().await;
    let mut dump = String::new();
    for table in ["glpi_connections", "channels", "api_tokens"] {
        // The names are the test's own.
        let query = sqlx::AssertSqlSafe(format!("select t::text from {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut sql).await.unwrap();
        assert!(!rows.is_empty(), "{table}");
        dump.push_str(&rows.join("\n"));
    }
    let bootstrap = two_tenants();
    let channels = bootstrap.channels.iter().flat_map(|channel| {
        let app = channel.gupshup.iter();
        [
            &channel.app_secret,
            &channel.verify_token,
            &channel.access_token,
        ]
        .into_iter()
        .chain(app.flat_map(|app| [&app.api_key, &app.path_secret]))
        .filter(|secret| !secret.is_empty())
    });
    let tokens = bootstrap.api_tokens.iter().map(|token| &token.token);
    for secret in channels.chain(tokens).map(|secret| secret.expose()) {
        assert!(
            !dump.contains(secret) && !dump.contains(&hex::encode(secret)),
            "{secret}"
        );
    }
    drop(sql);
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_secret_copied_into_another_cell_does_not_open() {
    let house = House::new().await;
    let store = house.furnished_store().await;
    let mut sql = house.sql().await;
    sqlx::query("update channels set app_secret = access_token where id = 'demo-meta'")
        .execute(&mut sql)
        .await
        .unwrap();
    let error = store.directory().await.unwrap_err();
    assert!(matches!(error, StoreError::Seal(_)), "{error}");
    assert!(
        error
            .to_string()
            .contains("channels.app_secret of demo-meta"),
        "{error}"
    );
    drop(sql);
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_channel_cannot_use_another_tenants_connection() {
    let house = House::new().await;
    house.furnished_store().await;
    let mut sql = house.sql().await;
    let stolen =
        sqlx::query("update channels set glpi_connection_id = 'other-glpi' where id = 'demo-meta'");
    let error = stolen.execute(&mut sql).await.unwrap_err();
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    assert_eq!(constraint, Some("connection_of_the_same_tenant"));
    drop(sql);
    house.postgres.stop().await;
}

#[tokio::test]
async fn every_edit_raises_the_directory_version() {
    let house = House::new().await;
    let store = house.furnished_store().await;
    let mut sql = house.sql().await;
    let mut last = store.directory_version().await.unwrap();
    for edit in [
        "update tenants set name = 'Otro' where id = 'other'",
        "update glpi_connections set fallback_entity = 3 where id = 'demo-glpi'",
        "update channels set ticket_prefix = 'IT' where id = 'demo-meta'",
        "delete from api_tokens where tenant_id = 'other'",
    ] {
        sqlx::query(edit).execute(&mut sql).await.unwrap();
        let version = store.directory_version().await.unwrap();
        assert!(version > last, "{edit}");
        last = version;
    }
    let (version, entries) = store.directory().await.unwrap();
    assert_eq!(version, last);
    assert_eq!(entries.glpi_connections[0].fallback_entity, 3);
    drop(sql);
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_word_of_a_later_release_is_named_not_guessed() {
    let house = House::new().await;
    let store = house.furnished_store().await;
    let mut sql = house.sql().await;
    sqlx::query("update tenants set tier = 'platinum'")
        .execute(&mut sql)
        .await
        .unwrap();
    let error = store.directory().await.unwrap_err().to_string();
    assert!(
        error.contains("tenants.tier") && error.contains("platinum"),
        "{error}"
    );
    drop(sql);
    house.postgres.stop().await;
}

#[tokio::test]
async fn traces_are_found_newest_first_by_request_level_and_time_and_removed_by_age() {
    let house = House::new().await;
    let store = house.store();
    store.migrate().await.unwrap();
    let (log, writer) = TraceLog::start(store.clone());
    let traces = [trace(NOW, "accepted"), trace(NOW.plus_ms(1), "decided")];
    for trace in &traces {
        log.record(trace.clone());
    }
    drop(log);
    writer.await.unwrap();
    let of = |request: &str| WantedTraces {
        correlation_id: Some(request.to_owned()),
        limit: 10,
        ..WantedTraces::default()
    };
    let newest_first: Vec<_> = traces.iter().rev().cloned().collect();
    assert_eq!(store.traces(&of("input-1")).await.unwrap(), newest_first);
    assert!(store.traces(&of("input-2")).await.unwrap().is_empty());
    let later_only = WantedTraces {
        since: Some(NOW.plus_ms(1)),
        ..of("input-1")
    };
    assert_eq!(store.traces(&later_only).await.unwrap(), traces[1..]);
    let one = WantedTraces {
        limit: 1,
        ..WantedTraces::default()
    };
    assert_eq!(store.traces(&one).await.unwrap(), traces[1..]);
    let failures = WantedTraces {
        level: Some(TraceLevel::Error),
        ..of("input-1")
    };
    assert!(store.traces(&failures).await.unwrap().is_empty());

    let days = 90;
    let later = NOW.plus_ms(u64::from(days) * 86_400_000 + 1);
    let sweep = tokio::spawn(remove_old_traces(store.clone(), At(later), days));
    while store.traces(&of("input-1")).await.unwrap().len() == 2 {
        tokio::task::yield_now().await;
    }
    sweep.abort();
    assert_eq!(store.traces(&of("input-1")).await.unwrap(), traces[1..]);
    house.postgres.stop().await;
}

#[tokio::test]
async fn the_traces_of_a_forgotten_person_are_removed_and_no_others() {
    let house = House::new().await;
    let store = house.store();
    store.migrate().await.unwrap();
    let (log, writer) = TraceLog::start(store.clone());
    let (gone, stays) = (ContactId([7; 16]), ContactId([8; 16]));
    let effect = |contact, hash| EffectId {
        key: Key::Contact(contact),
        hash: [hash; 8],
    };
    let channel = EffectId {
        key: Key::Channel(ChannelId(gone.0)),
        hash: [0; 8],
    };
    let lines = [
        effect(gone, 0).to_string(),
        effect(gone, 0xff).to_string(),
        effect(gone, 0x5a).to_string(),
        "in_0102030405060708".to_owned(),
        effect(stays, 0x5a).to_string(),
        channel.to_string(),
        "in_0102030405060709".to_owned(),
        String::new(),
    ];
    for line in &lines {
        log.record(Trace {
            correlation_id: line.clone(),
            ..trace(NOW, "done")
        });
    }
    drop(log);
    writer.await.unwrap();
    let inputs = ["in_0102030405060708".to_owned()];
    assert_eq!(store.remove_traces_of(gone, &inputs).await.unwrap(), 4);
    let all = WantedTraces {
        limit: 100,
        ..WantedTraces::default()
    };
    let left = store.traces(&all).await.unwrap();
    let mut left: Vec<_> = left.into_iter().map(|line| line.correlation_id).collect();
    left.reverse();
    assert_eq!(left, lines[4..]);
    assert_eq!(store.remove_traces_of(gone, &inputs).await.unwrap(), 0);
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_trace_never_waits_for_a_database_that_is_away() {
    let nowhere = PgConnectOptions::new_without_pgpass().socket("/nowhere/at/all");
    let sealer = Sealer::new(Arc::new(Ring::generate(&SystemEntropy)));
    let (log, writer) = TraceLog::start(Store::new(nowhere, 2, sealer));
    let begun = Instant::now();
    for _ in 0..20_000 {
        log.record(trace(NOW, name("lost").as_str()));
    }
    assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
    writer.abort();
}
