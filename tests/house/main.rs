//! The house the conversation lives in: configuration, private database, stored rows,
//! directory file, telemetry.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod boundaries;
mod configuration;
mod journal_look;
mod private_postgres;
mod published_directory;
mod stored_rows;
mod stored_templates;
mod support;
mod telemetry;
