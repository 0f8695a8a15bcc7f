//! Supervises a shard of the entities of one kind: one that fails is loaded again after a back-off;
//! one that fails more than five times in a minute is left alone for five minutes, while its inputs
//! keep being accepted.

use std::collections::VecDeque;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use foldhash::HashMap;
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};

use crate::environment::Environment;
use crate::journal::Journal;
use crate::model::Millis;
use crate::registry::Kind;

/// Failures within [`WINDOW_MS`] beyond which an entity is parked.
const INTENSITY: usize = 5;
/// The window in which failures are counted.
const WINDOW_MS: u64 = 60_000;
/// How long a parked entity is left alone.
const PARKED_MS: u64 = 300_000;
/// Wait before the first restart; it doubles with each failure in the window.
const BACK_OFF_MS: u64 = 50;

/// What an entity supervisor is told, by its own timers only: bring this one back to life.
#[derive(Debug)]
pub(crate) struct Restart<I>(I);

/// Supervises the entities of one shard.
pub(crate) struct EntitySupervisor<J, K> {
    environment: Arc<Environment<J>>,
    kind: PhantomData<K>,
}

impl<J, K> EntitySupervisor<J, K> {
    pub const fn new(environment: Arc<Environment<J>>) -> Self {
        let kind = PhantomData;
        Self { environment, kind }
    }
}

impl<J: Journal, K: Kind> Actor for EntitySupervisor<J, K> {
    type Msg = Restart<K::Id>;
    type State = HashMap<K::Id, VecDeque<Millis>>;
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
        let Restart(id) = message;
        let residents = K::residents(&self.environment);
        residents.unpark(id);
        residents.send(&self.environment, id, K::due());
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
            // An entity that rests stops without a reason; one that was killed has one.
            SupervisionEvent::ActorTerminated(actor, _, Some(reason)) => (actor, reason),
            _ => return Ok(()),
        };
        let residents = K::residents(&self.environment);
        // A scan of the living: failures are rare, an index would cost every entity.
        let Some(id) = residents.id_of(actor.get_id()) else {
            return Ok(());
        };
        residents.forget(actor.get_id(), id);
        let now = self.environment.clock.now();
        let recent = count(failures, id, now);
        metrics::counter!("chasqui_restarts_total", "supervisor" => K::PLURAL).increment(1);
        let wait_ms = if recent > INTENSITY {
            residents.park(id, now.plus_ms(PARKED_MS));
            tracing::error!(entity = %id, error, "an entity fails again and again; it is parked");
            PARKED_MS
        } else {
            tracing::warn!(entity = %id, error, "an entity failed; it is loaded again");
            BACK_OFF_MS << recent.min(6)
        };
        myself.send_after(Duration::from_millis(wait_ms), move || Restart(id));
        Ok(())
    }
}

/// Notes a failure and returns how many lie within the window; forgets entities that recovered.
fn count<I: Copy + Eq + Hash>(
    failures: &mut HashMap<I, VecDeque<Millis>>,
    id: I,
    now: Millis,
) -> usize {
    failures.retain(|_, times| {
        times.retain(|time| now.since(*time) < WINDOW_MS);
        !times.is_empty()
    });
    let times = failures.entry(id).or_default();
    times.push_back(now);
    times.len()
}
