//! GLPI through its legacy REST API (`apirest.php` of 9.5, 10 and 11): tickets for people who write.
//!
//! [`Client`] keeps one session per connection, finds or registers the requester, opens the ticket
//! in the requester's entity and can find a ticket again by the hidden marker in its text, because
//! GLPI has no idempotency key.

mod client;
mod convert;
mod fault;
mod requester;
mod session;
mod ticket;
mod wire;

pub(in crate::providers) use client::address;
pub use client::{Client, Settings};
pub use fault::{Fault, Missing};
pub use ticket::PREPARATION;
