//! The catalogue of templates, kept as each channel's provider has it.
//!
//! The provider decides which templates exist and which may be sent; the rows here are its copy.
//! They are fetched when the server starts, every hour, when an operator orders it and when a
//! webhook says that something changed. A webhook is only a hint: the provider's list is the truth,
//! so a hint that is lost is made good within the hour, and nothing of it needs to be durable. The
//! rows reach the conversations with the next directory, a few seconds later.
//!
//! Operators make, change and delete templates through the same keeper: it asks the provider, writes
//! what was taken and publishes it at once. Only a pause is ours alone ([`crate::setup::SetUp`]).

mod draft;
mod keeper;

pub use draft::{Category, Change, Draft, DraftButton, Parts};
pub use keeper::{Catalogues, Edit, EditError, Keeper, SyncError, Synced, Waiting};
