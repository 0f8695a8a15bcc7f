//! A channel: one messaging line of a tenant, as a machine inside and an actor outside.
//!
//! It keeps what its webhooks brought that belongs to nobody here: a message without an id, the
//! status of somebody else's send, a field this release does not read. Each such item is an input,
//! durable with the rest of its body before the webhook is answered; [`decide()`] tells a repeat
//! from a new one, and the state counts them by reason and keeps the newest for an operator.
//!
//! Bounds: the newest [`ITEMS_MAX`] items are kept, the texts of the newest of them as far as
//! [`RAW_BYTES_MAX`] bytes go, so that a snapshot stays under 64 KiB. A text is forgotten when its
//! time is over, because it may hold personal data; the channel wakes itself for that. An item is
//! recognised as a repeat among those by the state alone, and for nine days by the journal's seen
//! index.

mod decide;
mod kind;
mod state;
#[cfg(test)]
mod tests;

pub use decide::{Context, Decision, decide, needs_look_up};
pub(crate) use kind::ChannelKind;
pub use state::{Event, ITEMS_MAX, Item, RAW_BYTES_MAX, State};

use crate::fold::state_of;
use crate::journal::{Journal, ReadError};
use crate::model::{ChannelId, Key};

/// The state of a channel as it is on record, whether or not its actor is alive.
pub async fn read<J: Journal>(journal: &J, id: ChannelId) -> Result<State, ReadError> {
    let key = Key::Channel(id);
    Ok(state_of(key, &journal.load(key).await?)?)
}
