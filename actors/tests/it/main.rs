//! Integration tests of the core: one binary, one module per claim.
#![allow(clippy::unwrap_used)]

mod journal_conformance;
mod journal_disk;
mod journal_house;
mod journal_model;
mod support;
