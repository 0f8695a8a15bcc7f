//! The gateways of a system by id: started when first needed, forgotten when they end.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use foldhash::fast::RandomState;
use ractor::{ActorCell, ActorId};

use crate::gateway::{self, GatewayHandle, Health, Withdrawals};
use crate::journal::Journal;
use crate::model::GatewayId;
use crate::ports::{Clock, HelpDesk, Providers, Settings};

/// Gateways by id.
pub(crate) struct Gateways<J> {
    handles: DashMap<GatewayId, GatewayHandle, RandomState>,
    supervisor: ArcSwapOption<ActorCell>,
    journal: Arc<J>,
    settings: Arc<dyn Settings>,
    providers: Arc<dyn Providers>,
    clock: Arc<dyn Clock>,
    withdrawals: Arc<Withdrawals>,
}

impl<J: Journal> Gateways<J> {
    pub fn new(
        journal: Arc<J>,
        settings: Arc<dyn Settings>,
        providers: Arc<dyn Providers>,
        clock: Arc<dyn Clock>,
        withdrawals: Arc<Withdrawals>,
    ) -> Self {
        Self {
            handles: DashMap::with_hasher(RandomState::default()),
            supervisor: ArcSwapOption::empty(),
            journal,
            settings,
            providers,
            clock,
            withdrawals,
        }
    }

    /// Names the supervisor of gateways started from now on.
    pub fn supervised_by(&self, supervisor: ActorCell) {
        self.supervisor.store(Some(Arc::new(supervisor)));
    }

    /// The gateway `id`, started when it is first needed; `None` when its connection was deleted.
    pub fn get(&self, id: &GatewayId) -> Option<GatewayHandle> {
        if let Some(handle) = self.handles.get(id) {
            return Some(handle.clone());
        }
        let parts = gateway::Parts {
            settings: self.settings.gateway(id)?,
            provider: self.providers.provider(id)?,
            journal: self.journal.clone(),
            clock: self.clock.clone(),
            withdrawals: self.withdrawals.clone(),
        };
        let supervisor = self.supervisor.load_full()?;
        match self.handles.entry(*id) {
            Entry::Occupied(handle) => Some(handle.get().clone()),
            Entry::Vacant(vacant) => match gateway::spawn(parts, supervisor.as_ref().clone()) {
                Ok(handle) => Some(vacant.insert(handle).clone()),
                Err(error) => {
                    tracing::error!(gateway = %id, %error, "a gateway could not be started");
                    None
                }
            },
        }
    }

    /// The help desk behind a gateway; `None` when it is none or its connection was deleted.
    pub fn help_desk(&self, id: &GatewayId) -> Option<Arc<dyn HelpDesk>> {
        self.providers.help_desk(id)
    }

    /// Forgets a gateway whose actor ended.
    pub fn forget(&self, actor: ActorId) {
        self.handles.retain(|_, handle| handle.actor_id() != actor);
    }

    /// The state of every gateway that was started and lives.
    pub async fn health(&self) -> Vec<Health> {
        let handles: Vec<GatewayHandle> = self
            .handles
            .iter()
            .map(|entry| entry.value().clone())
            .collect();
        let now = self.clock.now();
        let asked = handles.iter().map(|handle| handle.health(now));
        let asked = futures::future::join_all(asked).await;
        let mut all: Vec<Health> = asked.into_iter().flatten().collect();
        all.sort_by(|a, b| a.gateway.cmp(&b.gateway));
        all
    }

    /// Lets nothing new begin at any gateway and waits for the calls in flight.
    pub async fn drain(&self, within: Duration) {
        let handles: Vec<GatewayHandle> = self
            .handles
            .iter()
            .map(|entry| entry.value().clone())
            .collect();
        futures::future::join_all(handles.iter().map(|handle| handle.drain(within))).await;
    }
}
