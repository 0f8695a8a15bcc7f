//! Claims about who may do what in the API, and what it tells of contacts.

use actors::journal::{Desk, Entry, LastAttempt, OpenEffect};
use actors::model::{
    Attempt, AttemptNo, Call, ChannelId, Class, Content, Effect, EffectId, IdHash, InEvent, InSeq,
    Inbound, Key, Lane, Message, Millis, Outcome, Phone, Priority, Recipient, Reply, Shelf, Step,
    Version,
};
use axum::http::StatusCode;

use super::bench::{Bench, gateway, name};

pub(super) fn written(key: Key, tenant: &str, text: &str) -> InEvent {
    InEvent {
        key,
        id: IdHash([1; 8]),
        stamp: None,
        received: Millis(1_800_000_000_000),
        body: Inbound::Message(Message {
            tenant: name(tenant),
            channel: ChannelId::of(&name(tenant), &name("line")),
            second_line: false,
            provider_id: "wamid.1".into(),
            from: Phone::parse("51999888777").ok(),
            identities: Vec::new(),
            profile_name: None,
            context: None,
            content: Content::Text(text.into()),
        }),
    }
}

fn reply(key: Key, tenant: &str) -> Effect {
    Effect {
        id: EffectId::derive(key, InSeq(4), IdHash([1; 8]), 0),
        lane: Lane::Person,
        priority: Priority::Reply,
        class: Class::Reply,
        gateway: Some(gateway(tenant)),
        expires: None,
        report: false,
        call: Call::SendText {
            to: Recipient::Phone(Phone::parse("51999888777").expect("a number")),
            text: "¡Hola!".into(),
        },
    }
}

fn history(key: Key, tenant: &str) -> Vec<Entry> {
    let effect = reply(key, tenant);
    let (id, no) = (effect.id, AttemptNo(2));
    let step = Step {
        consumed: InSeq(4),
        input: IdHash([1; 8]),
        now: Millis(1_800_000_000_001),
        schema: 1,
        events: Vec::new(),
        effects: vec![effect],
        closes: Vec::new(),
        wake: None,
        set_aside: false,
    };
    let at = Millis(1_800_000_031_000);
    let done = Outcome::Done(Reply {
        id: "wamid.2".into(),
        at: None,
        remark: None,
        ..Reply::default()
    });
    vec![
        Entry::Input(InSeq(4), written(key, tenant, "Hola")),
        Entry::Step(Version(1), step),
        Entry::Attempt(Attempt::Sending {
            effect: id,
            no,
            at,
            possible_repeat: true,
            charge: None,
            line: None,
        }),
        Entry::Attempt(Attempt::Outcome {
            effect: id,
            no,
            at,
            outcome: done,
        }),
    ]
}

