//! A world, a server in it and the people who write: the start of every test but the kill
//! loop.

use std::ops::Range;
use std::time::Duration;

use chasqui::config::Config;
use tokio::task::JoinSet;

use crate::oracle::{self, Said};
use crate::people::{Carrier, Message, Person, converse};
use crate::request_log::taken_for;
use crate::seed::seed;
use crate::server::Server;
use crate::timeline::Timeline;
use crate::world::World;

/// Longer than every retry schedule and every wait for a status.
pub const PATIENCE: Duration = Duration::from_secs(150);

pub struct Scene {
    pub world: World,
    pub server: Server,
    pub carrier: Carrier,
    pub seed: u64,
}

impl Scene {
    pub async fn begin() -> Self {
        Self::begin_with(|_| ()).await
    }

    /// A scene with a changed configuration.
    pub async fn begin_with(change: impl FnOnce(&mut Config)) -> Self {
        let mut scene = Self::prepare(change).await;
        scene.server.start(&scene.world).await;
        scene
    }

    /// A scene whose server has not been started yet.
    pub async fn prepare(change: impl FnOnce(&mut Config)) -> Self {
        let seed = seed();
        println!("CHASQUI_SEED={seed}");
        let world = World::start(seed).await;
        let server = Server::new(&world, change);
        let carrier = Carrier::new(server.watch_address());
        Self {
            world,
            server,
            carrier,
            seed,
        }
    }

    pub fn person(&self, nth: usize) -> Person {
        Person::nth(self.seed, nth)
    }

    pub fn people(&self, range: Range<usize>) -> Vec<Person> {
        range.map(|nth| self.person(nth)).collect()
    }

    /// The message with this index of a person's script.
    pub fn message(&self, person: &Person, index: usize) -> Message {
        Message::new(self.seed, person, index, &person.script()[index])
    }

    /// A person writes the message with this index of their script; it is answered 200.
    pub async fn say(&self, person: &Person, index: usize) {
        self.carrier.deliver(&self.message(person, index)).await;
    }

    /// These people hold their conversations, all at once.
    pub fn converse(&self, range: Range<usize>) -> JoinSet<()> {
        let carrier = &self.carrier;
        range
            .map(|nth| converse(carrier.clone(), self.seed, nth))
            .collect()
    }

    /// Waits until WhatsApp took this from the server.
    pub async fn told(&self, person: &Person, said: Said, patience: Duration) {
        let what = format!("{said:?} for {}", person.phone);
        let told = |lines: &[_]| {
            let taken = taken_for(lines, &person.phone);
            taken.iter().any(|send| Said::of(send.text) == said)
        };
        if !self.world.log_fulfils(patience, told).await {
            panic!(
                "no {what} within {patience:?}\n{:?}",
                self.timeline(person).await
            );
        }
    }

    pub async fn timeline(&self, person: &Person) -> Timeline {
        Timeline::of(&self.server, person).await
    }

    /// Everybody has one ticket and was told everything once, in order.
    pub async fn ends_well(&self, people: &[Person]) {
        self.ends_well_after(people, &[]).await;
    }

    /// The same after kills at these instants.
    pub async fn ends_well_after(&self, people: &[Person], kills: &[u64]) {
        oracle::settle(&self.world, people, PATIENCE).await;
        let verdict = oracle::judge(&self.world, &self.server, people, kills).await;
        oracle::acquit(&verdict, &format!("CHASQUI_SEED={}", self.seed));
    }
}
