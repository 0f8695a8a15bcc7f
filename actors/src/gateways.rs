//! The gateways of a system by id: started when first needed, forgotten when they end.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use foldhash::fast::RandomState;
use ractor::{ActorCell, ActorId};

use crate::gateway::{self, GatewayHandle};
use crate::journal::Journal;
use crate::model::GatewayId;
use crate::ports::{Clock, Providers, Settings};

/// Gateways by id.
pub(crate) struct Gateways<J> {
    handles: DashMap<GatewayId, GatewayHandle, RandomState>,
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
            supervisor: ArcSwapOption::empty(),
            journal,
            settings,
            providers,
            clock,
        }
    }
}
