use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::process::{Person, Process, client};

/// The demo's printed configuration with a free port and the simulators' own one.
pub fn printed_configuration(data: &Path, simulators: &str) -> String {
    let address = simulators.strip_prefix("http://").expect("an http address");
    let printed = Command::new(env!("CARGO_BIN_EXE_chasqui"))
        .args(["demo", "--print-config", "--listen=127.0.0.1:0"])
        .args(["--simulators-listen", address, "--data"])
        .arg(data)
        .output()
        .expect("the binary starts");
    assert!(
        printed.status.success() && !data.exists(),
        "it prints and makes nothing"
    );
    String::from_utf8(printed.stdout).expect("TOML is text")
}

pub fn point_webhooks(simulators: &str, server: &str) -> impl Future<Output = ()> + use<> {
    let callback = format!("{server}/webhooks/meta/demo-meta");
    let change = serde_json::json!({"meta": {"demo-meta": {"callback_url": callback}}});
    let control = client()
        .post(format!("{simulators}/_control"))
        .json(&change);
    async move {
        let changed = control.send().await.expect("the simulators answer");
        assert!(changed.status().is_success());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_and_simulators_apart_hold_the_same_conversation_and_survive_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let text = |name: &str| at(name).to_str().expect("a path of text").to_owned();
    let log = text("requests");
    let simulators = ["simulate", "--listen=127.0.0.1:0", "--log", &log];
    let simulators = Process::start(&simulators, &at("simulators.log"));
    let world = simulators.address("simulators");
    let config = printed_configuration(&at("data"), &world);
    std::fs::write(at("chasqui.toml"), config).expect("the configuration is written");
    let file = text("chasqui.toml");
    let serve = ["serve", "--config", &file];

    let server = Process::start(&serve, &at("server.log"));
    point_webhooks(&world, &server.address("server")).await;
    let person = Person::new(&world, "51999888777");
    let greeting = person
        .asks("Hola, tengo un problema con mi computadora", "¡Hola!")
        .await;
    assert!(greeting.contains("IT Green Peru"), "{greeting}");
    person
        .asks("No enciende desde esta mañana", "Información del Ticket")
        .await;
    let (took, in_good_order) = server.stop();
    assert!(in_good_order && took < Duration::from_secs(10), "{took:?}");

    let server = Process::start(&serve, &at("server-again.log"));
    point_webhooks(&world, &server.address("server")).await;
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
