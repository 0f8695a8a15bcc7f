//! Templates from end to end: fetched when the server starts, ordered outside the window, refused in
//! plain words, followed when the provider pauses one, and set up over the API.

use std::time::Instant;

use reqwest::Method;
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
        self.ask(Method::POST, path, body).await
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = client()
            .request(method, format!("{}/api/v1{path}", self.server))
            .bearer_auth("demo-api-token")
            .json(body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        // What is deleted is answered without a word.
        (status, answer.json().await.unwrap_or_default())
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

/// Waits until the person has got this many of a template.
async fn until_received(person: &Person, name: &str, count: usize) {
    let late = Instant::now() + PATIENCE;
    loop {
        let received = person.received().await;
        let own = received.iter().filter(|text| text.contains(name));
        if own.count() == count {
            return;
        }
        assert!(Instant::now() < late, "{count} of {name} in {received:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_is_made_approved_sent_paused_resumed_and_deleted_over_the_api() {
    let office = Office::open();
    let catalogue = "/templates?channel=demo-meta";
    let known = |body: &Value| approval(body, "ticket_update", "es").is_some();
    office.until(catalogue, known).await;
    let person = Person::at(&office.world, "demo-meta", NUMBER);
    person
        .asks("Hola, tengo un problema con mi computadora", "¡Hola!")
        .await;
    let found = office.get(&format!("/contacts?phone={NUMBER}")).await;
    let contact = found["id"].as_str().expect("an id");
    let path = format!("/contacts/{contact}/templates");
    let order = |id: &str| json!({"id": id, "template": "visit", "values": ["Ana", "lunes"]});

    let draft = json!({"channel": "demo-meta", "name": "visit", "language": "es",
        "category": "utility", "body": "Hola {{1}}, vamos el {{2}} por la tarde.",
        "examples": ["Ana", "lunes"]});
    let (status, made) = office.post("/templates", &draft).await;
    assert_eq!(
        (status, &made["approval"]),
        (201, &json!("pending")),
        "{made}"
    );
    let listed = office.get(catalogue).await;
    let stands = approval(&listed, "visit", "es");
    assert_eq!(stands.as_deref(), Some("pending"), "at once");
    let (status, refused) = office.post("/templates", &draft).await;
    assert_eq!((status, code(&refused)), (422, "template_refused"));
    assert!(refused.to_string().contains("already exists"), "{refused}");
    let (status, refused) = office.post(&path, &order("v-0")).await;
    assert_eq!((status, code(&refused)), (422, "template_not_approved"));

    let approve = async || {
        let rows = json!([{"name": "visit", "language": "es", "status": "APPROVED",
            "body": "Hola {{1}}, vamos el {{2}} por la tarde."}]);
        office
            .control(json!({"meta": {"demo-meta": {"templates": rows}}}))
            .await;
        let approved = |body: &Value| approval(body, "visit", "es").as_deref() == Some("approved");
        office.until(catalogue, approved).await;
    };
    approve().await;
    let (status, answer) = office.post(&path, &order("v-1")).await;
    assert_eq!(status, 202, "{answer}");
    until_received(&person, "visit", 1).await;

    let each = |action: &str| format!("/templates/visit{action}?channel=demo-meta&language=es");
    let (status, paused) = office.post(&each("/pause"), &json!({})).await;
    assert_eq!((status, &paused["rests"]), (200, &json!(true)), "{paused}");
    let refuses = async |id: &str| {
        let (status, refused) = office.post(&path, &order(id)).await;
        assert_eq!((status, code(&refused)), (422, "template_rests"));
        assert!(refused.to_string().contains("resume it"), "{refused}");
    };
    refuses("v-2").await;
    let sync = "/channels/demo-meta/templates/sync";
    assert_eq!(office.post(sync, &json!({})).await.0, 200);
    refuses("v-3").await;
    let listed = office.get(catalogue).await;
    assert_eq!(listed["templates"][0]["rests"], true, "{listed}");
    let (status, resumed) = office.post(&each("/resume"), &json!({})).await;
    assert_eq!(
        (status, &resumed["rests"]),
        (200, &Value::Null),
        "{resumed}"
    );
    let (status, answer) = office.post(&path, &order("v-4")).await;
    assert_eq!(status, 202, "{answer}");
    until_received(&person, "visit", 2).await;

    let footer = json!({"footer": "Mesa de ayuda"});
    let (status, changed) = office.ask(Method::PATCH, &each(""), &footer).await;
    assert_eq!((status, &changed["footer"]), (200, &footer["footer"]));
    assert_eq!(changed["approval"], "pending", "it is looked at again");
    assert_eq!(changed["body"], draft["body"], "the rest stays");
    approve().await;

    let (status, answer) = office.ask(Method::DELETE, &each(""), &json!({})).await;
    assert_eq!((status, answer), (204, Value::Null));
    assert_eq!(office.get(catalogue).await["templates"], json!([]));
    let (status, synced) = office.post(sync, &json!({})).await;
    assert_eq!((status, &synced["templates"]), (200, &json!(0)), "{synced}");
    let (status, refused) = office.post(&path, &order("v-5")).await;
    assert_eq!((status, code(&refused)), (422, "template_unknown"));

    let audit = office.get("/audit?limit=20").await;
    let lines = audit["audit"].as_array().expect("lines").iter().rev();
    let own = lines.filter(|line| line["id"] == "demo-meta/visit/es");
    let told: Vec<&str> = own.filter_map(|line| line["what"].as_str()).collect();
    assert_eq!(told, ["create", "pause", "resume", "change", "delete"]);
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
