//! Claims about Meta's address at the door.

use actors::journal::Refused;
use actors::model::{Content, Inbound};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use ring::hmac;
use serde_json::json;

use super::bench::{Answer, Bench};

const ADDRESS: &str = "/webhooks/meta/demo-meta";
const LIMIT: usize = 3_145_728;

fn body(text: &str) -> Vec<u8> {
    let message = json!({
        "from": "51999888777", "id": "wamid.HB", "timestamp": "1800000000",
        "type": "text", "text": {"body": text},
    });
    changes(
        "messages",
        &json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
            "contacts": [{"profile": {"name": "Juan"}, "wa_id": "51999888777"}],
            "messages": [message],
        }),
    )
}

fn changes(field: &str, value: &serde_json::Value) -> Vec<u8> {
    let entry = json!({"id": "102290129340398", "changes": [{"field": field, "value": value}]});
    json!({"object": "whatsapp_business_account", "entry": [entry]})
        .to_string()
        .into_bytes()
}

fn signature(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("sha256={}", hex::encode(hmac::sign(&key, body)))
}

async fn post(bench: &Bench, body: Vec<u8>, signature: Option<String>) -> Answer {
    let mut request = Request::post(ADDRESS).header("content-length", body.len());
    if let Some(signature) = signature {
        request = request.header("x-hub-signature-256", signature);
    }
    bench
        .send(request.body(Body::from(body)).expect("a valid request"))
        .await
}

async fn signed(bench: &Bench, body: Vec<u8>) -> Answer {
    let signature = signature("demo-app-secret", &body);
    post(bench, body, Some(signature)).await
}

