//! A contact: one person of one tenant, as a machine inside and an actor outside.
//!
//! [`decide()`] runs once per input, when it is first consumed, and yields events and effects.
//! [`State::apply`] folds recorded events, live and in recovery alike; it decides nothing, so that a
//! new release cannot rewrite what was said. The actor around them feeds inputs in journal order,
//! records each decision as one step, and carries out its effects through the outbox.

mod actor;
mod apply;
mod consent;
mod decide;
mod event;
mod files;
mod flow;
mod fold;
mod limiter;
mod plan;
mod receipts;
mod recent;
mod sends;
mod state;
#[cfg(test)]
mod tests;
mod told;
mod window;

pub(crate) use actor::spawn;
pub use actor::{ContactMsg, View};
pub use consent::{ConsentProof, ConsentSource, Permission};
pub use decide::{Context, Decision, Sibling, decide, needs_look_up, set_aside};
pub use event::Event;
pub use files::{File, Files, Place};
pub use flow::{
    Admission, Answer, Asked, Attended, Awaits, Burst, Checked, Deed, Draft, Ended, Errand, Flow,
    Likeness, LinkEnd, Linking, Need, Opening, Refusal, Talk, TransferCause, Turn, Verb, Work,
    transitions,
};
pub use fold::{decode_events, encode_events};
pub use receipts::repeatable;
pub use state::{Profile, State, Ticket};

use crate::fold::state_of;
use crate::journal::{Journal, ReadError};
use crate::model::{ContactId, InSeq, Key};

/// The state of a contact as it is on record, whether or not its actor is alive.
pub async fn read<J: Journal>(journal: &J, id: ContactId) -> Result<State, ReadError> {
    Ok(read_at(journal, id).await?.0)
}

/// The same, and up to which input it goes.
pub async fn read_at<J: Journal>(journal: &J, id: ContactId) -> Result<(State, InSeq), ReadError> {
    let key = Key::Contact(id);
    let loaded = journal.load(key).await?;
    Ok((state_of(key, &loaded)?, loaded.consumed))
}
