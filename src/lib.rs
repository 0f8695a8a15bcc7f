//! Chasqui: an actor-based, stateful conversation server.

pub mod config;
#[cfg(feature = "simulators")]
pub mod simulators;
pub mod directory;
pub mod store;
pub mod telemetry;
