//! A channel as registry, supervisors and its actor see it.

use std::sync::Arc;

use ractor::{ActorCell, ActorRef, SpawnErr};

use super::{Context, Event, State, decide, needs_look_up};
use crate::entity::{self, EntityMsg, Given, Machine};
use crate::environment::{Environment, Limits};
use crate::journal::{Accepted, Journal};
use crate::model::{ChannelId, InEvent, Key, Seconds};
use crate::registry::{Kind, Residents};

/// Messaging lines of tenants.
pub(crate) struct ChannelKind;

impl Kind for ChannelKind {
    type Id = ChannelId;
    type Msg = EntityMsg;
    const PLURAL: &'static str = "channels";

    fn residents<J>(environment: &Environment<J>) -> &Residents<Self> {
        &environment.channels
    }

    fn spawn<J: Journal>(
        id: ChannelId,
        environment: Arc<Environment<J>>,
        supervisor: ActorCell,
    ) -> Result<ActorRef<EntityMsg>, SpawnErr> {
        entity::spawn::<J, Self>(id, environment, supervisor)
    }

    fn shard(id: ChannelId) -> u16 {
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

impl Machine for ChannelKind {
    type State = State;
    type Event = Event;

    fn key(id: ChannelId) -> Key {
        Key::Channel(id)
    }

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
