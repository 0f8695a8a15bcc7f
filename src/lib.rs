//! Chasqui: an actor-based, stateful conversation server.

pub mod http;
pub mod providers;
