//! The simulators over real HTTP: what a client of WhatsApp's Cloud API and of GLPI meets,
//! and what the test bench promises to tests and load runs.

mod bench;
mod meta_limits;
mod meta_sending;
mod meta_webhooks;
mod phone;
