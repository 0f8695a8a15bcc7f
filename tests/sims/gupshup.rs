//! What a client of Gupshup meets: sends, their events in both versions, consent, wallet, limits,
//! faults, and the phone.

mod events;

use std::collections::HashMap;

use serde_json::{Value, json};

use chasqui::simulators::demo;

use crate::bench::Bench;

const ANA: &str = "51999888777";

/// The demo's app with quick events and a receiver.
async fn bench() -> Bench {
    let bench = Bench::start().await;
    bench.app(json!({
        "callback_url": bench.inbox.url, "enqueued_ms": 2,
        "statuses": {"sent_ms": 5, "delivered_ms": 10, "read_ms": 15, "read_probability": 1.0},
        "webhooks": {"retries_ms": [20, 20, 20]},
    }));
    bench.inbox.until(proves_the_address).await;
    bench
}

fn proves_the_address(inbox: &crate::bench::Inbox) -> Option<()> {
    let first = inbox.posts().first()?.json();
    (first["payload"]["type"] == "sandbox-start").then_some(())
}

impl Bench {
    fn app(&self, change: Value) {
        self.control(json!({"gupshup": {demo::GUPSHUP_CHANNEL: change}}));
    }

    /// What Gupshup tells whoever has the app's key.
    async fn asks(&self, path: &str) -> Value {
        let url = self.url(&format!("/gupshup{path}"));
        let asked = self.http.get(url).header("apikey", demo::GUPSHUP_API_KEY);
        let answer = asked.send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    async fn call(&self, path: &str, key: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
        let form: Vec<String> = fields
            .iter()
            .map(|(key, value)| field(key, value))
            .collect();
        let answer = self
            .http
            .post(self.url(&format!("/gupshup{path}")))
            .header("apikey", key)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.join("&"))
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type");
        let kind = kind
            .map_or("", |kind| kind.to_str().expect("text"))
            .to_owned();
        (status, kind, answer.text().await.expect("text"))
    }

    /// Sends a message of the demo's app.
    async fn says(&self, to: &str, message: Value) -> (u16, Value) {
        let message = message.to_string();
        let fields = fields(to, &message);
        let (status, _, body) = self
            .call("/wa/api/v1/msg", demo::GUPSHUP_API_KEY, &fields)
            .await;
        (status, serde_json::from_str(&body).expect("JSON"))
    }

    async fn says_text(&self, to: &str) -> String {
        let (status, answer) = self
            .says(to, json!({"type": "text", "text": "Hola ñ+1 👍"}))
            .await;
        assert_eq!(
            (status, answer["status"].as_str()),
            (202, Some("submitted"))
        );
        answer["messageId"].as_str().expect("an id").to_owned()
    }

    /// The events of one message, by type, once those that are `awaited` have come.
    async fn fates(&self, gs_id: &str, awaited: &[&str]) -> HashMap<String, Value> {
        self.inbox
            .until(|inbox| {
                let events = inbox.posts().into_iter().map(|post| post.json());
                let own = events.filter(|event| {
                    event["type"] == "message-event"
                        && (event["payload"]["gsId"] == gs_id || event["payload"]["id"] == gs_id)
                });
                let fates: HashMap<String, Value> = own
                    .map(|event| {
                        let kind = event["payload"]["type"].as_str().unwrap_or_default();
                        (kind.to_owned(), event)
                    })
                    .collect();
                let all = awaited.iter().all(|kind| fates.contains_key(*kind));
                all.then_some(fates)
            })
            .await
    }

    async fn gupshup_types(&self, who: &str, body: Value) -> u16 {
        let path = format!("/_phone/{}/{who}/messages", demo::GUPSHUP_CHANNEL);
        let answer = self.http.post(self.url(&path)).json(&body).send().await;
        answer.expect("an answer").status().as_u16()
    }

    async fn gupshup_shows(&self, who: &str) -> Vec<Value> {
        let path = format!("/_phone/{}/{who}/messages", demo::GUPSHUP_CHANNEL);
        let shown = self.get(&path).await;
        shown["messages"].as_array().cloned().expect("messages")
    }
}

fn field(key: &str, value: &str) -> String {
    let mut url = reqwest::Url::parse("form:").expect("a URL");
    url.query_pairs_mut().append_pair(key, value);
    url.query().unwrap_or_default().to_owned()
}

fn fields<'a>(to: &'a str, message: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("channel", "whatsapp"),
        ("source", demo::GUPSHUP_SOURCE),
        ("destination", to),
        ("src.name", demo::GUPSHUP_APP),
        ("message", message),
    ]
}

