//! Providers over real HTTP on loopback: against stubs that fail in every way the network can, and
//! against the simulators.

mod glpi_client;
#[cfg(feature = "simulators")]
mod glpi_contract;
mod gupshup_client;
mod gupshup_webhook;
mod kinds;
#[cfg(feature = "simulators")]
mod media;
mod meta_client;
mod meta_webhook;
#[cfg(feature = "simulators")]
mod sender_contract;
#[cfg(feature = "simulators")]
mod sending_files;
#[cfg(feature = "simulators")]
mod simulated;
mod stub;
#[cfg(feature = "simulators")]
mod templates;
mod verdict;
#[cfg(feature = "simulators")]
mod world;
