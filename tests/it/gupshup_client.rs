//! Sending through Gupshup: what each answer, and each kind of silence, is taken for.

use std::time::Duration;

use actors::model::{
    AttemptNo, Button, Call, ContactId, EffectId, IdHash, InSeq, Key, Phone, Recipient,
    Reply as Made,
};
use actors::ports::{Called, Provider, Request};
use chasqui::providers::gupshup::{Client, Settings};
use serde_json::json;

use crate::stub::{Reply, Stub, json as answer, nowhere, page};
use crate::verdict::{put_off, seconds};

const API_KEY: &str = "sk_secret-key";
const PHONE: &str = "51999888777";
const TEXT: &str = "Su ticket es #TK-2026-000001";

fn settings(base_url: String) -> Settings {
    Settings {
        base_url,
        app: "Demo App+1".into(),
        app_id: "82ed0d6c-5a1b".into(),
        source: "15550783882".into(),
        api_key: API_KEY.into(),
        timeout: Duration::from_millis(600),
    }
}

fn effect() -> EffectId {
    EffectId::derive(
        Key::Contact(ContactId([7; 16])),
        InSeq(1),
        IdHash([1; 8]),
        0,
    )
}

fn text() -> Call {
    Call::SendText {
        to: Recipient::Phone(Phone::parse(PHONE).expect("valid")),
        text: TEXT.into(),
    }
}

async fn call_once(base_url: String, call: &Call) -> Called {
    let request = Request {
        effect: effect(),
        attempt: AttemptNo(1),
        call,
    };
    let client = Client::new(&settings(base_url)).expect("usable settings");
    client.call(request).await
}

/// Sends a text to a stub that gives `reply`.
async fn send(reply: Reply) -> Called {
    let stub = Stub::start(move |_| reply.clone()).await;
    let called = call_once(stub.url("/gupshup"), &text()).await;
    let shown = format!("{called:?}");
    for secret in [API_KEY, PHONE, TEXT] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(stub.seen().len(), 1, "one call is one request");
    called
}

fn refused(words: &str) -> serde_json::Value {
    json!({"status": "error", "message": words})
}

#[tokio::test]
async fn an_accepted_text_is_done_with_gupshups_id_whatever_the_header_says() {
    for kind in ["text/html;charset=utf-8", "application/json"] {
        for status in [200, 202] {
            let body = json!({"status": "submitted", "messageId": "ee4a68a0-1203"});
            let reply = Reply::Answer(status, vec![("content-type", kind)], body.to_string());
            let made = Made {
                id: "ee4a68a0-1203".into(),
                at: None,
                remark: None,
                ..Made::default()
            };
            assert_eq!(send(reply).await, Called::Done(made));
        }
    }
}

#[tokio::test]
async fn a_send_is_a_form_with_json_in_one_field() {
    let stub =
        Stub::start(|_| answer(202, json!({"status": "submitted", "messageId": "gs"}))).await;
    let call = Call::SendButtons {
        to: Recipient::Phone(Phone::parse(PHONE).expect("valid")),
        text: "¿1+1 & más?".into(),
        buttons: vec![Button {
            id: "yes".into(),
            title: "Sí".into(),
        }],
    };
    let called = call_once(stub.url("/gupshup/"), &call).await;
    assert!(matches!(called, Called::Done(_)), "{called:?}");
    let seen = &stub.seen()[0];
    assert_eq!(seen.line, "POST /gupshup/wa/api/v1/msg");
    assert_eq!(seen.header("apikey"), API_KEY);
    assert_eq!(
        seen.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    let fields: std::collections::HashMap<_, _> =
        reqwest::Url::parse(&format!("form:?{}", seen.text))
            .expect("a form")
            .query_pairs()
            .into_owned()
            .collect();
    assert_eq!(fields["channel"], "whatsapp");
    assert_eq!(fields["source"], "15550783882");
    assert_eq!(fields["destination"], PHONE);
    assert_eq!(fields["src.name"], "Demo App+1");
    let message: serde_json::Value = serde_json::from_str(&fields["message"]).expect("JSON");
    assert_eq!(message["content"]["text"], "¿1+1 & más?");
    assert_eq!(message["options"][0]["postbackText"], "yes");
}

#[tokio::test]
async fn a_read_mark_is_a_put_on_the_message() {
    let stub = Stub::start(|_| Reply::Answer(202, vec![], String::new())).await;
    let mark = Call::MarkRead {
        message: "wamid.A/B=".into(),
        typing: true,
    };
    let called = call_once(stub.url(""), &mark).await;
    assert!(matches!(called, Called::Done(made) if made.id == "wamid.A/B="));
    let line = &stub.seen()[0].line;
    assert_eq!(line, "PUT /wa/app/82ed0d6c-5a1b/msg/wamid.A%2FB=/read");
}

#[tokio::test]
async fn without_a_connection_nothing_was_done() {
    let called = call_once(nowhere().await, &text()).await;
    assert_eq!(put_off(called), (None, true));
}

#[tokio::test]
async fn silence_resets_torn_and_unreadable_answers_leave_it_unknown() {
    let empty = |status| Reply::Answer(status, vec![], String::new());
    for reply in [
        Reply::Silence,
        Reply::Reset,
        Reply::Torn,
        empty(200),
        page(202),
        answer(200, json!({"status": "submitted"})),
        answer(408, refused("Time-out")),
        answer(500, refused("Internal server error")),
        page(502),
    ] {
        let called = send(reply.clone()).await;
        assert!(
            matches!(called, Called::Unknown { .. }),
            "{reply:?}: {called:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_number_is_refused_and_a_wrong_key_waits_for_repair() {
    for reply in [
        answer(400, refused("Invalid Destination")),
        answer(200, refused("Invalid Destination 51999888777")),
    ] {
        let called = send(reply.clone()).await;
        let Called::Refused { reason, .. } = &called else {
            panic!("{reply:?}: {called:?}");
        };
        assert!(reason.contains("Invalid Destination"), "{reason}");
    }
    for reply in [
        answer(400, refused("Invalid App Details")),
        answer(401, refused("Authentication Failed")),
        answer(
            401,
            json!({"status": "error", "message": {"message": "Authentication Failed"}}),
        ),
        answer(401, refused("Portal User Not Found With APIKey")),
        page(404),
        Reply::Answer(
            302,
            vec![("location", "https://elsewhere.example/")],
            String::new(),
        ),
    ] {
        let called = send(reply.clone()).await;
        assert!(put_off(called).1, "{reply:?}");
    }
}

#[tokio::test]
async fn too_many_requests_say_nothing_about_health() {
    let body = refused("Too Many Requests").to_string();
    for (headers, wait) in [(vec![], 5), (vec![("retry-after", "17")], 17)] {
        let called = send(Reply::Answer(429, headers, body.clone())).await;
        assert_eq!(put_off(called), (seconds(wait), false));
    }
}

#[test]
fn settings_that_cannot_work_are_told_by_name() {
    let refused = |change: fn(&mut Settings)| {
        let mut bad = settings("https://api.gupshup.io".into());
        change(&mut bad);
        Client::new(&bad).expect_err("not usable").to_string()
    };
    assert!(refused(|s| s.source = "+1 555".into()).contains("number"));
    assert!(refused(|s| s.app = String::new()).contains("gupshup.name"));
    assert!(refused(|s| s.app_id = "../x".into()).contains("gupshup.id"));
    assert!(refused(|s| s.api_key = "a\nb".into()).contains("gupshup.api_key"));
    assert!(refused(|s| s.base_url = "api.gupshup.io".into()).contains("https://"));
}
