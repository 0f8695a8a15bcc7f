//! Supervises the gateways: one that ended is forgotten by the map and started again by the next
//! effect that needs it. What was in flight in it is in doubt, and the outbox of each contact
//! settles it.

use std::sync::Arc;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SupervisionEvent};

use crate::environment::Environment;
use crate::journal::Journal;

/// Supervises every gateway of a system.
pub(crate) struct GatewaySupervisor<J> {
    pub environment: Arc<Environment<J>>,
}

impl<J: Journal> Actor for GatewaySupervisor<J> {
    type Msg = ();
    type State = ();
    type Arguments = ();

    async fn pre_start(
        &self,
        _myself: ActorRef<Self::Msg>,
        (): Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        (): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let forget = |actor: &ActorCell| self.environment.gateways.forget(actor.get_id());
        match event {
            SupervisionEvent::ActorFailed(actor, error) => {
                tracing::error!(%error, "a gateway failed; it is started again when needed");
                metrics::counter!("chasqui_restarts_total", "supervisor" => "gateways")
                    .increment(1);
                forget(&actor);
            }
            SupervisionEvent::ActorTerminated(actor, ..) => forget(&actor),
            _ => {}
        }
        Ok(())
    }
}
