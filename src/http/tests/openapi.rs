//! Claims about the document that describes the API.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::bench::Bench;
use crate::http::api::{openapi, routes};

/// Where the stored copy stands.
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");

#[test]
fn the_stored_document_is_the_one_the_server_gives() {
    let document = openapi::of(&routes::operations());
    let text = serde_json::to_string_pretty(&document).expect("it is JSON") + "\n";
    if std::env::var_os("OPENAPI_WRITE").is_some() {
        std::fs::write(STORED, &text).expect("it can be written");
    }
    let stored = std::fs::read_to_string(STORED).expect("docs/openapi.json");
    assert!(
        stored == text,
        "docs/openapi.json is out of date; write it anew with OPENAPI_WRITE=1"
    );
}

#[tokio::test]
async fn every_operation_of_the_document_is_there_and_guarded() {
    let bench = Bench::new();
    let operations = routes::operations();
    assert!(operations.len() > 60, "{}", operations.len());
    for operation in operations {
        let path = operation.path.replace("{id}", "x").replace("{name}", "x");
        let path = format!("/api/v1{}", path.replace("{position}", "1"));
        let request = Request::builder()
            .method(operation.method.to_uppercase().as_str())
            .uri(&path)
            .body(Body::empty())
            .expect("a valid request");
        let answer = bench.send(request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn no_address_is_described_twice_and_each_names_its_scope() {
    let mut seen = std::collections::HashSet::new();
    for operation in routes::operations() {
        let (method, path) = (operation.method, operation.path);
        assert!(seen.insert((method, path)), "{method} {path}");
        let described = operation.described();
        let scope = &described["security"][0]["token"][0];
        assert!(
            scope.is_string() || path == "/openapi.json",
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn the_document_is_served_to_whoever_has_a_token() {
    let bench = Bench::new();
    let answer = bench
        .get("/api/v1/openapi.json", Some("health-token"))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["openapi"], "3.1.0");
    let settings = &answer.body["paths"]["/api/v1/queues"]["post"]["requestBody"]["content"];
    let settings = &settings["application/json"]["schema"]["properties"];
    assert_eq!(settings["merge_interval_ms"]["minimum"], 15_000);
}

#[tokio::test]
async fn without_a_database_edits_are_refused_with_a_plain_reason() {
    let bench = Bench::new();
    for path in [
        "/api/v1/tenants",
        "/api/v1/channels",
        "/api/v1/queues/x",
        "/api/v1/audit",
    ] {
        let answer = bench.get(path, Some("setup-token")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(answer.body["error"]["code"], "database_away", "{path}");
    }
    let denied = bench.get("/api/v1/tenants", Some("demo-token")).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}
