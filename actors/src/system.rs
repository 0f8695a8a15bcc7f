//! A running system: the handle by which the edge speaks to the core.

mod erase;
mod health;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorRef};

pub use crate::environment::Limits;
use crate::environment::{Environment, Wiring};
use crate::gateway::Withdrawals;
use crate::gateways::Gateways;
use crate::journal::{
    Accepted, CommitError, Desk, Entry, Journal, Ownership, ReadError, Refused, SoleOwner,
};
use crate::model::{ContactId, EffectId, IdentityKey, InEvent, InSeq, Key, Note, Partition};
use crate::ports::{Clock, Providers, Random, Settings, Witness};
use crate::registry::Contacts;
use crate::supervisor::{Root, RootMsg};
use crate::waiting::WaitingRoom;
use crate::watchdog;
pub use erase::{EraseError, Erased};
pub use health::{ContactsHealth, Counts, Health};

/// Backlogged contacts brought to life before others get a turn.
const RECOVERY_BATCH: usize = 256;

/// What a system is made of.
pub struct Parts<J> {
    /// Where inputs and steps are kept.
    pub journal: Arc<J>,
    /// Which partitions this process may write.
    pub ownership: SoleOwner,
    /// Channels and gateways by id.
    pub settings: Arc<dyn Settings>,
    /// Clients by gateway.
    pub providers: Arc<dyn Providers>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Chance for jitter.
    pub random: Arc<dyn Random>,
    /// The data directory's identity key.
    pub identity: IdentityKey,
    /// Limits.
    pub limits: Limits,
    /// Who is shown every step; nobody when messages are not traced.
    pub witness: Option<Arc<dyn Witness>>,
}

