//! Turns due wakes into inputs, and nudges contacts that asked for it.

use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorProcessingErr, ActorRef};

use crate::environment::Environment;
use crate::journal::Journal;
use crate::model::{InEvent, Inbound, Key, Millis, Seconds};

/// How often the index and the living contacts are looked at. Wakes have whole seconds.
const TICK: Duration = Duration::from_millis(250);
/// Wakes that become durable together.
const TOGETHER: usize = 64;
/// When a wake that could not be accepted is tried again.
const AGAIN_MS: u64 = 1_000;

/// Looks at the wake index.
pub(crate) struct WakeKeeper<J> {
    pub environment: Arc<Environment<J>>,
}

impl<J: Journal> Actor for WakeKeeper<J> {
    type Msg = ();
    type State = Rounds;
    type Arguments = ();

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        (): Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(Rounds {
            timer: myself.send_interval(TICK, || ()),
            looked: Millis(0),
        })
    }

    async fn handle(
        &self,
        _myself: ActorRef<Self::Msg>,
        (): Self::Msg,
        rounds: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let environment = &self.environment;
        self.look_at_contacts(rounds);
        if environment.is_draining() {
            return Ok(());
        }
        let now = environment.clock.now().floor_seconds();
        let due = environment.wakes.take_due(now);
        for together in due.chunks(TOGETHER) {
            let wakes = together.iter().map(|(key, due)| self.wake(*key, *due));
            futures::future::join_all(wakes).await;
            // Many wakes at once, as after a start, take a while.
            self.look_at_contacts(rounds);
        }
        Ok(())
    }

    async fn post_stop(
        &self,
        _myself: ActorRef<Self::Msg>,
        rounds: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        rounds.timer.abort();
        Ok(())
    }
}

/// What brings the keeper to look, and when it last looked at the contacts.
pub(crate) struct Rounds {
    timer: tokio::task::JoinHandle<()>,
    looked: Millis,
}

impl<J: Journal> WakeKeeper<J> {
    /// Nudges the contacts that asked for it, and those that are to make room; at most
    /// twice a tick.
    fn look_at_contacts(&self, rounds: &mut Rounds) {
        let environment = &self.environment;
        let now = environment.clock.now();
        if u128::from(now.since(rounds.looked)) < TICK.as_millis() / 2 {
            return;
        }
        rounds.looked = now;
        environment.contacts.call_due(now);
        environment.contacts.call_early(environment.crowd());
    }

    async fn wake(&self, key: Key, due: Seconds) {
        let environment = &self.environment;
        if let Err(refused) = environment.accept_inside(self.woken(key, due)).await {
            tracing::error!(entity = %key, error = %refused, "a wake could not be accepted");
            let later = environment.clock.now().plus_ms(AGAIN_MS).floor_seconds();
            environment.wakes.put_off(key, due, later);
        }
    }

    fn woken(&self, key: Key, due: Seconds) -> InEvent {
        let (kind, bytes) = key.parts();
        let mut name = [0; 21];
        name[0] = kind as u8;
        name[1..17].copy_from_slice(&bytes);
        name[17..].copy_from_slice(&due.0.to_be_bytes());
        InEvent {
            key,
            id: self.environment.identity.id_hash(b"wake", &name),
            stamp: None,
            received: self.environment.clock.now(),
            body: Inbound::Woken { due },
        }
    }
}
