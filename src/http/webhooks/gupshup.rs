//! Webhooks of Gupshup.
//!
//! One address takes bodies of both versions: version 2, Gupshup's own, and version 3, which passes
//! Meta's on with Gupshup's ids added. Gupshup signs nothing, so the address ends in a secret;
//! [`verify()`] compares it and gives a [`Verified`] body, the only thing [`read`] accepts. Facts:
//! Gupshup, webhook transport; v2 envelope; v3 events.

mod kinds;
mod parse;
mod v2;
mod v3;
mod verify;
mod wire;

pub use parse::{Line, read};
pub use verify::{PathSecret, Verified, WrongSecret, verify};
