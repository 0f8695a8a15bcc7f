//! The files of the screens, part of the binary.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ring::digest;

struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static str,
}

const ASSETS: &[Asset] = &[
    Asset {
        name: "demo.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("assets/demo.css"),
    },
    Asset {
        name: "demo.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/demo.js"),
    },
    Asset {
        name: "phone.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/phone.js"),
    },
    Asset {
        name: "bubble.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/bubble.js"),
    },
    Asset {
        name: "send.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/send.js"),
    },
    Asset {
        name: "faults.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/faults.js"),
    },
    Asset {
        name: "templates.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/templates.js"),
    },
    Asset {
        name: "api.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/api.js"),
    },
    Asset {
        name: "tickets.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/tickets.js"),
    },
    Asset {
        name: "numbers.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/numbers.js"),
    },
    Asset {
        name: "people.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("assets/people.js"),
    },
    Asset {
        name: "chasqui.svg",
        kind: "image/svg+xml",
        content: include_str!("assets/chasqui.svg"),
    },
];

/// `GET /assets/{file}`. The tag changes with the content, so a new release is seen at once.
pub(super) async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let digest = digest::digest(&digest::SHA256, asset.content.as_bytes());
    let tag = format!("\"{}\"", hex::encode(&digest.as_ref()[..8]));
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|seen| seen.as_bytes() == tag.as_bytes());
    let fresh = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, fresh).into_response();
    }
    (fresh, [(header::CONTENT_TYPE, asset.kind)], asset.content).into_response()
}
