//! Supervises a shard of the contacts: a contact that fails is loaded again after a back-off; one
//! that fails more than five times in a minute is left alone for five minutes, while its inputs keep
//! being accepted.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use foldhash::HashMap;
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};

use crate::contact::ContactMsg;
use crate::environment::Environment;
use crate::journal::Journal;
use crate::model::{ContactId, Millis};

/// Failures within [`WINDOW_MS`] beyond which a contact is parked.
const INTENSITY: usize = 5;
/// The window in which failures are counted.
const WINDOW_MS: u64 = 60_000;
/// How long a parked contact is left alone.
const PARKED_MS: u64 = 300_000;
/// Wait before the first restart; it doubles with each failure in the window.
const BACK_OFF_MS: u64 = 50;

/// What a contact supervisor is told, by its own timers only.
#[derive(Debug)]
pub(crate) enum ContactSupervisorMsg {
    /// Bring a failed contact back to life.
    Restart(ContactId),
}

/// Supervises the contacts of one shard.
pub(crate) struct ContactSupervisor<J> {
    pub environment: Arc<Environment<J>>,
}

impl<J: Journal> Actor for ContactSupervisor<J> {
    type Msg = ContactSupervisorMsg;
    type State = HashMap<ContactId, VecDeque<Millis>>;
    type Arguments = ();

    async fn pre_start(
        &self,
        _myself: ActorRef<Self::Msg>,
        (): Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(HashMap::default())
    }

    async fn handle(
        &self,
        _myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        _failures: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let ContactSupervisorMsg::Restart(id) = message;
        let contacts = &self.environment.contacts;
        contacts.unpark(id);
        contacts.send(&self.environment, id, ContactMsg::Due);
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        failures: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let (actor, error) = match event {
            SupervisionEvent::ActorFailed(actor, error) => (actor, error.to_string()),
            // A contact that rests stops without a reason; one that was killed has one.
            SupervisionEvent::ActorTerminated(actor, _, Some(reason)) => (actor, reason),
            _ => return Ok(()),
        };
        let contacts = &self.environment.contacts;
        // A scan of the living contacts: failures are rare, an index would cost every contact.
        let Some(id) = contacts.id_of(actor.get_id()) else {
            return Ok(());
        };
        contacts.forget(actor.get_id(), id);
        let now = self.environment.clock.now();
        let recent = count(failures, id, now);
        metrics::counter!("chasqui_restarts_total", "supervisor" => "contacts").increment(1);
        let wait_ms = if recent > INTENSITY {
            contacts.park(id, now.plus_ms(PARKED_MS));
            tracing::error!(contact = %id, error, "a contact fails again and again; it is parked");
            PARKED_MS
        } else {
            tracing::warn!(contact = %id, error, "a contact failed; it is loaded again");
            BACK_OFF_MS << recent.min(6)
        };
        myself.send_after(Duration::from_millis(wait_ms), move || {
            ContactSupervisorMsg::Restart(id)
        });
        Ok(())
    }
}

/// Notes a failure and returns how many lie within the window; forgets contacts that recovered.
fn count(failures: &mut HashMap<ContactId, VecDeque<Millis>>, id: ContactId, now: Millis) -> usize {
    failures.retain(|_, times| {
        times.retain(|time| now.since(*time) < WINDOW_MS);
        !times.is_empty()
    });
    let times = failures.entry(id).or_default();
    times.push_back(now);
    times.len()
}
