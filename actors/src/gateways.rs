//! The gateways of a system by id: started when first needed, forgotten when they end.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use foldhash::fast::RandomState;
use ractor::{ActorCell, ActorId};

use crate::gateway::{self, Book, GatewayHandle, Health, Number, Withdrawals, fallback};
use crate::journal::Journal;
use crate::model::{Effect, GatewayId, Millis};
use crate::ports::{Clock, GatewaySettings, HelpDesk, Providers, Settings};

/// Gateways by id.
pub(crate) struct Gateways<J> {
    handles: DashMap<GatewayId, GatewayHandle, RandomState>,
    /// What each business number has used up, by its first line.
    numbers: DashMap<GatewayId, Arc<Number>, RandomState>,
    supervisor: ArcSwapOption<ActorCell>,
    journal: Arc<J>,
    settings: Arc<dyn Settings>,
    providers: Arc<dyn Providers>,
    clock: Arc<dyn Clock>,
    withdrawals: Arc<Withdrawals>,
    book: ArcSwapOption<Arc<dyn Book>>,
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
            numbers: DashMap::with_hasher(RandomState::default()),
            supervisor: ArcSwapOption::empty(),
            journal,
            settings,
            providers,
            clock,
            withdrawals,
            book: ArcSwapOption::empty(),
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
        let settings = self.settings.gateway(id)?;
        let parts = gateway::Parts {
            number: self.number(&settings),
            settings,
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

    /// The line that carries an effect now: its own gateway or, when that is out for long enough,
    /// the second line of the channel. What is pinned goes by that line alone. `None` when the
    /// connection was deleted.
    pub fn line(
        &self,
        effect: &Effect,
        pinned: Option<GatewayId>,
        now: Millis,
    ) -> Option<GatewayHandle> {
        let own = effect.gateway?;
        let settings = self.settings.gateway(&own);
        let held = settings.as_ref().is_some_and(|settings| settings.paused);
        let fallback = settings.and_then(|settings| settings.fallback);
        if let Some(line) = pinned {
            // A line that was the second until it was taken away is nobody's now.
            let known = line == own || fallback.is_some_and(|fallback| fallback.line == line);
            return self.get(&line).filter(|_| known);
        }
        let first = self.get(&own)?;
        first.gate().hold(held, now);
        let Some(fallback) = fallback else {
            return Some(first);
        };
        first.gate().falls_back(Some(fallback));
        let second = self.get(&fallback.line).filter(|second| {
            fallback::by_second(effect, &fallback, first.gate(), second.gate(), now)
        });
        Some(second.unwrap_or(first))
    }

    fn number(&self, settings: &GatewaySettings) -> Arc<Number> {
        let of = settings.number_of.unwrap_or(settings.id);
        let number = self.numbers.entry(of);
        let number = number.or_insert_with(|| {
            let number = Arc::new(Number::new(settings));
            if let Some(book) = self.book.load_full() {
                number.booked_in(Arc::clone(&*book));
                // So that health tells it before the next template asks.
                let number = Arc::clone(&number);
                tokio::spawn(async move { number.restore().await });
            }
            number
        });
        Arc::clone(&number)
    }

    /// Names the book of templates of gateways started from now on.
    pub fn booked_in(&self, book: Arc<dyn Book>) {
        self.book.store(Some(Arc::new(book)));
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
