//! What is promised about the rows of templates.

use actors::model::TemplateCategory;
use actors::ports::Settings;
use actors::templates::{Approval, Header, Template, TemplateButton};
use chasqui::store::Changed;

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
