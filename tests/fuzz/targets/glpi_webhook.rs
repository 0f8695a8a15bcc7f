//! Any bytes, signed as GLPI signs, as a webhook body of GLPI's.

#![no_main]

use actors::model::{GatewayId, IdentityKey, Inbound, Key, Millis};
use bytes::Bytes;
use chasqui::http::webhooks::glpi::{Signed, WebhookSecret, read, verify};
use libfuzzer_sys::fuzz_target;
use ring::hmac;

const SECRET: &str = "demo-glpi-secret";
const NOW: Millis = Millis(1_750_857_390_123);
const STAMP: &str = "1750857390";

fuzz_target!(|body: &[u8]| {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = hex::encode(hmac::sign(&key, &[body, STAMP.as_bytes()].concat()));
    let signed = Signed {
        signature: Some(signature.as_bytes()),
        stamp: Some(STAMP.as_bytes()),
    };
    let secret = WebhookSecret::new(SECRET).expect("not empty");
    let body = Bytes::copy_from_slice(body);
    let verified = verify(&secret, signed, body.clone(), NOW).expect("signed here");
    let (gateway, identity) = (GatewayId([3; 16]), IdentityKey::new(&[1; 32]));
    let once = read(&verified, gateway, &identity, NOW);
    assert_eq!(
        once,
        read(&verified, gateway, &identity, NOW),
        "read in two ways"
    );
    if let Ok(event) = once {
        assert_eq!(
            event.key,
            Key::Gateway(gateway),
            "it spoke to somebody else"
        );
        assert!(
            matches!(event.body, Inbound::Nudged { .. }),
            "it is more than a hint"
        );
    }
    // What is signed otherwise, or was signed for another body, proves nothing.
    let forged = verify(
        &secret,
        Signed {
            signature: Some(&body),
            ..signed
        },
        body.clone(),
        NOW,
    );
    assert!(forged.is_err(), "its own bytes are no signature of it");
});
