//! A file on its whole way: phone, provider, store, GLPI document, and back over the API.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::apart::Apart;
use crate::help_desk::{file, glpi};
use crate::process::{PATIENCE, Person, Process, client, control};

const PHONE: &str = "51999888777";
/// Stands in every file, and nowhere on disk in clear.
const SECRET: &[u8] = b"a picture nobody else should see";

fn photo() -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0".to_vec();
    for at in 0..6_000_u32 {
        bytes.extend_from_slice(SECRET);
        bytes.extend_from_slice(&at.to_be_bytes());
    }
    bytes
}

async fn send(world: &str, channel: &str, query: &str, mime: &str, bytes: Vec<u8>) {
    let sent = client()
        .post(format!("{world}/_phone/{channel}/{PHONE}/files?{query}"))
        .header("content-type", mime)
        .body(bytes)
        .send();
    let sent = sent.await.expect("the simulators answer");
    assert!(sent.status().is_success(), "{:?}", sent.text().await);
}

/// Asks until the answer is a list of so many, or as many as there will be.
async fn rows(world: &str, path: &str, count: usize) -> Vec<Value> {
    let until = Instant::now() + PATIENCE;
    loop {
        let answer = glpi(world, "GET", path, Value::Null).await;
        let rows = answer.as_array().cloned().unwrap_or_default();
        if rows.len() >= count {
            return rows;
        }
        assert!(Instant::now() < until, "{path}: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn api(server: &str, path: &str) -> reqwest::Response {
    let asked = client()
        .get(format!("{server}/api/v1{path}"))
        .bearer_auth("demo-api-token")
        .send();
    asked.await.expect("the server answers")
}

async fn opens_a_ticket(person: &Person, world: &str, channel: &str) {
    person
        .asks("Hola, tengo un problema con mi computadora", "¡Hola!")
        .await;
    send(world, channel, "kind=image", "image/jpeg", photo()).await;
    let until = Instant::now() + PATIENCE;
    while !person
        .received()
        .await
        .iter()
        .any(|text| text.contains('📎'))
    {
        assert!(Instant::now() < until, "{:?}", person.received().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let query = "kind=document&name=factura.pdf&caption=No%20enciende%20desde%20esta%20ma%C3%B1ana";
    let pdf = [b"%PDF-1.4\n", SECRET].concat();
    send(world, channel, query, "application/pdf", pdf).await;
    let until = Instant::now() + PATIENCE;
    let shown = |text: &String| text.contains("Información del Ticket");
    while !person.received().await.iter().any(shown) {
        assert!(Instant::now() < until, "{:?}", person.received().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    person
        .asks("Juan Pérez, área de contabilidad", "Ticket creado")
        .await;
}

/// The bytes of every file below the folder hold nothing of it.
fn stands_in_clear_below(folder: &Path, secret: &[u8]) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            // The private database holds no conversation.
            return !path.ends_with("postgres") && stands_in_clear_below(&path, secret);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes.windows(secret.len()).any(|window| window == secret)
    })
}

async fn whole_way(channel: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Process::demo(folder.path());
    let (world, server) = (demo.address("simulators"), demo.address("server"));
    let person = Person::at(&world, channel, PHONE);
    opens_a_ticket(&person, &world, channel).await;

    let links = rows(&world, "Ticket/1/Document_Item", 2).await;
    assert_eq!(links.len(), 2);
    let mut found = Vec::new();
    for link in &links {
        let bytes = file(&world, &link["documents_id"]).await;
        found.push(bytes.to_vec());
    }
    let pdf = [b"%PDF-1.4\n", SECRET].concat();
    assert!(found.contains(&photo()), "the photo, byte for byte");
    assert!(found.contains(&pdf), "the document, byte for byte");

    // The timeline names the file; the API gives it out, as a download only.
    let contact = api(&server, &format!("/contacts?phone={PHONE}&tenant=demo")).await;
    let contact: Value = contact.json().await.expect("JSON");
    let id = contact["id"].as_str().expect("an id");
    let told = api(&server, &format!("/contacts/{id}/timeline")).await;
    let told: Value = told.json().await.expect("JSON");
    let lines = told["entries"].as_array().expect("lines");
    let names: Vec<&str> = lines
        .iter()
        .filter(|line| line["media"]["mime"] == "image/jpeg")
        .filter_map(|line| line["media"]["name"].as_str())
        .collect();
    assert_eq!(names.len(), 1, "{told:#}");
    let path = format!("/contacts/{id}/media/{}", names[0]);
    let download = api(&server, &path).await;
    let header = |name: &str| {
        let value = download.headers().get(name);
        value
            .map_or("", |value| value.to_str().expect("text"))
            .to_owned()
    };
    assert_eq!(header("content-type"), "image/jpeg");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-disposition"), "attachment");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(download.bytes().await.expect("bytes"), photo());
    let naked = client().get(format!("{server}/api/v1{path}")).send();
    assert_eq!(naked.await.expect("an answer").status(), 401);
    let other = format!("/contacts/{id}/media/{}", "0".repeat(32));
    assert_eq!(api(&server, &other).await.status(), 404);

    forgets(&server, &person, id, &path, &folder.path().join("data")).await;

    assert!(demo.stop().1, "it ends in good order");
    assert!(!stands_in_clear_below(&folder.path().join("data"), SECRET));
}

/// The person is forgotten: nothing of them is shown, their files are gone, and they begin anew.
async fn forgets(server: &str, person: &Person, id: &str, file: &str, data: &Path) {
    assert_eq!(kept(data).len(), 2);
    let forgotten = client()
        .delete(format!("{server}/api/v1/contacts/{id}"))
        .bearer_auth("demo-api-token")
        .send();
    let forgotten = forgotten.await.expect("the server answers");
    assert_eq!(forgotten.status(), 200);
    let report: Value = forgotten.json().await.expect("JSON");
    assert_eq!(report["files"], 2, "{report}");
    assert_eq!(report["contacts"], json!([id]), "{report}");
    assert!(kept(data).is_empty());
    assert_eq!(api(server, file).await.status(), 404);
    let told = api(server, &format!("/contacts/{id}/timeline")).await;
    let told = told.text().await.expect("text");
    for gone in ["Juan", "computadora", "factura.pdf", PHONE] {
        assert!(!told.contains(gone), "{gone} is in {told}");
    }
    assert!(told.contains("forgotten"), "{told}");
    // Known before, they would be shown the draft with two buttons now.
    person
        .asks("la impresora no imprime", "confirmar tu nombre completo")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_from_metas_phone_is_a_document_on_the_ticket_byte_for_byte() {
    whole_way("demo-meta").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_from_gupshups_phone_is_a_document_on_the_ticket_byte_for_byte() {
    whole_way("demo-gupshup").await;
}

/// The provider fails at first, the server is killed in between, and GLPI does not take a film: the
/// person is told, a note stands on the ticket, nothing is there twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_that_glpi_does_not_take_is_told_and_noted_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Process::demo(folder.path());
    let world = demo.address("simulators");
    let failing = json!({"provider": "meta", "path": "/_media/", "method": "GET", "count": 2,
        "kind": "error", "status": 503});
    control(&world, json!({"faults": [failing]})).await;
    let person = Person::at(&world, "demo-meta", PHONE);
    person
        .asks("la impresora no imprime", "Información del Ticket")
        .await;
    let film = [b"\0\0\0\x18ftypmp42", SECRET].concat();
    send(&world, "demo-meta", "kind=video", "video/mp4", film).await;
    person
        .asks("Juan Pérez, área de contabilidad", "Ticket creado")
        .await;
    let until = Instant::now() + PATIENCE;
    let told = |text: &String| text.contains("no acepta");
    while !person.received().await.iter().any(told) {
        assert!(Instant::now() < until, "{:?}", person.received().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let notes = rows(&world, "Ticket/1/ITILFollowup", 1).await;
    assert_eq!(notes.len(), 1, "{notes:#?}");
    let content = notes[0]["content"].as_str().expect("text");
    assert!(content.contains("whatsapp-video-"), "{content}");
    assert!(rows(&world, "Ticket/1/Document_Item", 0).await.is_empty());
    drop(demo);
}

/// The files that are kept below a data directory.
fn kept(data: &Path) -> Vec<std::path::PathBuf> {
    let shards = std::fs::read_dir(data.join("media")).into_iter().flatten();
    let shards = shards.flatten().map(|shard| shard.path());
    let shards = shards.filter(|shard| !shard.ends_with("incoming"));
    let files = shards.flat_map(|shard| std::fs::read_dir(shard).into_iter().flatten());
    files.flatten().map(|file| file.path()).collect()
}

/// The server is killed when the file is on disk and the journal does not know it yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_kept_just_before_a_kill_is_one_file_and_one_document() {
    let apart = Apart::start(|config| config);
    let world = &apart.world;
    let held = "media::kept=sleep(600000)";
    let server = apart.serve_with("server", held).await;
    let person = Person::new(world, PHONE);
    person
        .asks("la impresora no imprime", "Información del Ticket")
        .await;
    send(world, "demo-meta", "kind=image", "image/jpeg", photo()).await;
    let until = Instant::now() + PATIENCE;
    while kept(&apart.data()).is_empty() {
        assert!(Instant::now() < until, "no file is kept");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let before = kept(&apart.data());
    server.kill();

    let server = apart.serve("server-again").await;
    person
        .asks("Juan Pérez, área de contabilidad", "Ticket creado")
        .await;
    let links = rows(world, "Ticket/1/Document_Item", 1).await;
    assert_eq!(links.len(), 1);
    let bytes = file(world, &links[0]["documents_id"]).await;
    assert_eq!(bytes, photo());
    assert!(server.stop().1, "it ends in good order");
    assert_eq!(
        kept(&apart.data()),
        before,
        "the same file under the same name"
    );
}
