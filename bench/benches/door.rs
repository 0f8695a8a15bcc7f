//! Verifying and parsing webhooks, as the door does it before anything is durable.

use actors::model::{ChannelId, IdentityKey, Millis, Name};
use bytes::Bytes;
use chasqui::http::webhooks::{gupshup, meta};
use divan::{Bencher, black_box};
use ring::hmac;

const SECRET: &str = "demo-app-secret";
const META: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Juan"},"wa_id":"51999888777"}],"messages":[{"from":"51999888777","id":"wamid.HBgLNTE5OTk4ODg3NzcVAgASGBQzQTg3","timestamp":"1737487800","type":"text","text":{"body":"\u00bfC\u00f3mo va mi ticket 1234567?"}}]}}]}]}"#;
const GUPSHUP: &str = r#"{"app":"DemoApp","timestamp":1737487800000,"version":2,"type":"message","payload":{"id":"wamid.HBgLNTE5OTk4ODg3NzcVAgASGBQzQTg3","source":"51999888777","type":"text","payload":{"text":"\u00bfC\u00f3mo va mi ticket 1234567?"},"sender":{"phone":"51999888777","name":"Juan"}}}"#;

fn main() {
    divan::main();
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

/// The signature over a body of Meta's.
#[divan::bench]
fn verify_meta(bencher: Bencher<'_, '_>) {
    let (secret, signature) = signed();
    let body = Bytes::from_static(META.as_bytes());
    bencher.bench(|| {
        let signature = Some(black_box(signature.as_bytes()));
        meta::verify(&secret, signature, black_box(body.clone()))
    });
}

/// A verified body of Meta's as events.
#[divan::bench]
fn parse_meta(bencher: Bencher<'_, '_>) {
    let (secret, signature) = signed();
    let body = Bytes::from_static(META.as_bytes());
    let body = meta::verify(&secret, Some(signature.as_bytes()), body).expect("signed here");
    let line = meta::Line {
        tenant: name("demo"),
        channel: ChannelId::of(&name("demo"), &name("demo-meta")),
        phone_number_id: "106540352242922".into(),
        second: false,
        messages: "meta/106540352242922".into(),
    };
    let identities = IdentityKey::new(&[1; 32]);
    let read = || {
        meta::read(
            black_box(&body),
            &line,
            &identities,
            Millis(1_737_487_800_123),
        )
    };
    assert_eq!(read().map(|batch| batch.events.len()).ok(), Some(1));
    bencher.bench(read);
}

/// A body of Gupshup's: the secret in the address, and its event.
#[divan::bench]
fn verify_and_parse_gupshup(bencher: Bencher<'_, '_>) {
    let secret = gupshup::PathSecret::new("demo-secret");
    let line = gupshup::Line {
        tenant: name("demo"),
        channel: ChannelId::of(&name("demo"), &name("demo-gupshup")),
        app: "DemoApp".into(),
        app_id: "82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into(),
        second: false,
        messages: "gupshup/82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into(),
    };
    let identities = IdentityKey::new(&[1; 32]);
    let read = || {
        let body = Bytes::from_static(GUPSHUP.as_bytes());
        let body = gupshup::verify(&secret, black_box("demo-secret"), body).expect("the secret");
        gupshup::read(&body, &line, &identities, Millis(1_737_487_800_123))
    };
    assert_eq!(read().map(|batch| batch.events.len()).ok(), Some(1));
    bencher.bench(read);
}

fn signed() -> (meta::AppSecret, String) {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, META.as_bytes());
    let signature = format!("sha256={}", hex::encode(tag));
    (meta::AppSecret::new(SECRET).expect("not empty"), signature)
}
