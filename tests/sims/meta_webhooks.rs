//! Webhooks: bytes, signature, retries, duplicates, order, batches.

use std::collections::HashSet;

use chasqui::simulators::demo;
use ring::hmac;
use serde_json::{Value, json};

use crate::bench::{Bench, eventually};

const ANA: &str = "51999888777";

#[tokio::test]
async fn bodies_are_ascii_and_signed_over_the_exact_bytes() {
    let bench = Bench::start().await;
    bench
        .types(
            ANA,
            json!({"text": "¿Señal? https://a/b", "name": "Rosa Quispe"}),
        )
        .await;
    let message = bench.inbox.until(|inbox| inbox.messages().pop()).await;
    assert_eq!(message["text"]["body"], "¿Señal? https://a/b");
    assert_eq!(message["from"], ANA);
    let post = bench.inbox.posts().remove(0);
    assert!(post.body.is_ascii());
    let shown = String::from_utf8_lossy(&post.body);
    assert!(shown.contains("Se\\u00f1al") && shown.contains("https:\\/\\/a\\/b"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, demo::APP_SECRET.as_bytes());
    let given = post.headers["x-hub-signature-256"].to_str().expect("text");
    let given = hex::decode(given.strip_prefix("sha256=").expect("the scheme")).expect("hex");
    hmac::verify(&key, &post.body, &given).expect("the signature fits the bytes");
    assert!(
        post.headers["user-agent"]
            .to_str()
            .expect("text")
            .contains("facebookexternalua")
    );
    let value = &post.json()["entry"][0]["changes"][0]["value"];
    assert_eq!(value["metadata"]["phone_number_id"], demo::PHONE_NUMBER_ID);
    assert_eq!(value["contacts"][0]["profile"]["name"], "Rosa Quispe");
}

#[tokio::test]
async fn a_webhook_is_repeated_with_the_same_bytes_until_it_is_answered_200() {
    let bench = Bench::start().await;
    bench.inbox.answer(&[503, 302, 201]);
    bench.types(ANA, json!({"text": "hola"})).await;
    let posts = bench
        .inbox
        .until(|inbox| Some(inbox.posts()).filter(|posts| posts.len() >= 4))
        .await;
    assert!(posts.iter().all(|post| post.body == posts[0].body));
    eventually(async || {
        let control = bench.get("/_control").await;
        let counters = &control["meta"][demo::CHANNEL]["webhooks"];
        (counters["answered"] == 1 && counters["failed"] == 3).then_some(())
    })
    .await;
    assert_eq!(bench.conversation(ANA).await[0]["status"], "delivered");
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_given_up_after_the_configured_time() {
    let bench = Bench::start().await;
    bench.channel(json!({"callback_url": "http://127.0.0.1:9/none",
        "webhooks": {"retry_ms": 5, "retry_max_ms": 5, "retry_for_s": 0}}));
    bench.types(ANA, json!({"text": "hola"})).await;
    eventually(async || {
        let control = bench.get("/_control").await;
        (control["meta"][demo::CHANNEL]["webhooks"]["given_up"] == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn duplicates_are_the_same_bytes_once_more() {
    let bench = Bench::start().await;
    bench.channel(json!({"webhooks": {"duplicate": 1.0}}));
    bench.types(ANA, json!({"text": "hola"})).await;
    let posts = bench
        .inbox
        .until(|inbox| Some(inbox.posts()).filter(|posts| posts.len() >= 2))
        .await;
    assert_eq!(posts[0].body, posts[1].body);
}

#[tokio::test]
async fn shuffled_messages_arrive_out_of_order_but_all_of_them() {
    let bench = Bench::start().await;
    bench.channel(json!({"mps": 0, "webhooks": {"shuffle_ms": 60}}));
    let mut typed = Vec::new();
    for n in 0..20 {
        let (_, written) = bench.types(ANA, json!({"text": n.to_string()})).await;
        typed.push(written["id"].clone());
    }
    let got = bench
        .inbox
        .until(|inbox| Some(inbox.messages()).filter(|messages| messages.len() == 20))
        .await;
    let got: Vec<Value> = got
        .into_iter()
        .map(|message| message["id"].clone())
        .collect();
    assert_ne!(got, typed);
    let set = |ids: Vec<Value>| ids.iter().map(Value::to_string).collect::<HashSet<_>>();
    assert_eq!(set(got), set(typed));
}

#[tokio::test]
async fn a_paused_queue_bursts_out_in_batches() {
    let bench = Bench::start().await;
    bench.channel(json!({"mps": 0, "webhooks": {"paused": true, "batch": 10}}));
    for n in 0..20 {
        bench.types(ANA, json!({"text": n.to_string()})).await;
    }
    assert!(bench.inbox.posts().is_empty());
    bench.channel(json!({"webhooks": {"paused": false}}));
    bench
        .inbox
        .until(|inbox| Some(()).filter(|()| inbox.messages().len() == 20))
        .await;
    assert_eq!(bench.inbox.posts().len(), 2);
}

#[tokio::test]
async fn lost_statuses_never_arrive() {
    let bench = Bench::start().await;
    bench.channel(json!({"webhooks": {"drop": 1.0}}));
    bench.send_text(ANA, "x").await;
    let control = bench.get("/_control").await;
    assert_eq!(control["meta"][demo::CHANNEL]["webhooks"]["dropped"], 3);
    assert_eq!(control["meta"][demo::CHANNEL]["webhooks"]["queued"], 0);
}

#[tokio::test]
async fn a_status_can_overtake_the_answer_of_its_send() {
    let bench = Bench::start().await;
    bench.channel(json!({"statuses": {"before_answer": 1.0}}));
    let mut send = std::pin::pin!(bench.send_text(ANA, "x"));
    let sent = bench.inbox.until(|inbox| {
        inbox
            .statuses()
            .into_iter()
            .find(|status| status["status"] == "sent")
    });
    let first = tokio::select! {
        biased;
        _ = &mut send => "answer",
        _ = sent => "status",
    };
    assert_eq!(first, "status");
    assert_eq!(send.await.0, 200);
}

#[tokio::test]
async fn switched_off_statuses_leave_the_receiver_alone() {
    let bench = Bench::start().await;
    bench.channel(json!({"statuses": {"enabled": false}}));
    bench.send_text(ANA, "x").await;
    bench.types(ANA, json!({"text": "hola"})).await;
    bench.inbox.until(|inbox| inbox.messages().pop()).await;
    assert!(bench.inbox.statuses().is_empty());
}

#[tokio::test]
async fn management_webhooks_are_sent_as_given_with_their_time() {
    let bench = Bench::start().await;
    let value = json!({"event": "APPROVED", "message_template_id": 1_689_556_908_129_832_u64});
    bench.channel(json!({"emit": [{"field": "message_template_status_update", "value": value}]}));
    let post = bench.inbox.until(|inbox| inbox.posts().pop()).await.json();
    assert!(post["entry"][0]["time"].is_i64());
    assert_eq!(
        post["entry"][0]["changes"][0],
        json!({"field": "message_template_status_update", "value": value})
    );
}

#[tokio::test]
async fn the_verification_call_tells_a_right_receiver_from_a_wrong_one() {
    let bench = Bench::start().await;
    let verify = async || {
        let url = bench.url(&format!("/_verify/{}", demo::CHANNEL));
        bench
            .http
            .post(url)
            .send()
            .await
            .expect("an answer")
            .json::<Value>()
            .await
            .expect("json")
    };
    assert_eq!(verify().await["verified"], true);
    bench.channel(json!({"verify_token": "another"}));
    let found = verify().await;
    assert_eq!(
        (
            found["verified"].as_bool(),
            found["right_token_status"].as_u64()
        ),
        (Some(false), Some(403))
    );
}

#[tokio::test]
async fn statuses_wait_for_company_and_are_counted_when_taken() {
    let bench = Bench::start().await;
    let at_once = json!({"sent_ms": 0, "delivered_ms": 0, "read_ms": 0, "read_probability": 1.0});
    bench.channel(json!({"statuses": at_once, "webhooks": {"batch": 10, "linger_ms": 2000}}));
    for _ in 0..3 {
        bench.send_text(ANA, "hola").await;
    }
    eventually(async || {
        let control = bench.get("/_control").await;
        let counters = &control["meta"][demo::CHANNEL]["webhooks"];
        (counters["statuses"] == 9 && counters["statuses_taken"] == 9).then_some(())
    })
    .await;
    assert_eq!(bench.inbox.posts().len(), 1, "nine statuses share a body");
}
