//! The life of a ticket as a person lives it in the chat, through the real server, its simulators and
//! their GLPI: asked for, added to, refused, accepted, rated, taken back; and nobody else's.

use serde_json::{Value, json};

use crate::help_desk::glpi;
use crate::process::{Person, Process, control};

const PHONE: &str = "51999888777";
const STRANGER: &str = "51999888001";
/// The shipped technician.
const TECHNICIAN: u32 = 4;

async fn solves(world: &str, ticket: u32, text: &str) {
    let input = json!({
        "itemtype": "Ticket", "items_id": ticket, "content": text, "users_id": TECHNICIAN,
    });
    let solved = glpi(world, "POST", "ITILSolution", json!({"input": input})).await;
    assert!(solved["id"].is_number(), "{solved}");
}

pub async fn status(world: &str, ticket: u32) -> u64 {
    let row = glpi(world, "GET", &format!("Ticket/{ticket}"), Value::Null).await;
    row["status"].as_u64().expect("a number")
}

async fn words(world: &str, ticket: u32) -> usize {
    let path = format!("Ticket/{ticket}/ITILFollowup");
    let words = glpi(world, "GET", &path, Value::Null).await;
    words.as_array().expect("a list").len()
}

async fn fault(world: &str, fault: Value) {
    control(world, json!({"faults": [fault]})).await;
}

async fn lives(channel: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Process::demo(folder.path());
    let world = demo.address("simulators");
    let person = Person::at(&world, channel, PHONE);
    person
        .asks("la impresora no imprime", "Información del Ticket")
        .await;
    person
        .asks("Juan Pérez, área de contabilidad", "Ticket creado")
        .await;
    person.asks("¿cómo va mi ticket?", "Estado: recibido").await;

    // The answer to the first word is lost on the way; it is found and not said twice.
    let lost = json!({"provider": "glpi", "path": "/ITILFollowup", "method": "POST", "count": 1,
        "kind": "lose_answer"});
    fault(&world, lost).await;
    person
        .asks(
            "agrega al ticket 1 que también falla el escáner",
            "lo agregué",
        )
        .await;
    assert_eq!(words(&world, 1).await, 1);

    solves(&world, 1, "Se cambió el cartucho").await;
    let told = person
        .asks("estado del ticket 1", "Estado: solucionado")
        .await;
    assert!(told.contains("Se cambió el cartucho"), "{told}");
    person.presses("ticket.reject:1", "todavía falla").await;
    person.asks("Sale una raya negra", "Volví a abrir").await;
    assert!(status(&world, 1).await < 5);

    solves(&world, 1, "Se limpió el rodillo").await;
    person
        .asks("estado del ticket 1", "Estado: solucionado")
        .await;
    person.presses("ticket.accept:1", "cerré el ticket").await;
    assert_eq!(status(&world, 1).await, 6);
    person
        .chooses("ticket.rate:1:5", "Registré tu calificación")
        .await;
    let survey = glpi(&world, "GET", "TicketSatisfaction/1", Value::Null).await;
    assert_eq!(survey["satisfaction"], 5, "{survey}");

    let stranger = Person::at(&world, channel, STRANGER);
    stranger
        .asks("estado del ticket 1", "No encuentro un ticket 1")
        .await;
    stranger
        .asks(
            "agrega al ticket 1 que yo también",
            "No encuentro un ticket 1",
        )
        .await;
    stranger
        .presses("ticket.cancel:1:yes", "No encuentro un ticket 1")
        .await;
    assert_eq!(words(&world, 1).await, 3, "the comment, the no and the yes");

    person.asks("no tengo internet", "¿Lo creo así?").await;
    person.presses("ticket.confirm", "Ticket creado").await;
    person.presses("ticket.cancel:2", "¿Confirmas").await;
    person
        .presses("ticket.cancel:2:yes", "Cancelé el ticket")
        .await;
    assert_eq!(status(&world, 2).await, 6);

    let down =
        json!({"provider": "glpi", "path": "/", "count": 200, "kind": "error", "status": 503});
    fault(&world, down).await;
    let told = person.asks("estado del ticket 2", "no responde").await;
    assert!(told.contains("cerrado"), "what is on record: {told}");
    drop(demo);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_lives_in_metas_chat_and_is_nobody_elses() {
    lives("demo-meta").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_lives_in_gupshups_chat_and_is_nobody_elses() {
    lives("demo-gupshup").await;
}
