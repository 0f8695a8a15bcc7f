//! A technician's file on its whole way: GLPI document, look, store, provider, phone; shown once, also
//! when the server is killed in the middle, and never what is for colleagues only.

use std::time::Instant;

use serde_json::{Value, json};

use crate::apart::Apart;
use crate::process::{PATIENCE, Person, Process, client};

const PHONE: &str = "51999888777";
/// The shipped technician.
const TECHNICIAN: u32 = 4;

fn picture() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend((0..20_000_u32).flat_map(u32::to_be_bytes));
    bytes
}

/// A file put into GLPI by its administrator, who is not the integration user.
async fn uploads(world: &str, item: &str, input: Value, name: &str, bytes: &[u8]) -> u64 {
    let base = format!("{world}/glpi/apirest.php");
    let session = client()
        .get(format!("{base}/initSession"))
        .header("app-token", "demo-app-token")
        .header("authorization", "user_token demo-admin-token")
        .send();
    let session: Value = session.await.expect("GLPI").json().await.expect("JSON");
    let token = session["session_token"].as_str().expect("a session");
    let manifest = json!({ "input": input });
    let mime = match name.rsplit_once('.') {
        Some((_, "png")) => "image/png",
        Some((_, "gif")) => "image/gif",
        _ => "application/pdf",
    };
    let mut form = format!(
        "--b\r\ncontent-disposition: form-data; name=\"uploadManifest\"\r\n\r\n{manifest}\r\n\
         --b\r\ncontent-disposition: form-data; name=\"filename[0]\"; filename=\"{name}\"\r\n\
         content-type: {mime}\r\n\r\n"
    )
    .into_bytes();
    form.extend_from_slice(bytes);
    form.extend_from_slice(b"\r\n--b--\r\n");
    let asked = client()
        .post(format!("{base}/{item}"))
        .header("app-token", "demo-app-token")
        .header("session-token", token)
        .header("content-type", "multipart/form-data; boundary=b")
        .body(form)
        .send();
    let made: Value = asked.await.expect("GLPI").json().await.expect("JSON");
    made["id"].as_u64().unwrap_or_else(|| panic!("{made}"))
}

async fn writes_with(world: &str, private: bool, name: &str, bytes: &[u8]) {
    let input = json!({
        "itemtype": "Ticket", "items_id": 1, "content": format!("<p>va {name}</p>"),
        "is_private": u8::from(private), "users_id": TECHNICIAN,
    });
    uploads(world, "ITILFollowup", input, name, bytes).await;
}

/// What the bot showed on this phone.
async fn shown(world: &str, channel: &str) -> Vec<Value> {
    let address = format!("{world}/_phone/{channel}/{PHONE}/messages");
    let answer = client().get(address).send().await.expect("an answer");
    let shown: Value = answer.json().await.expect("JSON");
    let messages = shown["messages"].as_array().expect("a list").iter();
    let out = messages.filter(|message| message["direction"] == "out");
    out.cloned().collect()
}

