//! The house the conversation lives in: configuration, private database, stored rows,
//! directory file, telemetry.

mod configuration;
