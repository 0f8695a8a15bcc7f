//! Claims about files that the API gives out.

use std::sync::Arc;

use actors::journal::disk::sim::SimDisk;
use actors::journal::keys::{KeyStore, Ring, SystemEntropy};
use actors::journal::media::{Config, MediaStore};
use actors::model::{ContactId, Kept};
use actors::ports::SystemClock;
use axum::http::StatusCode;

use super::bench::{Bench, name};

const CONTACT: ContactId = ContactId([7; 16]);

/// A bench whose tenant `demo` was sent one file.
fn with_a_file() -> (Bench, Kept) {
    let disk = Arc::new(SimDisk::new());
    let ring = Arc::new(Ring::generate(&SystemEntropy));
    let path = "/keys/contacts".into();
    let keys = KeyStore::open(disk.clone(), path, ring, Arc::new(SystemEntropy));
    let keys = Arc::new(keys.expect("a key file"));
    let config = Config {
        disk,
        ..Config::new("/media".into(), keys, Arc::new(SystemClock))
    };
    let files = Arc::new(MediaStore::open(config).expect("a store"));
    let mut incoming = files.begin(&name("demo"), CONTACT).expect("room");
    incoming.write(b"col_a;col_b\n1;2\n").expect("room");
    let kept = incoming.keep("text/csv").expect("room");
    let bench = Bench::new();
    *bench.core.files.lock().expect("no panic") = Some(files);
    (bench, kept)
}

#[tokio::test]
async fn a_file_is_given_out_as_a_download_that_nothing_shows_or_keeps() {
    let (bench, kept) = with_a_file();
    let path = format!("/api/v1/contacts/{CONTACT}/media/{}", kept.name);
    let answer = bench.get(&path, Some("demo-token")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, "col_a;col_b\n1;2\n");
    for (header, value) in [
        ("content-type", "text/csv"),
        ("content-length", "16"),
        ("content-disposition", "attachment"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    ] {
        assert_eq!(answer.headers[header], value, "{header}");
    }
}

#[tokio::test]
async fn another_tenants_file_does_not_exist() {
    let (bench, kept) = with_a_file();
    let path = format!("/api/v1/contacts/{CONTACT}/media/{}", kept.name);
    let stranger = bench.get(&path, Some("other-token")).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    let nobody = bench.get(&path, None).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let nothing = format!("/api/v1/contacts/{CONTACT}/media/{}", "0".repeat(32));
    let elsewhere = format!(
        "/api/v1/contacts/{}/media/{}",
        ContactId([8; 16]),
        kept.name
    );
    let crooked = format!("/api/v1/contacts/{CONTACT}/media/..%2F..%2Fkeys%2Fring");
    for path in [nothing, elsewhere, crooked] {
        let answer = bench.get(&path, Some("demo-token")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        // What is not there and what is somebody else's look the same.
        assert_eq!(answer.body, stranger.body);
    }
}
