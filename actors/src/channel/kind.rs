//! A channel as registry, supervisors and its actor see it.

use super::{Context, Event, State, decide, needs_look_up};
use crate::entity::{Given, Machine};
use crate::environment::{Environment, Limits};
use crate::model::{ChannelId, InEvent, Key, Seconds};
use crate::registry::{Named, Residents};

/// Messaging lines of tenants.
pub(crate) struct ChannelKind;

impl Named for ChannelKind {
    type Id = ChannelId;
    const PLURAL: &'static str = "channels";

    fn key(id: ChannelId) -> Key {
        Key::Channel(id)
    }

    fn residents<J>(environment: &Environment<J>) -> &Residents<Self> {
        &environment.channels
    }
}

impl Machine for ChannelKind {
    type State = State;
    type Event = Event;

    fn needs_look_up(state: &State, input: &InEvent) -> bool {
        needs_look_up(state, input)
    }

    fn decide(state: &State, input: &InEvent, given: &Given<'_>) -> (State, Vec<Event>) {
        let context = Context {
            now: given.now,
            kept_ms: given.limits.unplaced_kept_ms,
            position: given.position,
            seen_before: given.seen_before,
        };
        let decision = decide(state, input, context);
        (decision.state, decision.events)
    }

    fn next_wake(state: &State, limits: &Limits) -> Option<Seconds> {
        state.next_wake(limits.unplaced_kept_ms)
    }

    /// The fail point `channel::decide` names a word, and the decision on an item whose text holds it
    /// panics.
    #[cfg(debug_assertions)]
    fn rehearse(input: &InEvent) {
        let crate::model::Inbound::Unplaced(item) = input.fact() else {
            return;
        };
        fail::fail_point!("channel::decide", |word| {
            if word.is_some_and(|word| item.raw.contains(&word)) {
                panic!("a decision panics as a test asked it to");
            }
        });
    }
}
