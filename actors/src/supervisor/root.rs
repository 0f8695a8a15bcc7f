//! The root of the tree: starts the supervisors and the wake keeper, and restarts each alone.

use std::sync::Arc;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent};

use super::{EntitySupervisor, GatewaySupervisor, PollerSupervisor, WakeKeeper};
use crate::channel::ChannelKind;
use crate::environment::Environment;
use crate::gateway::{GatewayKind, JournalBook};
use crate::journal::Journal;
use crate::registry::{ContactKind, Kind};

/// What the root is told.
#[derive(Debug)]
pub(crate) enum RootMsg {
    /// How often each kind of child was restarted. From health.
    Restarts(RpcReplyPort<Restarts>),
}

/// Restarts of the root's own children.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Restarts {
    /// Contact supervisors.
    pub contact_supervisors: u64,
    /// The channel supervisor.
    pub channel_supervisor: u64,
    /// The supervisor of gateways' entities.
    pub gateway_entity_supervisor: u64,
    /// The gateway supervisor.
    pub gateway_supervisor: u64,
    /// The poller supervisor.
    pub poller_supervisor: u64,
    /// The wake keeper.
    pub wake_keeper: u64,
}

/// The root.
pub(crate) struct Root<J> {
    pub environment: Arc<Environment<J>>,
}

/// The root's children.
pub(crate) struct RootState {
    contact_supervisors: Vec<ActorCell>,
    channel_supervisor: ActorCell,
    gateway_entity_supervisor: ActorCell,
    gateway_supervisor: ActorCell,
    poller_supervisor: ActorCell,
    wake_keeper: ActorCell,
    restarts: Restarts,
}

impl<J: Journal> Actor for Root<J> {
    type Msg = RootMsg;
    type State = RootState;
    type Arguments = ();

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        (): Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let mut contact_supervisors = Vec::new();
        for _ in 0..self.environment.limits.supervisors.max(1) {
            contact_supervisors.push(self.supervisor::<ContactKind>(&myself).await?);
        }
        self.environment
            .contacts
            .supervised_by(contact_supervisors.clone());
        let channel_supervisor = self.supervisor::<ChannelKind>(&myself).await?;
        self.environment
            .channels
            .supervised_by(vec![channel_supervisor.clone()]);
        let gateway_entity_supervisor = self.supervisor::<GatewayKind>(&myself).await?;
        self.environment
            .gateway_entities
            .supervised_by(vec![gateway_entity_supervisor.clone()]);
        Ok(RootState {
            contact_supervisors,
            channel_supervisor,
            gateway_entity_supervisor,
            gateway_supervisor: self.gateway_supervisor(&myself).await?,
            poller_supervisor: self.poller_supervisor(&myself).await?,
            wake_keeper: self.wake_keeper(&myself).await?,
            restarts: Restarts::default(),
        })
    }

    async fn handle(
        &self,
        _myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let RootMsg::Restarts(reply) = message;
        // Health may have given up waiting; nothing depends on the answer.
        let _ = reply.send(state.restarts);
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let ended = match event {
            SupervisionEvent::ActorFailed(actor, error) => {
                tracing::error!(%error, "a supervisor failed; it is started again");
                actor
            }
            SupervisionEvent::ActorTerminated(actor, ..) => actor,
            _ => return Ok(()),
        };
        metrics::counter!("chasqui_restarts_total", "supervisor" => "root").increment(1);
        let is = |cell: &ActorCell| cell.get_id() == ended.get_id();
        if let Some(shard) = state.contact_supervisors.iter().position(is) {
            state.contact_supervisors[shard] = self.supervisor::<ContactKind>(&myself).await?;
            self.environment
                .contacts
                .supervised_by(state.contact_supervisors.clone());
            state.restarts.contact_supervisors += 1;
        } else if is(&state.channel_supervisor) {
            state.channel_supervisor = self.supervisor::<ChannelKind>(&myself).await?;
            self.environment
                .channels
                .supervised_by(vec![state.channel_supervisor.clone()]);
            state.restarts.channel_supervisor += 1;
        } else if is(&state.gateway_entity_supervisor) {
            state.gateway_entity_supervisor = self.supervisor::<GatewayKind>(&myself).await?;
            self.environment
                .gateway_entities
                .supervised_by(vec![state.gateway_entity_supervisor.clone()]);
            state.restarts.gateway_entity_supervisor += 1;
        } else if is(&state.poller_supervisor) {
            state.poller_supervisor = self.poller_supervisor(&myself).await?;
            state.restarts.poller_supervisor += 1;
        } else if is(&state.gateway_supervisor) {
            state.gateway_supervisor = self.gateway_supervisor(&myself).await?;
            state.restarts.gateway_supervisor += 1;
        } else if is(&state.wake_keeper) {
            state.wake_keeper = self.wake_keeper(&myself).await?;
            state.restarts.wake_keeper += 1;
        }
        Ok(())
    }
}

impl<J: Journal> Root<J> {
    async fn supervisor<K: Kind>(
        &self,
        myself: &ActorRef<RootMsg>,
    ) -> Result<ActorCell, ActorProcessingErr> {
        let supervisor = EntitySupervisor::<J, K>::new(self.environment.clone());
        let (actor, _) = Actor::spawn_linked(None, supervisor, (), myself.get_cell()).await?;
        Ok(actor.get_cell())
    }

    async fn gateway_supervisor(
        &self,
        myself: &ActorRef<RootMsg>,
    ) -> Result<ActorCell, ActorProcessingErr> {
        let supervisor = GatewaySupervisor {
            environment: self.environment.clone(),
        };
        let (actor, _) = Actor::spawn_linked(None, supervisor, (), myself.get_cell()).await?;
        let gateways = &self.environment.gateways;
        gateways.booked_in(Arc::new(JournalBook::of(&self.environment)));
        gateways.supervised_by(actor.get_cell());
        Ok(actor.get_cell())
    }

    async fn poller_supervisor(
        &self,
        myself: &ActorRef<RootMsg>,
    ) -> Result<ActorCell, ActorProcessingErr> {
        let supervisor = PollerSupervisor {
            environment: self.environment.clone(),
        };
        let (actor, _) = Actor::spawn_linked(None, supervisor, (), myself.get_cell()).await?;
        Ok(actor.get_cell())
    }

    async fn wake_keeper(
        &self,
        myself: &ActorRef<RootMsg>,
    ) -> Result<ActorCell, ActorProcessingErr> {
        let keeper = WakeKeeper {
            environment: self.environment.clone(),
        };
        let (actor, _) = Actor::spawn_linked(None, keeper, (), myself.get_cell()).await?;
        Ok(actor.get_cell())
    }
}
