//! The contract of the request log: the oracle of crash and load tests.

use serde_json::{Value, json};

use crate::bench::{Bench, eventually, text_to};
use chasqui::simulators::demo;

const ANA: &str = "51999888777";

#[tokio::test]
async fn lines_are_numbered_from_1_and_carry_the_json_body_as_a_value() {
    let bench = Bench::start().await;
    bench.send_text(ANA, "¿qué tal?").await;
    let lines = bench.log("").await;
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(
        (
            line["n"].as_u64(),
            line["provider"].as_str(),
            line["method"].as_str()
        ),
        (Some(1), Some("meta"), Some("POST"))
    );
    assert_eq!(
        line["path"],
        format!("/meta/v23.0/{}/messages", demo::PHONE_NUMBER_ID)
    );
    assert_eq!(
        (line["status"].as_u64(), line["accepted"].as_bool()),
        (Some(200), Some(true))
    );
    assert_eq!(line["body"], text_to(ANA, "¿qué tal?"));
    assert!(line["at_ms"].is_i64());
}

#[tokio::test]
async fn after_is_exclusive_limit_counts_lines_and_provider_filters() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    for _ in 0..3 {
        bench.send_text(ANA, "x").await;
        glpi.get("getMyProfiles").await;
    }
    let numbers = async |query: &str| {
        let lines = bench.log(query).await;
        lines
            .iter()
            .map(|line| line["n"].as_u64().expect("a number"))
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers("").await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(numbers("?after=5").await, [6, 7]);
    assert_eq!(numbers("?after=2&limit=2").await, [3, 4]);
    assert_eq!(numbers("?provider=meta").await, [2, 4, 6]);
    assert_eq!(numbers("?provider=glpi&after=3&limit=1").await, [5]);
    assert!(numbers("?after=7").await.is_empty() && numbers("?after=99999").await.is_empty());
    let refused = bench
        .http
        .get(bench.url("/_log?provider=other"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(refused.status().as_u16(), 400);
}

#[tokio::test]
async fn a_line_exists_from_arrival_on_and_is_completed_later() {
    let bench = Bench::start().await;
    bench.control(json!({"faults": [{"kind": "delay", "ms": 300, "count": 1}]}));
    let mut send = std::pin::pin!(bench.send_text(ANA, "x"));
    let open = tokio::select! {
        _ = &mut send => panic!("answered before its delay"),
        line = eventually(async || bench.log("").await.pop()) => line,
    };
    assert_eq!(
        (open["status"].as_u64(), open["accepted"].as_bool()),
        (Some(0), Some(false))
    );
    bench.send_text("51911111111", "second").await;
    send.await;
    let lines = bench.log("").await;
    assert_eq!(lines[0]["body"]["to"], ANA, "the order is that of arrival");
    assert!(
        lines
            .iter()
            .all(|line| line["status"] == 200 && line["accepted"] == true)
    );
}

#[tokio::test]
async fn who_reads_on_behind_settled_lines_sees_the_outcome_of_every_request() {
    let bench = Bench::start().await;
    bench.send_text(ANA, "before").await;
    bench.control(json!({"faults": [{"kind": "delay", "ms": 300, "count": 1}]}));
    let mut late = std::pin::pin!(bench.send_text(ANA, "late"));
    tokio::select! {
        _ = &mut late => panic!("answered before its delay"),
        () = eventually(async || (bench.log("").await.len() == 2).then_some(())) => {}
    }
    bench.send_text("51911111111", "overtakes").await;
    assert_eq!(bench.log("?settled=0").await.len(), 3);
    let settled = bench.log("?settled=1").await;
    assert_eq!((settled.len(), &settled[0]["accepted"]), (1, &json!(true)));
    late.await;
    let further = bench.log("?settled=1&after=1").await;
    assert_eq!(further.len(), 2);
    assert!(further.iter().all(|line| line["accepted"] == true));
}

#[tokio::test]
async fn a_request_that_was_cut_off_does_not_hold_up_settled_lines() {
    let bench = Bench::start().await;
    bench.control(json!({"faults": [{"kind": "drop", "count": 1}]}));
    let url = bench.url(&format!("/meta/v23.0/{}/messages", demo::PHONE_NUMBER_ID));
    let cut = bench.http.post(url).json(&text_to(ANA, "x")).send().await;
    assert!(cut.is_err());
    bench.send_text(ANA, "y").await;
    let settled = bench.log("?settled=1").await;
    let outcomes: Vec<_> = settled.iter().map(|line| &line["accepted"]).collect();
    assert_eq!(outcomes, [false, true]);
}

#[tokio::test]
async fn bodies_that_are_no_json_are_null_and_line_breaks_do_not_split_lines() {
    let bench = Bench::start().await;
    let url = bench.url(&format!("/meta/v23.0/{}/messages", demo::PHONE_NUMBER_ID));
    let post = async |kind: &str, body: &'static str| {
        let request = bench
            .http
            .post(&url)
            .header("content-type", kind)
            .body(body);
        request.send().await.expect("an answer");
    };
    post("application/json", "{\n  \"a\":\r\n \"b\\nc\"\n}").await;
    post("application/json", "{broken").await;
    post("text/plain", "hola").await;
    let lines = bench.log("").await;
    assert_eq!(lines[0]["body"], json!({"a": "b\nc"}));
    assert_eq!(
        (lines[1]["body"].clone(), lines[1]["body_bytes"].as_u64()),
        (Value::Null, Some(7))
    );
    assert_eq!(lines[2]["body"], Value::Null);
    assert!(
        lines.iter().all(|line| line["status"] == 401),
        "no token was given"
    );
}

#[tokio::test]
async fn counts_tell_requests_from_accepted_ones_by_effect_and_recipient() {
    let bench = Bench::start().await;
    let tracked = |effect: &str| {
        let mut body = text_to(ANA, "x");
        body["biz_opaque_callback_data"] = effect.into();
        body
    };
    bench.send(tracked("e1")).await;
    bench.send(tracked("e1")).await;
    bench.control(json!({"faults": [{"kind": "error", "count": 1}]}));
    bench.send(tracked("e2")).await;
    let glpi = bench.glpi().await;
    let ticket = json!({"name": "t", "content": "<p>chasqui:typed</p><!--chasqui:t-9-->", "_users_id_requester": 5});
    glpi.ticket(ticket).await;
    glpi.get("search/Ticket?criteria[0][field]=21&criteria[0][searchtype]=contains&criteria[0][value]=chasqui:t-9").await;

    let counts = bench.get("/_log/counts").await;
    let meta = &counts["providers"]["meta"];
    assert_eq!(
        meta["effects"],
        json!({"e1": {"requests": 2, "accepted": 2}, "e2": {"requests": 1, "accepted": 0}})
    );
    assert_eq!(
        meta["recipients"][ANA],
        json!({"requests": 3, "accepted": 2})
    );
    assert_eq!(
        (meta["requests"].as_u64(), meta["accepted"].as_u64()),
        (Some(3), Some(2))
    );
    assert_eq!(
        counts["providers"]["glpi"]["effects"],
        json!({"t-9": {"requests": 1, "accepted": 1}})
    );
    let repeated = bench.get("/_log/counts?repeated=1").await;
    let effects = repeated["providers"]["meta"]["effects"]
        .as_object()
        .expect("effects");
    assert_eq!(effects.keys().collect::<Vec<_>>(), ["e1"]);
}

#[tokio::test]
async fn a_thousand_concurrent_requests_leave_a_thousand_whole_lines() {
    let bench = Bench::start().await;
    bench.channel(json!({"pair_limit": false, "mps": 0, "statuses": {"enabled": false}}));
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..10 {
        let (http, url) = (
            bench.http.clone(),
            bench.url(&format!("/meta/v23.0/{}/messages", demo::PHONE_NUMBER_ID)),
        );
        tasks.spawn(async move {
            for n in 0..100 {
                let mut body = text_to(ANA, &"x".repeat(500));
                body["biz_opaque_callback_data"] = format!("{worker}-{n}").into();
                let answer = http
                    .post(&url)
                    .bearer_auth(demo::ACCESS_TOKEN)
                    .json(&body)
                    .send()
                    .await;
                assert_eq!(answer.expect("an answer").status().as_u16(), 200);
            }
        });
    }
    tasks.join_all().await;
    let lines = bench.log("?limit=5000").await;
    assert_eq!(lines.len(), 1000);
    assert!(
        lines
            .iter()
            .zip(1..)
            .all(|(line, n)| line["n"] == n && line["status"] == 200)
    );
    let counts = bench.get("/_log/counts").await;
    let effects = counts["providers"]["meta"]["effects"]
        .as_object()
        .expect("effects");
    assert!(effects.len() == 1000 && effects.values().all(|count| count["accepted"] == 1));
}

#[tokio::test]
async fn sums_count_requests_and_lines_carry_microseconds() {
    let bench = Bench::start().await;
    bench.send_text(ANA, "x").await;
    bench.send(json!({"messaging_product": "whatsapp"})).await;
    let sums = bench.get("/_log/counts?totals=1").await;
    assert_eq!(
        sums["providers"]["meta"],
        json!({"requests": 2, "accepted": 1})
    );
    assert_eq!(sums["lines"], 2);
    let line = &bench.log("").await[0];
    let (ms, us) = (line["at_ms"].as_i64(), line["at_us"].as_i64());
    assert_eq!(us.map(|us| us.div_euclid(1_000)), ms);
}
