//! Webhooks of Meta's Cloud API: everything in a body is walked, nothing in it can do harm.

mod disturbed;

use actors::model::{
    ChannelId, Consent, ConsentScope, Content, DeliveryRank, EffectId, Identity, IdentityKey,
    InEvent, Inbound, Key, Message, Millis, Name, Phone, Seconds, Status,
};
use bytes::Bytes;
use chasqui::http::webhooks::meta::{
    AppSecret, Batch, Line, Unreadable, Verified, Why, read, verify,
};
use ring::hmac;

const SECRET: &str = "demo-app-secret";
const RECEIVED: Millis = Millis(1_750_857_390_123);

fn verified(body: &[u8]) -> Verified<Bytes> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = format!("sha256={}", hex::encode(hmac::sign(&key, body)));
    let secret = AppSecret::new(SECRET).expect("not empty");
    let body = Bytes::copy_from_slice(body);
    verify(&secret, Some(signature.as_bytes()), body).expect("signed here")
}

fn line() -> Line {
    let name = |text| Name::new(text).expect("valid");
    Line {
        tenant: name("demo"),
        channel: ChannelId::of(&name("demo"), &name("demo-meta")),
        phone_number_id: "106540352242922".into(),
        second: false,
        messages: "meta/106540352242922".into(),
    }
}

fn identities() -> IdentityKey {
    IdentityKey::new(&[1; 32])
}

fn read_bytes(body: &[u8]) -> Result<Batch, Unreadable> {
    read(&verified(body), &line(), &identities(), RECEIVED)
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/meta");
    std::fs::read(format!("{folder}/{name}.json")).expect("a fixture")
}

fn batch(name: &str) -> Batch {
    read_bytes(&fixture(name)).expect("readable")
}

fn only(name: &str) -> InEvent {
    let Batch {
        mut events,
        unplaced,
        ..
    } = batch(name);
    assert_eq!((events.len(), unplaced.len()), (1, 0));
    events.remove(0)
}

fn message(event: &InEvent) -> &Message {
    match &event.body {
        Inbound::Message(message) => message,
        other => panic!("no message: {other:?}"),
    }
}

fn status(event: &InEvent) -> &Status {
    match &event.body {
        Inbound::Status(status) => status,
        other => panic!("no status: {other:?}"),
    }
}

fn phone(digits: &str) -> Phone {
    Phone::parse(digits).expect("valid")
}

fn contact(identity: Identity) -> Key {
    Key::Contact(identities().contact_id(&line().tenant, &identity))
}

#[test]
fn news_of_a_template_is_a_hint_and_a_stop_of_marketing_is_the_persons_input() {
    let body = |field: &str, value: serde_json::Value| {
        let change = serde_json::json!({"field": field, "value": value});
        let entry = serde_json::json!({"id": "1", "changes": [change]});
        let whole = serde_json::json!({"object": "whatsapp_business_account", "entry": [entry]});
        Bytes::from(whole.to_string())
    };
    let batch = batch("templates");
    assert!(batch.templates && batch.events.is_empty() && batch.unplaced.is_empty());
    for (value, given) in [("stop", false), ("resume", true)] {
        let told = serde_json::json!({
            "metadata": {"phone_number_id": line().phone_number_id.as_str()},
            "user_preferences": [{
                "wa_id": "51999888777", "category": "marketing_messages", "value": value,
                "detail": "User requested to stop marketing messages", "timestamp": 1731705721,
            }],
        });
        let batch = read_bytes(&body("user_preferences", told)).expect("readable");
        let expected = Inbound::Consent(Consent {
            channel: line().channel,
            given,
            scope: ConsentScope::Marketing,
        });
        assert_eq!(batch.events[0].body, expected);
        assert_eq!(batch.events[0].stamp, Some(Seconds(1_731_705_721)));
    }
}

