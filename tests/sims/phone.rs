//! The phone side: writing, tapping, listing, watching.

use serde_json::json;
use tokio_stream::StreamExt;

use chasqui::simulators::demo;

use crate::bench::{Bench, PATIENCE};

const ANA: &str = "51999888777";

#[tokio::test]
async fn a_tap_arrives_as_a_button_reply_that_names_what_it_answers() {
    let bench = Bench::start().await;
    let button = json!({"type": "reply", "reply": {"id": "yes", "title": "Sí"}});
    let (_, answer) = bench.send(json!({"messaging_product": "whatsapp", "to": ANA, "type": "interactive",
        "interactive": {"type": "button", "body": {"text": "¿Correcto?"}, "action": {"buttons": [button]}}})).await;
    let shown = bench.conversation(ANA).await;
    assert_eq!(shown[0]["buttons"], json!([{"id": "yes", "title": "Sí"}]));
    assert_eq!(
        (shown[0]["text"].as_str(), shown[0]["direction"].as_str()),
        (Some("¿Correcto?"), Some("out"))
    );

    let id = answer["messages"][0]["id"].clone();
    bench
        .types(
            ANA,
            json!({"button_reply": {"id": "yes", "title": "Sí"}, "context_id": id}),
        )
        .await;
    let message = bench.inbox.until(|inbox| inbox.messages().pop()).await;
    assert_eq!(message["type"], "interactive");
    assert_eq!(
        message["interactive"],
        json!({"type": "button_reply", "button_reply": {"id": "yes", "title": "Sí"}})
    );
    assert_eq!(message["context"]["id"], id);
}

#[tokio::test]
async fn other_messages_are_copied_as_given() {
    let bench = Bench::start().await;
    let image = json!({"id": "1", "mime_type": "image/jpeg", "sha256": "x"});
    bench.types(ANA, json!({"message": {"type": "image", "image": image, "referral": {"source_id": "9"}}, "id": "wamid.fixed", "timestamp": 1_700_000_000})).await;
    let message = bench.inbox.until(|inbox| inbox.messages().pop()).await;
    assert_eq!(
        (
            message["image"].clone(),
            message["referral"]["source_id"].as_str()
        ),
        (image, Some("9"))
    );
    assert_eq!(
        (message["id"].as_str(), message["timestamp"].as_str()),
        (Some("wamid.fixed"), Some("1700000000"))
    );
}

#[tokio::test]
async fn an_unreadable_body_is_refused_with_what_is_expected() {
    let bench = Bench::start().await;
    for body in [
        json!({}),
        json!({"text": "a", "button_reply": {"id": "1", "title": "t"}}),
        json!({"texto": "a"}),
        json!({"message": {}}),
    ] {
        let (status, answer) = bench.types(ANA, body).await;
        assert_eq!(status, 400);
        assert!(answer["error"].is_string());
    }
}

#[tokio::test]
async fn the_listing_pages_by_position() {
    let bench = Bench::start().await;
    for n in 0..3 {
        bench.types(ANA, json!({"text": n.to_string()})).await;
    }
    let path = format!("/_phone/{}/{ANA}/messages?after=2", demo::CHANNEL);
    let rest = bench.get(&path).await["messages"].clone();
    assert_eq!(rest.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (rest[0]["n"].as_u64(), rest[0]["text"].as_str()),
        (Some(3), Some("2"))
    );
}

#[tokio::test]
async fn watchers_see_messages_and_statuses_of_their_phone_alone() {
    let bench = Bench::start().await;
    let url = bench.url(&format!("/_phone/{}/{ANA}/events", demo::CHANNEL));
    let answer = bench.http.get(url).send().await.expect("a stream");
    bench.send_text("51911111111", "not for Ana").await;
    bench.send_text(ANA, "para Ana").await;
    let mut stream = Box::pin(futures_of(answer));
    let mut seen = String::new();
    let watch = async {
        while !(seen.contains("event: status") && seen.contains("\"read\"")) {
            seen.push_str(&stream.next().await.expect("more events"));
        }
    };
    tokio::time::timeout(PATIENCE, watch)
        .await
        .expect("all events in time");
    assert!(
        seen.contains("event: message")
            && seen.contains("para Ana")
            && !seen.contains("not for Ana")
    );
}

#[tokio::test]
async fn open_event_streams_do_not_hold_up_a_shutdown() {
    let bench = Bench::start().await;
    let url = bench.url(&format!("/_phone/{}/{ANA}/events", demo::CHANNEL));
    let mut answer = bench.http.get(url).send().await.expect("a stream");
    let closing = bench.sims.shutdown();
    tokio::time::timeout(std::time::Duration::from_millis(1_900), closing)
        .await
        .expect("closed without waiting for the stream");
    while let Ok(Some(_)) = answer.chunk().await {}
}

/// Chunks of an answer as text.
fn futures_of(answer: reqwest::Response) -> impl tokio_stream::Stream<Item = String> {
    let (sender, receiver) = tokio::sync::mpsc::channel(16);
    tokio::spawn(async move {
        let mut answer = answer;
        while let Ok(Some(chunk)) = answer.chunk().await {
            let text = String::from_utf8_lossy(&chunk).into_owned();
            if sender.send(text).await.is_err() {
                return;
            }
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(receiver)
}
