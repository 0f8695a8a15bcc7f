//! Chasqui: an actor-based, stateful conversation server.

pub mod config;
pub mod http;
pub mod providers;
#[cfg(feature = "simulators")]
pub mod simulators;
