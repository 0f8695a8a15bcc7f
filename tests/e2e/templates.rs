//! Templates from end to end: fetched when the server starts, ordered outside the window, refused in
//! plain words, and followed when the provider pauses one.

use std::time::Instant;

use serde_json::{Value, json};

use crate::apart::Apart;
use crate::process::{PATIENCE, Person, Process, client, control};

const NUMBER: &str = "51999888777";

struct Office {
    server: String,
    world: String,
    _demo: Process,
    _folder: tempfile::TempDir,
}

impl Office {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let demo = Process::demo(folder.path());
        Self {
            server: demo.address("server"),
            world: demo.address("simulators"),
            _demo: demo,
            _folder: folder,
        }
    }

    async fn get(&self, path: &str) -> Value {
        let request = client()
            .get(format!("{}/api/v1{path}", self.server))
            .bearer_auth("demo-api-token");
        let answer = request.send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = client()
            .post(format!("{}/api/v1{path}", self.server))
            .bearer_auth("demo-api-token")
            .json(body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }

    async fn control(&self, change: Value) {
        control(&self.world, change).await;
    }

    /// Waits until what is read at `path` holds, within the API's hundred requests a minute.
    async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let body = self.get(path).await;
            if holds(&body) {
                return body;
            }
            assert!(Instant::now() < until, "{path}: {body:#}");
            tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        }
    }
}

fn approval(body: &Value, name: &str, language: &str) -> Option<String> {
    let rows = body["templates"].as_array()?;
    let row = rows
        .iter()
        .find(|row| row["name"] == name && row["language"] == language)?;
    row["approval"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordered_template_reaches_the_person_outside_the_window() {
    let office = Office::open();
    for (provider, channel, number) in [
        ("meta", "demo-meta", NUMBER),
        ("gupshup", "demo-gupshup", "51999888778"),
    ] {
        let catalogue = format!("/templates?channel={channel}");
        office
            .until(&catalogue, |body| {
                approval(body, "ticket_update", "es").is_some()
            })
            .await;
        let person = Person::at(&office.world, channel, number);
        person
            .asks("Hola, tengo un problema con mi computadora", "¡Hola!")
            .await;
        office
            .control(json!({provider: {channel: {"close_windows": [number]}}}))
            .await;
        let found = office.get(&format!("/contacts?phone={number}")).await;
        let contact = found["id"].as_str().expect("an id");
        let path = format!("/contacts/{contact}/templates");
        let order = json!({"id": "n-1", "purpose": "ticket_update",
            "values": ["Ana", "#TK-2026-000007", "resuelto"]});
        for _ in 0..2 {
            let (status, answer) = office.post(&path, &order).await;
            assert_eq!(status, 202, "{answer}");
        }
        let timeline = format!("/contacts/{contact}/timeline");
        let delivered = |body: &Value| body.to_string().contains("the provider says: delivered");
        let sent = |body: &Value| body.to_string().contains("send_template") && delivered(body);
        let lines = office.until(&timeline, sent).await.to_string();
        assert_eq!(lines.matches("\"send_template\"").count(), 1, "{lines}");
        let (status, refused) = office
            .post(
                &path,
                &json!({"id": "n-2", "template": "promo", "values": ["Ana", "5 %"]}),
            )
            .await;
        assert_eq!(
            (status, refused["error"]["code"].as_str()),
            (422, Some("no_consent"))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_template_is_known_as_paused_and_not_sent() {
    let office = Office::open();
    let catalogue = "/templates?channel=demo-meta";
    let known = office
        .until(catalogue, |body| {
            approval(body, "ticket_update", "es").is_some()
        })
        .await;
    assert_eq!(
        approval(&known, "ticket_rejected", "es").as_deref(),
        Some("rejected")
    );
    let rows = json!([
        {"name": "ticket_update", "language": "es", "status": "PAUSED", "body": "Hola {{1}}"},
    ]);
    office
        .control(json!({"meta": {"demo-meta": {"templates": rows}}}))
        .await;
    // The provider's webhook is the hint; nobody orders anything.
    let paused = |body: &Value| approval(body, "ticket_update", "es").as_deref() == Some("paused");
    office.until(catalogue, paused).await;
    let (status, synced) = office
        .post("/channels/demo-meta/templates/sync", &json!({}))
        .await;
    assert_eq!((status, &synced["templates"]), (200, &json!(1)), "{synced}");
    let preview = "/templates/ticket_update/preview?channel=demo-meta&value=Ana";
    let refused = office.get(preview).await;
    assert_eq!(refused["error"]["code"], "template_not_approved");
}

/// The count of a day's templates is the number's, not the process's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_templates_of_a_day_are_counted_through_a_kill_and_a_restart() {
    let apart = Apart::start(|config| config);
    let world = apart.world.clone();
    let open = async |name: &str| {
        let server = apart.serve(name).await;
        Office {
            server: server.address("server"),
            world: world.clone(),
            _demo: server,
            _folder: tempfile::tempdir().expect("a folder"),
        }
    };
    // Counted, and sent: a kill between the two rightly counts what is sent once more.
    let counted = |count: u64, sent: u64| {
        move |health: &Value| {
            let rows = health["gateways"].as_array().into_iter().flatten();
            let mut lines = rows.filter(|row| row["name"] == "demo-meta");
            lines.any(|row| row["templates"]["notices"] == count && row["done"] == sent)
        }
    };
    let order = |id: &str| {
        json!({"id": id, "purpose": "ticket_update",
            "values": ["Ana", "#TK-2026-000007", "resuelto"]})
    };

    let office = open("server").await;
    let known = |body: &Value| approval(body, "ticket_update", "es").is_some();
    office.until("/templates?channel=demo-meta", known).await;
    let person = Person::at(&world, "demo-meta", NUMBER);
    person
        .asks("Hola, tengo un problema con mi computadora", "¡Hola!")
        .await;
    let close = json!({"meta": {"demo-meta": {"close_windows": [NUMBER]}}});
    office.control(close).await;
    let found = office.get(&format!("/contacts?phone={NUMBER}")).await;
    let path = format!(
        "/contacts/{}/templates",
        found["id"].as_str().expect("an id")
    );
    for id in ["d-1", "d-2"] {
        let (status, answer) = office.post(&path, &order(id)).await;
        assert_eq!(status, 202, "{answer}");
    }
    office.until("/health/actors", counted(2, 3)).await;
    office._demo.kill();

    // A third goes on from the two, and the order that comes again is not counted again.
    let office = open("server-again").await;
    for id in ["d-2", "d-3"] {
        let (status, answer) = office.post(&path, &order(id)).await;
        assert_eq!(status, 202, "{answer}");
    }
    office.until("/health/actors", counted(3, 1)).await;
}
