//! The API for operators, one file per noun.

pub mod contacts;
pub mod conversations;
pub mod desk;
mod gaps;
pub mod health;
mod line;
pub mod orders;
pub mod unplaced;
pub mod waiting;
