//! The API for operators, one file per noun.

pub mod contacts;
pub mod desk;
mod gaps;
pub mod health;
mod line;
pub mod media;
pub mod orders;
pub mod unplaced;
