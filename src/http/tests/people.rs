//! Claims about operators in the API: what they say, and conversations they take.

use actors::contact::TransferCause;
use actors::model::{ContactId, InEvent, InSeq, Inbound, Key, Seconds, Wish};
use actors::waiting::Waiting;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::api::written;
use super::bench::{Answer, Bench, name};

const TOKEN: &str = "people-token";

impl Bench {
    async fn command(&self, path: &str, token: &str, body: Value) -> Answer {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        let body = Body::from(body.to_string());
        self.send(request.body(body).expect("a valid request"))
            .await
    }

    /// Somebody who has written to the demo's line.
    fn person(&self) -> ContactId {
        let Key::Contact(id) = self.contact("demo", "51999888777") else {
            panic!("a contact");
        };
        let line = name("demo-meta");
        let channel = self
            .directory
            .current()
            .channel(&line)
            .cloned()
            .expect("it is there");
        let settings = self
            .directory
            .current()
            .channel_settings(&channel.channel_id())
            .cloned();
        *self.core.settings.lock().expect("no panic") = settings.clone();
        let mut event: InEvent = written(Key::Contact(id), "demo", "hola");
        let Inbound::Message(message) = &mut event.body else {
            panic!("a message");
        };
        message.channel = channel.channel_id();
        let context = actors::contact::Context {
            again: None,
            now: event.received,
            position: InSeq(1),
            seen_before: false,
            settings: settings.as_deref(),
            alias_of: None,
            siblings: &[],
        };
        let state = actors::contact::decide(&Default::default(), &event, context).state;
        let mut contacts = self.core.contacts.lock().expect("no panic");
        contacts.insert(id, (state, InSeq(1)));
        id
    }

    fn said(&self) -> Vec<String> {
        let taken = self.core.taken.lock().expect("no panic");
        let texts = taken.iter().filter_map(|event| match event.fact() {
            Inbound::Operator(command) => match &command.wish {
                Wish::Say { text } => Some(text.clone()),
                _ => None,
            },
            _ => None,
        });
        texts.collect()
    }
}

#[tokio::test]
async fn an_operators_message_is_taken_once_and_answered_the_same_however_often_it_is_sent() {
    let bench = Bench::new();
    let path = format!("/api/v1/contacts/{}/messages", bench.person());
    let body = json!({"id": "m-1", "by": "ana", "text": "Hola, soy Ana"});
    let first = bench.command(&path, TOKEN, body.clone()).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert!(
        first.body["effect"]
            .as_str()
            .is_some_and(|id| id.starts_with('e'))
    );
    let again = bench.command(&path, TOKEN, body).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(bench.said(), ["Hola, soy Ana"]);
}

#[tokio::test]
async fn a_message_outside_the_window_is_refused_with_a_plain_reason() {
    let bench = Bench::new();
    let path = format!("/api/v1/contacts/{}/messages", bench.person());
    bench.clock.forward(25 * 3_600_000);
    let body = json!({"id": "m-1", "by": "ana", "text": "¿Sigue ahí?"});
    let answer = bench.command(&path, TOKEN, body).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.body["error"]["code"], "window_closed");
    let words = answer.body["error"]["message"].as_str().expect("words");
    assert!(words.contains("template"), "{words}");
}

#[tokio::test]
async fn a_conversation_is_taken_handed_back_and_closed() {
    let bench = Bench::new();
    let person = bench.person();
    let contact = format!("/api/v1/contacts/{person}");
    let by = |id: &str| json!({"id": id, "by": "ana"});
    let with = async || bench.get(&contact, Some(TOKEN)).await.body["conversation"].clone();
    assert_eq!(with().await["with"], "bot");
    let steps = [
        ("handover", "people"),
        ("handback", "bot"),
        ("take", "people"),
        ("close", "bot"),
    ];
    for (command, expected) in steps {
        let path = format!("{contact}/{command}");
        let answer = bench.command(&path, TOKEN, by(command)).await;
        assert_eq!(answer.status, StatusCode::OK, "{command}: {}", answer.body);
        assert_eq!(with().await["with"], expected, "{command}");
    }
    let answer = bench
        .command(&format!("{contact}/handback"), TOKEN, by("late"))
        .await;
    assert_eq!(answer.body["error"]["code"], "not_with_people");
}

#[tokio::test]
async fn commands_need_their_scope_and_their_tenant() {
    let bench = Bench::new();
    let path = format!("/api/v1/contacts/{}/messages", bench.person());
    let body = json!({"id": "m-1", "by": "ana", "text": "hola"});
    let denied = bench.command(&path, "demo-token", body.clone()).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert_eq!(
        denied.body["error"]["message"],
        "this token lacks the scope conversations:write"
    );
    let foreign = bench.command(&path, "other-people", body).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert!(bench.said().is_empty());
}

#[tokio::test]
async fn what_a_command_lacks_is_named() {
    let bench = Bench::new();
    let contact = format!("/api/v1/contacts/{}", bench.person());
    for (path, body, code) in [
        (
            "messages",
            json!({"by": "ana", "text": "hola"}),
            "body_unreadable",
        ),
        (
            "messages",
            json!({"id": "", "by": "ana", "text": "hola"}),
            "invalid_parameter",
        ),
        (
            "messages",
            json!({"id": "1", "by": "ana", "text": " "}),
            "text",
        ),
        (
            "handover",
            json!({"id": "2", "by": "ana", "queue": "nobody"}),
            "no_queue",
        ),
        (
            "classification",
            json!({"id": "3", "by": "ana", "priority": "huge"}),
            "invalid_parameter",
        ),
    ] {
        let answer = bench
            .command(&format!("{contact}/{path}"), TOKEN, body.clone())
            .await;
        assert_eq!(answer.body["error"]["code"], code, "{path} {body}");
    }
}

#[tokio::test]
async fn a_queue_tells_who_waits_and_alarms_for_a_complaint_that_nobody_took() {
    let bench = Bench::new();
    let now = actors::ports::Clock::now(&*bench.clock);
    let row = |n: u8, cause| Waiting {
        contact: ContactId([n; 16]),
        tenant: name("demo"),
        queue: Some(name("support")),
        cause,
        since: now,
        heard: now,
        until: Seconds(1_900_000_000),
        operator: None,
        name: Some("Juan".into()),
    };
    let rows = vec![
        row(1, TransferCause::Complaint),
        row(2, TransferCause::Asked),
    ];
    *bench.core.waiting.lock().expect("no panic") = rows;
    let path = "/api/v1/queues/support/waiting";
    let alarms = async || {
        let answer = bench.get(path, Some(TOKEN)).await;
        let rows = answer.body["waiting"].as_array().cloned().expect("rows");
        rows.iter()
            .map(|row| row["alarm"] == true)
            .collect::<Vec<_>>()
    };
    bench.clock.forward(20_000);
    assert_eq!(alarms().await, [false, false]);
    bench.clock.forward(1);
    assert_eq!(alarms().await, [true, false]);
    let foreign = bench.get(path, Some("other-people")).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}
