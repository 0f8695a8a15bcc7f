//! Each fault, as a client meets it and as the log records it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{Bench, eventually, text_to};
use chasqui::simulators::demo;

const ANA: &str = "51999888777";

impl Bench {
    fn fault(&self, fault: Value) {
        self.control(json!({"faults": [fault]}));
    }

    /// Sends a text and gives the transport's error, if any.
    async fn try_send(&self) -> Result<(u16, Value), reqwest::Error> {
        let url = self.url(&format!("/meta/v23.0/{}/messages", demo::PHONE_NUMBER_ID));
        let answer = self
            .http
            .post(url)
            .bearer_auth(demo::ACCESS_TOKEN)
            .json(&text_to(ANA, "x"))
            .send()
            .await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await?))
    }

    async fn last_line(&self) -> Value {
        self.log("?limit=5000").await.pop().expect("a line")
    }
}

#[tokio::test]
async fn a_rate_limit_comes_with_and_without_retry_after_and_has_no_effect() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "rate_limit", "provider": "meta", "count": 1}));
    bench.fault(json!({"kind": "rate_limit", "provider": "glpi", "retry_after_s": 7, "path": "getMyProfiles"}));
    let (status, answer) = bench.send_text(ANA, "x").await;
    assert_eq!(
        (status, answer["error"]["code"].as_u64()),
        (429, Some(130429))
    );
    assert_eq!(
        bench.send_text(ANA, "x").await.0,
        200,
        "only the next call was meant"
    );
    let limited = bench.glpi().await.get("getMyProfiles").await;
    assert_eq!(
        (limited.status, limited.header("retry-after")),
        (429, Some("7"))
    );
    assert_eq!(bench.conversation(ANA).await.len(), 1);
}

#[tokio::test]
async fn server_errors_have_the_providers_own_shape() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    bench.fault(json!({"kind": "error", "status": 503, "count": 2}));
    let (status, answer) = bench.send_text(ANA, "x").await;
    assert_eq!(
        (status, answer["error"]["code"].as_u64()),
        (503, Some(131016))
    );
    let page = glpi.post("Ticket", json!({"input": {"name": "x"}})).await;
    assert_eq!(page.status, 503);
    assert!(
        page.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    );
    assert_eq!(glpi.get("Ticket").await.body, json!([]));
    let line = bench.log("?provider=meta").await.remove(0);
    assert_eq!(
        (line["status"].as_u64(), line["accepted"].as_bool()),
        (Some(503), Some(false))
    );
}

#[tokio::test]
async fn an_error_after_processing_leaves_the_effect_behind() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    bench.fault(json!({"kind": "error", "processed": true, "count": 1}));
    assert_eq!(
        glpi.post("Ticket", json!({"input": {"name": "x"}}))
            .await
            .status,
        500
    );
    assert_eq!(
        glpi.get("Ticket").await.body.as_array().map(Vec::len),
        Some(1)
    );
    let lines = bench.log("?provider=glpi").await;
    let create = lines
        .iter()
        .find(|line| line["method"] == "POST")
        .expect("the create");
    assert_eq!(
        (create["status"].as_u64(), create["accepted"].as_bool()),
        (Some(500), Some(true))
    );
}

#[tokio::test]
async fn an_error_after_metas_processing_has_no_code_that_would_deny_it() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "error", "status": 503, "processed": true, "count": 1}));
    let unread = bench.try_send().await.expect_err("a page is no JSON");
    assert!(unread.is_decode(), "{unread}");
    let line = bench.log("?provider=meta").await.remove(0);
    assert_eq!(
        (line["status"].as_u64(), line["accepted"].as_bool()),
        (Some(503), Some(true))
    );
}

#[tokio::test]
async fn a_coded_refusal_is_answered_as_asked() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "refuse", "code": 131057, "provider": "meta", "count": 1}));
    assert_eq!(bench.send_text(ANA, "x").await.1["error"]["code"], 131057);
}

#[tokio::test]
async fn a_dropped_request_is_reset_without_effect() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "drop", "count": 1}));
    let error = bench.try_send().await.expect_err("no answer");
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    assert!(bench.conversation(ANA).await.is_empty());
    let line = bench.last_line().await;
    assert_eq!(
        (line["status"].as_u64(), line["accepted"].as_bool()),
        (Some(0), Some(false))
    );
    assert_eq!(bench.send_text(ANA, "x").await.0, 200);
}

