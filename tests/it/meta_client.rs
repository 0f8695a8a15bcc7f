//! Sending through the Cloud API: what each answer, and each kind of silence, is taken for.

use std::time::Duration;

use actors::model::{
    AttemptNo, Call, ContactId, EffectId, IdHash, InSeq, Key, Phone, Recipient, Reply as Made,
};
use actors::ports::{Called, Provider, Request};
use chasqui::providers::meta::{Client, Settings};
use serde_json::{Value, json};

use crate::stub::{Reply, Stub, json as answer, nowhere, page};
use crate::verdict::{put_off, seconds};

const TOKEN: &str = "EAAG-secret-token";
const PHONE: &str = "51999888777";
const TEXT: &str = "Su ticket es #TK-2026-000001";

fn client(base_url: String) -> Client {
    let settings = Settings {
        base_url,
        version: "v23.0".into(),
        phone_number_id: "106540352242922".into(),
        token: TOKEN.into(),
        timeout: Duration::from_millis(600),
    };
    Client::new(&settings).expect("usable settings")
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

async fn call_once(base_url: String, call: &Call, attempt: u32) -> Called {
    let request = Request {
        effect: effect(),
        attempt: AttemptNo(attempt),
        call,
    };
    client(base_url).call(request).await
}

/// Sends a text to a stub that gives `reply`.
async fn send(reply: Reply) -> Called {
    let stub = Stub::start(move |_| reply.clone()).await;
    let called = call_once(stub.url("/meta"), &text(), 1).await;
    let shown = format!("{called:?}");
    for secret in [TOKEN, PHONE, TEXT] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(stub.seen().len(), 1, "one call is one request");
    called
}

fn error(code: u32) -> Value {
    json!({"error": {
        "message": format!("(#{code}) {PHONE} {TEXT}"), "type": "OAuthException", "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": PHONE},
        "fbtrace_id": "Az8or2yhqkZfEZ",
    }})
}

