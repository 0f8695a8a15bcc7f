//! Which contacts are alive, and how a nudge finds or makes one.
//!
//! One sharded map, never the actor framework's name registry. An entry counts the messages sent
//! to its actor; a contact that wants to rest leaves only when it has received them all, so that no
//! nudge is sent to an actor that is about to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use foldhash::fast::RandomState;
use ractor::{ActorCell, ActorId, ActorRef};

use crate::contact::{self, ContactMsg};
use crate::environment::Environment;
use crate::journal::{Accepted, Journal};
use crate::model::{ContactId, InEvent, Millis};

/// The living contacts of one system.
pub(crate) struct Contacts {
    residents: DashMap<ContactId, Resident, RandomState>,
    live: AtomicUsize,
    supervisors: ArcSwap<Vec<ActorCell>>,
    /// Contacts that failed too often, and until when they are left alone.
    parked: DashMap<ContactId, Millis, RandomState>,
}

struct Resident {
    actor: ActorRef<ContactMsg>,
    sent: u64,
}

impl Contacts {
    pub fn new() -> Self {
        Self {
            residents: DashMap::with_hasher(RandomState::default()),
            live: AtomicUsize::new(0),
            supervisors: ArcSwap::default(),
            parked: DashMap::with_hasher(RandomState::default()),
        }
    }

    /// Names the supervisors: at start, and again when one had to be replaced.
    pub fn supervised_by(&self, supervisors: Vec<ActorCell>) {
        self.supervisors.store(Arc::new(supervisors));
    }

    /// Leaves a contact alone until `until`; its inputs wait in the journal.
    pub fn park(&self, id: ContactId, until: Millis) {
        self.parked.insert(id, until);
    }

    /// Lets a parked contact be brought to life again.
    pub fn unpark(&self, id: ContactId) {
        self.parked.remove(&id);
    }

    /// Contacts that are left alone for now.
    pub fn parked(&self) -> Vec<ContactId> {
        self.parked.iter().map(|entry| *entry.key()).collect()
    }

    /// How many contacts are alive.
    pub fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    /// Sends an accepted input to its contact, bringing it to life when it sleeps.
    pub fn hand_over<J: Journal>(
        &self,
        environment: &Arc<Environment<J>>,
        id: ContactId,
        accepted: Accepted,
        event: Option<Box<InEvent>>,
    ) {
        self.send(environment, id, ContactMsg::Input { accepted, event });
    }

    /// Sends a message to a contact, bringing it to life when it sleeps.
    pub fn send<J: Journal>(
        &self,
        environment: &Arc<Environment<J>>,
        id: ContactId,
        message: ContactMsg,
    ) {
        let counted = matches!(message, ContactMsg::Input { .. });
        let mut resident = match self.residents.entry(id) {
            Entry::Occupied(resident) => resident.into_ref(),
            Entry::Vacant(_) if self.parked.contains_key(&id) => return,
            Entry::Vacant(vacant) => {
                let Some(supervisor) = self.supervisor_of(id) else {
                    return;
                };
                match contact::spawn(id, environment.clone(), supervisor) {
                    Ok(actor) => {
                        self.live.fetch_add(1, Ordering::Relaxed);
                        vacant.insert(Resident { actor, sent: 0 })
                    }
                    Err(error) => {
                        tracing::error!(contact = %id, %error, "a contact could not be started");
                        return;
                    }
                }
            }
        };
        if resident.actor.cast(message).is_ok() && counted {
            resident.sent += 1;
        }
    }

    /// Up to `max` living contacts.
    pub fn some(&self, max: usize) -> Vec<ActorRef<ContactMsg>> {
        self.residents
            .iter()
            .take(max)
            .map(|resident| resident.actor.clone())
            .collect()
    }

    /// Lets a contact leave that has received everything sent to it. Returns whether it may stop.
    pub fn retire(&self, id: ContactId, received: u64) -> bool {
        let left = self
            .residents
            .remove_if(&id, |_, resident| resident.sent == received);
        if left.is_some() {
            self.live.fetch_sub(1, Ordering::Relaxed);
        }
        left.is_some()
    }

    /// Forgets a contact whose actor ended on its own. Returns which one it was.
    pub fn forget(&self, actor: ActorId, id: ContactId) -> bool {
        let gone = self
            .residents
            .remove_if(&id, |_, resident| resident.actor.get_id() == actor)
            .is_some();
        if gone {
            self.live.fetch_sub(1, Ordering::Relaxed);
        }
        gone
    }

    /// The contact an actor was.
    pub fn id_of(&self, actor: ActorId) -> Option<ContactId> {
        self.residents
            .iter()
            .find(|resident| resident.actor.get_id() == actor)
            .map(|resident| *resident.key())
    }

    fn supervisor_of(&self, id: ContactId) -> Option<ActorCell> {
        let supervisors = self.supervisors.load();
        let shard = usize::from(u16::from_be_bytes([id.0[8], id.0[9]]));
        supervisors.get(shard % supervisors.len().max(1)).cloned()
    }
}
