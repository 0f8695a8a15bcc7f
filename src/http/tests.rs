//! The door in front of a core that remembers or refuses, with two tenants in the directory.

mod api;
mod bench;
mod glpi;
mod gupshup;
mod limits;
mod media;
mod people;
mod quarantine;
mod templates;
mod webhooks;
