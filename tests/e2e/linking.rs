//! A person joins their number to their GLPI user in the chat, through the real server and its
//! simulators; nobody joins theirs to somebody else's.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::apart::Apart;
use crate::help_desk::glpi;
use crate::process::{PATIENCE, Person, client};

const PHONE: &str = "51999888777";
const THIEF: &str = "51999888001";
const COLLEAGUE: &str = "51999888002";
const EMAIL: &str = "rosa.quispe@empresa.pe";

/// A user of the company's with an e-mail and no phone.
async fn user(world: &str, login: &str, email: &str) -> u64 {
    let input = json!({"name": login, "realname": "Quispe", "_useremails": [email]});
    let made = glpi(world, "POST", "User", json!({"input": input})).await;
    made["id"].as_u64().expect("an id")
}

async fn mobile(world: &str, user: u64) -> Value {
    let row = glpi(world, "GET", &format!("User/{user}"), Value::Null).await;
    row["mobile"].clone()
}

async fn requesters(world: &str, ticket: u32) -> Vec<u64> {
    let path = format!("Ticket/{ticket}/Ticket_User");
    let actors = glpi(world, "GET", &path, Value::Null).await;
    let actors = actors.as_array().expect("a list").iter();
    let requesters = actors.filter(|actor| actor["type"] == 1);
    requesters
        .map(|actor| actor["users_id"].as_u64().expect("an id"))
        .collect()
}

/// The configuration of a tenant whose people may join their numbers.
fn with_link_domains(config: String) -> String {
    let none = "\nlink_domains = []\n";
    assert!(config.contains(none), "{config}");
    config.replace(none, "\nlink_domains = [\"empresa.pe\"]\n")
}

/// Opens a first ticket, after which a newcomer is asked for their address.
async fn first_ticket(person: &Person, what: &str, who: &str) {
    person.asks(what, "Información del Ticket").await;
    person.asks(who, "Escribe tu correo de la empresa").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_joined_to_its_user_in_the_chat_and_to_nobody_elses() {
    let apart = Apart::start(with_link_domains);
    let world = &apart.world;
    let server = apart.serve("server").await;
    let rosa = user(world, "rquispe", EMAIL).await;

    let person = Person::new(world, PHONE);
    first_ticket(
        &person,
        "la impresora no imprime",
        "Rosa Quispe, área de contabilidad",
    )
    .await;
    // What was asked is known by the next process, too.
    server.kill();
    let server = apart.serve("server-again").await;
    person.asks("rosa.quispe", "no parece un correo").await;
    person
        .asks("rosa.quispe@gmail.com", "no es un correo de la empresa")
        .await;
    person
        .asks("es Rosa.Quispe@empresa.pe", "quedó vinculado")
        .await;
    assert_eq!(mobile(world, rosa).await, format!("+{PHONE}"));
    person.asks("¿cómo va mi ticket?", "Estado: recibido").await;
    person.asks("no tengo internet", "¿Lo creo así?").await;
    person.presses("ticket.confirm", "Ticket creado").await;
    assert_eq!(requesters(world, 2).await, [rosa], "opened as that user");
    let asked = person.received().await;
    let asked = asked
        .iter()
        .filter(|said| said.contains("Escribe tu correo"));
    assert_eq!(asked.count(), 1, "asked once");

    let thief = Person::new(world, THIEF);
    first_ticket(
        &thief,
        "mi laptop no enciende",
        "Luis Rojas, área de ventas",
    )
    .await;
    thief.asks(EMAIL, "ya tiene otro teléfono").await;
    assert_eq!(mobile(world, rosa).await, format!("+{PHONE}"));
    thief
        .asks("estado del ticket 2", "No encuentro un ticket 2")
        .await;

    // Whose tickets could be read is joined by an operator only.
    let ana = user(world, "atorres", "ana@empresa.pe").await;
    let input = json!({"name": "Sueldos", "content": "Sueldos", "_users_id_requester": ana});
    let ticket = glpi(world, "POST", "Ticket", json!({"input": input})).await;
    let ticket = ticket["id"].as_u64().expect("an id");
    let colleague = Person::new(world, COLLEAGUE);
    colleague
        .asks("vincular mi correo", "¿Cuál es tu correo")
        .await;
    colleague.asks("ana@empresa.pe", "debe confirmar").await;
    let own = format!("estado del ticket {ticket}");
    colleague.asks(&own, "No encuentro un ticket").await;
    assert_eq!(mobile(world, ana).await, "");
    operator_joins(&server.address("server"), COLLEAGUE, "ana@empresa.pe").await;
    hears(&colleague, "quedó vinculado").await;
    assert_eq!(mobile(world, ana).await, format!("+{COLLEAGUE}"));
    colleague.asks(&own, "Estado: recibido").await;
}

/// Waits until the person was told something they did not just ask for.
async fn hears(person: &Person, expected: &str) {
    let until = Instant::now() + PATIENCE;
    while !person
        .received()
        .await
        .iter()
        .any(|said| said.contains(expected))
    {
        assert!(Instant::now() < until, "{expected:?} was never said");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// An operator looks the person up, sees what they wait for, and confirms it.
async fn operator_joins(server: &str, phone: &str, email: &str) {
    let get = async |path: &str| -> Value {
        let asked = client()
            .get(format!("{server}/api/v1/{path}"))
            .bearer_auth("demo-api-token");
        let answer = asked.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {answer:?}");
        answer.json().await.expect("JSON")
    };
    let found = get(&format!("contacts?phone={phone}")).await;
    let contact = found["id"].as_str().expect("an id").to_owned();
    let shown = get(&format!("contacts/{contact}")).await;
    let waits = &shown["help_desk_user"]["waits_for_operator"];
    assert_eq!(waits, email, "{shown}");
    let order = json!({"id": "c-1", "by": "ana", "email": email});
    let ordered = client()
        .post(format!("{server}/api/v1/contacts/{contact}/link"))
        .bearer_auth("demo-api-token")
        .json(&order);
    let ordered = ordered.send().await.expect("an answer");
    assert!(ordered.status().is_success(), "{ordered:?}");
}
