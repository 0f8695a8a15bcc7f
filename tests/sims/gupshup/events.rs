//! The bodies of an app's events and their way to its receivers.

use serde_json::{Value, json};

use chasqui::simulators::demo;

use super::{ANA, bench};
use crate::bench::{Inbox, eventually};

#[tokio::test]
async fn version_three_passes_metas_form_on_with_gupshups_ids() {
    let bench = bench().await;
    bench.app(json!({"version": "3"}));
    let gs_id = bench.says_text(ANA).await;
    let status = bench
        .inbox
        .until(|inbox| {
            let found = |status: &Value| status["gs_id"] == gs_id && status["status"] == "sent";
            inbox.statuses().into_iter().find(found)
        })
        .await;
    assert!(
        status["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("wamid."))
    );
    assert!(status["timestamp"].is_string());
    let enqueued = bench
        .inbox
        .until(|inbox| {
            let found = |status: &Value| status["gs_id"] == gs_id && status["status"] == "enqueued";
            inbox.statuses().into_iter().find(found)
        })
        .await;
    assert!(
        enqueued["timestamp"]
            .as_u64()
            .is_some_and(|ms| ms > 10_000_000_000)
    );

    assert_eq!(bench.gupshup_types(ANA, json!({"text": "¿Sí?"})).await, 200);
    let message = bench.inbox.until(|inbox| inbox.messages().pop()).await;
    assert_eq!(
        (&message["text"]["body"], &message["from"]),
        (&json!("¿Sí?"), &json!(ANA))
    );
}

#[tokio::test]
async fn a_tap_brings_the_messages_tracking_id_and_our_postback() {
    let bench = bench().await;
    let message = json!({
        "type": "quick_reply", "msgid": "qr-1", "content": {"type": "text", "text": "¿Correcto?"},
        "options": [{"type": "text", "title": "No", "postbackText": "no_1"},
                    {"type": "text", "title": "Sí", "postbackText": "yes_1"}],
    });
    assert_eq!(bench.says(ANA, message).await.0, 202);
    let shown = bench.gupshup_shows(ANA).await;
    assert_eq!(
        shown[0]["buttons"][1],
        json!({"id": "yes_1", "title": "Sí"})
    );
    let tap = json!({"button_reply": {"id": "yes_1", "title": "Sí"}});
    assert_eq!(bench.gupshup_types(ANA, tap).await, 200);
    let event = bench
        .inbox
        .until(|inbox| {
            let mut events = inbox.posts().into_iter().map(|post| post.json());
            events.rfind(|event| event["type"] == "message")
        })
        .await;
    assert_eq!(event["payload"]["type"], "button_reply");
    assert_eq!(
        event["payload"]["payload"],
        json!({"title": "Sí", "id": "qr-1", "reply": "Sí 2", "postbackText": "yes_1"})
    );
}

#[tokio::test]
async fn a_receiver_that_fails_gets_the_same_event_a_few_times() {
    let bench = bench().await;
    bench.inbox.answer(&[500, 302, 503]);
    let before = bench.inbox.posts().len();
    assert_eq!(bench.gupshup_types(ANA, json!({"text": "Hola"})).await, 200);
    let posts = bench
        .inbox
        .until(|inbox| {
            let posts = inbox.posts();
            (posts.len() >= before + 4).then_some(posts)
        })
        .await;
    assert!(
        posts[before..]
            .iter()
            .all(|post| post.body == posts[before].body)
    );
    eventually(async || {
        let world = bench.get("/_control").await;
        let webhooks = &world["gupshup"][demo::GUPSHUP_CHANNEL]["webhooks"];
        (webhooks["queued"] == 0 && webhooks["failed"] == 3).then_some(())
    })
    .await;
}

#[tokio::test]
async fn subscriptions_get_copies_with_their_own_headers_and_modes() {
    let bench = bench().await;
    let copies = Inbox::start().await;
    bench.app(json!({"subscriptions": [{
        "url": copies.url, "version": "3", "modes": ["DELIVERED"],
        "headers": {"authorization": "Bearer agreed"},
    }]}));
    let gs_id = bench.says_text(ANA).await;
    bench.fates(&gs_id, &["read"]).await;
    let post = copies.until(|inbox| inbox.posts().pop()).await;
    assert_eq!(post.headers["authorization"], "Bearer agreed");
    let statuses = copies.statuses();
    assert!(
        statuses
            .iter()
            .all(|status| status["status"] == "delivered"),
        "{statuses:?}"
    );
}
