//! Claims about what an operator has done with inputs that were set aside.

use actors::model::{IdentityKey, InSeq, Millis};
use axum::http::StatusCode;

use super::api::written;
use super::bench::Bench;

fn path(position: &str, order: &str) -> String {
    format!("/api/v1/quarantine/{position}/{order}")
}

/// One input of each tenant in quarantine, the demo's at 9.
fn bench() -> Bench {
    let bench = Bench::new();
    let row = |tenant, position| {
        let key = bench.contact(tenant, "51999888777");
        let input = written(key, tenant, "secreto");
        (InSeq(position), input, "panicked".to_owned())
    };
    let rows = vec![row("demo", 9), row("other", 12)];
    bench.core.desk.lock().expect("no panic").quarantined = rows;
    bench
}

#[tokio::test]
async fn an_operator_releases_and_dismisses_what_is_set_aside_and_theirs() {
    let bench = bench();
    let [own, foreign] = ["demo", "other"].map(|tenant| bench.contact(tenant, "51999888777"));
    for (position, order, token, status) in [
        ("9", "release", "desk-token", StatusCode::ACCEPTED),
        ("9", "dismiss", "desk-token", StatusCode::ACCEPTED),
        ("12", "release", "operator-token", StatusCode::ACCEPTED),
        ("9", "release", "demo-token", StatusCode::FORBIDDEN),
        ("9", "dismiss", "demo-token", StatusCode::FORBIDDEN),
        ("12", "release", "desk-token", StatusCode::NOT_FOUND),
        ("12", "dismiss", "desk-token", StatusCode::NOT_FOUND),
        ("10", "release", "operator-token", StatusCode::NOT_FOUND),
        ("nine", "release", "operator-token", StatusCode::NOT_FOUND),
        ("9", "release", "guess", StatusCode::UNAUTHORIZED),
    ] {
        let answer = bench.post(&path(position, order), token).await;
        assert_eq!(answer.status, status, "{position} {order} {token}");
    }
    let orders = bench.core.orders.lock().expect("no panic").clone();
    let expected = [
        format!("release 9 of {own}"),
        format!("discard 9 of {own}"),
        format!("release 12 of {foreign}"),
    ];
    assert_eq!(orders, expected);
}

#[tokio::test]
async fn a_released_input_that_is_set_aside_again_is_still_its_tenants() {
    let bench = bench();
    let again = {
        let desk = bench.core.desk.lock().expect("no panic");
        let (position, input, _) = desk.quarantined[0].clone();
        let identity = IdentityKey::new(&[7; 32]);
        input.released(position, &identity, Millis(1_800_000_060_000))
    };
    bench.core.desk.lock().expect("no panic").quarantined =
        vec![(InSeq(20), again, "panicked".to_owned())];
    let list = bench.get("/api/v1/quarantine", Some("demo-token")).await;
    let row = &list.body["quarantine"][0];
    assert_eq!(row["position"], 20);
    assert_eq!(row["received"], "2027-01-15T08:00:00Z");
    let foreign = bench.get("/api/v1/quarantine", Some("other-token")).await;
    assert_eq!(foreign.body["quarantine"], serde_json::json!([]));
    let answer = bench.post(&path("20", "release"), "desk-token").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}
