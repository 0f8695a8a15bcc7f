//! A gateway as registry, supervisors and its entity's actor see it.

use super::{Event, State, decide};
use crate::entity::{Given, Machine};
use crate::environment::{Environment, Limits};
use crate::journal::Journal;
use crate::model::{GatewayId, InEvent, Inbound, Key, Seconds};
use crate::registry::{Named, Residents};

/// Accounts at providers.
pub(crate) struct GatewayKind;

impl Named for GatewayKind {
    type Id = GatewayId;
    const PLURAL: &'static str = "gateway_entities";

    fn key(id: GatewayId) -> Key {
        Key::Gateway(id)
    }

    fn residents<J>(environment: &Environment<J>) -> &Residents<Self> {
        &environment.gateway_entities
    }
}

impl Machine for GatewayKind {
    type State = State;
    type Event = Event;

    fn needs_look_up(_state: &State, _input: &InEvent) -> bool {
        false
    }

    fn decide(state: &State, input: &InEvent, _given: &Given<'_>) -> (State, Vec<Event>) {
        decide(state, input)
    }

    fn next_wake(_state: &State, _limits: &Limits) -> Option<Seconds> {
        None
    }

    fn stepped<J: Journal>(environment: &Environment<J>, id: GatewayId, input: &InEvent) {
        if let Inbound::Nudged { .. } = input.fact() {
            environment.pollers.prod(id);
        }
    }
}
