//! Conversations behind Gupshup, over real processes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::operators::contact;
use crate::process::{PATIENCE, Person, Process, client, control};

const CHANNEL: &str = "demo-gupshup";

/// Bodies of both versions come mixed, twice and out of order, and an answer is lost on the way; the
/// person sees one conversation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_behind_gupshup_gets_one_ticket_and_sees_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Process::demo(folder.path());
    let world = demo.address("simulators");
    let odd = json!({
        "version": "mixed", "webhooks": {"duplicate": 1.0, "shuffle_ms": 150},
        "oddities": {"texts": true, "button_as_quick_reply": true},
    });
    control(&world, json!({"gupshup": {CHANNEL: odd}})).await;
    let lost = json!({"provider": "gupshup", "path": "/msg", "method": "POST", "count": 1,
        "kind": "lose_answer"});
    control(&world, json!({"faults": [lost]})).await;

    let person = Person::at(&world, CHANNEL, "51999888777");
    person
        .asks("Hola, tengo un problema con mi computadora", "¡Hola!")
        .await;
    person
        .asks("No enciende desde esta mañana", "Información del Ticket")
        .await;
    let done = person
        .asks("Juan Pérez, área de contabilidad", "Ticket creado")
        .await;
    assert!(done.contains("-000001"), "{done}");
    let said = person.received().await;
    let greetings = said.iter().filter(|text| text.contains("¡Hola!")).count();
    assert_eq!((greetings, said.len()), (1, 3), "{said:#?}");

    let answer = client()
        .get(format!("{world}/_log/counts"))
        .send()
        .await
        .expect("the simulators answer");
    let counts: serde_json::Value = answer.json().await.expect("JSON");
    let sent = &counts["providers"]["gupshup"]["recipients"]["51999888777"];
    assert_eq!(sent["accepted"], 3, "the lost answer was not sent again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_an_unknown_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Process::demo(folder.path());
    let server = demo.address("server");
    let post = async |path: &str| {
        let body = json!({"app": "DemoApp", "type": "user-event",
            "payload": {"phone": "callbackSetPhone", "type": "sandbox-start"}});
        let answer = client().post(format!("{server}{path}")).json(&body).send();
        let answer = answer.await.expect("the server answers");
        let status = answer.status().as_u16();
        (status, answer.text().await.expect("text"))
    };
    let (status, body) = post("/webhooks/gupshup/demo-gupshup/demo-secret").await;
    assert_eq!(
        (status, body.as_str()),
        (200, ""),
        "taken, with an empty body"
    );
    let (nowhere, _) = post("/webhooks/gupshup/nobody/demo-secret").await;
    for wrong in [
        "/webhooks/gupshup/demo-gupshup/demo-secre",
        "/webhooks/gupshup/demo-meta/demo-secret",
        "/webhooks/meta/demo-gupshup",
    ] {
        assert_eq!((nowhere, post(wrong).await.0), (404, 404), "{wrong}");
    }
}

/// What the phone shows of what was said to the person, with how far each message came.
async fn shown(world: &str, phone: &str) -> Vec<(String, String)> {
    let address = format!("{world}/_phone/{CHANNEL}/{phone}/messages");
    let answer = client().get(address).send().await.expect("an answer");
    let shown: Value = answer.json().await.expect("JSON");
    let messages = shown["messages"].as_array().expect("a list").iter();
    let out = messages.filter(|message| message["direction"] == "out");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    out.map(|message| (text(&message["text"]), text(&message["status"])))
        .collect()
}

/// The texts that reached the person.
async fn arrived(world: &str, phone: &str) -> Vec<String> {
    let shown = shown(world, phone).await.into_iter();
    shown
        .filter(|(_, status)| status != "failed")
        .map(|(text, _)| text)
        .collect()
}

