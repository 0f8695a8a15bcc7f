//! A gateway as registry, supervisors and its entity's actor see it.

use std::sync::Arc;

use ractor::{ActorCell, ActorRef, SpawnErr};

use super::{Event, State, decide};
use crate::entity::{self, EntityMsg, Given, Machine};
use crate::environment::{Environment, Limits};
use crate::journal::{Accepted, Journal};
use crate::model::{GatewayId, InEvent, Inbound, Key, Seconds};
use crate::registry::{Kind, Residents};

/// Accounts at providers.
pub(crate) struct GatewayKind;

impl Kind for GatewayKind {
    type Id = GatewayId;
    type Msg = EntityMsg;
    const PLURAL: &'static str = "gateway_entities";

    fn residents<J>(environment: &Environment<J>) -> &Residents<Self> {
        &environment.gateway_entities
    }

    fn spawn<J: Journal>(
        id: GatewayId,
        environment: Arc<Environment<J>>,
        supervisor: ActorCell,
    ) -> Result<ActorRef<EntityMsg>, SpawnErr> {
        entity::spawn::<J, Self>(id, environment, supervisor)
    }

    fn shard(id: GatewayId) -> u16 {
        u16::from_be_bytes([id.0[8], id.0[9]])
    }

    fn input(accepted: Accepted, event: Option<Box<InEvent>>) -> EntityMsg {
        EntityMsg::Input { accepted, event }
    }

    fn is_input(message: &EntityMsg) -> bool {
        matches!(message, EntityMsg::Input { .. })
    }

    fn due() -> EntityMsg {
        EntityMsg::Due
    }
}

impl Machine for GatewayKind {
    type State = State;
    type Event = Event;

    fn key(id: GatewayId) -> Key {
        Key::Gateway(id)
    }

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
