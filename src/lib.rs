//! Chasqui: an actor-based, stateful conversation server.

#[cfg(feature = "simulators")]
pub mod simulators;
