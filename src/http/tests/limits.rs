use axum::http::StatusCode;

use super::bench::Bench;

const HEALTH: &str = "/api/v1/health/actors";

async fn taken(bench: &Bench, token: &str, times: usize) -> usize {
    let mut taken = 0;
    for _ in 0..times {
        let answer = bench.get(HEALTH, Some(token)).await;
        taken += usize::from(answer.status == StatusCode::OK);
    }
    taken
}

#[tokio::test]
async fn the_101st_request_of_a_token_in_a_minute_is_told_when_to_come_again() {
    let bench = Bench::new();
    assert_eq!(taken(&bench, "demo-token", 60).await, 60);
    bench.clock.forward(20_000);
    assert_eq!(taken(&bench, "demo-token", 40).await, 40);
    let refused = bench.get(HEALTH, Some("demo-token")).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["retry-after"], "40");
    assert_eq!(refused.body["error"]["code"], "too_many_requests");
    assert_eq!(
        taken(&bench, "other-token", 1).await,
        1,
        "another token has its own minute"
    );
    bench.clock.forward(40_000);
    assert_eq!(taken(&bench, "demo-token", 61).await, 60);
}

#[tokio::test]
async fn the_tokens_of_a_tenant_share_its_tier() {
    let bench = Bench::new();
    for token in ["other-token", "other-second", "other-third"] {
        assert_eq!(taken(&bench, token, 100).await, 100);
    }
    assert_eq!(taken(&bench, "other-fourth", 1).await, 0);
    assert_eq!(
        taken(&bench, "demo-token", 1).await,
        1,
        "another tenant is not concerned"
    );
}

#[tokio::test]
async fn a_request_beyond_the_bound_of_requests_under_way_is_refused_at_once() {
    let bench = Bench::with_places(0);
    let refused = bench.get(HEALTH, Some("demo-token")).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(bench.get("/healthz", None).await.status, StatusCode::OK);
}
