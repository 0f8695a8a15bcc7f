//! What providers say to us: verified over the raw bytes, then translated into inbound events.
//!
//! Everything in these folders is pure; the handlers beside them are thin. Providers' own names end
//! here.

pub mod glpi;
pub mod gupshup;
pub mod meta;