#[tokio::test]
async fn a_send_is_accepted_as_html_and_its_events_join_by_gsid() {
    let bench = bench().await;
    let message = json!({"type": "text", "text": "Hola"}).to_string();
    let (status, kind, body) = bench
        .call(
            "/wa/api/v1/msg",
            demo::GUPSHUP_API_KEY,
            &fields(ANA, &message),
        )
        .await;
    assert_eq!(status, 202);
    assert!(kind.starts_with("text/html"), "{kind}");
    let answer: Value = serde_json::from_str(&body).expect("JSON all the same");
    let gs_id = answer["messageId"].as_str().expect("an id");

    let fates = bench
        .fates(gs_id, &["enqueued", "sent", "delivered", "read"])
        .await;
    let enqueued = &fates["enqueued"]["payload"];
    assert_eq!(
        (&enqueued["id"], &enqueued["gsId"]),
        (&json!(gs_id), &Value::Null)
    );
    let wamid = enqueued["payload"]["whatsappMessageId"].clone();
    for kind in ["sent", "delivered", "read"] {
        let event = &fates[kind];
        assert_eq!(event["payload"]["gsId"], gs_id, "{event}");
        assert_eq!(event["payload"]["id"], wamid, "{event}");
        assert_eq!(event["app"], demo::GUPSHUP_APP);
    }
    assert_eq!(fates["sent"]["payload"]["pricing"]["policy"], "PMP");
    let billing = bench
        .inbox
        .until(|inbox| {
            let mut events = inbox.posts().into_iter().map(|post| post.json());
            events.rfind(|event| event["type"] == "billing-event")
        })
        .await;
    assert_eq!(billing["payload"]["references"]["gsId"], gs_id);
    assert_eq!(billing["payload"]["deductions"]["billable"], false);
    let shown = bench.gupshup_shows(ANA).await;
    assert_eq!(
        (shown[0]["text"].as_str(), shown[0]["status"].as_str()),
        (Some("Hola"), Some("read"))
    );
}

#[tokio::test]
async fn refusals_have_words_and_no_code() {
    let bench = bench().await;
    let text = json!({"type": "text", "text": "Hola"}).to_string();
    let mut other_app = fields(ANA, &text);
    other_app[3].1 = "demoapp";
    let key = demo::GUPSHUP_API_KEY;
    for (key, fields, status, words) in [
        ("wrong", fields(ANA, &text), 401, "Authentication Failed"),
        (key, fields("12", &text), 400, "Invalid Destination"),
        (key, other_app, 400, "Invalid App Details"),
        (key, fields(ANA, "hola"), 400, "Invalid message payload"),
        (
            key,
            fields(ANA, "{\"type\":\"dance\"}"),
            400,
            "Invalid message type",
        ),
    ] {
        let (found, _, body) = bench.call("/wa/api/v1/msg", key, &fields).await;
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(
            (found, &body),
            (status, &json!({"status": "error", "message": words}))
        );
    }
    bench.app(json!({"oddities": {"nested_refusal": true}}));
    let (_, _, body) = bench
        .call("/wa/api/v1/msg", "wrong", &fields(ANA, &text))
        .await;
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body["message"]["message"], "Authentication Failed");
}

#[tokio::test]
async fn what_is_not_checked_at_once_fails_by_an_event() {
    let bench = bench().await;
    for (change, code, before_whatsapp) in [
        (json!({"unknown": [ANA]}), 1002, true),
        (
            json!({"unknown": [], "opt_in_checked": true, "windows": "tracked"}),
            1006,
            true,
        ),
        (json!({"opt_in_checked": false}), 131_047, false),
        (json!({"windows": "open", "wallet_micros": 0}), 1003, true),
        (
            json!({"wallet_micros": 5_000, "opt_out": [ANA]}),
            1012,
            true,
        ),
    ] {
        bench.app(change.clone());
        let gs_id = bench.says_text(ANA).await;
        let awaited = match before_whatsapp {
            true => &["failed"][..],
            false => &["enqueued", "failed"],
        };
        let fates = bench.fates(&gs_id, awaited).await;
        let failed = &fates["failed"]["payload"];
        assert_eq!(failed["payload"]["code"], code, "{change}");
        assert_eq!(
            failed["gsId"].is_null(),
            before_whatsapp,
            "{change}: {failed}"
        );
        assert_eq!(fates.contains_key("enqueued"), !before_whatsapp, "{change}");
    }
}