#[test]
fn a_text_keeps_its_words_its_sender_and_its_stamp() {
    let event = only("text");
    assert_eq!(event.key, contact(Identity::Phone(phone("525512345678"))));
    assert_eq!(event.stamp, Some(Seconds(1_750_857_384)));
    assert_eq!(event.received, RECEIVED);
    let wamid = "wamid.HBgLNTIxNTUxMjM0NTY3OBUCABIYIDEyMw==";
    let scope = b"meta/106540352242922";
    assert_eq!(event.id, identities().id_hash(scope, wamid.as_bytes()));
    let expected = Message {
        tenant: line().tenant,
        channel: line().channel,
        second_line: false,
        provider_id: wamid.into(),
        from: Some(phone("5215512345678")),
        identities: vec![
            Identity::Phone(phone("5215512345678")),
            Identity::UserId("MX.13491208655302741918".into()),
            Identity::UserId("MX.ENT.118157".into()),
        ],
        profile_name: Some("José Núñez".into()),
        content: Content::Text("Hola, mi impresora no imprime / urgente @soporte".into()),
        context: None,
    };
    assert_eq!(message(&event), &expected);
}

#[test]
fn presses_of_both_kinds_of_buttons_are_one_content() {
    for (name, id, title) in [
        ("button_reply", "confirm", "Sí"),
        ("template_button", "YES_123", "Sí"),
    ] {
        let expected = Content::Button {
            id: id.into(),
            title: title.into(),
        };
        assert_eq!(message(&only(name)).content, expected, "{name}");
    }
}

#[test]
fn a_person_without_a_number_is_known_by_user_id() {
    let event = only("user_id_only");
    let user = Identity::UserId("US.13491208655302741918".into());
    assert_eq!(event.key, contact(user.clone()));
    let message = message(&event);
    assert_eq!(message.from, None);
    assert_eq!(message.identities, [user]);
    assert_eq!(message.profile_name.as_deref(), Some("Sheena"));
}

#[test]
fn a_changed_number_stays_the_same_contact_and_is_answered_at_the_new_one() {
    let event = only("number_changed");
    assert_eq!(event.key, contact(Identity::Phone(phone("16505551234"))));
    let message = message(&event);
    assert_eq!(message.from, Some(phone("12195555358")));
    let expected = [
        Identity::Phone(phone("16505551234")),
        Identity::Phone(phone("12195555358")),
        Identity::UserId("US.1".into()),
        Identity::UserId("US.2".into()),
    ];
    assert_eq!(message.identities, expected);
    assert_eq!(message.content.kind(), "changed");
}

#[test]
fn statuses_find_their_contact_through_the_effect_id() {
    let Batch {
        events, unplaced, ..
    } = batch("statuses");
    assert_eq!(unplaced, []);
    let effect = EffectId::parse(&format!("e01{}0102030405060708", "07".repeat(16)));
    let effect = effect.expect("valid");
    let ranks: Vec<DeliveryRank> = events.iter().map(|event| status(event).rank).collect();
    use DeliveryRank::{Delivered, Failed, Played, Read, Sent};
    assert_eq!(ranks, [Sent, Delivered, Read, Played, Failed, Failed]);
    for event in &events {
        assert_eq!((event.key, status(event).effect), (effect.key, effect));
        assert_eq!(status(event).provider_id, "wamid.OUT");
    }
    assert_eq!(status(&events[1]).failure, None);
    let (code, words) = status(&events[4]).failure.clone().expect("a failure");
    assert_eq!(code, 131047);
    assert!(words.contains("24 h service window is closed"), "{words}");
    let (code, words) = status(&events[5]).failure.clone().expect("a failure");
    assert_eq!(
        (code, words.as_str()),
        (999_999, "WhatsApp says: Something new")
    );
    // The same status again is the same input; another status of the same effect is not.
    assert_ne!(events[0].id, events[1].id);
    assert_eq!(events[4].id, events[5].id);
}

#[test]
fn statuses_of_messages_that_are_not_ours_are_kept_aside() {
    let Batch {
        events, unplaced, ..
    } = batch("statuses_unplaced");
    assert_eq!(events, []);
    let whys: Vec<Why> = unplaced.iter().map(|item| item.why).collect();
    let not_a_person = Why::NotOurs;
    let expected = [Why::NotOurs, Why::NotOurs, Why::UnknownStatus, not_a_person];
    assert_eq!(whys, expected);
    assert!(
        unplaced[1]
            .raw
            .windows(10)
            .any(|part| part == b"campaign-7")
    );
}

