//! The kinds of entities that live as actors of their own, as registry and supervisors see them.

use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

use ractor::{ActorCell, ActorRef, SpawnErr};

use super::Residents;
use crate::contact::{self, ContactMsg};
use crate::environment::Environment;
use crate::journal::{Accepted, Journal};
use crate::model::{ContactId, InEvent, Key};

/// What a kind of entity is called, and where its living ones are kept.
pub(crate) trait Named: Send + Sync + Sized + 'static {
    /// What names one.
    type Id: Copy + Eq + Hash + Display + Send + Sync + 'static;
    /// The word for several in a metric's label.
    const PLURAL: &'static str;

    /// The key of one in the journal.
    fn key(id: Self::Id) -> Key;

    /// The living ones of a system.
    fn residents<J>(environment: &Environment<J>) -> &Residents<Self>
    where
        Self: Kind;
}

/// One kind of entity and its actor. Everything here is resolved when it is compiled: a nudge costs
/// the same whether one kind exists or several.
pub(crate) trait Kind: Named {
    /// What its actor is told.
    type Msg: ractor::Message;

    /// Starts the actor of one under its supervisor.
    fn spawn<J: Journal>(
        id: Self::Id,
        environment: Arc<Environment<J>>,
        supervisor: ActorCell,
    ) -> Result<ActorRef<Self::Msg>, SpawnErr>;

    /// The nudge for an accepted input.
    fn input(accepted: Accepted, event: Option<Box<InEvent>>) -> Self::Msg;

    /// Whether a message is such a nudge; only these are counted.
    fn is_input(message: &Self::Msg) -> bool;

    /// The message that says: look around.
    fn due() -> Self::Msg;
}

/// People of tenants.
pub(crate) struct ContactKind;

impl Named for ContactKind {
    type Id = ContactId;
    const PLURAL: &'static str = "contacts";

    fn key(id: ContactId) -> Key {
        Key::Contact(id)
    }

    fn residents<J>(environment: &Environment<J>) -> &Residents<Self> {
        &environment.contacts
    }
}

impl Kind for ContactKind {
    type Msg = ContactMsg;

    fn spawn<J: Journal>(
        id: ContactId,
        environment: Arc<Environment<J>>,
        supervisor: ActorCell,
    ) -> Result<ActorRef<ContactMsg>, SpawnErr> {
        contact::spawn(id, environment, supervisor)
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
