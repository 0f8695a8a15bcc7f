//! The gateways of a system by id: started when first needed, forgotten when they end. The gate of a
//! gateway outlives its actor, so that a restart forgets neither circuit nor limits.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use dashmap::DashMap;
use foldhash::fast::RandomState;
use ractor::{ActorCell, ActorId};
use tokio::sync::Mutex;

use crate::gateway::{Arguments, Gate, GatewayHandle, Health};
use crate::journal::Journal;
use crate::model::GatewayId;
use crate::ports::{Clock, Providers, Settings};

/// Gateways by id.
pub(crate) struct Gateways<J> {
    handles: DashMap<GatewayId, GatewayHandle, RandomState>,
    gates: DashMap<GatewayId, Arc<Gate>, RandomState>,
    /// Held while a gateway is started, so that two effects start one.
    starting: Mutex<()>,
    supervisor: ArcSwapOption<ActorCell>,
    journal: Arc<J>,
    settings: Arc<dyn Settings>,
    providers: Arc<dyn Providers>,
    clock: Arc<dyn Clock>,
}

impl<J: Journal> Gateways<J> {
    pub fn new(
        journal: Arc<J>,
        settings: Arc<dyn Settings>,
        providers: Arc<dyn Providers>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            handles: DashMap::with_hasher(RandomState::default()),
            gates: DashMap::with_hasher(RandomState::default()),
            starting: Mutex::new(()),
            supervisor: ArcSwapOption::empty(),
            journal,
            settings,
            providers,
            clock,
        }
    }

    /// Names the supervisor of gateways started from now on.
    pub fn supervised_by(&self, supervisor: ActorCell) {
        self.supervisor.store(Some(Arc::new(supervisor)));
    }

    /// The gateway `id`, started when it is first needed; `None` when its connection was deleted.
    pub async fn get(&self, id: &GatewayId) -> Option<GatewayHandle> {
        if let Some(handle) = self.handles.get(id) {
            return Some(handle.clone());
        }
        let _starting = self.starting.lock().await;
        if let Some(handle) = self.handles.get(id) {
            return Some(handle.clone());
        }
        let settings = self.settings.gateway(id)?;
        let supervisor = self.supervisor.load_full()?;
        let now = self.clock.now();
        let gate = self.gates.entry(*id).or_insert_with(|| Gate::new(&settings, now)).clone();
        let arguments = Arguments {
            gate,
            journal: self.journal.clone(),
            clock: self.clock.clone(),
            providers: self.providers.clone(),
        };
        match GatewayHandle::spawn(arguments, supervisor.as_ref().clone()).await {
            Ok((handle, _)) => {
                self.handles.insert(*id, handle.clone());
                Some(handle)
            }
            Err(error) => {
                tracing::error!(gateway = %id, %error, "a gateway could not be started");
                None
            }
        }
    }

    /// Forgets a gateway whose actor ended.
    pub fn forget(&self, actor: ActorId) {
        self.handles.retain(|_, handle| handle.cell().get_id() != actor);
    }

    /// The state of every gateway that was started.
    pub fn health(&self) -> Vec<Health> {
        let mut all: Vec<Health> = self.handles.iter().map(|entry| entry.health()).collect();
        all.sort_by(|a, b| a.gateway.cmp(&b.gateway));
        all
    }

    /// Lets nothing new begin at any gateway and waits for the calls in flight.
    pub async fn drain(&self, within: Duration) {
        let handles: Vec<GatewayHandle> =
            self.handles.iter().map(|entry| entry.value().clone()).collect();
        futures::future::join_all(handles.iter().map(|handle| handle.drain(within))).await;
    }
}
