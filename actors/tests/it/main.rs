//! Integration tests of the core: one binary, one module per claim.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so with a panic"
)]

mod contact_keys;
mod conversation_stages;
mod journal_carry;
mod journal_checkpoint;
mod journal_conformance;
mod journal_disk;
mod journal_house;
mod journal_model;
mod journal_parts;
mod journal_retention;
mod journal_running;
mod media;
mod poison;
mod release;
mod sleep;
mod support;
mod under_way;