/// The health of the channel's line at Gupshup.
async fn line(demo: &Process) -> Value {
    let address = format!("{}/api/v1/health/actors", demo.address("server"));
    let asked = client().get(address).bearer_auth("demo-api-token").send();
    let health: Value = asked.await.expect("an answer").json().await.expect("JSON");
    let mut gateways = health["gateways"].as_array().expect("a list").iter();
    let named = |row: &&Value| row["name"] == CHANNEL && row["provider"] == "gupshup";
    gateways.find(named).expect("the line").clone()
}

/// Waits for a condition, which may cost a request of the API's hundred a minute.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let late = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < late, "{what}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Error 1003: the line rests with an alert, what is said meanwhile waits, and once the wallet is
/// filled everything leaves once and in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_wallet_rests_the_line_and_everything_leaves_once_and_in_order_when_it_is_filled()
{
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Process::demo(folder.path());
    let world = demo.address("simulators");
    let (phone, other) = ("51999888777", "51999888001");
    let wallet = |micros: i64| json!({"gupshup": {CHANNEL: {"wallet_micros": micros}}});
    let person = Person::at(&world, CHANNEL, phone);
    person
        .asks("Hola, tengo un problema con mi computadora", "¡Hola!")
        .await;
    let id = contact(&demo, phone).await;
    assert_eq!(line(&demo).await["alert"], Value::Null);

    control(&world, wallet(0)).await;
    let write = async |phone: &str, text: &str| {
        let address = format!("{world}/_phone/{CHANNEL}/{phone}/messages");
        let written = client().post(address).json(&json!({"text": text}));
        let written = written.send().await.expect("an answer");
        assert!(written.status().is_success());
    };
    write(phone, "No enciende desde esta mañana").await;
    until("the line rests with an alert", async || {
        let line = line(&demo).await;
        let alert = line["alert"].as_str().unwrap_or_default().to_owned();
        alert.contains("balance") && line["paused"]["since"].is_number()
    })
    .await;
    // Said meanwhile: by an operator to the one, by the bot to another.
    for (nth, text) in ["uno", "dos", "tres"].iter().enumerate() {
        let address = format!("{}/api/v1/contacts/{id}/messages", demo.address("server"));
        let order = json!({"id": format!("o-{nth}"), "by": "ana", "text": text});
        let asked = client().post(address).bearer_auth("demo-api-token");
        let answer = asked.json(&order).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }
    let turned_back = line(&demo).await["not_started"].as_u64();
    write(other, "Hola, tengo un problema con mi computadora").await;
    until("the other person's answer waits", async || {
        line(&demo).await["not_started"].as_u64() > turned_back
    })
    .await;
    let attempts = line(&demo).await["attempts"].as_u64();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        line(&demo).await["attempts"].as_u64(),
        attempts,
        "nothing is sent in vain"
    );
    assert_eq!(arrived(&world, phone).await.len(), 1, "the greeting");
    assert_eq!(arrived(&world, other).await, Vec::<String>::new());

    control(&world, wallet(2_000_000_000)).await;
    until("everything arrives", async || {
        arrived(&world, phone).await.len() >= 5 && !arrived(&world, other).await.is_empty()
    })
    .await;
    until("the alert ends", async || {
        let line = line(&demo).await;
        line["alert"].is_null() && line["paused"].is_null()
    })
    .await;
    // One more word of the person's, behind which nothing else comes.
    write(other, "No enciende desde esta mañana").await;
    until("the line goes on", async || {
        arrived(&world, other).await.len() >= 2
    })
    .await;
    let told = arrived(&world, phone).await;
    assert_eq!(told.len(), 5, "{told:#?}");
    assert!(told[0].contains("¡Hola!") && told[1].contains("Información del Ticket"));
    assert_eq!(told[2..], ["uno", "dos", "tres"]);
    let told = arrived(&world, other).await;
    assert!(told.len() == 2 && told[0].contains("¡Hola!"), "{told:#?}");
    drop(demo);
}