#[tokio::test]
async fn a_lost_answer_is_a_reset_after_the_effect() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "lose_answer", "count": 1}));
    bench.try_send().await.expect_err("no answer");
    assert_eq!(bench.conversation(ANA).await.len(), 1);
    let sent = bench
        .inbox
        .until(|inbox| {
            inbox
                .statuses()
                .into_iter()
                .find(|status| status["status"] == "sent")
        })
        .await;
    assert_eq!(sent["recipient_id"], ANA);
    let line = bench.last_line().await;
    assert_eq!(
        (line["status"].as_u64(), line["accepted"].as_bool()),
        (Some(0), Some(true))
    );
}

#[tokio::test]
async fn a_delayed_request_takes_effect_though_its_client_gave_up() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    bench.fault(json!({"kind": "delay", "ms": 300, "method": "POST", "count": 1}));
    let request = glpi
        .request("POST", "Ticket")
        .json(&json!({"input": {"name": "late"}}));
    let error = request
        .timeout(Duration::from_millis(50))
        .send()
        .await
        .expect_err("too slow");
    assert!(error.is_timeout());
    assert_eq!(glpi.get("Ticket").await.body, json!([]), "not yet");
    eventually(async || {
        let found = glpi.get("Ticket").await.body;
        found.as_array().filter(|rows| rows.len() == 1).map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn a_late_answer_follows_an_effect_at_once() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "delay", "ms": 60_000, "after": true, "count": 1}));
    let mut send = std::pin::pin!(bench.try_send());
    tokio::select! {
        _ = &mut send => panic!("answered a minute early"),
        () = eventually(async || (bench.conversation(ANA).await.len() == 1).then_some(())) => {}
    }
}

#[tokio::test]
async fn a_slow_body_arrives_whole_in_pieces() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "slow_body", "ms": 200, "count": 1}));
    let start = Instant::now();
    let (status, answer) = bench.try_send().await.expect("an answer");
    assert_eq!(status, 200);
    assert!(answer["messages"][0]["id"].is_string());
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_live_glpi_session_can_be_forgotten() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    bench.fault(json!({"kind": "unauthorized", "provider": "glpi", "count": 1}));
    let refused = glpi.get("getMyProfiles").await;
    assert_eq!(
        (refused.status, refused.body[0].as_str()),
        (401, Some("ERROR_SESSION_TOKEN_INVALID"))
    );
    assert_eq!(
        glpi.get("getMyProfiles").await.status,
        401,
        "the session stays dead"
    );
    assert_eq!(bench.glpi().await.get("getMyProfiles").await.status, 200);
}

#[tokio::test]
async fn a_provider_is_down_for_a_time_and_comes_back() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "drop", "provider": "meta", "for_ms": 150}));
    bench.try_send().await.expect_err("down");
    eventually(async || bench.try_send().await.ok()).await;
}

#[tokio::test]
async fn cleared_faults_act_no_more() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "error", "provider": "meta"}));
    bench.fault(json!({"kind": "error", "provider": "glpi", "path": "getMyProfiles"}));
    bench.control(json!({"clear_faults": "meta"}));
    assert_eq!(bench.send_text(ANA, "x").await.0, 200);
    let glpi = bench.glpi().await;
    assert_eq!(glpi.get("getMyProfiles").await.status, 500);
    bench.control(json!({"clear_faults": "all"}));
    assert_eq!(glpi.get("getMyProfiles").await.status, 200);
}

#[tokio::test]
async fn one_seed_gives_one_history() {
    let history = async |seed: u64| {
        let bench = Bench::start().await;
        bench.channel(json!({"pair_limit": false, "mps": 0, "statuses": {"enabled": false}}));
        bench.control(json!({"seed": seed, "faults": [
            {"kind": "error", "probability": 0.3}, {"kind": "rate_limit", "probability": 0.3},
        ]}));
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(bench.send_text(ANA, "x").await.0);
        }
        statuses
    };
    let first = history(11).await;
    assert_eq!(first, history(11).await);
    assert_ne!(first, history(12).await);
    assert!([200, 429, 500].iter().all(|status| first.contains(status)));
}

#[tokio::test]
async fn mounted_in_another_server_a_cut_answer_breaks_off() {
    let bench = Bench::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = bench.sims.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let call = async || {
        let url = format!("http://{address}/meta/v23.0/{}", demo::PHONE_NUMBER_ID);
        let answer = bench
            .http
            .get(url)
            .bearer_auth(demo::ACCESS_TOKEN)
            .send()
            .await?;
        answer.bytes().await
    };
    assert!(call().await.is_ok());
    bench.fault(json!({"kind": "drop", "count": 1}));
    assert!(call().await.is_err());
}

#[tokio::test]
async fn a_fault_can_concern_one_person() {
    let bench = Bench::start().await;
    bench.fault(json!({"kind": "refuse", "code": 131000, "body": ANA}));
    assert_ne!(bench.send_text(ANA, "x").await.0, 200);
    assert_eq!(bench.send_text("51988777666", "x").await.0, 200);
}
