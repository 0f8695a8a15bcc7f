//! Webhooks of Gupshup: bodies of both versions on one address, nothing in them can do harm.

use actors::model::{
    Billed, ChannelId, Consent, ConsentScope, Content, DeliveryRank, Identity, IdentityKey,
    InEvent, Inbound, Key, Message, MessageContext, Millis, Name, Phone, Receipt, Seconds,
};
use bytes::Bytes;
use chasqui::http::webhooks::gupshup::{Line, PathSecret, read, verify};
use chasqui::http::webhooks::meta::{Batch, Unreadable, Why};
use proptest::prelude::*;

const RECEIVED: Millis = Millis(1_750_857_390_123);
const GS_ID: &str = "ee4a68a0-1203-4c85-8dc3-49d0b3226a35";
const WAMID: &str = "wamid.HBgLNTQ5MTE1ODc0OTg5NRUCABEYEjdEOA==";

fn line() -> Line {
    let name = |text| Name::new(text).expect("valid");
    Line {
        tenant: name("demo"),
        channel: ChannelId::of(&name("demo"), &name("demo-gupshup")),
        app: "DemoApp".into(),
        app_id: "82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into(),
        second: false,
        messages: "gupshup/82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into(),
    }
}

fn identities() -> IdentityKey {
    IdentityKey::new(&[1; 32])
}

fn read_bytes(body: &[u8]) -> Result<Batch, Unreadable> {
    let secret = PathSecret::new("demo-secret");
    let body = Bytes::copy_from_slice(body);
    let verified = verify(&secret, "demo-secret", body).expect("the whole secret");
    read(&verified, &line(), &identities(), RECEIVED)
}

fn batch(name: &str) -> Batch {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/gupshup");
    let body = std::fs::read(format!("{folder}/{name}.json")).expect("a fixture");
    read_bytes(&body).expect("readable")
}

fn only(name: &str) -> InEvent {
    let Batch {
        mut events,
        unplaced,
        ..
    } = batch(name);
    assert_eq!((events.len(), &unplaced[..]), (1, &[][..]), "{name}");
    events.remove(0)
}

fn message(event: &InEvent) -> &Message {
    match &event.body {
        Inbound::Message(message) => message,
        other => panic!("no message: {other:?}"),
    }
}

fn receipt(name: &str) -> (Receipt, Option<Seconds>) {
    let event = only(name);
    assert_eq!(event.key, ana());
    match event.body {
        Inbound::Receipt(receipt) => (receipt, event.stamp),
        other => panic!("no receipt: {other:?}"),
    }
}

fn phone() -> Phone {
    Phone::parse("5491158749895").expect("valid")
}

fn ana() -> Key {
    let identity = Identity::Phone(phone());
    Key::Contact(identities().contact_id(&line().tenant, &identity))
}

#[test]
fn a_text_keeps_its_words_its_sender_and_its_stamp() {
    let event = only("v2_text");
    assert_eq!(event.key, ana());
    assert_eq!(event.stamp, Some(Seconds(1_718_007_189)));
    let expected = Message {
        tenant: line().tenant,
        channel: line().channel,
        second_line: false,
        provider_id: "wamid.HBgNNTQ5MTE1ODc0OTg5NRUCABIYIA==".into(),
        from: Some(phone()),
        identities: vec![
            Identity::Phone(phone()),
            Identity::UserId("AR.1234567890".into()),
        ],
        profile_name: Some("Ana".into()),
        content: Content::Text("Hola, no enciende 👍".into()),
        context: Some(Box::new(MessageContext {
            answers: vec!["gBEGkYiEB1VXAglK1ZEqA1YKPrU".into()],
            ..MessageContext::default()
        })),
    };
    assert_eq!(message(&event), &expected);
}

#[test]
fn the_same_message_in_both_versions_is_the_same_input() {
    let (two, three) = (only("v2_text"), only("v3_text"));
    assert_eq!(
        (two.key, two.id, two.stamp),
        (three.key, three.id, three.stamp)
    );
    assert_eq!(message(&two).content, message(&three).content);
}

#[test]
fn a_button_is_known_by_its_keys_and_not_by_its_type() {
    for name in [
        "v2_button_reply",
        "v2_quick_reply",
        "v2_quick_reply_of_a_session",
    ] {
        let expected = Content::Button {
            id: "confirm:7".into(),
            title: "Sí".into(),
        };
        assert_eq!(message(&only(name)).content, expected, "{name}");
    }
}

#[test]
fn a_blank_sender_is_known_by_the_source() {
    let event = only("v2_blank_sender");
    assert_eq!(event.key, ana());
    assert_eq!(message(&event).profile_name, None);
}

#[test]
fn receipts_join_by_gupshups_id_first() {
    use DeliveryRank::{Accepted, Delivered, Read, Sent};
    for (name, rank, ids, stamp) in [
        ("v2_enqueued", Accepted, vec![GS_ID, WAMID], 1_585_344_475),
        ("v2_sent", Sent, vec![GS_ID, WAMID], 1_585_344_475),
        (
            "v2_delivered",
            Delivered,
            vec![GS_ID, "0f0c4c0e-5b66-4bd5-b0e8-d2b1f2f4d1a3"],
            1_585_344_476,
        ),
        // More than a week after the send only WhatsApp's id comes, here with an instant in ms.
        ("v2_read", Read, vec![WAMID], 1_585_344_477),
        ("v3_enqueued", Accepted, vec![GS_ID, WAMID], 1_710_930_461),
        ("v3_sent", Sent, vec![GS_ID, WAMID], 1_710_930_461),
    ] {
        let (receipt, at) = receipt(name);
        assert_eq!(
            (receipt.rank, receipt.ids),
            (rank, ids.into_iter().map(Into::into).collect()),
            "{name}"
        );
        assert_eq!(
            (at, receipt.failure),
            (Some(Seconds(stamp)), None),
            "{name}"
        );
    }
}

