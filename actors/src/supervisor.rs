//! The supervision tree below the system.
//!
//! ```text
//! Root                    restarts each of its children alone
//! ├── EntitySupervisor    one of 16; restarts contacts with back-off and an intensity limit
//! │   └── Contact …       one actor a living contact
//! ├── EntitySupervisor    restarts channels in the same way
//! │   └── Channel …       one actor a living channel
//! ├── EntitySupervisor    restarts gateways' entities in the same way
//! │   └── Entity …        one actor a gateway with inputs: how far its help desk was read
//! ├── GatewaySupervisor   restarts gateways
//! │   └── Gateway …       one actor an account at a provider
//! ├── PollerSupervisor    starts and stops pollers as connections come and go
//! │   └── Poller …        one actor a help desk
//! └── WakeKeeper          turns due wakes into inputs, nudges contacts that asked for it
//! ```
//!
//! A failing child never reaches a sibling: every supervisor here overrides the framework's default,
//! which stops the parent when any child ends. Nothing of a conversation lives only in an actor, so
//! a restart is a reload from the journal.

mod entities;
mod gateways;
mod pollers;
mod root;
mod wake_keeper;

pub(crate) use entities::EntitySupervisor;
pub(crate) use gateways::GatewaySupervisor;
pub(crate) use pollers::PollerSupervisor;
pub use root::Restarts;
pub(crate) use root::{Root, RootMsg};
pub(crate) use wake_keeper::WakeKeeper;
