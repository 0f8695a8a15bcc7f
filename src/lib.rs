//! Chasqui: an actor-based, stateful conversation server.

#![allow(
    rustdoc::private_intra_doc_links,
    reason = "modules are described for those who change them, private parts included"
)]

pub mod app;
pub mod cli;
pub mod config;
pub mod directory;
pub mod http;
pub mod providers;
pub mod recording;
pub mod scheduling;
pub mod setup;
pub mod shutdown;
#[cfg(feature = "simulators")]
pub mod simulators;
pub mod spans;
pub mod store;
pub mod telemetry;
pub mod templates;
pub mod trace;
pub mod web;
