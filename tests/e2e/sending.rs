//! What an operator sends on its whole way: API, store, provider, phone.

use std::time::Instant;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::operators::contact;
use crate::process::{PATIENCE, Person, Process, client};

const PHONE: &str = "51999888777";

struct Desk {
    demo: Process,
    world: String,
    channel: &'static str,
    contact: String,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// Somebody wrote to this channel.
    async fn of(channel: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let demo = Process::demo(folder.path());
        let world = demo.address("simulators");
        let person = Person::at(&world, channel, PHONE);
        person.asks("hola", "asistente").await;
        let contact = contact(&demo, PHONE).await;
        Self {
            demo,
            world,
            channel,
            contact,
            _folder: folder,
        }
    }

    fn url(&self, what: &str) -> String {
        let server = self.demo.address("server");
        format!("{server}/api/v1/contacts/{}/{what}", self.contact)
    }

    async fn upload(&self, mime: &str, bytes: Vec<u8>) -> (StatusCode, Value) {
        let asked = client()
            .post(self.url("media"))
            .bearer_auth("demo-api-token")
            .header("content-type", mime)
            .body(bytes);
        let answer = asked.send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    async fn order(&self, id: &str, mut body: Value) -> (StatusCode, Value) {
        body["id"] = id.into();
        body["by"] = "ana".into();
        let asked = client()
            .post(self.url("messages"))
            .bearer_auth("demo-api-token")
            .json(&body);
        let answer = asked.send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    fn phone(&self, what: &str) -> String {
        format!("{}/_phone/{}/{PHONE}/{what}", self.world, self.channel)
    }

    async fn shown(&self) -> Vec<Value> {
        let answer = client().get(self.phone("messages")).send().await;
        let shown: Value = answer.expect("an answer").json().await.expect("JSON");
        shown["messages"].as_array().expect("a list").clone()
    }

    /// The first message to the person that is so.
    async fn sees(&self, is: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = self.shown().await;
            let mut out = shown.iter().filter(|message| message["direction"] == "out");
            if let Some(found) = out.find(|message| is(message)) {
                return found.clone();
            }
            assert!(Instant::now() < until, "{shown:#?}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// The bytes that the phone shows of a message.
    async fn file_of(&self, message: &Value) -> (String, Vec<u8>) {
        let id = message["id"].as_str().expect("an id");
        let until = Instant::now() + PATIENCE;
        loop {
            let address = self.phone(&format!("files/{id}"));
            let answer = client().get(address).send().await.expect("an answer");
            if answer.status().is_success() {
                let kind = answer.headers()["content-type"].to_str().expect("text");
                let kind = kind.to_owned();
                return (kind, answer.bytes().await.expect("bytes").to_vec());
            }
            assert!(Instant::now() < until, "no file in {message:#}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

fn photo() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend((0..40_000_u32).flat_map(u32::to_be_bytes));
    bytes
}

async fn whole_way(channel: &'static str) {
    let desk = Desk::of(channel).await;
    let (status, kept) = desk.upload("image/png", photo()).await;
    assert_eq!(status, StatusCode::CREATED, "{kept}");
    assert_eq!(
        (&kept["kind"], &kept["mime"]),
        (&json!("image"), &json!("image/png"))
    );
    let asked = &desk.shown().await[0]["id"];
    let order = json!({
        "media": {"name": kept["name"], "caption": "Pulse aquí"},
        "reply_to": asked,
    });
    let (status, once) = desk.order("photo", order.clone()).await;
    assert_eq!(
        (status, &once["done"]),
        (StatusCode::OK, &json!(true)),
        "{once}"
    );
    assert_eq!(desk.order("photo", order).await.1, once, "the same order");
    let image = desk.sees(|message| message["type"] == "image").await;
    assert_eq!(image["text"], "Pulse aquí");
    assert_eq!(image["context"], *asked, "it answers the person's message");
    assert_eq!(
        desk.file_of(&image).await,
        ("image/png".to_owned(), photo())
    );

    let pdf = [b"%PDF-1.4\n".as_slice(), &photo()].concat();
    let (_, kept) = desk.upload("application/pdf", pdf.clone()).await;
    let file = json!({"media": {"name": kept["name"], "file_name": "guía.pdf"}});
    desk.order("guide", file).await;
    let document = desk.sees(|message| message["type"] == "document").await;
    assert_eq!(document["content"]["filename"], "guía.pdf");
    assert_eq!(desk.file_of(&document).await.1, pdf);

    let place = json!({"location": {"latitude": -12.12, "longitude": -77.03, "name": "Oficina"}});
    desk.order("place", place).await;
    let place = desk.sees(|message| message["type"] == "location").await;
    assert_eq!(place["content"]["latitude"], -12.12);
    let cards = json!({"contacts": [{"name": "Mesa de ayuda", "phones": ["+51 1 555 0100"]}]});
    desk.order("card", cards).await;
    let card = desk.sees(|message| message["type"] == "contacts").await;
    assert_eq!(card["content"][0]["phones"][0]["phone"], "+51 1 555 0100");
    let reaction = json!({"reaction": {"message": asked, "emoji": "👍"}});
    desk.order("thumb", reaction).await;
    let thumb = desk.sees(|message| message["type"] == "reaction").await;
    assert_eq!(
        (&thumb["text"], &thumb["content"]["message_id"]),
        (&json!("👍"), asked)
    );

    let paragraph = "Uno dos tres cuatro. ".repeat(90);
    let text = [paragraph.trim(); 4].join("\n\n");
    desk.order("long", json!({"text": text})).await;
    let is_part = |message: &Value| {
        let said = message["text"].as_str().unwrap_or_default();
        said.starts_with("Uno dos")
    };
    let deadline = Instant::now() + PATIENCE;
    let parts = loop {
        let shown = desk.shown().await;
        let parts = shown.iter().filter(|message| is_part(message));
        let parts: Vec<String> = parts.map(|part| part["text"].to_string()).collect();
        if parts.len() >= 2 || Instant::now() > deadline {
            break parts;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let said: Vec<String> = parts
        .iter()
        .map(|part| serde_json::from_str(part).expect("a text"))
        .collect();
    assert_eq!(said.join("\n\n"), text, "in order, and nothing lost");

    refuses(&desk, &kept).await;
    assert!(desk.demo.stop().1, "it ends in good order");
}

/// What WhatsApp would not take is refused in words before anything is sent.
async fn refuses(desk: &Desk, pdf: &Value) {
    let before = desk.shown().await.len();
    let as_image = json!({"media": {"name": pdf["name"], "kind": "image"}});
    let (status, told) = desk.order("wrong-kind", as_image).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let words = told["error"]["message"].as_str().expect("words");
    assert!(words.contains("JPEG or PNG"), "{words}");
    let mut large = photo();
    large.resize(5 * 1024 * 1024 + 1, 0);
    let (status, told) = desk.upload("image/png", large).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    let (status, told) = desk.upload("text/plain", b"#!/bin/sh\n".to_vec()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    let nothing = json!({"media": {"name": "0".repeat(32)}});
    assert_eq!(
        desk.order("nothing", nothing).await.0,
        StatusCode::NOT_FOUND
    );
    let both = json!({"text": "a", "location": {"latitude": 0, "longitude": 0}});
    assert_eq!(desk.order("both", both).await.0, StatusCode::BAD_REQUEST);
    let far = json!({"location": {"latitude": 91, "longitude": 0}});
    assert_eq!(
        desk.order("far", far).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(desk.shown().await.len(), before, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_picture_reaches_metas_phone_byte_for_byte() {
    whole_way("demo-meta").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_picture_reaches_gupshups_phone_byte_for_byte() {
    whole_way("demo-gupshup").await;
}
