//! Claims about the bounds of the API: requests a minute, bytes, requests under way.

use axum::body::Body;
use axum::http::{Request, StatusCode};

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

fn order(length: usize, announced: bool) -> Request<Body> {
    let request = Request::post("/api/v1/effects/e00/redrive")
        .header("authorization", "Bearer operator-token");
    let body = vec![b' '; length];
    let request = match announced {
        true => request
            .header("content-length", length)
            .body(Body::from(body)),
        false => request.body(Body::from_stream(tokio_stream::iter(
            body.chunks(100)
                .map(|part| Ok::<_, std::io::Error>(bytes::Bytes::copy_from_slice(part)))
                .collect::<Vec<_>>(),
        ))),
    };
    request.expect("a valid request")
}

#[tokio::test]
async fn an_api_body_beyond_the_bound_is_413_with_and_without_an_announced_length() {
    let bench = Bench::new();
    for announced in [true, false] {
        let fits = bench.send(order(1_024, announced)).await;
        assert_eq!(fits.status, StatusCode::NOT_FOUND, "it reached the handler");
        let large = bench.send(order(1_025, announced)).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(large.body["error"]["code"], "body_too_large");
    }
}

#[tokio::test]
async fn a_large_body_of_nobody_known_is_401() {
    let bench = Bench::new();
    let mut stranger = order(1_025, true);
    stranger.headers_mut().remove("authorization");
    assert_eq!(bench.send(stranger).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_request_beyond_the_bound_of_requests_under_way_is_refused_at_once() {
    let bench = Bench::with_places(0);
    let refused = bench.get(HEALTH, Some("demo-token")).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(bench.get("/healthz", None).await.status, StatusCode::OK);
}
