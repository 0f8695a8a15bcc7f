//! Which entities are alive, and how a nudge finds or makes one.
//!
//! One sharded map for each kind, never the actor framework's name registry. An entry counts the
//! inputs sent to its actor; an entity that wants to rest leaves only when it has received them all,
//! so that no nudge is sent to an actor that is about to stop.

mod kinds;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use foldhash::fast::RandomState;
use ractor::{ActorCell, ActorId, ActorRef};

use crate::channel::ChannelKind;
use crate::environment::Environment;
use crate::gateway::GatewayKind;
use crate::journal::{Accepted, Journal};
use crate::model::{InEvent, Millis};
pub(crate) use kinds::{ContactKind, Kind, Named};

/// The living contacts of one system.
pub(crate) type Contacts = Residents<ContactKind>;
/// The living channels of one system.
pub(crate) type Channels = Residents<ChannelKind>;
/// The living gateways of one system, as entities of the journal.
pub(crate) type GatewayEntities = Residents<GatewayKind>;

/// The living entities of one kind.
pub(crate) struct Residents<K: Kind> {
    residents: DashMap<K::Id, Resident<K::Msg>, RandomState>,
    live: AtomicUsize,
    supervisors: ArcSwap<Vec<ActorCell>>,
    /// Entities that failed too often, and until when they are left alone.
    parked: DashMap<K::Id, Millis, RandomState>,
}

struct Resident<M> {
    actor: ActorRef<M>,
    sent: u64,
    /// When it wants to look around, in milliseconds; 0 = it did not say.
    call_at: AtomicU64,
    /// When it last worked, in milliseconds, as it said with that.
    worked_at: AtomicU64,
}

impl<M> Resident<M> {
    /// When it wants to look around, in milliseconds, if it said so.
    fn said(&self) -> Option<u64> {
        match self.call_at.load(Ordering::Relaxed) {
            0 => None,
            at => Some(at),
        }
    }

    /// When it last worked, in milliseconds.
    fn worked(&self) -> u64 {
        self.worked_at.load(Ordering::Relaxed)
    }
}

impl<K: Kind> Residents<K> {
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

    /// Leaves an entity alone until `until`; its inputs wait in the journal.
    pub fn park(&self, id: K::Id, until: Millis) {
        self.parked.insert(id, until);
    }

    /// Lets a parked entity be brought to life again.
    pub fn unpark(&self, id: K::Id) {
        self.parked.remove(&id);
    }

    /// Entities that are left alone for now.
    pub fn parked(&self) -> Vec<K::Id> {
        self.parked.iter().map(|entry| *entry.key()).collect()
    }

    /// How many are alive.
    pub fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    /// Sends an accepted input to its entity, bringing it to life when it sleeps.
    pub fn hand_over<J: Journal>(
        &self,
        environment: &Arc<Environment<J>>,
        id: K::Id,
        accepted: Accepted,
        event: Option<Box<InEvent>>,
    ) {
        self.send(environment, id, K::input(accepted, event));
    }

    /// Sends a message to an entity, bringing it to life when it sleeps.
    pub fn send<J: Journal>(&self, environment: &Arc<Environment<J>>, id: K::Id, message: K::Msg) {
        let counted = K::is_input(&message);
        let mut resident = match self.residents.entry(id) {
            Entry::Occupied(resident) => resident.into_ref(),
            Entry::Vacant(_) if self.parked.contains_key(&id) => return,
            Entry::Vacant(vacant) => {
                let Some(supervisor) = self.supervisor_of(id) else {
                    return;
                };
                match K::spawn(id, environment.clone(), supervisor) {
                    Ok(actor) => {
                        self.live.fetch_add(1, Ordering::Relaxed);
                        vacant.insert(Resident {
                            actor,
                            sent: 0,
                            call_at: AtomicU64::new(0),
                            worked_at: AtomicU64::new(0),
                        })
                    }
                    Err(error) => {
                        tracing::error!(entity = %id, %error, "an entity could not be started");
                        return;
                    }
                }
            }
        };
        if resident.actor.cast(message).is_ok() && counted {
            resident.sent += 1;
        }
    }

    /// Asks for a nudge at about `at`, instead of the one asked for before, by one that last worked
    /// at `worked_at`. This costs next to nothing where a timer of its own would be a task; for that
    /// it comes a moment late.
    pub fn call_at(&self, id: K::Id, at: Millis, worked_at: Millis) {
        if let Some(resident) = self.residents.get(&id) {
            resident.worked_at.store(worked_at.0, Ordering::Relaxed);
            resident.call_at.store(at.0.max(1), Ordering::Relaxed);
        }
    }

    /// Nudges those whose time has come. Called several times a second.
    pub fn call_due(&self, now: Millis) {
        for resident in &self.residents {
            if resident.said().is_some_and(|at| at <= now.0) {
                resident.call_at.store(0, Ordering::Relaxed);
                Self::nudge(&resident);
            }
        }
    }

    /// Nudges the `count` idle longest of those who said when to call them. They are called at their
    /// time all the same.
    pub fn call_early(&self, count: usize) {
        let idle = self.residents.iter();
        let idle = idle.filter(|resident| resident.said().is_some());
        let mut times: Vec<u64> = idle.map(|resident| resident.worked()).collect();
        let Some(last) = count.min(times.len()).checked_sub(1) else {
            return;
        };
        let (_, until, _) = times.select_nth_unstable(last);
        for resident in &self.residents {
            if resident.said().is_some() && resident.worked() <= *until {
                Self::nudge(&resident);
            }
        }
    }

    fn nudge(resident: &Resident<K::Msg>) {
        // One that ended meanwhile needs none.
        let _ = resident.actor.cast(K::due());
    }

    /// Up to `max` living ones.
    pub fn some(&self, max: usize) -> Vec<ActorRef<K::Msg>> {
        self.residents
            .iter()
            .take(max)
            .map(|resident| resident.actor.clone())
            .collect()
    }

    /// Lets an entity leave that has received everything sent to it. Returns whether it may stop.
    pub fn retire(&self, id: K::Id, received: u64) -> bool {
        let left = self
            .residents
            .remove_if(&id, |_, resident| resident.sent == received);
        if left.is_some() {
            self.live.fetch_sub(1, Ordering::Relaxed);
        }
        left.is_some()
    }

    /// Forgets an entity whose actor ended on its own. Returns which one it was.
    pub fn forget(&self, actor: ActorId, id: K::Id) -> bool {
        let gone = self
            .residents
            .remove_if(&id, |_, resident| resident.actor.get_id() == actor)
            .is_some();
        if gone {
            self.live.fetch_sub(1, Ordering::Relaxed);
        }
        gone
    }

    /// The entity an actor was.
    pub fn id_of(&self, actor: ActorId) -> Option<K::Id> {
        self.residents
            .iter()
            .find(|resident| resident.actor.get_id() == actor)
            .map(|resident| *resident.key())
    }

    fn supervisor_of(&self, id: K::Id) -> Option<ActorCell> {
        let supervisors = self.supervisors.load();
        // Other bytes than those that give the partition, so that the two spread independently.
        let (_, bytes) = K::key(id).parts();
        let shard = usize::from(u16::from_be_bytes([bytes[8], bytes[9]]));
        supervisors.get(shard % supervisors.len().max(1)).cloned()
    }
}
