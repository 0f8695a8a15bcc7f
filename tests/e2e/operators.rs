//! What operators do at the help desk over the API, through the real server and its simulators.

use std::time::Duration;

use serde_json::{Value, json};

use crate::help_desk::glpi;
use crate::life::status;
use crate::process::{Person, Process, client};

const PHONE: &str = "51999888777";
/// How long something may take until it counts as not happening.
const PATIENCE: Duration = Duration::from_secs(20);

/// A command; its answer once it was decided.
async fn orders(demo: &Process, contact: &str, what: &str, body: Value) -> Value {
    let address = format!(
        "{}/api/v1/contacts/{contact}/{what}",
        demo.address("server")
    );
    let asked = client().post(address).bearer_auth("demo-api-token");
    let answer = asked.json(&body).send().await.expect("an answer");
    let status = answer.status();
    let body: Value = answer.json().await.expect("JSON");
    assert!(status.is_success(), "{what}: {status} {body}");
    body
}

pub async fn contact(demo: &Process, phone: &str) -> String {
    let address = format!("{}/api/v1/contacts?phone={phone}", demo.address("server"));
    let asked = client().get(address).bearer_auth("demo-api-token");
    let found: Value = asked
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    found["id"].as_str().expect("a contact").to_owned()
}

/// Waits until GLPI's row of an item shows a value.
async fn shows(world: &str, path: &str, field: &str, value: &Value) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let row = glpi(world, "GET", path, Value::Null).await;
        if row[field] == *value {
            return;
        }
        let late = tokio::time::Instant::now() >= deadline;
        assert!(!late, "{path} never showed {field} = {value}: {row}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_change_tickets_and_link_numbers_at_the_help_desk() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Process::demo(folder.path());
    let world = demo.address("simulators");
    let person = Person::at(&world, "demo-meta", PHONE);
    person.asks("hola", "asistente").await;
    let id = contact(&demo, PHONE).await;

    // The person becomes a user of GLPI's who had no number there.
    let user = json!({"input": {"name": "aquispe", "realname": "Quispe", "firstname": "Ana"}});
    let user = glpi(&world, "POST", "User", user).await["id"].clone();
    let email = json!({"input": {"users_id": user, "email": "ana@empresa.pe", "is_default": 1}});
    glpi(&world, "POST", "UserEmail", email).await;
    let link = json!({"id": "l-1", "by": "luis", "email": "ana@empresa.pe"});
    orders(&demo, &id, "link", link).await;
    let path = format!("User/{user}");
    shows(&world, &path, "mobile", &json!(format!("+{PHONE}"))).await;

    person
        .asks("mi impresora no imprime", "Información del Ticket")
        .await;
    person
        .asks("Ana Quispe, área de ventas", "Ticket creado")
        .await;
    let change = json!({"id": "t-1", "by": "luis", "action": "update",
        "title": "Impresora del segundo piso", "urgency": 5});
    let once = orders(&demo, &id, "tickets/1", change.clone()).await;
    let again = orders(&demo, &id, "tickets/1", change).await;
    assert_eq!(once["effect"], again["effect"], "the same order");
    let title = json!("Impresora del segundo piso");
    shows(&world, "Ticket/1", "name", &title).await;
    let solve =
        json!({"id": "t-2", "by": "luis", "action": "solve", "text": "Se cambió el rodillo"});
    orders(&demo, &id, "tickets/1", solve).await;
    shows(&world, "Ticket/1", "status", &json!(5)).await;
    let close = json!({"id": "t-3", "by": "luis", "action": "close", "text": "Confirmado"});
    orders(&demo, &id, "tickets/1", close).await;
    shows(&world, "Ticket/1", "status", &json!(6)).await;
    let reopen = json!({"id": "t-4", "by": "luis", "action": "reopen", "text": "Falla otra vez"});
    orders(&demo, &id, "tickets/1", reopen).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while status(&world, 1).await >= 5 {
        assert!(tokio::time::Instant::now() < deadline, "it stayed closed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The demo's integration user may not delete, like GLPI's stock technician; cancelling is the way.
    let cancel = json!({"id": "t-5", "by": "luis", "action": "cancel", "text": "Ya no hace falta"});
    orders(&demo, &id, "tickets/1", cancel).await;
    shows(&world, "Ticket/1", "status", &json!(6)).await;
    drop(demo);
}
