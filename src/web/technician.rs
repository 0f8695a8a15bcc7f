//! The demo's technician: what somebody does in GLPI with a ticket, and what goes wrong outside.
//!
//! It is a person of the simulated GLPI with a login of their own, so that the server under
//! demonstration sees another's work and not its own.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Demo;
use crate::http::ApiError;

/// The simulated GLPI of the demo, and a technician's login there (`tech:tech`).
const APP_TOKEN: &str = "demo-app-token";
const LOGIN: &str = "Basic dGVjaDp0ZWNo";
const TECHNICIAN: u32 = 4;
/// GLPI's numbers of states (GLPI REST API, ticket).
const PENDING: u8 = 4;
const CLOSED: u8 = 6;
/// How long an outage of the demo lasts, in milliseconds.
const OUTAGE_MS: u64 = 30_000;
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// What is said with it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Said {
    text: String,
}

/// `POST /demo/tickets/{id}/{act}`: assign, ask, wait, solve or close.
pub(super) async fn act(
    State(demo): State<Demo>,
    Path((id, act)): Path<(u64, String)>,
    headers: HeaderMap,
    Json(said): Json<Said>,
) -> Result<StatusCode, ApiError> {
    own_page(&headers)?;
    let of_ticket = json!({"itemtype": "Ticket", "items_id": id, "content": said.text});
    let (method, path, input) = match act.as_str() {
        "assign" => (
            Method::POST,
            "Ticket_User".to_owned(),
            json!({"tickets_id": id, "users_id": TECHNICIAN, "type": 2}),
        ),
        "ask" => (Method::POST, "ITILFollowup".to_owned(), of_ticket),
        "solve" => (Method::POST, "ITILSolution".to_owned(), of_ticket),
        "wait" => (
            Method::PUT,
            format!("Ticket/{id}"),
            json!({"status": PENDING}),
        ),
        "close" => (
            Method::PUT,
            format!("Ticket/{id}"),
            json!({"status": CLOSED}),
        ),
        _ => return Err(ApiError::NotFound { what: "act" }),
    };
    let simulators = &demo.0.simulators;
    let opened = answered(
        simulators
            .glpi(Method::GET, "initSession")
            .header("Authorization", LOGIN),
    );
    let session = opened.await?["session_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let call = simulators
        .glpi(method, &path)
        .header("Session-Token", &session);
    let done = answered(call.json(&json!({"input": input}))).await;
    let ended = simulators
        .glpi(Method::GET, "killSession")
        .header("Session-Token", &session);
    // A session that does not end now ends by itself.
    let _ = ended.timeout(ANSWER_TIME).send().await;
    done.map(|_| StatusCode::NO_CONTENT)
}

/// `POST /demo/outages/{provider}`: GLPI or WhatsApp is away for half a minute.
pub(super) async fn fail(
    State(demo): State<Demo>,
    Path(provider): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    own_page(&headers)?;
    if !["glpi", "meta", "gupshup"].contains(&provider.as_str()) {
        return Err(ApiError::NotFound { what: "provider" });
    }
    let fault = json!({"provider": provider, "kind": "drop", "for_ms": OUTAGE_MS});
    let change = demo
        .0
        .simulators
        .control()
        .json(&json!({"faults": [fault]}));
    answered(change).await.map(|_| StatusCode::NO_CONTENT)
}

/// Another site's script cannot set this header without asking first.
fn own_page(headers: &HeaderMap) -> Result<(), ApiError> {
    let own = headers.contains_key("x-chasqui-demo");
    own.then_some(()).ok_or(ApiError::Unreadable {
        expected: "a request of the demo's page",
    })
}

async fn answered(request: RequestBuilder) -> Result<Value, ApiError> {
    let away = |_| ApiError::Busy {
        code: "simulators_away",
        reason: "the simulators do not answer; an outage may be under way",
        retry_after: Duration::from_secs(1),
    };
    let request = request.header("App-Token", APP_TOKEN).timeout(ANSWER_TIME);
    let answer = request.send().await.map_err(away)?;
    if !answer.status().is_success() {
        return Err(ApiError::Elsewhere {
            reason: "the simulated system refused it".to_owned(),
        });
    }
    let bytes = answer.bytes().await.map_err(away)?;
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}