#[tokio::test]
async fn the_wallet_pays_each_message_and_runs_dry() {
    let bench = bench().await;
    bench.app(json!({"wallet_micros": 2_000}));
    for _ in 0..2 {
        let gs_id = bench.says_text(ANA).await;
        bench.fates(&gs_id, &["delivered"]).await;
    }
    let gs_id = bench.says_text(ANA).await;
    let fates = bench.fates(&gs_id, &["failed"]).await;
    assert_eq!(fates["failed"]["payload"]["payload"]["code"], 1003);
    let balance = bench.asks("/sm/api/v2/wallet/balance").await;
    assert_eq!(balance, json!({"status": "success", "balance": 0.0}));
}

#[tokio::test]
async fn consent_is_kept_and_told() {
    let bench = bench().await;
    let path = format!("/sm/api/v1/app/opt/out/{}", demo::GUPSHUP_APP);
    let (status, _, body) = bench
        .call(&path, demo::GUPSHUP_API_KEY, &[("user", ANA)])
        .await;
    assert_eq!((status, body.as_str()), (202, ""), "the body is empty");
    bench
        .inbox
        .until(|inbox| {
            let mut events = inbox.posts().into_iter().map(|post| post.json());
            events.rfind(|event| event["payload"] == json!({"phone": ANA, "type": "opted-out"}))
        })
        .await;
    let users = bench
        .asks(&format!("/sm/api/v1/users/{}", demo::GUPSHUP_APP))
        .await;
    assert_eq!(users["users"][0]["optinStatus"], "OPT_OUT");
}

#[tokio::test]
async fn templates_are_sent_by_gupshups_id_outside_the_window() {
    let bench = bench().await;
    bench.app(json!({"windows": "tracked"}));
    let template =
        json!({"id": "c6aecef6-bcb0-4fb1-8100-28c094e3bc6b", "params": ["Ana", "7", "resuelto"]});
    let template = template.to_string();
    let fields = [
        ("source", demo::GUPSHUP_SOURCE),
        ("destination", ANA),
        ("template", template.as_str()),
    ];
    let path = "/wa/api/v1/template/msg";
    let (status, _, body) = bench.call(path, demo::GUPSHUP_API_KEY, &fields).await;
    assert_eq!(status, 202, "{body}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    let gs_id = answer["messageId"].as_str().expect("an id");
    let fates = bench.fates(gs_id, &["sent", "delivered"]).await;
    assert_eq!(fates["sent"]["payload"]["pricing"]["category"], "utility");
    let shown = bench.gupshup_shows(ANA).await;
    assert_eq!(
        shown[0]["text"],
        "Hola Ana, tu ticket 7 cambió a: resuelto."
    );

    let unknown = [
        fields[0],
        fields[1],
        ("template", "{\"id\":\"ticket_update\"}"),
    ];
    let (status, _, _) = bench.call(path, demo::GUPSHUP_API_KEY, &unknown).await;
    assert_eq!(status, 400, "Meta's name is not Gupshup's id");
}

#[tokio::test]
async fn limits_and_faults_act_as_with_the_other_providers() {
    let bench = bench().await;
    let text = json!({"type": "text", "text": "Hola"});
    bench.app(json!({"mps": 1}));
    assert_eq!(bench.says(ANA, text.clone()).await.0, 202);
    let (status, answer) = bench.says(ANA, text.clone()).await;
    assert_eq!(
        (status, answer["message"].as_str()),
        (429, Some("Too Many Requests"))
    );
    bench.app(json!({"mps": 0}));
    for (kind, expected) in [
        (json!({"kind": "rate_limit"}), 429),
        (json!({"kind": "error", "status": 500}), 500),
        (json!({"kind": "unauthorized"}), 401),
    ] {
        let mut fault = kind;
        fault["provider"] = "gupshup".into();
        fault["count"] = 1.into();
        bench.control(json!({"faults": [fault]}));
        assert_eq!(bench.says(ANA, text.clone()).await.0, expected);
        assert_eq!(bench.says(ANA, text.clone()).await.0, 202);
    }
    let counts = bench.get("/_log/counts").await;
    let own = &counts["providers"]["gupshup"];
    assert_eq!(
        (own["requests"].as_u64(), own["accepted"].as_u64()),
        (Some(8), Some(4))
    );
    assert_eq!(own["recipients"][ANA]["accepted"], 4);
    let lines = bench.log("?provider=gupshup").await;
    assert_eq!(lines.len(), 8);
    assert_eq!(lines[0]["body"]["destination"], ANA);
}
