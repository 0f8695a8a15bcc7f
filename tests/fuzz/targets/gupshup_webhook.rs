//! Any bytes as a webhook body of Gupshup's, which is of either version.

#![no_main]

#[path = "batch.rs"]
mod batch;

use actors::model::{ChannelId, IdentityKey, Millis, Name};
use bytes::Bytes;
use chasqui::http::webhooks::gupshup::{Line, PathSecret, read, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let name = |text| Name::new(text).expect("a name");
    let line = Line {
        tenant: name("demo"),
        channel: ChannelId::of(&name("demo"), &name("demo-gupshup")),
        app: "DemoApp".into(),
        app_id: "82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into(),
        second: false,
        messages: "gupshup/82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into(),
    };
    let secret = PathSecret::new("demo-secret");
    let body = Bytes::copy_from_slice(body);
    let verified = verify(&secret, "demo-secret", body).expect("the whole secret");
    let identities = IdentityKey::new(&[1; 32]);
    let once = || read(&verified, &line, &identities, Millis(1_750_857_390_123));
    batch::check(once(), once());
});
