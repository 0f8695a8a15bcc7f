//! WhatsApp through Gupshup's self-serve API: what we say to it.
//!
//! [`Client`] sends texts, quick replies and read marks for one app, which is one WhatsApp number.
//! What Gupshup says to us is read in `http::webhooks::gupshup`; the two share only what
//! error codes mean ([`plain_words`], [`trouble`]).

mod client;
mod convert;
mod errors;
mod form;
mod templates;
mod wire;

pub(in crate::providers) use client::address;
pub use client::{Client, Settings};
pub use errors::{plain_words, trouble};
pub(in crate::providers) use templates::templates;
