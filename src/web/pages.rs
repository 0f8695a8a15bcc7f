//! Screens, one file each.

pub mod demo;
