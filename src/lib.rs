//! Chasqui: an actor-based, stateful conversation server.

pub mod config;
