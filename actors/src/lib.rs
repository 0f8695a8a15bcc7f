//! The core of Chasqui: contacts as supervised actors over a durable journal.
//!
//! Machines decide without I/O, tasks, clock or chance; thin actors feed them, persist what they
//! decided and carry it out. This package lists neither a web framework nor an HTTP client nor a
//! database, so it cannot name one.

pub mod gateway;
pub mod journal;
pub mod model;
pub mod outbox;
pub mod ports;
pub mod texts;
pub mod understand;
