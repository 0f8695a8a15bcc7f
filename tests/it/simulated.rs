//! The clients against the simulators, which were written from the same facts by other hands.

use std::sync::Arc;
use std::time::Duration;

use actors::model::{
    AttemptNo, Button, Call, ChannelId, Class, ContactId, Content, DeliveryRank, Effect, EffectId,
    IdHash, IdentityKey, InSeq, Inbound, Key, Lane, Millis, Name, Phone, Priority, Recipient,
    TicketDraft,
};
use actors::ports::{Called, Clock, LookedUp, Provider, Request, SystemClock};
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use chasqui::http::webhooks::meta::{AppSecret, Batch, Line, read, verify};
use chasqui::providers::{glpi, meta};
use chasqui::simulators::demo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::world::World;

const PHONE: &str = "51999888777";

const TIMEOUT: Duration = Duration::from_millis(1_500);

fn meta(world: &World) -> meta::Client {
    meta::Client::new(&world.meta(TIMEOUT)).expect("usable settings")
}

fn glpi(world: &World) -> glpi::Client {
    let address = world.address("/glpi/apirest.php");
    let mut settings = glpi::Settings::new(address, demo::GLPI_USER_TOKEN);
    settings.app_token = Some(demo::GLPI_APP_TOKEN.into());
    settings.read_timeout = TIMEOUT;
    settings.create_timeout = TIMEOUT;
    glpi::Client::new(settings, Arc::new(SystemClock)).expect("usable settings")
}

async fn tickets(world: &World) -> Vec<Value> {
    let path = format!("/_world/glpi/tickets?app_token={}", demo::GLPI_APP_TOKEN);
    let answer = reqwest::get(world.address(&path)).await.expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    let list = body.as_array().or_else(|| body["tickets"].as_array());
    list.cloned()
        .unwrap_or_else(|| panic!("no list of tickets: {body}"))
}

fn effect_id(index: u16) -> EffectId {
    EffectId::derive(
        Key::Contact(ContactId([7; 16])),
        InSeq(1),
        IdHash([1; 8]),
        index,
    )
}

fn ticket() -> Call {
    Call::OpenTicket(Box::new(TicketDraft {
        title: "Impresora no imprime".into(),
        description: "La impresora <HP> no imprime & parpadea".into(),
        transcript: vec!["hola".into()],
        urgency: 4,
        category: actors::understand::Category::Hardware,
        requester_name: "Rosa Quispe".into(),
        requester_area: "Contabilidad".into(),
        phone: Some(Phone::parse(PHONE).expect("valid")),
        email: None,
    }))
}

fn text() -> Call {
    Call::SendText {
        to: Recipient::Phone(Phone::parse(PHONE).expect("valid")),
        text: "Hola".into(),
    }
}

async fn call(client: &impl Provider, index: u16, attempt: u32, call: &Call) -> Called {
    let request = Request {
        effect: effect_id(index),
        attempt: AttemptNo(attempt),
        call,
    };
    client.call(request).await
}

fn planned(index: u16) -> Effect {
    Effect {
        id: effect_id(index),
        lane: Lane::Ticket(0),
        priority: Priority::Reply,
        class: Class::Searchable,
        gateway: None,
        expires: None,
        report: true,
        call: ticket(),
    }
}

#[tokio::test]
async fn texts_buttons_and_user_ids_are_accepted() {
    let world = World::start().await;
    let client = meta(&world);
    let buttons = Call::SendButtons {
        to: Recipient::Phone(Phone::parse(PHONE).expect("valid")),
        text: "¿Confirma?".into(),
        buttons: vec![Button {
            id: "yes".into(),
            title: "Sí".into(),
        }],
    };
    let to_user = Call::SendText {
        to: Recipient::UserId("US.13491208655302741918".into()),
        text: "x".repeat(5000),
    };
    for (index, work) in [text(), buttons, to_user].iter().enumerate() {
        let called = call(&client, index as u16, 1, work).await;
        let Called::Done(made) = called else {
            panic!("{}: {called:?}", work.name());
        };
        assert!(made.id.starts_with("wamid."), "{}", made.id);
    }
}

#[tokio::test]
async fn simulated_faults_of_meta_get_their_verdicts() {
    let world = World::start().await;
    let client = meta(&world);
    for (fault, is_expected) in [
        (json!({"kind": "drop"}), is_unknown as fn(&Called) -> bool),
        (json!({"kind": "lose_answer"}), is_unknown),
        (json!({"kind": "delay", "ms": 4000}), is_unknown),
        (
            json!({"kind": "rate_limit", "retry_after_s": 7}),
            is_seven_seconds,
        ),
        (json!({"kind": "refuse", "code": 131057}), is_not_done),
        (json!({"kind": "refuse", "code": 131047}), is_refused),
        (json!({"kind": "unauthorized"}), is_not_done),
    ] {
        world.fault("meta", Some("POST"), "/messages", fault.clone());
        let called = call(&client, 0, 1, &text()).await;
        assert!(is_expected(&called), "{fault}: {called:?}");
    }
    assert!(matches!(
        call(&client, 0, 1, &text()).await,
        Called::Done(_)
    ));
}

