//! A gateway as an entity of the journal: how far its help desk has been read.
//!
//! The mark is the help desk's own date of the last change that was dealt with. Contacts are given
//! their news first and the mark is moved after, so a crash in between repeats the look; what a
//! contact was told before, it knows. A nudge (a webhook of the help desk's) changes nothing here: it
//! is durable, and it makes the poller look at once.
//!
//! A gateway that is the first line of a business number of WhatsApp's also keeps how many templates
//! left in each hour of the last day.
//!
//! Bound: [`READ_MAX`] tickets are kept that the next look finds again and need not read; beyond it
//! the oldest are read again, which costs requests and tells nobody anything twice.

mod decide;
mod kind;
mod state;

pub use decide::decide;
pub(crate) use kind::GatewayKind;
pub use state::{Event, READ_MAX, State};

use crate::fold::state_of;
use crate::journal::{Journal, ReadError};
use crate::model::{GatewayId, Key};

/// The state of a gateway as it is on record, whether or not its actor is alive.
pub async fn read<J: Journal>(journal: &J, id: GatewayId) -> Result<State, ReadError> {
    let key = Key::Gateway(id);
    Ok(state_of(key, &journal.load(key).await?)?)
}
