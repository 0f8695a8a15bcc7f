//! Gupshup's address at the door.

use actors::journal::Refused;
use actors::model::{Content, Inbound};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::bench::{Answer, Bench};

const ADDRESS: &str = "/webhooks/gupshup/demo-gupshup/demo-secret";
const LIMIT: usize = 3_145_728;

fn message(text: &str) -> Value {
    json!({"app": "DemoApp", "timestamp": 1_800_000_000_000_u64, "version": 2, "type": "message",
        "payload": {"id": "wamid.HB", "source": "51999888777", "type": "text",
            "payload": {"text": text}, "sender": {"phone": "51999888777", "name": "Juan"}}})
}

async fn post(bench: &Bench, address: &str, body: Vec<u8>) -> Answer {
    let request = Request::post(address).header("content-length", body.len());
    let request = request.body(Body::from(body)).expect("a valid request");
    bench.send(request).await
}

#[tokio::test]
async fn who_knows_the_address_is_taken_and_answered_with_nothing() {
    let bench = Bench::new();
    let answer = post(&bench, ADDRESS, message("Hola").to_string().into_bytes()).await;
    assert_eq!((answer.status, answer.body), (StatusCode::OK, json!("")));
    let taken = bench.core.taken.lock().expect("no panic");
    let Inbound::Message(message) = &taken[0].body else {
        panic!("not a message: {taken:?}")
    };
    assert_eq!(message.content, Content::Text("Hola".into()));
    assert_eq!(taken[0].key, bench.contact("demo", "51999888777"));
}

#[tokio::test]
async fn a_wrong_secret_and_another_providers_channel_are_unknown_addresses() {
    let bench = Bench::new();
    let body = message("Hola").to_string().into_bytes();
    let nowhere = post(&bench, "/webhooks/gupshup/nobody/demo-secret", body.clone()).await;
    for wrong in [
        "/webhooks/gupshup/demo-gupshup/demo-secre",
        "/webhooks/gupshup/demo-gupshup/demo-secret2",
        "/webhooks/gupshup/demo-meta/demo-secret",
    ] {
        let answer = post(&bench, wrong, body.clone()).await;
        assert_eq!(
            (answer.status, &answer.body),
            (StatusCode::NOT_FOUND, &nowhere.body),
            "{wrong} tells nothing"
        );
    }
    assert!(bench.core.taken.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn what_is_readable_but_has_no_place_is_200_and_kept() {
    let bench = Bench::new();
    let other =
        json!({"app": "DemoApp", "type": "account-event", "payload": {"type": "tier-event"}});
    let answer = post(&bench, ADDRESS, other.to_string().into_bytes()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let kept = bench.get("/api/v1/unplaced", Some("demo-token")).await.body["unplaced"].clone();
    assert_eq!(kept[0]["why"], "unknown_field");
}

#[tokio::test]
async fn bounds_and_refusals_are_those_of_every_webhook() {
    let bench = Bench::new();
    let mut large = message("Hola").to_string().into_bytes();
    large.resize(LIMIT + 1, b' ');
    let refused = post(&bench, ADDRESS, large).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    let broken = post(&bench, ADDRESS, b"{\"secreto\": ".to_vec()).await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert!(!broken.body.to_string().contains("secreto"));
    *bench.core.refuses.lock().expect("no panic") = Some(Refused::Overloaded);
    let busy = post(&bench, ADDRESS, message("Hola").to_string().into_bytes()).await;
    assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(busy.headers.contains_key("retry-after"));
}
