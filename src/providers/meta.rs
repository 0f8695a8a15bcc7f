//! WhatsApp through Meta's Cloud API: what we say to it.
//!
//! [`Client`] sends texts, reply buttons, templates and read marks for one business phone number;
//! [`Account`] is whose templates can be listed and changed. What Meta
//! says to us is read in `http::webhooks::meta`; the two share only the plain words for error codes
//! ([`plain_words`]).

mod client;
mod convert;
mod errors;
mod templates;
mod wire;

pub(in crate::providers) use client::address;
pub use client::{Client, Settings};
pub use errors::plain_words;
pub use templates::Account;
pub(in crate::providers) use templates::{change, create, delete, templates};
