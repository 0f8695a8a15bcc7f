//! The decision of a channel: one input in, events out. Pure; it runs once per input.

use super::{Event, State};
use crate::model::{InEvent, InSeq, Inbound, Millis};

/// What a decision may know besides state and input.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The instant of the decision.
    pub now: Millis,
    /// How long the text of an item is kept, in milliseconds.
    pub kept_ms: u64,
    /// The input's place in the order of acceptance.
    pub position: InSeq,
    /// Whether the seen index holds this input at an earlier position; asked only when
    /// [`needs_look_up`] says so.
    pub seen_before: bool,
}

/// What was decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The state after the step.
    pub state: State,
    /// The events that lead there.
    pub events: Vec<Event>,
}

/// Whether the seen index must be asked before this input can be decided: only when items have
/// left that it could repeat.
pub fn needs_look_up(state: &State, input: &InEvent) -> bool {
    matches!(input.fact(), Inbound::Unplaced(_)) && state.gone > 0 && !state.holds(input.id)
}

/// Decides one input of the channel `input.key`.
pub fn decide(state: &State, input: &InEvent, context: Context) -> Decision {
    let event = match input.fact() {
        Inbound::Unplaced(_) if context.seen_before || state.holds(input.id) => Event::ItemRepeated,
        Inbound::Unplaced(item) => Event::ItemKept {
            received: input.fact_received(),
            item: item.clone(),
        },
        Inbound::Woken { .. } => Event::TextsForgotten {
            until: Millis(context.now.0.saturating_sub(context.kept_ms)),
        },
        _ => Event::Ignored,
    };
    let mut state = state.clone();
    state.apply(&event, context.position, input.id);
    Decision {
        state,
        events: vec![event],
    }
}
