//! Providers over real HTTP on loopback, against stubs that fail in every way the network can.

mod glpi_client;
mod meta_client;
mod meta_webhook;
mod stub;
