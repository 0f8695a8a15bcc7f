//! The API for operators, one file per noun.

pub mod consent;
pub mod contacts;
pub mod conversations;
pub mod desk;
mod gaps;
pub mod health;
mod line;
pub mod media;
pub mod orders;
pub mod sending;
pub mod templates;
pub mod unplaced;
pub mod waiting;
