//! Webhooks of GLPI 11.
//!
//! A webhook only says that something changed; what, is read from GLPI by the poller's own code, so
//! there is one truth and a lost, repeated or reordered webhook changes nothing. [`verify()`] checks
//! the signature over body and time stamp and gives a [`Verified`] body, the only thing [`read`]
//! accepts. Facts: GLPI REST API, GLPI 11 webhooks.

mod verify;

use actors::model::{GatewayId, IdentityKey, InEvent, Inbound, Key, Millis, Seconds};
use serde_json::Value;

pub use verify::{AGE_S_MAX, Forged, Signed, Verified, WebhookSecret, answer_challenge, verify};

/// A body that is no JSON object; a payload template of GLPI's may make such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is no JSON object; use the default payload in GLPI")]
pub struct Unreadable;

/// The input that a webhook is: its gateway is told to look. The same webhook is the same input.
pub fn read(
    verified: &Verified,
    gateway: GatewayId,
    identity: &IdentityKey,
    received: Millis,
) -> Result<InEvent, Unreadable> {
    let body: Value = serde_json::from_slice(verified.body()).map_err(|_| Unreadable)?;
    let object = body.as_object().ok_or(Unreadable)?;
    // A followup or a solution names its ticket as the parent.
    let ticket = ["parent_item", "item"]
        .into_iter()
        .find_map(|key| object.get(key)?.get("id")?.as_u64());
    let mut name = gateway.0.to_vec();
    name.extend_from_slice(&verified.stamp().to_be_bytes());
    name.extend_from_slice(verified.digest().as_ref());
    Ok(InEvent {
        key: Key::Gateway(gateway),
        id: identity.id_hash(b"glpi webhook", &name),
        stamp: u32::try_from(verified.stamp()).ok().map(Seconds),
        received,
        body: Inbound::Nudged { ticket },
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn nudged(body: &str) -> Result<InEvent, Unreadable> {
        let gateway = GatewayId([3; 16]);
        let verified = Verified::for_test(Bytes::copy_from_slice(body.as_bytes()), 1_800_000_000);
        read(&verified, gateway, &IdentityKey::new(&[1; 32]), Millis(5))
    }

    #[test]
    fn the_ticket_is_the_item_or_its_parent() {
        for (body, expected) in [
            (
                r#"{"item": {"id": 7, "name": "x"}, "event": "update"}"#,
                Some(7),
            ),
            (
                r#"{"item": {"id": 31}, "event": "new", "parent_item": {"id": 7}}"#,
                Some(7),
            ),
            (r#"{"event": "update"}"#, None),
            (r#"{"item": [], "event": "update"}"#, None),
        ] {
            let event = nudged(body).expect("an object");
            assert_eq!(event.body, Inbound::Nudged { ticket: expected }, "{body}");
            assert_eq!(event.key, Key::Gateway(GatewayId([3; 16])));
            assert_eq!(event.id, nudged(body).expect("an object").id);
        }
        let other = nudged(r#"{"item": {"id": 8}}"#).expect("an object").id;
        assert_ne!(nudged("{}").expect("an object").id, other);
    }

    #[test]
    fn what_is_no_object_is_unreadable() {
        for body in ["", "[]", "7", "{\"item\": ", "&lt;p&gt;"] {
            assert_eq!(nudged(body).err(), Some(Unreadable), "{body}");
        }
    }
}
