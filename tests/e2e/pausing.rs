//! A connection to GLPI is paused and resumed while people write: calls wait, nothing fails, and
//! everything is done once afterwards.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{PATIENCE, Person, Process, client};

const PHONE: &str = "51999888777";

async fn api(demo: &Process, method: reqwest::Method, path: &str) -> Value {
    let address = format!("{}/api/v1{path}", demo.address("server"));
    let asked = client()
        .request(method, address)
        .bearer_auth("demo-api-token");
    let answer = asked.send().await.expect("an answer");
    let status = answer.status();
    let body: Value = answer.json().await.expect("JSON");
    assert!(status.is_success(), "{path}: {status} {body}");
    body
}

async fn glpi_health(demo: &Process) -> Value {
    let health = api(demo, reqwest::Method::GET, "/health/actors").await;
    let rows = health["gateways"].as_array().expect("a list").iter();
    let mut rows = rows.filter(|row| row["provider"] == "glpi");
    rows.next().cloned().unwrap_or_default()
}

async fn until_alert(demo: &Process, is: impl Fn(&Value) -> bool) -> Value {
    let late = Instant::now() + PATIENCE;
    loop {
        let row = glpi_health(demo).await;
        if row.is_object() && is(&row["alert"]) {
            return row;
        }
        assert!(Instant::now() < late, "{row:#}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn tickets(world: &str) -> usize {
    let address = format!("{world}/_world/glpi/tickets");
    let shown = client().get(address).send().await.expect("an answer");
    let shown: Value = shown.json().await.expect("JSON");
    shown["tickets"].as_array().expect("a list").len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_to_a_paused_glpi_wait_and_are_made_once_when_it_is_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Process::demo(folder.path());
    let world = demo.address("simulators");
    let person = Person::at(&world, "demo-meta", PHONE);
    person
        .asks("la impresora no imprime", "Información del Ticket")
        .await;
    let post = reqwest::Method::POST;
    let path = "/glpi-connections/demo-glpi/pause?tenant=demo";
    let paused = api(&demo, post.clone(), path).await;
    assert_eq!(paused["paused"], true, "{paused}");
    let held = |alert: &Value| {
        let alert = alert.as_str().unwrap_or_default();
        alert.contains("paused by an operator")
    };
    let row = until_alert(&demo, held).await;
    assert!(row["paused"]["since"].is_number(), "{row:#}");

    let written = client()
        .post(format!("{world}/_phone/demo-meta/{PHONE}/messages"))
        .json(&json!({"text": "Juan Pérez, área de contabilidad"}))
        .send();
    assert!(written.await.expect("an answer").status().is_success());
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(tickets(&world).await, 0, "it waits");
    let row = glpi_health(&demo).await;
    let letters = api(&demo, reqwest::Method::GET, "/dead-letters").await;
    assert_eq!(row["not_done"], 0, "nothing fails: {row:#}");
    assert!(!letters.to_string().contains("open_ticket"), "{letters}");

    let path = "/glpi-connections/demo-glpi/resume?tenant=demo";
    let resumed = api(&demo, post, path).await;
    assert_eq!(resumed["paused"], false, "{resumed}");
    let late = Instant::now() + PATIENCE;
    let done = |text: &String| text.contains("Ticket creado");
    while !person.received().await.iter().any(done) {
        assert!(Instant::now() < late, "{:#?}", person.received().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(tickets(&world).await, 1);
    until_alert(&demo, Value::is_null).await;

    let audit = api(&demo, reqwest::Method::GET, "/audit?limit=20")
        .await
        .to_string();
    for what in ["pause", "resume"] {
        assert!(audit.contains(&format!("\"{what}\"")), "{audit}");
    }
    drop(demo);
}
