//! What is promised about the rows of templates.

use actors::model::TemplateCategory;
use actors::ports::Settings;
use actors::templates::{Approval, Header, Template, TemplateButton};
use chasqui::setup::{Author, SetUp, SetUpError};
use chasqui::store::Changed;
use serde_json::json;

use crate::support::{House, PATIENCE, name};

fn template(name: &str, approval: Approval) -> Template {
    Template {
        name: name.into(),
        language: "es".into(),
        category: TemplateCategory::Utility,
        approval,
        provider_id: "7".into(),
        second_id: Some("second".into()),
        header: Header::Text("Ticket {{1}}".to_owned()),
        body: "Hola {{1}},\n\"todo\" listo".to_owned(),
        footer: "Soporte".to_owned(),
        buttons: vec![TemplateButton {
            text: "Ver".to_owned(),
            url: "https://example.com/{{1}}".to_owned(),
        }],
        rests: false,
    }
}

#[tokio::test]
async fn only_what_differs_at_the_provider_is_written() {
    let house = House::new().await;
    let store = house.furnished_store().await;
    let channel = name("demo-meta");
    let rows = [
        template("ticket_update", Approval::Approved),
        template("rests", Approval::Approved),
    ];
    let changed = store.put_templates(&channel, &rows).await.unwrap();
    assert_eq!(changed, Changed { put: 2, removed: 0 });
    let before = store.directory_version().await.unwrap();
    let same = store.put_templates(&channel, &rows).await.unwrap();
    assert_eq!(same, Changed::default());
    assert_eq!(store.directory_version().await.unwrap(), before);
    let rows = [template("rests", Approval::Paused)];
    let changed = store.put_templates(&channel, &rows).await.unwrap();
    assert_eq!(changed, Changed { put: 1, removed: 1 });
    let (_, entries) = store.directory().await.unwrap();
    assert_eq!(entries.templates.len(), 1);
    assert_eq!(entries.templates[0].template(), rows[0]);
    house.postgres.stop().await;
}

#[tokio::test]
async fn conversations_see_the_catalogue_that_was_published() {
    let house = House::new().await;
    let (published, task) = house.kept().await;
    let channel = published.current().channel(&name("demo-meta")).cloned();
    let id = channel.unwrap().channel_id();
    let known = || {
        published
            .channel(&id)
            .unwrap()
            .sending
            .templates
            .templates
            .len()
    };
    assert_eq!(known(), 0);
    let store = house.store();
    let rows = [template("ticket_update", Approval::Approved)];
    let mut versions = published.versions();
    store
        .put_templates(&name("demo-meta"), &rows)
        .await
        .unwrap();
    let changed = async {
        while known() == 0 {
            versions.changed().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, changed)
        .await
        .expect("published");
    // The file holds it, too.
    assert_eq!(
        house
            .published()
            .channel(&id)
            .unwrap()
            .sending
            .templates
            .templates,
        rows
    );
    task.abort();
    house.postgres.stop().await;
}

#[tokio::test]
async fn a_template_that_was_paused_here_rests_through_synchronising_until_it_is_resumed() {
    let house = House::new().await;
    let store = house.furnished_store().await;
    let published = std::sync::Arc::new(house.published());
    let checker = |_, _| -> std::pin::Pin<Box<dyn Future<Output = _> + Send>> {
        Box::pin(async { Err("no GLPI stands here".to_owned()) })
    };
    let editor = SetUp::new(house.store(), published.clone(), Box::new(checker));
    let author = Author {
        name: "demo/1a2b3c4d".into(),
    };
    let id = name("demo-meta");
    let rows = [template("ticket_update", Approval::Approved)];
    store.put_templates(&id, &rows).await.unwrap();
    let (version, entries) = store.directory().await.unwrap();
    published.publish(version, &entries).unwrap();
    let channel = published.current().channel(&id).cloned().unwrap();
    let in_force = || {
        let settings = published.channel(&channel.channel_id()).unwrap();
        settings.sending.templates.clone()
    };
    let paused = editor.rest_template(&author, &channel, &rows[0], true);
    assert!(paused.await.unwrap().rests);
    let refused = in_force().pick("ticket_update", &["es"]).err();
    let code = refused.map(|unfit| unfit.code());
    assert_eq!(code, Some("template_rests"), "at once");
    // A server that starts without its database reads the file.
    let restarted = house.published().channel(&channel.channel_id()).unwrap();
    assert!(restarted.sending.templates.templates[0].rests);

    // The provider says what it always said, and then another text.
    let same = store.put_templates(&id, &rows).await.unwrap();
    assert_eq!(same, Changed::default());
    let mut changed = rows.clone();
    changed[0].body = "Hola, {{1}}.".to_owned();
    store.put_templates(&id, &changed).await.unwrap();
    let (_, entries) = store.directory().await.unwrap();
    assert!(entries.templates[0].rests && entries.templates[0].body == "Hola, {{1}}.");

    let resumed = editor.rest_template(&author, &channel, &changed[0], false);
    assert!(!resumed.await.unwrap().rests);
    assert!(in_force().pick("ticket_update", &["es"]).is_ok());
    let unknown = template("no_such", Approval::Approved);
    let missing = editor.rest_template(&author, &channel, &unknown, true);
    assert!(matches!(missing.await, Err(SetUpError::Missing)));

    let audit = editor.audit(Some(&name("demo")), 10).await.unwrap();
    let [resume, pause] = &audit[..] else {
        panic!("{audit:?}");
    };
    assert_eq!(
        (&*pause.who, &*pause.kind, &*pause.row, &*pause.what),
        (
            "demo/1a2b3c4d",
            "templates",
            "demo-meta/ticket_update/es",
            "pause"
        )
    );
    assert_eq!(pause.changes, json!({"rests": {"was": false, "is": true}}));
    assert_eq!(resume.what, "resume");
    house.postgres.stop().await;
}
