//! The core of Chasqui: contacts as supervised actors over a durable journal.
//!
//! Machines decide without I/O, tasks, clock or chance; thin actors feed them, persist what they
//! decided and carry it out. This package lists neither a web framework nor an HTTP client nor a
//! database, so it cannot name one.

#![allow(
    rustdoc::private_intra_doc_links,
    reason = "modules are described for those who change them, private parts included"
)]

pub mod channel;
pub mod contact;
mod entity;
mod environment;
pub mod fold;
pub mod gateway;
mod gateways;
pub mod hours;
pub mod journal;
mod meters;
pub mod model;
pub mod outbox;
mod poison;
pub mod ports;
mod registry;
pub mod split;
mod supervisor;
pub mod system;
pub mod templates;
pub mod testing;
pub mod texts;
pub mod understand;
pub mod waiting;
mod wakes;
mod watchdog;
