//! The demo's technician: what somebody does in GLPI with a ticket.
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
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// What is said with it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Said {
    text: String,
}

/// `POST /demo/tickets/{id}/{act}`: assign, answer, note, ask, wait, solve or close.
pub(super) async fn act(
    State(demo): State<Demo>,
    Path((id, act)): Path<(u64, String)>,
    headers: HeaderMap,
    Json(said): Json<Said>,
) -> Result<StatusCode, ApiError> {
    own_page(&headers)?;
    let writes = writes(id, &act, &said.text)?;
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
    let mut done = Ok(Value::Null);
    for (method, path, input) in writes {
        let call = simulators
            .glpi(method, &path)
            .header("Session-Token", &session);
        done = answered(call.json(&json!({"input": input}))).await;
        if done.is_err() {
            break;
        }
    }
    let ended = simulators
        .glpi(Method::GET, "killSession")
        .header("Session-Token", &session);
    // A session that does not end now ends by itself.
    let _ = ended.timeout(ANSWER_TIME).send().await;
    done.map(|_| StatusCode::NO_CONTENT)
}

/// What an act writes at GLPI, in this order.
fn writes(id: u64, act: &str, text: &str) -> Result<Vec<(Method, String, Value)>, ApiError> {
    let says = ["answer", "note", "ask", "solve"].contains(&act);
    if says && text.trim().is_empty() {
        let (name, expected) = ("text", "what the technician says");
        return Err(ApiError::Parameter { name, expected });
    }
    let word = |private: u8| {
        let row = json!({
            "itemtype": "Ticket", "items_id": id, "content": text, "is_private": private,
        });
        (Method::POST, "ITILFollowup".to_owned(), row)
    };
    let state = |status: u8| {
        let path = format!("Ticket/{id}");
        (Method::PUT, path, json!({"status": status}))
    };
    Ok(match act {
        "assign" => {
            let row = json!({"tickets_id": id, "users_id": TECHNICIAN, "type": 2});
            vec![(Method::POST, "Ticket_User".to_owned(), row)]
        }
        "answer" => vec![word(0)],
        "note" => vec![word(1)],
        "ask" => vec![word(0), state(PENDING)],
        "wait" => vec![state(PENDING)],
        "solve" => {
            let row = json!({"itemtype": "Ticket", "items_id": id, "content": text});
            vec![(Method::POST, "ITILSolution".to_owned(), row)]
        }
        "close" => vec![state(CLOSED)],
        _ => return Err(ApiError::NotFound { what: "act" }),
    })
}

/// Another site's script cannot set this header without asking first.
pub(super) fn own_page(headers: &HeaderMap) -> Result<(), ApiError> {
    let own = headers.contains_key("x-chasqui-demo");
    own.then_some(()).ok_or(ApiError::Unreadable {
        expected: "a request of the demo's page",
    })
}

pub(super) async fn answered(request: RequestBuilder) -> Result<Value, ApiError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_written_before_the_ticket_waits() {
        let paths: Vec<_> = writes(7, "ask", "¿Desde cuándo?")
            .expect("an act")
            .into_iter()
            .map(|(_, path, _)| path)
            .collect();
        assert_eq!(paths, ["ITILFollowup", "Ticket/7"]);
        assert!(
            writes(7, "solve", " ").is_err(),
            "a solution says something"
        );
        assert!(writes(7, "burn", "x").is_err());
    }
}
