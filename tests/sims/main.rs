//! The simulators over real HTTP: what a client of WhatsApp's Cloud API and of GLPI meets,
//! and what the test bench promises to tests and load runs.

mod bench;
mod control;
mod faults;
mod glpi_documents;
mod glpi_lifecycle;
mod glpi_search;
mod glpi_session;
mod glpi_tickets;
mod glpi_writes;
mod gupshup;
mod log;
mod meta_limits;
mod meta_sending;
mod meta_webhooks;
mod phone;
mod third_party;
