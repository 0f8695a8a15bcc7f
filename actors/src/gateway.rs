//! scratch stand-in while the real one is written
use crate::{model::*, outbox, ports::*};
use std::sync::Arc;
pub struct Pass;
#[derive(Clone)]
pub struct GatewayHandle;
#[derive(Clone, Debug, serde::Serialize)]
pub struct Health {}
pub struct Parts<J> {
    pub settings: Arc<GatewaySettings>,
    pub provider: Arc<dyn Provider>,
    pub journal: Arc<J>,
    pub clock: Arc<dyn Clock>,
}
pub fn spawn<J>(_p: Parts<J>, _s: ractor::ActorCell) -> Result<GatewayHandle, ractor::SpawnErr> {
    loop {}
}
impl GatewayHandle {
    pub fn actor_id(&self) -> ractor::ActorId {
        loop {}
    }
    pub async fn health(&self) -> Option<Health> {
        None
    }
    pub fn try_enter(&self, _e: &Effect, _n: Millis) -> Result<Pass, ()> {
        Err(())
    }
    pub fn send(
        &self,
        _e: Arc<Effect>,
        _n: AttemptNo,
        _p: bool,
        _s: bool,
        _pass: Option<Pass>,
        _b: Arc<dyn Fn(outbox::Event) + Send + Sync>,
    ) {
    }
    pub fn look_up(&self, _e: Arc<Effect>, _b: Arc<dyn Fn(outbox::Event) + Send + Sync>) {}
}