#[test]
fn failures_say_why_in_plain_words_whoever_refused() {
    for (name, code, words) in [
        ("v2_failed_before_whatsapp", 1003, "wallet"),
        ("v2_failed_by_whatsapp", 131_026, "undeliverable"),
        ("v3_failed_before_whatsapp", 1002, "not on WhatsApp"),
        ("v3_failed_by_whatsapp", 131_047, "service window"),
    ] {
        let (receipt, _) = receipt(name);
        assert_eq!(receipt.rank, DeliveryRank::Failed, "{name}");
        assert_eq!(receipt.ids[0], GS_ID, "{name}");
        let (found, reason) = receipt.failure.expect("a reason");
        assert_eq!(found, code, "{name}");
        assert!(
            reason.contains(words) && reason.contains("(Gupshup: "),
            "{reason}"
        );
    }
}

#[test]
fn billing_keeps_what_money_will_need() {
    let billed = |name| match only(name).body {
        Inbound::Billed(billed) => billed,
        other => panic!("{name}: {other:?}"),
    };
    let expected = Billed {
        ids: vec![GS_ID.into()],
        billable: true,
        category: "utility".into(),
        model: "PMP".into(),
        kind: "regular".into(),
        conversation: None,
    };
    assert_eq!(billed("v2_billing"), expected);
    let old = billed("v2_billing_of_2024");
    assert_eq!((old.billable, &*old.category), (false, "UIC"));
    assert_eq!(old.conversation.as_deref(), Some("c3dc"));
    let three = billed("v3_billing");
    assert_eq!((three.billable, &*three.category), (false, "service"));
    assert_eq!(
        only("v2_billing").id,
        only("v3_billing").id,
        "a message is billed once"
    );
}

#[test]
fn consent_is_the_persons_input() {
    let event = only("v2_opted_out");
    assert_eq!(event.key, ana());
    let expected = Consent {
        channel: line().channel,
        given: false,
        scope: ConsentScope::Everything,
    };
    assert_eq!(event.body, Inbound::Consent(expected));
}

#[test]
fn calls_that_prove_the_address_are_taken_and_hold_nothing() {
    for name in ["v2_sandbox_start", "v3_set_callback"] {
        assert_eq!(batch(name), Batch::default(), "{name}");
    }
}

#[test]
fn news_of_a_template_is_a_hint_and_belongs_to_nobody() {
    let told = Batch {
        templates: true,
        ..Batch::default()
    };
    assert_eq!(batch("v2_template"), told);
}

#[test]
fn an_answer_of_a_flow_comes_in_metas_form_on_any_address() {
    let event = only("v3_flow_reply_on_a_v2_address");
    assert_eq!(event.key, ana());
}

#[test]
fn what_has_no_place_is_handed_back_as_it_came() {
    for (name, why) in [
        ("v2_other_app", Why::OtherNumber),
        ("v3_other_app", Why::OtherNumber),
        ("v2_mismatch", Why::UnknownStatus),
        ("v2_deleted", Why::UnknownStatus),
    ] {
        let batch = batch(name);
        assert_eq!(batch.events, [], "{name}");
        let [item] = &batch.unplaced[..] else {
            panic!("{name}: {:?}", batch.unplaced);
        };
        assert_eq!(item.why, why, "{name}");
        serde_json::from_slice::<serde_json::Value>(&item.raw).expect("whole JSON");
    }
}

#[test]
fn surprises_are_no_errors_and_what_is_no_json_is_one() {
    for odd in [
        "{}",
        "[]",
        "7",
        "{\"type\":7}",
        "{\"entry\":[]}",
        "{\"entry\":7}",
        "{\"type\":\"message\",\"payload\":[]}",
    ] {
        let batch = read_bytes(odd.as_bytes()).expect("JSON");
        assert_eq!((batch.events.len(), batch.unplaced.len()), (0, 1), "{odd}");
    }
    for broken in ["", "{", "{\"type\":\"message\"", "\u{0}"] {
        assert_eq!(read_bytes(broken.as_bytes()), Err(Unreadable), "{broken}");
    }
    assert_eq!(read_bytes(b"\xff\xfe"), Err(Unreadable));
}

/// Any JSON, with the names that matter on the way.
fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let names = prop::sample::select(vec![
        "app",
        "type",
        "payload",
        "id",
        "gsId",
        "source",
        "sender",
        "phone",
        "destination",
        "text",
        "entry",
        "changes",
        "value",
        "messages",
        "statuses",
        "field",
        "billing",
        "deductions",
        "references",
        "code",
        "ts",
        "timestamp",
        "gs_app_id",
    ]);
    let words = prop::sample::select(vec![
        "message",
        "message-event",
        "user-event",
        "billing-event",
        "sent",
        "failed",
        "text",
        "opted-in",
        "5491158749895",
        "DemoApp",
        "",
        "wamid.A",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        let names = names.clone();
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..6).prop_map(|pairs| Value::Object(
                pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_is_refused_or_lost(body in json()) {
        let body = body.to_string();
        let batch = read_bytes(body.as_bytes()).expect("it is JSON");
        let proof = body.contains("sandbox-start") || body.contains("set-callback");
        prop_assert!(proof || batch.events.len() + batch.unplaced.len() > 0, "{body}");
        prop_assert_eq!(read_bytes(body.as_bytes()), Ok(batch), "twice the same");
    }

    #[test]
    fn no_bytes_break_the_reader(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_bytes(&body);
    }
}