#[tokio::test]
async fn everything_under_api_is_denied_without_a_valid_token() {
    let bench = Bench::new();
    for path in [
        "/api/v1/health/actors",
        "/api/v1/contacts?phone=51999888777",
        "/api/v1/dead-letters",
        "/api/v1/uncertain-sends",
        "/api/v1/quarantine",
        "/api/v1/what-nobody-wrote",
    ] {
        for token in [None, Some("guess"), Some("ended-token")] {
            let answer = bench.get(path, token).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {token:?}");
            assert_eq!(answer.body["error"]["code"], "unauthenticated");
        }
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(bench.get(path, None).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_token_opens_only_what_its_scopes_name_and_only_until_its_end() {
    let bench = Bench::new();
    let health = "/api/v1/health/actors";
    assert_eq!(
        bench.get(health, Some("health-token")).await.status,
        StatusCode::OK
    );
    let denied = bench
        .get("/api/v1/dead-letters", Some("health-token"))
        .await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert_eq!(denied.body["error"]["code"], "forbidden");
    assert_eq!(
        bench.get(health, Some("demo-token")).await.status,
        StatusCode::OK
    );
    bench.clock.forward(3_600_000);
    assert_eq!(
        bench.get(health, Some("demo-token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_contact_is_found_by_any_spelling_of_its_number() {
    let bench = Bench::new();
    let key = bench.contact("demo", "525512345678");
    bench.records(key, history(key, "demo"));
    let found = bench
        .get("/api/v1/contacts?phone=5215512345678", Some("demo-token"))
        .await;
    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(found.body["id"], key.to_string());
    let platform = "/api/v1/contacts?phone=%2B52+55+1234+5678&tenant=demo";
    assert_eq!(
        bench.get(platform, Some("operator-token")).await.body["id"],
        key.to_string()
    );
    for (path, status) in [
        ("/api/v1/contacts?phone=51900000000", StatusCode::NOT_FOUND),
        ("/api/v1/contacts?phone=hola", StatusCode::BAD_REQUEST),
        ("/api/v1/contacts", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(
            bench.get(path, Some("demo-token")).await.status,
            status,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_foreign_tenants_contact_does_not_exist() {
    let bench = Bench::new();
    let key = bench.contact("other", "51999888777");
    bench.records(key, history(key, "other"));
    let timeline = format!("/api/v1/contacts/{key}/timeline");
    let by_phone = "/api/v1/contacts?phone=51999888777&tenant=other";
    let unknown = format!("/api/v1/contacts/ct_{}/timeline", "0".repeat(32));
    let foreign = bench.get(&timeline, Some("demo-token")).await;
    let missing = bench.get(&unknown, Some("demo-token")).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(
        foreign.body, missing.body,
        "the answer must not tell them apart"
    );
    assert_eq!(
        bench.get(by_phone, Some("demo-token")).await.status,
        StatusCode::NOT_FOUND
    );
    for token in ["other-token", "operator-token"] {
        assert_eq!(
            bench.get(&timeline, Some(token)).await.status,
            StatusCode::OK,
            "{token}"
        );
    }
}

#[tokio::test]
async fn a_timeline_tells_texts_attempts_and_possible_repeats() {
    let bench = Bench::new();
    let key = bench.contact("demo", "51999888777");
    bench.records(key, history(key, "demo"));
    let path = format!("/api/v1/contacts/{key}/timeline");
    let entries = bench.get(&path, Some("demo-token")).await.body["entries"].clone();
    let kinds: Vec<_> = entries
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| &e["kind"])
        .collect();
    assert_eq!(kinds, ["message", "step", "attempt", "outcome"]);
    assert_eq!(entries[0]["text"], "Hola");
    assert_eq!(entries[0]["at"], "2027-01-15T08:00:00Z");
    assert_eq!(entries[1]["effects"][0]["text"], "¡Hola!");
    assert_eq!(entries[2]["possible_repeat"], true);
    assert_eq!(
        (&entries[3]["outcome"], &entries[3]["words"]),
        (&"done".into(), &"done".into())
    );
    let newest = bench
        .get(&format!("{path}?limit=1"), Some("demo-token"))
        .await
        .body;
    assert_eq!(
        (&newest["omitted"], &newest["entries"][0]["kind"]),
        (&3.into(), &"outcome".into())
    );
}

#[tokio::test]
async fn a_tenant_sees_its_own_gateways_and_no_contact_ids_in_health() {
    let bench = Bench::new();
    let path = "/api/v1/health/actors";
    let own = bench.get(path, Some("demo-token")).await.body;
    assert_eq!(own["gateways"], serde_json::json!([{"tenant": "demo"}]));
    assert_eq!(own["contacts"], serde_json::json!({"live": 1, "parked": 1}));
    let all = bench.get(path, Some("operator-token")).await.body;
    assert_eq!(all["gateways"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["contacts"]["parked_ids"], serde_json::json!(["ct_1"]));
}

fn shelved(bench: &Bench, tenant: &str, shelf: Shelf) -> OpenEffect {
    let outcome = Outcome::Shelved {
        shelf,
        reason: "no answer".into(),
    };
    OpenEffect {
        effect: reply(bench.contact(tenant, "51999888777"), tenant),
        planned: Millis(1_800_000_000_000),
        last: Some(LastAttempt {
            no: AttemptNo(3),
            sent: Millis(1_800_000_090_000),
            possible_repeat: false,
            line: None,
            outcome: Some((Millis(1_800_000_090_100), outcome)),
        }),
    }
}

#[tokio::test]
async fn an_operator_redrives_and_dismisses_what_is_shelved_and_theirs() {
    let bench = Bench::new();
    let [own, foreign] = ["demo", "other"].map(|tenant| shelved(&bench, tenant, Shelf::DeadLetter));
    let (id, foreign_id) = (own.effect.id, foreign.effect.id);
    let unknown = EffectId::derive(id.key, InSeq(99), IdHash([1; 8]), 0);
    bench.core.desk.lock().expect("no panic").shelved = vec![own, foreign];
    let contact = bench.contact("demo", "51999888777");
    for (path, token, status) in [
        (
            format!("/api/v1/effects/{id}/redrive"),
            "desk-token",
            StatusCode::ACCEPTED,
        ),
        (
            format!("/api/v1/effects/{foreign_id}/dismiss"),
            "operator-token",
            StatusCode::ACCEPTED,
        ),
        (
            format!("/api/v1/contacts/{contact}/unpark"),
            "operator-token",
            StatusCode::ACCEPTED,
        ),
        (
            format!("/api/v1/effects/{id}/redrive"),
            "demo-token",
            StatusCode::FORBIDDEN,
        ),
        (
            format!("/api/v1/effects/{foreign_id}/redrive"),
            "desk-token",
            StatusCode::NOT_FOUND,
        ),
        (
            format!("/api/v1/effects/{unknown}/redrive"),
            "desk-token",
            StatusCode::NOT_FOUND,
        ),
        (
            format!("/api/v1/contacts/{contact}/unpark"),
            "desk-token",
            StatusCode::NOT_FOUND,
        ),
    ] {
        assert_eq!(
            bench.post(&path, token).await.status,
            status,
            "{path} {token}"
        );
    }
    let orders = bench.core.orders.lock().expect("no panic").clone();
    let expected = [
        format!("redrive {id}"),
        format!("dismiss {foreign_id}"),
        format!("unpark {contact}"),
    ];
    assert_eq!(orders, expected);
}

#[tokio::test]
async fn a_desk_shows_each_list_and_only_the_callers_tenant() {
    let bench = Bench::new();
    let input = written(bench.contact("demo", "51999888777"), "demo", "secreto");
    *bench.core.desk.lock().expect("no panic") = Desk {
        shelved: vec![
            shelved(&bench, "demo", Shelf::DeadLetter),
            shelved(&bench, "other", Shelf::DeadLetter),
            shelved(&bench, "demo", Shelf::Uncertain),
        ],
        quarantined: vec![(InSeq(9), input, "panicked".into())],
    };
    let list = async |path: &str, token: &str, field: &str| {
        bench.get(path, Some(token)).await.body[field]
            .as_array()
            .expect("a list")
            .clone()
    };
    let dead = list("/api/v1/dead-letters", "demo-token", "dead_letters").await;
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (&dead[0]["attempts"], &dead[0]["due"], &dead[0]["overdue"]),
        (&3.into(), &"2027-01-16T08:01:30Z".into(), &false.into())
    );
    assert_eq!(dead[0]["owner"], "operations");
    assert_eq!(
        list("/api/v1/dead-letters", "operator-token", "dead_letters")
            .await
            .len(),
        2
    );
    assert_eq!(
        list("/api/v1/uncertain-sends", "demo-token", "uncertain_sends")
            .await
            .len(),
        1
    );
    assert_eq!(
        list("/api/v1/uncertain-sends", "other-token", "uncertain_sends")
            .await
            .len(),
        0
    );
    let set_aside = list("/api/v1/quarantine", "demo-token", "quarantine").await;
    assert_eq!(
        (&set_aside[0]["position"], &set_aside[0]["reason"]),
        (&9.into(), &"panicked".into())
    );
    assert_eq!(
        list("/api/v1/quarantine", "other-token", "quarantine")
            .await
            .len(),
        0
    );
}

#[tokio::test]
async fn a_dead_letter_has_an_owner_and_is_overdue_a_day_after_its_last_try() {
    let bench = Bench::new();
    let letters = ["demo", "other"].map(|tenant| shelved(&bench, tenant, Shelf::DeadLetter));
    bench.core.desk.lock().expect("no panic").shelved = letters.into();
    let list = async || {
        bench
            .get("/api/v1/dead-letters", Some("operator-token"))
            .await
            .body
    };
    // Its last try was 90 s after the clock began.
    bench.clock.forward(90_000 + 86_400_000);
    let due = list().await;
    let owners = [
        &due["dead_letters"][0]["owner"],
        &due["dead_letters"][1]["owner"],
    ];
    assert_eq!(owners, ["operations", "rosa"]);
    assert_eq!(
        (&due["overdue"], &due["dead_letters"][0]["overdue"]),
        (&0.into(), &false.into())
    );
    bench.clock.forward(1);
    let overdue = list().await;
    assert_eq!(
        (&overdue["overdue"], &overdue["dead_letters"][0]["overdue"]),
        (&2.into(), &true.into())
    );
}
