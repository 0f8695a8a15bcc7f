//! The house the conversation lives in: configuration, private database, stored rows,
//! directory file, telemetry.

mod boundaries;
mod configuration;
mod private_postgres;
mod published_directory;
mod stored_rows;
mod support;
mod telemetry;
