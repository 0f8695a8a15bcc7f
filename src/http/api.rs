//! The API for operators, one file per noun.

mod command;
pub mod consent;
pub mod contacts;
pub mod conversations;
pub mod desk;
pub mod erase;
mod gaps;
pub mod health;
mod line;
pub mod media;
pub mod messages;
pub mod openapi;
mod operation;
pub mod orders;
pub mod recording;
pub mod routes;
pub mod sending;
pub mod setup;
pub mod templates;
pub mod tickets;
pub mod traces;
pub mod unplaced;
pub mod waiting;