#[tokio::test]
async fn the_handshake_answers_the_challenge_to_who_knows_the_token() {
    let bench = Bench::new();
    let query = |token: &str| {
        format!("{ADDRESS}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}")
    };
    let right = bench.get(&query("demo-verify-token"), None).await;
    assert_eq!(
        (right.status, &right.body),
        (StatusCode::OK, &json!(1158201444))
    );
    assert_eq!(
        bench.get(&query("guess"), None).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(bench.get(ADDRESS, None).await.status, StatusCode::FORBIDDEN);
    let nowhere = bench.get("/webhooks/meta/nobody", None).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_signed_message_is_taken_before_it_is_answered() {
    let bench = Bench::new();
    assert_eq!(signed(&bench, body("Hola")).await.status, StatusCode::OK);
    let taken = bench.core.taken.lock().expect("no panic");
    let Inbound::Message(message) = &taken[0].body else {
        panic!("not a message: {taken:?}")
    };
    assert_eq!(message.content, Content::Text("Hola".into()));
    assert_eq!(taken[0].key, bench.contact("demo", "51999888777"));
}

#[tokio::test]
async fn a_forged_or_unsigned_body_is_401_and_nothing_is_taken() {
    let bench = Bench::new();
    for forged in [
        None,
        Some(signature("guess", &body("Hola"))),
        Some("sha256=zz".into()),
    ] {
        let answer = post(&bench, body("Hola"), forged).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.body["error"]["code"], "signature_invalid");
    }
    assert!(bench.core.taken.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn an_unreadable_body_is_400_and_is_not_echoed() {
    let bench = Bench::new();
    let answer = signed(&bench, b"{\"secreto\": ".to_vec()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.body.to_string().contains("secreto"));
}

#[tokio::test]
async fn what_is_readable_but_has_no_place_is_200_and_kept() {
    let bench = Bench::new();
    let unknown = changes("account_alerts", &json!({"alert": "x"}));
    assert_eq!(signed(&bench, unknown).await.status, StatusCode::OK);
    let kept = bench.get("/api/v1/unplaced", Some("demo-token")).await.body["unplaced"].clone();
    assert_eq!(
        (kept.as_array().map(Vec::len), &kept[0]["why"]),
        (Some(1), &"unknown_field".into())
    );
    assert_eq!(kept[0]["received"], "2027-01-15T08:00:00Z");
    assert!(
        kept[0]["raw"]
            .as_str()
            .is_some_and(|raw| raw.contains("\"alert\":\"x\""))
    );
    let others = bench
        .get("/api/v1/unplaced", Some("other-token"))
        .await
        .body;
    assert_eq!(others["unplaced"], json!([]));
}

#[tokio::test]
async fn an_item_that_comes_again_is_kept_once_and_a_forged_one_never() {
    let bench = Bench::new();
    let unknown = changes("account_alerts", &json!({"alert": "x"}));
    let forged = Some(signature("guess", &unknown));
    let answer = post(&bench, unknown.clone(), forged).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(bench.core.taken.lock().expect("no panic").is_empty());
    for _ in 0..3 {
        assert_eq!(signed(&bench, unknown.clone()).await.status, StatusCode::OK);
    }
    let list = bench.get("/api/v1/unplaced", Some("demo-token")).await.body;
    assert_eq!(list["unplaced"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["channels"][0]["counts"], json!({"unknown_field": 1}));
    assert_eq!(list["channels"][0]["repeats"], 2);
}

#[tokio::test]
async fn an_item_that_cannot_be_made_durable_is_503() {
    let bench = Bench::new();
    *bench.core.refuses.lock().expect("no panic") = Some(Refused::Full);
    let unknown = changes("account_alerts", &json!({"alert": "x"}));
    let answer = signed(&bench, unknown).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_read_and_a_larger_one_is_413() {
    let bench = Bench::new();
    let mut fits = body("Hola");
    fits.resize(LIMIT, b' ');
    assert_eq!(signed(&bench, fits).await.status, StatusCode::OK);
    let mut large = body("Hola");
    large.resize(LIMIT + 1, b' ');
    let refused = signed(&bench, large.clone()).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(refused.body["error"]["code"], "body_too_large");
    // The same without an announced length.
    let request = Request::post(ADDRESS)
        .header("x-hub-signature-256", signature("demo-app-secret", &large))
        .body(Body::new(http_body_util::StreamBody::new(
            tokio_stream::iter(
                large
                    .chunks(65_536)
                    .map(|part| {
                        Ok::<_, std::io::Error>(hyper::body::Frame::data(
                            bytes::Bytes::copy_from_slice(part),
                        ))
                    })
                    .collect::<Vec<_>>(),
            ),
        )))
        .expect("a valid request");
    assert_eq!(
        bench.send(request).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn a_refusal_of_the_journal_is_503_with_the_time_to_come_again() {
    let bench = Bench::new();
    for (refused, code) in [
        (Refused::Overloaded, "overloaded"),
        (Refused::Full, "disk_full"),
        (Refused::Disk("fsync".into()), "disk"),
        (Refused::Closed, "shutting_down"),
    ] {
        *bench.core.refuses.lock().expect("no panic") = Some(refused);
        let answer = signed(&bench, body("Hola")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.body["error"]["code"], code);
        assert!(answer.headers.contains_key("retry-after"));
    }
}

#[tokio::test]
async fn a_recording_has_a_line_for_each_message_and_nothing_of_the_person() {
    let bench = Bench::new();
    let path = "/api/v1/recording";
    let refused = bench.get(path, Some("demo-token")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let mut recording = bench.stream(path, "operator-token").await;
    let head = line(&mut recording).await;
    assert_eq!(head["recording"], 1);
    let answer = signed(&bench, body("Soy Juan, no enciende")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let message = line(&mut recording).await;
    assert_eq!(
        (&message["provider"], &message["kind"]),
        (&json!("meta"), &json!("text"))
    );
    let whole = message.to_string();
    for secret in ["Juan", "enciende", "51999888777", "demo"] {
        assert!(!whole.contains(secret), "{secret} in {whole}");
    }
}

/// The next line of an answer that goes on.
async fn line(answer: &mut Body) -> serde_json::Value {
    let frame = answer.frame().await.expect("a line").expect("whole");
    let bytes = frame.into_data().expect("data");
    serde_json::from_slice(&bytes).expect("JSON")
}
