//! Whether the server lives, whether it takes work, and its metrics.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Edge;

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the journal is open, the directory is loaded and nobody has told the server to
/// stop. The first two hold as long as this edge exists, because it is made from both.
pub(super) async fn readyz(State(edge): State<Edge>) -> (StatusCode, &'static str) {
    if *edge.closing.borrow() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// `GET /metrics`, in Prometheus' text format.
pub(super) async fn metrics(State(edge): State<Edge>) -> Response {
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (kind, (edge.metrics)()).into_response()
}