#[tokio::test]
async fn a_simulated_help_desk_gets_one_ticket_for_one_new_person() {
    let world = World::start().await;
    let client = glpi(&world);
    assert!(
        client
            .version()
            .await
            .expect("a version")
            .starts_with("10.")
    );
    let before = SystemClock.now();
    let called = call(&client, 0, 1, &ticket()).await;
    let Called::Done(made) = called else {
        panic!("{called:?}");
    };
    let at = made.at.expect("an instant");
    let apart = at.since(before).max(before.since(at));
    assert!(apart < 5_000, "{at:?} {before:?}");
    // The same person again: found, not registered again.
    let called = call(&client, 1, 1, &ticket()).await;
    let Called::Done(second) = called else {
        panic!("{called:?}");
    };
    assert_eq!(second.remark, None);
    assert_ne!(made.id, second.id);
    assert_eq!(tickets(&world).await.len(), 2);
    let LookedUp::Found(found) = client.look_up(&planned(0)).await else {
        panic!("not found");
    };
    assert_eq!(found.id, made.id);
    assert_eq!(client.look_up(&planned(9)).await, LookedUp::NotFound);
    client.close().await;
}

#[tokio::test]
async fn simulated_faults_of_glpi_never_make_a_second_ticket() {
    let world = World::start().await;
    let client = glpi(&world);
    for (index, (fault, is_expected)) in [
        (json!({"kind": "drop"}), is_unknown as fn(&Called) -> bool),
        (json!({"kind": "lose_answer"}), is_unknown),
        (
            json!({"kind": "error", "status": 500, "processed": true}),
            is_unknown,
        ),
        (json!({"kind": "error", "status": 502}), is_unknown),
        (
            json!({"kind": "delay", "ms": 2500, "after": true}),
            is_unknown,
        ),
        (
            json!({"kind": "rate_limit", "retry_after_s": 7}),
            is_seven_seconds,
        ),
        (json!({"kind": "unauthorized"}), is_done),
    ]
    .into_iter()
    .enumerate()
    {
        let index = index as u16;
        world.fault("glpi", Some("POST"), "/Ticket", fault.clone());
        // The search for the marker also names the item type; the first try does not search.
        let called = call(&client, index, 1, &ticket()).await;
        assert!(is_expected(&called), "{fault}: {called:?}");
        let again = call(&client, index, 2, &ticket()).await;
        assert!(is_done(&again), "{fault}: {again:?}");
        assert_eq!(
            tickets(&world).await.len(),
            usize::from(index) + 1,
            "{fault}"
        );
    }
}

/// A receiver as the front door is one: verify, read, and only then 200.
async fn receiver(batches: mpsc::UnboundedSender<Batch>) -> String {
    let name = |text| Name::new(text).expect("valid");
    let line = Line {
        second: false,
        messages: "meta/test".into(),
        tenant: name("demo"),
        channel: ChannelId::of(&name("demo"), &name("demo-meta")),
        phone_number_id: demo::PHONE_NUMBER_ID.into(),
    };
    let handler = async move |headers: HeaderMap, body: Bytes| {
        let secret = AppSecret::new(demo::APP_SECRET).expect("not empty");
        let signature = headers
            .get("x-hub-signature-256")
            .map(|value| value.as_bytes());
        let Ok(body) = verify(&secret, signature, body) else {
            return StatusCode::UNAUTHORIZED;
        };
        let identities = IdentityKey::new(&[1; 32]);
        let batch = read(&body, &line, &identities, SystemClock.now()).expect("JSON");
        batches.send(batch).expect("the test waits");
        StatusCode::OK
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let routes = Router::new().route("/webhooks/meta/demo-meta", post(handler));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}/webhooks/meta/demo-meta")
}

#[tokio::test]
async fn simulated_webhooks_are_verified_and_placed() {
    let world = World::start().await;
    let (sender, mut batches) = mpsc::unbounded_channel();
    let callback = receiver(sender).await;
    let told = json!({"callback_url": callback});
    world.control(json!({"meta": {demo::CHANNEL: told}}));

    let path = format!("/_phone/{}/{PHONE}/messages", demo::CHANNEL);
    let words = json!({"text": "Mi impresión falló / ¿ayuda? @soporte 🙏"});
    let written = reqwest::Client::new()
        .post(world.address(&path))
        .json(&words)
        .send()
        .await;
    assert!(written.expect("an answer").status().is_success());
    let batch = batches.recv().await.expect("a webhook");
    assert_eq!(batch.unplaced, []);
    let Inbound::Message(message) = &batch.events[0].body else {
        panic!("{batch:?}");
    };
    assert_eq!(
        message.content,
        Content::Text(words["text"].as_str().expect("text").into())
    );
    assert_eq!(message.from, Some(Phone::parse(PHONE).expect("valid")));

    assert!(is_sent(&call(&meta(&world), 4, 1, &text()).await));
    let mut ranks = Vec::new();
    while !ranks.contains(&DeliveryRank::Delivered) {
        let batch = batches.recv().await.expect("a webhook");
        assert_eq!(batch.unplaced, []);
        for event in batch.events {
            let Inbound::Status(status) = event.body else {
                panic!("{:?}", event.body);
            };
            assert_eq!((event.key, status.effect), (effect_id(4).key, effect_id(4)));
            ranks.push(status.rank);
        }
    }
}

fn is_sent(called: &Called) -> bool {
    matches!(called, Called::Done(made) if made.id.starts_with("wamid."))
}

fn is_done(called: &Called) -> bool {
    matches!(called, Called::Done(made) if made.at > Some(Millis(0)))
}

fn is_unknown(called: &Called) -> bool {
    matches!(called, Called::Unknown { .. })
}

fn is_refused(called: &Called) -> bool {
    matches!(called, Called::Refused { .. })
}

fn is_not_done(called: &Called) -> bool {
    matches!(
        called,
        Called::NotDone {
            counts_against: true,
            ..
        }
    )
}

fn is_seven_seconds(called: &Called) -> bool {
    let seven = Some(Duration::from_secs(7));
    matches!(called, Called::NotDone { retry_after, .. } if *retry_after == seven)
}
