//! What is promised about setting up while the server runs.

use std::sync::Arc;

use actors::model::Name;
use chasqui::config::{Channel, Cohort, GlpiConnection, Problems, Queue, Rule, Tenant};
use chasqui::directory::Published;
use chasqui::setup::{Author, Row, SetUp, SetUpError};
use serde_json::{Map, Value, json};

use crate::support::{House, name};

fn author() -> Author {
    Author {
        name: "demo/1a2b3c4d".into(),
    }
}

/// A furnished house, its editor, and the directory it publishes.
async fn furnished() -> (House, SetUp, Arc<Published>) {
    let house = House::new().await;
    let store = house.furnished_store().await;
    let published = Arc::new(house.published());
    let (version, entries) = store.directory().await.unwrap();
    published.publish(version, &entries).unwrap();
    let checker = |_, _| -> std::pin::Pin<Box<dyn Future<Output = _> + Send>> {
        Box::pin(async { Err("no GLPI stands here".to_owned()) })
    };
    let editor = SetUp::new(store, published.clone(), Box::new(checker));
    (house, editor, published)
}

fn settings(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn queue(id: &str) -> Map<String, Value> {
    settings(json!({"id": id, "tenant": "demo", "name": "Ventas"}))
}

async fn change<R: Row>(
    editor: &SetUp,
    id: &Name,
    value: Value,
    expected: Option<u64>,
) -> Result<u64, SetUpError> {
    let (author, tenant) = (author(), name("demo"));
    let key = (&tenant, id);
    let changed = editor
        .change::<R>(&author, key, settings(value), expected, "change")
        .await;
    changed.map(|found| found.revision)
}

fn fields<T>(refused: Result<T, SetUpError>) -> Vec<String> {
    match refused {
        Err(SetUpError::Invalid(problems)) => places(&problems),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

fn places(problems: &Problems) -> Vec<String> {
    problems
        .iter()
        .map(|problem| problem.place.clone())
        .collect()
}

#[tokio::test]
async fn a_row_that_is_made_changed_and_deleted_is_in_force_at_once() {
    let (house, editor, published) = furnished().await;
    let (tenant, sales) = (name("demo"), name("sales"));
    let made = editor
        .create::<Queue>(&author(), queue("sales"))
        .await
        .unwrap();
    assert_eq!(made.revision, 1);
    assert!(published.current().queue(&tenant, &sales).is_some());
    let hours = json!({"hours": ["mon-fri 09:00-18:00"], "idle_s": 600});
    assert_eq!(
        change::<Queue>(&editor, &sales, hours, None).await.unwrap(),
        2
    );
    let row = published.current().queue(&tenant, &sales).cloned().unwrap();
    assert_eq!(
        (row.idle_s, row.hours.len(), row.name.as_str()),
        (600, 1, "Ventas")
    );
    editor
        .remove::<Queue>(&author(), (&tenant, &sales), None)
        .await
        .unwrap();
    assert!(published.current().queue(&tenant, &sales).is_none());
    let gone = editor.one::<Queue>(&tenant, &sales).await;
    assert!(matches!(gone, Err(SetUpError::Missing)));
    house.postgres.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_field() {
    let (house, editor, _) = furnished().await;
    let mut wrong = queue("sales");
    wrong.insert("hours".into(), json!(["every day"]));
    wrong.insert("merge_interval_ms".into(), json!(14_999));
    wrong.insert("colour".into(), json!("red"));
    let refused = fields(editor.create::<Queue>(&author(), wrong).await);
    assert_eq!(refused, ["merge_interval_ms", "colour"]);
    let support = name("support");
    let refused = change::<Queue>(&editor, &support, json!({"hours": ["every day"]}), None).await;
    assert_eq!(fields(refused), ["hours[0]"]);
    let meta = name("demo-meta");
    let refused = change::<Channel>(&editor, &meta, json!({"queue": "nobody"}), None).await;
    assert_eq!(fields(refused), ["queue"]);
    let glpi = name("demo-glpi");
    let url = json!({"url": "https://host/glpi/apirest.php/"});
    let refused = change::<GlpiConnection>(&editor, &glpi, url, None).await;
    assert_eq!(fields(refused), ["url"]);
    let cohort = json!({"id": "it", "tenant": "demo", "numbers": ["many"], "channels": ["no"]});
    let refused = fields(editor.create::<Cohort>(&author(), settings(cohort)).await);
    assert_eq!(refused, ["channels[0]", "numbers[0]"]);
    let refused = change::<Queue>(&editor, &support, json!({"tenant": "other"}), None).await;
    assert_eq!(fields(refused), ["tenant"]);
    house.postgres.stop().await;
}

#[tokio::test]
async fn of_two_editors_the_second_is_told_that_the_first_was_there() {
    let (house, editor, _) = furnished().await;
    let support = name("support");
    let first = change::<Queue>(&editor, &support, json!({"name": "A"}), Some(1)).await;
    assert_eq!(first.unwrap(), 2);
    let second = change::<Queue>(&editor, &support, json!({"name": "B"}), Some(1)).await;
    assert!(matches!(second, Err(SetUpError::Stale { revision: 2 })));
    let read = editor.one::<Queue>(&name("demo"), &support).await.unwrap();
    assert_eq!(read.row.name, "A");
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_row_that_others_need_is_not_deleted() {
    let (house, editor, _) = furnished().await;
    let tenant = name("demo");
    let author = author();
    let used = editor
        .remove::<Queue>(&author, (&tenant, &name("support")), None)
        .await;
    assert!(matches!(used, Err(SetUpError::InUse)), "{used:?}");
    let used = editor
        .remove::<GlpiConnection>(&author, (&tenant, &name("demo-glpi")), None)
        .await;
    assert!(matches!(used, Err(SetUpError::InUse)), "{used:?}");
    let used = editor
        .remove::<Tenant>(&author, (&tenant, &tenant), None)
        .await;
    assert!(matches!(used, Err(SetUpError::InUse)), "{used:?}");
    let taken = editor.create::<Queue>(&author, queue("support")).await;
    assert!(matches!(taken, Err(SetUpError::Taken)));
    let foreign = json!({
        "id": "other-glpi", "tenant": "demo", "url": "https://host/apirest.php", "user_token": "t",
    });
    let taken = editor
        .create::<GlpiConnection>(&author, settings(foreign))
        .await;
    assert!(
        matches!(taken, Err(SetUpError::Taken)),
        "another tenant has it"
    );
    house.postgres.stop().await;
}

#[tokio::test]
async fn secrets_are_written_kept_and_never_shown() {
    let (house, editor, published) = furnished().await;
    let glpi = name("demo-glpi");
    let entity = json!({"fallback_entity": 4});
    change::<GlpiConnection>(&editor, &glpi, entity, None)
        .await
        .unwrap();
    let row = published.current().glpi_connection(&glpi).cloned().unwrap();
    assert_eq!(
        (row.fallback_entity, row.user_token.expose()),
        (4, "demo-user-token")
    );
    let token = json!({"user_token": "quite-another-token"});
    change::<GlpiConnection>(&editor, &glpi, token, None)
        .await
        .unwrap();
    let row = published.current().glpi_connection(&glpi).cloned().unwrap();
    assert_eq!(row.user_token.expose(), "quite-another-token");
    let found = editor
        .one::<GlpiConnection>(&name("demo"), &glpi)
        .await
        .unwrap();
    let shown = chasqui::config::Section::show(&found.row);
    assert_eq!(shown["user_token"], json!({"set": true}));
    let audit = editor.audit(None, 10).await.unwrap();
    let text = format!("{audit:?}");
    assert!(
        text.contains("user_token") && !text.contains("another-token"),
        "{text}"
    );
    house.postgres.stop().await;
}

#[tokio::test]
async fn the_audit_says_who_changed_what_and_shows_a_tenant_its_own() {
    let (house, editor, _) = furnished().await;
    change::<Queue>(&editor, &name("support"), json!({"idle_s": 900}), None)
        .await
        .unwrap();
    let rule = json!({"id": "web", "tenant": "other", "keywords": ["web"], "text": "example.com"});
    editor
        .create::<Rule>(&author(), settings(rule))
        .await
        .unwrap();
    let all = editor.audit(None, 10).await.unwrap();
    assert_eq!(all.len(), 2);
    let own = editor.audit(Some(&name("demo")), 10).await.unwrap();
    let [line] = &own[..] else {
        panic!("{own:?}");
    };
    assert_eq!(
        (&*line.who, &*line.kind, &*line.row, &*line.what),
        ("demo/1a2b3c4d", "queues", "support", "change")
    );
    assert_eq!(line.changes, json!({"idle_s": {"was": 28_800, "is": 900}}));
    assert!(line.at.is_some());
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_channel_with_all_it_has_is_made_and_paused() {
    let (house, editor, published) = furnished().await;
    let channel = json!({
        "id": "demo-second", "tenant": "demo", "provider": "meta", "number": "15550000001",
        "phone_number_id": "900", "business_account_id": "901", "app_secret": "s1",
        "verify_token": "s2", "access_token": "s3", "glpi": "demo-glpi", "queue": "support",
        "known_numbers": ["51*"], "unknown_numbers": "people", "mode": "queue",
        "glpi_match": true, "glpi_match_wait_s": 5, "glpi_match_silent": "refuse",
    });
    editor
        .create::<Channel>(&author(), settings(channel))
        .await
        .unwrap();
    let id = name("demo-second");
    let row = published.current().channel(&id).cloned().unwrap();
    assert_eq!(row.access_token.expose(), "s3");
    assert_eq!(row.known_numbers, ["51*"]);
    change::<Channel>(&editor, &id, json!({"paused": true}), None)
        .await
        .unwrap();
    let settings = published
        .current()
        .channel_settings(&row.channel_id())
        .cloned()
        .unwrap();
    assert!(settings.people.paused && settings.people.queue.is_some());
    change::<Channel>(&editor, &id, json!({"paused": false}), None)
        .await
        .unwrap();
    let people = || {
        let now = published.current();
        now.channel_settings(&row.channel_id())
            .unwrap()
            .people
            .clone()
    };
    assert!(!people().paused);
    change::<Queue>(&editor, &name("support"), json!({"paused": true}), None)
        .await
        .unwrap();
    assert_eq!(people().queue, None, "nobody is handed over to it");
    assert!(
        people().queue(&name("support")).is_some(),
        "who waits, waits"
    );
    change::<Tenant>(&editor, &name("demo"), json!({"paused": true}), None)
        .await
        .unwrap();
    assert!(people().paused, "with its tenant");
    let matching = settings.people.help_desk_match.unwrap();
    assert_eq!((matching.wait_ms, matching.keep_ms), (5_000, 86_400_000));
    assert_eq!(matching.silent, actors::ports::UnknownNumbers::Refuse);
    let unasked = change::<Channel>(&editor, &id, json!({"glpi": null}), None).await;
    assert_eq!(fields(unasked), ["glpi_match"], "nobody to ask");
    let author = author();
    editor
        .remove::<Channel>(&author, (&name("demo"), &id), None)
        .await
        .unwrap();
    assert!(published.current().channel(&id).is_none());
    house.postgres.stop().await;
}
