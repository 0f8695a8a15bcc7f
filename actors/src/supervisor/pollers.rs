//! Supervises the pollers: one for each help desk that the settings name. A poller whose connection is
//! gone is stopped; one that failed is started again after a moment, from what is on record.

use std::sync::Arc;
use std::time::Duration;

use foldhash::HashMap;
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};

use crate::environment::Environment;
use crate::gateway::{Poller, PollerMsg};
use crate::journal::Journal;
use crate::model::{GatewayId, Millis};

/// How often the settings are compared with what runs.
const TICK: Duration = Duration::from_millis(500);
/// Wait before a poller that failed is started again; it doubles up to 64 times this.
const BACK_OFF_MS: u64 = 1_000;

/// Supervises every poller of a system.
pub(crate) struct PollerSupervisor<J> {
    pub environment: Arc<Environment<J>>,
}

/// One help desk's poller.
pub(crate) struct Watch {
    actor: Option<ActorRef<PollerMsg>>,
    every: Duration,
    failures: u32,
    not_before: Millis,
}

/// What the supervisor keeps.
pub(crate) struct Watches {
    watches: HashMap<GatewayId, Watch>,
    ticker: tokio::task::JoinHandle<()>,
}

impl<J: Journal> Actor for PollerSupervisor<J> {
    type Msg = ();
    type State = Watches;
    type Arguments = ();

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        (): Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(Watches {
            watches: HashMap::default(),
            ticker: myself.send_interval(TICK, || ()),
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        (): Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        if self.environment.is_draining() {
            return Ok(());
        }
        let wanted = self.environment.settings.watched();
        let watches = &mut state.watches;
        watches.retain(|gateway, watch| {
            let keep = wanted.iter().any(|wanted| wanted.gateway == *gateway);
            if let Some(actor) = watch.actor.as_ref().filter(|_| !keep) {
                self.environment.pollers.forget(*gateway);
                actor.stop(None);
            }
            keep
        });
        let now = self.environment.clock.now();
        for wanted in wanted {
            let watch = watches.entry(wanted.gateway).or_insert_with(|| Watch {
                actor: None,
                every: wanted.every,
                failures: 0,
                not_before: now,
            });
            if watch.every != wanted.every {
                watch.every = wanted.every;
                if let Some(actor) = &watch.actor {
                    // One that ended meanwhile is started with the new interval.
                    let _ = actor.cast(PollerMsg::Every(wanted.every));
                }
            }
            if watch.actor.is_none() && watch.not_before <= now {
                let poller = Poller {
                    gateway: wanted.gateway,
                    environment: self.environment.clone(),
                };
                let started =
                    Actor::spawn_linked(None, poller, watch.every, myself.get_cell()).await;
                let (actor, _) = started?;
                self.environment.pollers.started(wanted.gateway, &actor);
                watch.actor = Some(actor);
            }
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let (actor, error) = match event {
            SupervisionEvent::ActorFailed(actor, error) => (actor, Some(error)),
            SupervisionEvent::ActorTerminated(actor, ..) => (actor, None),
            _ => return Ok(()),
        };
        let now = self.environment.clock.now();
        let is = |watch: &Watch| {
            let running = watch.actor.as_ref();
            running.is_some_and(|running| running.get_id() == actor.get_id())
        };
        let Some((gateway, watch)) = state.watches.iter_mut().find(|(_, watch)| is(watch)) else {
            return Ok(());
        };
        self.environment.pollers.forget(*gateway);
        watch.actor = None;
        if let Some(error) = error {
            tracing::error!(%gateway, %error, "a poller failed; it is started again");
            metrics::counter!("chasqui_restarts_total", "supervisor" => "pollers").increment(1);
            watch.not_before = now.plus_ms(BACK_OFF_MS << watch.failures.min(6));
            watch.failures += 1;
        }
        Ok(())
    }

    async fn post_stop(
        &self,
        _myself: ActorRef<Self::Msg>,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        state.ticker.abort();
        Ok(())
    }
}
