//! The kinds of entities that live as actors of their own, as registry and supervisors see them.

use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

use ractor::{ActorCell, ActorRef, SpawnErr};

use super::Residents;
use crate::contact::{self, ContactMsg};
use crate::environment::Environment;
use crate::journal::{Accepted, Journal};
use crate::model::{ContactId, InEvent};

/// One kind of entity. Everything here is resolved when it is compiled: a nudge costs the same
/// whether one kind exists or several.
pub(crate) trait Kind: Send + Sync + Sized + 'static {
    /// What names one.
    type Id: Copy + Eq + Hash + Display + Send + Sync + 'static;
    /// What its actor is told.
    type Msg: ractor::Message;
    /// The word for several in a metric's label.
    const PLURAL: &'static str;

    /// The living ones of a system.
    fn residents<J>(environment: &Environment<J>) -> &Residents<Self>;

    /// Starts the actor of one under its supervisor.
    fn spawn<J: Journal>(
        id: Self::Id,
        environment: Arc<Environment<J>>,
        supervisor: ActorCell,
    ) -> Result<ActorRef<Self::Msg>, SpawnErr>;

    /// A number by which they are spread over their supervisors.
    fn shard(id: Self::Id) -> u16;

    /// The nudge for an accepted input.
    fn input(accepted: Accepted, event: Option<Box<InEvent>>) -> Self::Msg;

    /// Whether a message is such a nudge; only these are counted.
    fn is_input(message: &Self::Msg) -> bool;

    /// The message that says: look around.
    fn due() -> Self::Msg;
}

/// People of tenants.
pub(crate) struct ContactKind;

impl Kind for ContactKind {
    type Id = ContactId;
    type Msg = ContactMsg;
    const PLURAL: &'static str = "contacts";

    fn residents<J>(environment: &Environment<J>) -> &Residents<Self> {
        &environment.contacts
    }

    fn spawn<J: Journal>(
        id: ContactId,
        environment: Arc<Environment<J>>,
        supervisor: ActorCell,
    ) -> Result<ActorRef<ContactMsg>, SpawnErr> {
        contact::spawn(id, environment, supervisor)
    }

    fn shard(id: ContactId) -> u16 {
        u16::from_be_bytes([id.0[8], id.0[9]])
    }

    fn input(accepted: Accepted, event: Option<Box<InEvent>>) -> ContactMsg {
        let durable = std::time::Instant::now();
        ContactMsg::Input {
            accepted,
            event,
            durable,
        }
    }

    fn is_input(message: &ContactMsg) -> bool {
        matches!(message, ContactMsg::Input { .. })
    }

    fn due() -> ContactMsg {
        ContactMsg::Due
    }
}