async fn sees(world: &str, channel: &str, is: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let shown = shown(world, channel).await;
        if let Some(found) = shown.iter().find(|message| is(message)) {
            return found.clone();
        }
        assert!(Instant::now() < until, "{shown:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

fn says(message: &Value, words: &str) -> bool {
    message["text"]
        .as_str()
        .is_some_and(|text| text.contains(words))
}

async fn bytes_of(world: &str, channel: &str, message: &Value) -> Vec<u8> {
    let id = message["id"].as_str().expect("an id");
    let address = format!("{world}/_phone/{channel}/{PHONE}/files/{id}");
    let until = Instant::now() + PATIENCE;
    loop {
        let answer = client().get(&address).send().await.expect("an answer");
        if answer.status().is_success() {
            return answer.bytes().await.expect("bytes").to_vec();
        }
        assert!(Instant::now() < until, "no file in {message:#}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn opens_a_ticket(person: &Person) {
    person
        .asks("la impresora no imprime", "Información del Ticket")
        .await;
    person
        .asks("Juan Pérez, área de contabilidad", "Ticket creado")
        .await;
}

async fn whole_way(channel: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Process::demo(folder.path());
    let world = demo.address("simulators");
    opens_a_ticket(&Person::at(&world, channel, PHONE)).await;

    writes_with(&world, true, "secreto.png", &picture()).await;
    writes_with(&world, false, "foto.png", &picture()).await;
    let image = sees(&world, channel, |message| message["type"] == "image").await;
    assert!(
        says(&image, "foto.png") && says(&image, "-000001"),
        "{image}"
    );
    assert_eq!(bytes_of(&world, channel, &image).await, picture());

    // On the ticket itself, and of a kind that WhatsApp does not take.
    let on_ticket = |name: &str| json!({"name": name, "itemtype": "Ticket", "items_id": 1});
    let pdf = b"%PDF-1.4 guia";
    uploads(&world, "Document", on_ticket("guia.pdf"), "guia.pdf", pdf).await;
    let document = sees(&world, channel, |message| message["type"] == "document").await;
    assert_eq!(bytes_of(&world, channel, &document).await, pdf);
    let gif = b"GIF89a\x01\0\x01\0";
    uploads(&world, "Document", on_ticket("baile.gif"), "baile.gif", gif).await;
    let line = |message: &Value| says(message, "baile.gif");
    let told = sees(&world, channel, line).await;
    assert!(says(&told, "está en el ticket"), "{told}");

    // A later change has everything found once more; only the change is told.
    writes_with(&world, false, "otra.pdf", pdf).await;
    sees(&world, channel, |message| {
        message["type"] == "document" && says(message, "otra.pdf")
    })
    .await;
    let shown = shown(&world, channel).await;
    let files = shown.iter().filter(|message| message["type"] != "text");
    let files = files.filter(|message| message["type"] != "interactive");
    let names = ["foto.png", "guia.pdf", "otra.pdf"];
    for (file, name) in files.clone().zip(names) {
        assert!(says(file, name), "{name}: {file}");
    }
    assert_eq!(files.count(), names.len(), "{shown:#?}");
    let told = shown.iter().filter(|message| line(message)).count();
    assert_eq!(told, 1, "{shown:#?}");
    let leaked = shown.iter().any(|message| says(message, "secreto"));
    assert!(!leaked, "{shown:#?}");
    drop(demo);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_technicians_public_file_reaches_metas_phone_byte_for_byte_and_a_private_one_never() {
    whole_way("demo-meta").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_technicians_public_file_reaches_gupshups_phone_byte_for_byte_and_a_private_one_never() {
    whole_way("demo-gupshup").await;
}

/// The server is killed when the file is in the store and the journal does not know it yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_technicians_file_is_shown_once_through_a_kill_and_a_restart() {
    let apart = Apart::start(|config| config);
    let world = apart.world.clone();
    let held = "media::kept=sleep(600000)";
    let server = apart.serve_with("server", held).await;
    let person = Person::new(&world, PHONE);
    opens_a_ticket(&person).await;
    writes_with(&world, false, "foto.png", &picture()).await;
    let channel = "demo-meta";
    sees(&world, channel, |message| says(message, "va foto.png")).await;
    let until = Instant::now() + PATIENCE;
    let kept = || {
        let shards = std::fs::read_dir(apart.data().join("media"));
        let shards = shards.into_iter().flatten().flatten();
        let shards = shards.filter(|shard| shard.file_name() != "incoming");
        let files = shards.flat_map(|shard| std::fs::read_dir(shard.path()).into_iter().flatten());
        files.count()
    };
    while kept() == 0 {
        assert!(Instant::now() < until, "no file is kept");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    server.kill();

    let server = apart.serve("server-again").await;
    let image = sees(&world, channel, |message| message["type"] == "image").await;
    assert_eq!(bytes_of(&world, channel, &image).await, picture());
    server.kill();

    let server = apart.serve("server-once-more").await;
    writes_with(&world, false, "otra.pdf", b"%PDF-1.4 otra").await;
    sees(&world, channel, |message| message["type"] == "document").await;
    let shown = shown(&world, channel).await;
    let images = shown.iter().filter(|message| message["type"] == "image");
    assert_eq!(images.count(), 1, "{shown:#?}");
    assert!(server.stop().1, "it ends in good order");
}
