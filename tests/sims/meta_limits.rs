//! Windows, pair debt, throughput, unknown numbers and identities that differ.

use serde_json::json;

use crate::bench::Bench;

const ANA: &str = "51999888777";

#[tokio::test]
async fn the_46th_message_of_a_burst_meets_the_pair_limit_until_the_debt_is_paid() {
    let bench = Bench::start().await;
    bench.channel(json!({"mps": 0, "statuses": {"enabled": false}}));
    for n in 0..45 {
        assert_eq!(bench.send_text(ANA, "x").await.0, 200, "message {n}");
    }
    let (status, answer) = bench.send_text(ANA, "x").await;
    assert_eq!(
        (status, answer["error"]["code"].as_u64()),
        (429, Some(131056))
    );
    assert_eq!(
        bench.send_text("51911111111", "x").await.0,
        200,
        "another person is not concerned"
    );
    bench.control(json!({"advance_clock_ms": 45 * 6_000}));
    assert_eq!(bench.send_text(ANA, "x").await.0, 200);
    bench.channel(json!({"pair_limit": false}));
    for _ in 0..50 {
        assert_eq!(bench.send_text(ANA, "x").await.0, 200);
    }
}

#[tokio::test]
async fn messages_beyond_the_numbers_throughput_get_130429_in_and_out_together() {
    let bench = Bench::start().await;
    bench.channel(json!({"mps": 1, "statuses": {"enabled": false}}));
    assert_eq!(bench.types(ANA, json!({"text": "hola"})).await.0, 200);
    let (status, answer) = bench.send_text(ANA, "x").await;
    assert_eq!(
        (status, answer["error"]["code"].as_u64()),
        (429, Some(130429))
    );
    bench.control(json!({"advance_clock_ms": 1_000}));
    assert_eq!(bench.send_text(ANA, "x").await.0, 200);
}

#[tokio::test]
async fn outside_the_window_free_text_fails_by_status_and_templates_go_through() {
    let bench = Bench::start().await;
    bench.channel(json!({"windows": "tracked"}));
    let (status, answer) = bench.send_text(ANA, "hola").await;
    assert_eq!(
        status, 200,
        "a closed window is not known when the send is answered"
    );
    let id = answer["messages"][0]["id"].as_str().expect("an id");
    let failed = bench.inbox.status(id, "failed").await;
    assert_eq!(failed["errors"][0]["code"], 131047);
    assert!(
        !bench
            .inbox
            .statuses()
            .iter()
            .any(|status| status["id"] == id && status["status"] == "sent")
    );

    let template = json!({"messaging_product": "whatsapp", "to": ANA, "type": "template",
        "template": {"name": "hello_world", "language": {"code": "en_US"}}});
    let (_, answer) = bench.send(template).await;
    assert_eq!(answer["messages"][0]["message_status"], "accepted");
    let id = answer["messages"][0]["id"].as_str().expect("an id");
    assert_eq!(
        bench.inbox.status(id, "delivered").await["pricing"]["billable"],
        true
    );
}

#[tokio::test]
async fn a_person_who_writes_opens_the_window_for_24_hours() {
    let bench = Bench::start().await;
    bench.channel(json!({"windows": "tracked"}));
    bench.types(ANA, json!({"text": "hola"})).await;
    let outcome = async |expected: &str| {
        let (_, answer) = bench.send_text(ANA, "x").await;
        let id = answer["messages"][0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        bench.inbox.status(&id, expected).await
    };
    outcome("delivered").await;
    bench.control(json!({"advance_clock_ms": 86_400_000}));
    assert_eq!(outcome("failed").await["errors"][0]["code"], 131047);
    bench.types(ANA, json!({"text": "sigo"})).await;
    outcome("delivered").await;
}

#[tokio::test]
async fn in_the_demo_world_windows_are_open_until_control_closes_one() {
    let bench = Bench::start().await;
    let (_, answer) = bench.send_text(ANA, "x").await;
    bench
        .inbox
        .status(answer["messages"][0]["id"].as_str().expect("an id"), "read")
        .await;
    bench.channel(json!({"close_windows": [ANA]}));
    let (_, answer) = bench.send_text(ANA, "x").await;
    bench
        .inbox
        .status(
            answer["messages"][0]["id"].as_str().expect("an id"),
            "failed",
        )
        .await;
    bench.channel(json!({"open_windows": [ANA]}));
    let (_, answer) = bench.send_text(ANA, "x").await;
    bench
        .inbox
        .status(
            answer["messages"][0]["id"].as_str().expect("an id"),
            "delivered",
        )
        .await;
}

#[tokio::test]
async fn a_number_that_is_not_on_whatsapp_fails_by_status_without_contacts() {
    let bench = Bench::start().await;
    bench.channel(json!({"unknown": [ANA], "user_ids": {ANA: "PE.123"}}));
    let (status, answer) = bench.send_text(ANA, "hola").await;
    assert_eq!(status, 200);
    let id = answer["messages"][0]["id"].as_str().expect("an id");
    let failed = bench.inbox.status(id, "failed").await;
    assert_eq!(failed["errors"][0]["code"], 131026);
    assert!(failed.get("recipient_user_id").is_none());
    let post = bench.inbox.posts().pop().expect("a post").json();
    assert!(
        post["entry"][0]["changes"][0]["value"]
            .get("contacts")
            .is_none()
    );
}

#[tokio::test]
async fn a_brazilian_number_is_answered_under_its_own_whatsapp_id() {
    let bench = Bench::start().await;
    bench.channel(json!({"wa_ids": {"5585987654321": "558587654321"}}));
    let (_, answer) = bench.send_text("+5585987654321", "oi").await;
    assert_eq!(
        answer["contacts"][0],
        json!({"input": "+5585987654321", "wa_id": "558587654321"})
    );
    let id = answer["messages"][0]["id"].as_str().expect("an id");
    assert_eq!(
        bench.inbox.status(id, "sent").await["recipient_id"],
        "558587654321"
    );
    assert_eq!(bench.conversation("558587654321").await.len(), 1);
}

#[tokio::test]
async fn a_hidden_number_is_known_by_its_user_id_alone() {
    let bench = Bench::start().await;
    bench.channel(json!({"user_ids": {ANA: "PE.77"}, "hidden": [ANA]}));
    bench.types(ANA, json!({"text": "hola"})).await;
    let message = bench.inbox.until(|inbox| inbox.messages().pop()).await;
    assert_eq!(message["from_user_id"], "PE.77");
    assert!(message.get("from").is_none());
    let value = bench.inbox.posts()[0].json()["entry"][0]["changes"][0]["value"].clone();
    assert!(
        value["contacts"][0].get("wa_id").is_none() && value["contacts"][0]["user_id"] == "PE.77"
    );

    let (_, answer) = bench
        .send(
            json!({"messaging_product": "whatsapp", "recipient": "PE.77",
        "type": "text", "text": {"body": "x"}}),
        )
        .await;
    assert_eq!(
        answer["contacts"][0],
        json!({"input": "PE.77", "user_id": "PE.77"})
    );
    let sent = bench
        .inbox
        .status(answer["messages"][0]["id"].as_str().expect("an id"), "sent")
        .await;
    assert!(sent.get("recipient_id").is_none() && sent["recipient_user_id"] == "PE.77");
    assert_eq!(bench.conversation("PE.77").await.len(), 2);
}