/// A system could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The supervision tree did not come up.
    #[error("the supervision tree could not be started: {0}")]
    Tree(#[from] ractor::SpawnErr),
    /// The watchdog has no thread.
    #[error("the watchdog could not be started: {0}")]
    Watchdog(#[from] std::io::Error),
}

/// A running system; a cheap handle.
pub struct System<J> {
    environment: Arc<Environment<J>>,
    root: ActorRef<RootMsg>,
}

impl<J> Clone for System<J> {
    fn clone(&self) -> Self {
        Self {
            environment: self.environment.clone(),
            root: self.root.clone(),
        }
    }
}

impl<J: Journal> System<J> {
    /// Starts the supervision tree and, behind it, the recovery of what was left undone. Inputs may
    /// be given as soon as this returns.
    pub async fn start(parts: Parts<J>) -> Result<Self, StartError> {
        let withdrawals = Arc::new(Withdrawals::default());
        let gateways = Gateways::new(
            parts.journal.clone(),
            parts.settings.clone(),
            parts.providers,
            parts.clock.clone(),
            withdrawals.clone(),
        );
        let environment = Arc::new(Environment::new(Wiring {
            journal: parts.journal,
            ownership: parts.ownership,
            settings: parts.settings,
            clock: parts.clock,
            random: parts.random,
            identity: parts.identity,
            contacts: Contacts::new(),
            withdrawals,
            gateways,
            limits: parts.limits,
            witness: parts.witness,
        }));
        watchdog::start(&environment.steps, &environment.journal)?;
        let root = Root {
            environment: environment.clone(),
        };
        let (root, _) = Actor::spawn(None, root, ()).await?;
        let system = Self { environment, root };
        tokio::spawn(system.clone().recover());
        Ok(system)
    }

    /// Makes the events of one webhook body durable and hands each to its entity. `Ok` means that
    /// all of them are on disk.
    pub async fn ingest(&self, events: Vec<InEvent>) -> Result<Vec<Accepted>, Refused> {
        self.environment.ingest(events).await
    }

    /// The key from which contact ids and input hashes derive.
    pub fn identity(&self) -> &IdentityKey {
        &self.environment.identity
    }

    /// Everything on record of an entity that is still in the journal, oldest first.
    pub async fn timeline(&self, key: Key) -> Result<Vec<Entry>, ReadError> {
        self.environment.journal.history(key, 0..u64::MAX).await
    }

    /// What waits for an operator, at most `max` of each kind.
    pub async fn desk(&self, max: usize) -> Result<Desk, ReadError> {
        self.environment.journal.desk(max).await
    }

    /// Sends a shelved effect again, at the end of its lane.
    pub fn redrive(&self, effect: EffectId) {
        self.to_contact(effect.key, crate::contact::ContactMsg::Redrive { effect });
    }

    /// Takes a shelved effect off its list.
    pub fn dismiss(&self, effect: EffectId) {
        self.to_contact(effect.key, crate::contact::ContactMsg::Dismiss { effect });
    }

    /// Lets an input that had been set aside, as [`System::desk`] shows it, be consumed after all:
    /// once, after everything accepted so far. `Ok` means that the order is durable; the quarantine
    /// lets go of the input when it is consumed. An order given twice is the same order, and an
    /// input that is poison still is set aside again at its new position.
    pub async fn release(&self, position: InSeq, input: InEvent) -> Result<(), Refused> {
        let environment = &self.environment;
        let now = environment.clock.now();
        let released = input.released(position, &environment.identity, now);
        environment.ingest(vec![released]).await.map(drop)
    }

    /// Takes an input off the quarantine for good; it is never consumed.
    pub async fn discard(&self, key: Key, position: InSeq) -> Result<(), CommitError> {
        let note = Note::Released { input: position };
        self.environment.journal.note(key, &note).await
    }

    /// The conversations that are with people.
    pub fn waiting(&self) -> &WaitingRoom {
        &self.environment.waiting
    }

    /// Lets a parked contact be brought to life again.
    pub fn unpark(&self, id: ContactId) {
        self.environment.contacts.unpark(id);
        self.to_contact(Key::Contact(id), crate::contact::ContactMsg::Due);
    }

    /// Stops taking inputs and starting sends, and waits at most `within` for what is in flight.
    pub async fn drain(&self, within: Duration) {
        self.environment.start_draining();
        let ended = async {
            self.environment.gateways.drain(within).await;
            while self.environment.calls.under_way() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(within, ended).await.is_err() {
            tracing::warn!(
                calls = self.environment.calls.under_way(),
                "calls are still in flight; they are settled after the next start"
            );
        }
        self.root.stop(None);
    }

    fn to_contact(&self, key: Key, message: crate::contact::ContactMsg) {
        if let Key::Contact(id) = key {
            self.environment
                .contacts
                .send(&self.environment, id, message);
        }
    }

    /// Rebuilds the wake index and brings entities with work left to life, in batches, so that new
    /// traffic is served meanwhile.
    async fn recover(self) {
        let environment = &self.environment;
        let mut with_wakes = Vec::new();
        for partition in (0..environment.partitions()).map(Partition) {
            if environment.ownership.epoch(partition).is_none() {
                continue;
            }
            match environment.journal.wakes(partition).await {
                Ok(wakes) => {
                    with_wakes.extend(wakes.iter().map(|(key, _)| *key));
                    environment
                        .wakes
                        .restore(wakes, environment.clock.now().floor_seconds());
                }
                Err(error) => tracing::error!(partition = partition.0, %error, "wakes unread"),
            }
            match environment.journal.backlog(partition).await {
                Ok(keys) => self.resume(keys).await,
                Err(error) => tracing::error!(partition = partition.0, %error, "backlog unread"),
            }
        }
        // A conversation that is with people has a wake, so these are all of them, and some more.
        self.resume(with_wakes).await;
        environment.waiting.complete();
    }

    async fn resume(&self, keys: Vec<Key>) {
        for batch in keys.chunks(RECOVERY_BATCH) {
            for key in batch {
                self.environment.wake(*key);
            }
            while self.environment.is_full() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            tokio::task::yield_now().await;
        }
    }
}