#[test]
fn every_entry_change_message_and_status_is_walked() {
    let Batch {
        events, unplaced, ..
    } = batch("batch");
    let told: Vec<String> = events
        .iter()
        .map(|event| match &event.body {
            Inbound::Message(Message {
                content: Content::Text(text),
                ..
            }) => text.clone(),
            Inbound::Status(status) => format!("{:?}", status.rank),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["uno", "dos", "tres", "Read"]);
    assert_eq!(message(&events[1]).profile_name.as_deref(), Some("Ana"));
    assert_eq!(events[1].stamp, Some(Seconds(1_750_857_386)));
    let whys: Vec<Why> = unplaced.iter().map(|item| item.why).collect();
    let expected = [
        Why::OtherNumber,
        Why::UnknownField,
        Why::UnknownShape,
        Why::NoId,
        Why::NoSender,
        Why::UnknownShape,
    ];
    assert_eq!(whys, expected);
}

#[test]
fn a_body_says_the_same_beside_a_change_nobody_knows() {
    for name in FIXTURES {
        let mut body: serde_json::Value = serde_json::from_slice(&fixture(name)).expect(name);
        let read = |body: &serde_json::Value| read_bytes(body.to_string().as_bytes()).expect(name);
        let alone = read(&body);
        let changes = body["entry"][0]["changes"].as_array_mut().expect(name);
        changes.push(serde_json::json!({"field": "new_in_2031", "value": {"messages": [1]}}));
        let beside = read(&body);
        assert_eq!(alone.events, beside.events, "{name}");
        let unknown = |batch: &Batch| {
            let whys = batch.unplaced.iter().map(|item| item.why);
            whys.filter(|why| *why == Why::UnknownField).count()
        };
        assert_eq!(beside.unplaced.len(), alone.unplaced.len() + 1, "{name}");
        assert_eq!(unknown(&beside), unknown(&alone) + 1, "{name}");
    }
}

#[test]
fn a_duplicate_delivery_has_the_same_key_and_id() {
    let (first, second) = (only("text"), only("text"));
    assert_eq!((first.key, first.id), (second.key, second.id));
}

#[test]
fn only_what_is_no_json_is_unreadable() {
    for body in [
        "",
        "{",
        "hola",
        "{\"entry\":[{\"changes\":[1,]}]}",
        "{}{}",
        "\u{0}",
    ] {
        assert_eq!(read_bytes(body.as_bytes()), Err(Unreadable), "{body}");
    }
    assert_eq!(read_bytes(b"{\"a\":\"\xff\"}"), Err(Unreadable));
    assert_eq!(read_bytes(b"{\"entry\":7,\"rest\":"), Err(Unreadable));
    for body in [
        "{}",
        "[]",
        "null",
        "17",
        "{\"entry\":7}",
        "{\"entry\":[]}",
        "{\"entry\":[{\"changes\":null}]}",
        "{\"object\":\"page\",\"entry\":[{\"messaging\":[]}]}",
    ] {
        let batch = read_bytes(body.as_bytes()).expect(body);
        assert_eq!(batch.events, [], "{body}");
        assert_eq!(batch.unplaced.len(), 1, "{body}");
        assert_eq!(batch.unplaced[0].raw, body.as_bytes());
    }
}

#[test]
fn an_endless_text_is_cut_at_a_character() {
    let text = String::from_utf8(fixture("text")).expect("UTF-8");
    let long = text.replace("Hola", &"ñ".repeat(100_000));
    let batch = read_bytes(long.as_bytes()).expect("readable");
    let Content::Text(kept) = &message(&batch.events[0]).content else {
        panic!("no text");
    };
    assert_eq!(kept.len(), 32 * 1024);
}

const FIXTURES: [&str; 10] = [
    "text",
    "button_reply",
    "list_reply",
    "template_button",
    "user_id_only",
    "number_changed",
    "kinds",
    "statuses",
    "statuses_unplaced",
    "batch",
];
