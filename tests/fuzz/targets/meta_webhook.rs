//! Any bytes, signed as Meta signs, as a webhook body of Meta's.

#![no_main]

#[path = "batch.rs"]
mod batch;

use actors::model::{ChannelId, IdentityKey, Millis, Name};
use bytes::Bytes;
use chasqui::http::webhooks::meta::{AppSecret, Line, read, verify};
use libfuzzer_sys::fuzz_target;
use ring::hmac;

const SECRET: &str = "demo-app-secret";

fuzz_target!(|body: &[u8]| {
    let name = |text| Name::new(text).expect("a name");
    let line = Line {
        tenant: name("demo"),
        channel: ChannelId::of(&name("demo"), &name("demo-meta")),
        phone_number_id: "106540352242922".into(),
        second: false,
        messages: "meta/106540352242922".into(),
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = format!("sha256={}", hex::encode(hmac::sign(&key, body)));
    let secret = AppSecret::new(SECRET).expect("not empty");
    let body = Bytes::copy_from_slice(body);
    let verified = verify(&secret, Some(signature.as_bytes()), body).expect("signed here");
    let identities = IdentityKey::new(&[1; 32]);
    let once = || read(&verified, &line, &identities, Millis(1_750_857_390_123));
    batch::check(once(), once());
    if let Ok(batch) = once() {
        let left = batch.events.len() + batch.unplaced.len();
        let heard = left > 0 || batch.templates;
        assert!(heard, "a body that is JSON left nothing behind");
    }
});
