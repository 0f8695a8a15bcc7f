//! Webhooks of Meta's Cloud API.
//!
//! [`verify()`] takes the raw body and its signature and gives a [`Verified`] body, the only thing
//! [`read`] accepts. [`challenge`] answers the handshake, which carries no signature. Facts: WhatsApp
//! Cloud API, webhook endpoint.

pub(super) mod kinds;
pub(super) mod parse;
pub(super) mod person;
mod verify;
pub(super) mod wire;

pub use parse::{Batch, Line, Unplaced, Unreadable, Why, read};
pub use verify::{AppSecret, EmptySecret, Forged, Handshake, Verified, challenge, verify};