#[tokio::test]
async fn an_accepted_text_is_done_with_its_message_id() {
    let stub = Stub::start(|_| {
        answer(
            200,
            json!({
                "messaging_product": "whatsapp",
                "contacts": [{"input": PHONE, "wa_id": PHONE}],
                "messages": [{"id": "wamid.HBgL"}],
            }),
        )
    })
    .await;
    let called = call_once(stub.url("/meta/"), &text(), 1).await;
    let made = Made {
        id: "wamid.HBgL".into(),
        at: None,
        remark: None,
        ..Made::default()
    };
    assert_eq!(called, Called::Done(made));
    let seen = &stub.seen()[0];
    assert_eq!(seen.line, "POST /meta/v23.0/106540352242922/messages");
    assert_eq!(seen.header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(seen.header("content-type"), "application/json");
    assert_eq!(seen.body["to"], PHONE);
    assert_eq!(seen.body["biz_opaque_callback_data"], effect().to_string());
}

#[tokio::test]
async fn a_read_mark_is_done_when_meta_says_success() {
    let stub = Stub::start(|_| answer(200, json!({"success": true}))).await;
    let mark = Call::MarkRead {
        message: "wamid.IN".into(),
        typing: true,
    };
    let called = call_once(stub.url(""), &mark, 1).await;
    assert!(matches!(called, Called::Done(made) if made.id == "wamid.IN"));
}

#[tokio::test]
async fn without_a_connection_nothing_was_done() {
    let called = call_once(nowhere().await, &text(), 1).await;
    assert_eq!(put_off(called), (None, true));
}

#[tokio::test]
async fn silence_resets_and_torn_answers_leave_it_unknown() {
    for reply in [Reply::Silence, Reply::Reset, Reply::Torn] {
        let called = send(reply.clone()).await;
        assert!(
            matches!(called, Called::Unknown { .. }),
            "{reply:?}: {called:?}"
        );
    }
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_unknown() {
    for reply in [
        page(200),
        answer(200, json!({"messages": []})),
        answer(200, json!({})),
    ] {
        let called = send(reply.clone()).await;
        assert!(
            matches!(called, Called::Unknown { .. }),
            "{reply:?}: {called:?}"
        );
    }
}

#[tokio::test]
async fn server_failures_without_a_known_code_are_unknown() {
    for reply in [
        page(500),
        page(502),
        page(503),
        page(504),
        answer(500, error(999_999)),
    ] {
        let called = send(reply.clone()).await;
        assert!(
            matches!(called, Called::Unknown { .. }),
            "{reply:?}: {called:?}"
        );
    }
}

#[tokio::test]
async fn a_coded_outage_asks_to_come_again_whatever_its_status() {
    for (status, code) in [
        (500, 131000),
        (503, 2),
        (400, 1),
        (500, 131016),
        (503, 131016),
    ] {
        let called = send(answer(status, error(code))).await;
        assert!(put_off(called).1, "{code}");
    }
}

#[tokio::test]
async fn throttles_wait_and_do_not_count_against_meta() {
    for (status, code, wait) in [
        (429, 4, 60),
        (400, 80007, 60),
        (429, 130429, 2),
        (400, 130429, 2),
        (429, 131056, 1),
    ] {
        let called = send(answer(status, error(code))).await;
        assert_eq!(put_off(called), (seconds(wait), false), "{code}");
    }
}

#[tokio::test]
async fn the_pair_limit_waits_four_times_longer_on_each_try() {
    let stub = Stub::start(|_| answer(400, error(131056))).await;
    for (attempt, wait) in [(1, 1), (2, 4), (3, 16)] {
        let called = call_once(stub.url(""), &text(), attempt).await;
        assert_eq!(put_off(called).0, seconds(wait));
    }
}

#[tokio::test]
async fn a_retry_after_header_is_passed_on() {
    let body = error(130429).to_string();
    for body in [body, "slow down".into()] {
        let called = send(Reply::Answer(429, vec![("retry-after", "17")], body)).await;
        assert_eq!(put_off(called), (seconds(17), false));
    }
}

#[tokio::test]
async fn what_can_never_pass_is_refused_in_plain_words() {
    for (code, words) in [
        (131047, "24 h service window is closed"),
        (131026, "not on WhatsApp"),
        (100, "parameter missing or invalid"),
        (131030, "allowed numbers"),
        (368, "blocked for a breach of policy"),
    ] {
        let called = send(answer(400, error(code))).await;
        let Called::Refused { code: told, reason } = called else {
            panic!("{code}: {called:?}");
        };
        assert_eq!(told, code);
        assert!(reason.contains(words), "{reason}");
        assert!(reason.contains("Az8or2yhqkZfEZ"), "{reason}");
    }
}

#[tokio::test]
async fn a_bad_token_waits_for_somebody_to_fix_it() {
    for reply in [answer(401, error(190)), answer(401, error(0)), page(401)] {
        let called = send(reply).await;
        let Called::NotDone {
            reason,
            counts_against: true,
            ..
        } = &called
        else {
            panic!("{called:?}");
        };
        assert!(reason.contains("fix credentials"), "{reason}");
    }
}

#[tokio::test]
async fn an_unknown_refusal_is_final_and_an_unknown_transient_one_is_not() {
    let called = send(answer(400, error(999_999))).await;
    assert!(
        matches!(called, Called::Refused { code: 999_999, .. }),
        "{called:?}"
    );
    let mut transient = error(999_999);
    transient["error"]["is_transient"] = true.into();
    let called = send(answer(400, transient)).await;
    assert!(matches!(called, Called::NotDone { .. }), "{called:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let elsewhere = Stub::start(|_| answer(200, json!({"messages": [{"id": "x"}]}))).await;
    let location: &'static str = Box::leak(elsewhere.url("/").into_boxed_str());
    let called = send(Reply::Answer(
        307,
        vec![("location", location)],
        String::new(),
    ))
    .await;
    assert!(matches!(called, Called::NotDone { .. }), "{called:?}");
    assert_eq!(elsewhere.seen().len(), 0);
}

#[tokio::test]
async fn what_whatsapp_cannot_carry_never_leaves() {
    let stub = Stub::start(|_| answer(200, json!({}))).await;
    let empty = Call::SendButtons {
        to: Recipient::UserId("US.1".into()),
        text: "¿Confirma?".into(),
        buttons: Vec::new(),
    };
    let called = call_once(stub.url(""), &empty, 1).await;
    assert!(
        matches!(called, Called::Refused { code: 0, .. }),
        "{called:?}"
    );
    assert_eq!(stub.seen().len(), 0);
}

#[test]
fn unusable_settings_are_named() {
    let good = Settings {
        base_url: "https://graph.facebook.com".into(),
        version: "v23.0".into(),
        phone_number_id: "1".into(),
        token: TOKEN.into(),
        timeout: Duration::from_secs(3),
    };
    let refused = |change: fn(&mut Settings)| {
        let mut settings = good.clone();
        change(&mut settings);
        let error = Client::new(&settings).expect_err("unusable").to_string();
        assert!(!error.contains(TOKEN), "{error}");
        error
    };
    assert!(refused(|s| s.base_url = "graph.facebook.com".into()).contains("base address"));
    assert!(refused(|s| s.version = "23".into()).contains("version"));
    assert!(refused(|s| s.phone_number_id = "../1".into()).contains("phone_number_id"));
    assert!(refused(|s| s.token = "a\nb".into()).contains("token"));
}
