//! One conversation through a server and simulators that are processes apart.

use std::time::Duration;

use serde_json::Value;

use crate::apart::Apart;
use crate::process::{Person, client};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_and_simulators_apart_hold_the_same_conversation_and_survive_a_restart() {
    let apart = Apart::start(|config| config);
    let world = &apart.world;
    let server = apart.serve("server").await;
    let person = Person::new(world, "51999888777");
    let greeting = person
        .asks("Hola, tengo un problema con mi computadora", "¡Hola!")
        .await;
    assert!(greeting.contains("IT Green Peru"), "{greeting}");
    person
        .asks("No enciende desde esta mañana", "Información del Ticket")
        .await;
    let (took, in_good_order) = server.stop();
    assert!(in_good_order && took < Duration::from_secs(10), "{took:?}");

    let server = apart.serve("server-again").await;
    let done = person
        .asks("Juan Pérez, área de contabilidad", "Ticket creado")
        .await;
    assert!(
        done.contains("-000001") && done.contains("Juan Pérez - Contabilidad"),
        "{done}"
    );
    let shown = client()
        .get(format!("{world}/_world/glpi/tickets"))
        .send()
        .await
        .expect("an answer");
    let shown: Value = shown.json().await.expect("JSON");
    let tickets = shown["tickets"].as_array().expect("a list");
    assert_eq!(tickets.len(), 1, "{tickets:?}");
    assert_eq!(tickets[0]["name"], "Computadora no enciende");
    let page = client()
        .get(server.address("server"))
        .send()
        .await
        .expect("an answer");
    assert!(
        page.text().await.expect("a page").contains("IT Green Peru"),
        "the page is there too"
    );
}
