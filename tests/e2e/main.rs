//! The built binary as its users meet it: started on free ports, spoken to from outside.
//!
//! The browser test holds the example conversation on the demo's page; its steps are in
//! `demo.spec.mjs`, its pictures go to `target/e2e/`.

mod browser;
mod gupshup;
mod journal;
mod life;
mod linking;
mod media;
mod operators;
mod process;
mod sending;
mod separate;
mod templates;
