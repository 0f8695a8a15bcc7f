//! The front door.

pub mod webhooks;
