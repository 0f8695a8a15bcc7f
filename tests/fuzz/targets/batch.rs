//! What must hold of whatever a webhook body was read as.

use actors::model::{Inbound, Key};
use chasqui::http::webhooks::meta::{Batch, Unreadable};

/// The journal takes inputs up to this size, in bytes.
const INPUT_BYTES_MAX: usize = 64 * 1024;

/// Checks one body, read twice.
pub fn check(once: Result<Batch, Unreadable>, again: Result<Batch, Unreadable>) {
    assert_eq!(once, again, "the same body is read in two ways");
    let Ok(batch) = once else { return };
    for event in &batch.events {
        assert!(
            matches!(event.key, Key::Contact(_)),
            "a webhook spoke to {}",
            event.key
        );
        let bytes = actors::journal::codec::encode(&event.body).len();
        assert!(bytes <= INPUT_BYTES_MAX, "an input of {bytes} bytes");
        if let Inbound::Message(message) = &event.body {
            assert!(!message.identities.is_empty(), "a message of nobody");
            assert!(!message.provider_id.is_empty(), "a message without id");
        }
    }
}
