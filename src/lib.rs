//! Chasqui: an actor-based, stateful conversation server.

pub mod config;
pub mod directory;
pub mod store;
pub mod telemetry;
