//! The built binary as its users meet it: started on free ports, spoken to from outside.
//!
//! The browser test uses every function of the demo's page; its steps are in `demo.spec.mjs` and
//! `walk/`, its pictures go to `target/e2e/`.

mod apart;
mod browser;
mod desk_files;
mod gupshup;
mod help_desk;
mod journal;
mod life;
mod linking;
mod media;
mod operators;
mod pausing;
mod process;
mod sending;
mod separate;
mod templates;
