//! GLPI's address at the door.

use actors::journal::Refused;
use actors::model::{GatewayId, Inbound, Key};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use ring::hmac;
use serde_json::json;

use super::bench::{Answer, Bench, name};

const ADDRESS: &str = "/webhooks/glpi/demo-glpi";
const LIMIT: usize = 3_145_728;
const STAMP: &str = "1800000000";

fn sign(data: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"demo-webhook-secret");
    hex::encode(hmac::sign(&key, data))
}

async fn post(bench: &Bench, address: &str, body: &[u8], signature: &str) -> Answer {
    let request = Request::post(address)
        .header("content-length", body.len())
        .header("x-glpi-signature", signature)
        .header("x-glpi-timestamp", STAMP);
    let request = request.body(Body::from(body.to_vec()));
    bench.send(request.expect("a valid request")).await
}

fn signed(body: &[u8]) -> String {
    sign(&[body, STAMP.as_bytes()].concat())
}

#[tokio::test]
async fn a_signed_webhook_is_a_nudge_of_its_gateway() {
    let bench = Bench::new();
    let body = br#"{"item": {"id": 7, "status": {"id": 2}}, "event": "update"}"#;
    let answer = post(&bench, ADDRESS, body, &signed(body)).await;
    assert_eq!((answer.status, answer.body), (StatusCode::OK, json!("")));
    let taken = bench.core.taken.lock().expect("no panic");
    assert_eq!(taken[0].body, Inbound::Nudged { ticket: Some(7) });
    let gateway = GatewayId::of("glpi", &name("demo"), &name("demo-glpi"));
    assert_eq!(taken[0].key, Key::Gateway(gateway));
}

#[tokio::test]
async fn who_does_not_know_the_secret_changes_nothing() {
    let bench = Bench::new();
    let body = br#"{"item": {"id": 7}}"#;
    for wrong in [&sign(body), "", "00", &signed(b"{}")] {
        let answer = post(&bench, ADDRESS, body, wrong).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let unknown = post(&bench, "/webhooks/glpi/nobody", body, &signed(body)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let channel = post(&bench, "/webhooks/glpi/demo-meta", body, &signed(body)).await;
    assert_eq!(channel.status, StatusCode::NOT_FOUND);
    assert!(bench.core.taken.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn bounds_and_refusals_are_those_of_every_webhook() {
    let bench = Bench::new();
    let large = vec![b' '; LIMIT + 1];
    let refused = post(&bench, ADDRESS, &large, &signed(&large)).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    let broken = b"&lt;secreto";
    let answer = post(&bench, ADDRESS, broken, &signed(broken)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.body.to_string().contains("secreto"));
    *bench.core.refuses.lock().expect("no panic") = Some(Refused::Overloaded);
    let busy = post(&bench, ADDRESS, b"{}", &signed(b"{}")).await;
    assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(busy.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_webhook_of_long_ago_is_refused() {
    let bench = Bench::new();
    bench.clock.forward(2 * 86_400_000);
    let answer = post(&bench, ADDRESS, b"{}", &signed(b"{}")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_challenge_is_answered_to_glpi_alone() {
    let bench = Bench::new();
    let token = sign(b"validate_cra_challenge");
    let answer = bench
        .get(&format!("{ADDRESS}?crc_token={token}"), None)
        .await;
    let expected = (StatusCode::OK, json!(sign(token.as_bytes())));
    assert_eq!((answer.status, answer.body), expected);
    for wrong in ["", "?crc_token=", "?crc_token=7b7d31383030303030303030"] {
        let answer = bench.get(&format!("{ADDRESS}{wrong}"), None).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong}");
    }
}
