//! What an outbox asks its shell to do.

use std::sync::Arc;

use crate::model::{Attempt, AttemptNo, Effect, GatewayId, Report};

#[cfg(doc)]
use super::Event;

/// What the shell is to do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Hand it to the gateway actor, which enters the gate, records `Sending` unless that is on
    /// record already, and calls. Ends in [`Event::Called`], [`Event::NotStarted`] or
    /// [`Event::Spared`].
    Send {
        /// The effect.
        effect: Arc<Effect>,
        /// Which try.
        no: AttemptNo,
        /// An earlier try was in doubt, so the person may read it twice.
        possible_repeat: bool,
        /// `Sending` was committed together with the step.
        sending_recorded: bool,
        /// The only line that may carry it, because an earlier try on that line is in doubt and
        /// another line would double it.
        pinned: Option<GatewayId>,
    },
    /// Search for the result of an earlier try, through the gateway. Ends in [`Event::LookedUp`].
    LookUp {
        /// The effect.
        effect: Arc<Effect>,
    },
    /// Record how an attempt ended.
    Record {
        /// The outcome.
        attempt: Attempt,
        /// The number of the last attempt on record.
        expect: AttemptNo,
    },
    /// Accept it as an input of the same entity, deduplicated by effect and kind of outcome. Comes
    /// again until a step closes it.
    Report(Report),
    /// Accept its input for the other entity, deduplicated by the effect id. Ends in
    /// [`Event::Told`].
    Tell {
        /// The effect.
        effect: Arc<Effect>,
    },
}
