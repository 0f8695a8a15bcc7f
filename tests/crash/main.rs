//! The real binary, killed. Each test starts `chasqui serve` as a child process on ports of
//! its own, with the simulators in this process, over real HTTP; people write, things break,
//! and the verdict is read from the simulators' log and from the answers that people's
//! messages received, never from the server's own memory.
//!
//! `CHASQUI_SEED` repeats a run, `CHASQUI_KILLS` sets the number of kills and
//! `CHASQUI_RESULTS` names a file to which the kill loop adds its result.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fallback;
mod gate;
mod kills;
#[path = "../../loadtest/src/persona/names.rs"]
mod names;
mod notices;
mod oracle;
mod outages;
mod people;
mod plan;
mod poison;
mod request_log;
mod scene;
mod seed;
mod seen;
mod server;
mod spans;
mod stages;
mod starting;
mod stopping;
mod storage;
mod technician;
mod tenants;
mod timeline;
mod traced;
mod unplaced;
mod webhooks;
mod world;
