//! The running pollers by gateway, so that a nudge finds its poller.

use dashmap::DashMap;
use foldhash::fast::RandomState;
use ractor::ActorRef;

use super::poller::PollerMsg;
use crate::model::GatewayId;

/// The running pollers; bounded by the number of connections.
#[derive(Default)]
pub(crate) struct Pollers(DashMap<GatewayId, ActorRef<PollerMsg>, RandomState>);

impl Pollers {
    /// A poller was started.
    pub fn started(&self, gateway: GatewayId, actor: &ActorRef<PollerMsg>) {
        self.0.insert(gateway, actor.clone());
    }

    /// A poller ended.
    pub fn forget(&self, gateway: GatewayId) {
        self.0.remove(&gateway);
    }

    /// Makes a help desk be looked at soon. One without a poller is looked at when it gets one.
    pub fn prod(&self, gateway: GatewayId) {
        if let Some(actor) = self.0.get(&gateway) {
            let _ = actor.cast(PollerMsg::Prod);
        }
    }
}
