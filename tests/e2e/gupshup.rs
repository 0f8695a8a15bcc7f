use serde_json::json;

use crate::process::{Person, Process, client, control};

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
