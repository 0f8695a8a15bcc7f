//! Records that nobody waits for, on a disk that refuses them.

use std::sync::Arc;

use actors::fold::EntityFold;
use actors::journal::adapter::{Config, SegmentJournal};
use actors::journal::disk::sim::SimDisk;
use actors::journal::{Journal, SoleOwner};
use actors::model::{DeliveryRank, EffectId, InEvent, Inbound, Key, Status};
use actors::ports::{Clock, Mode};
use actors::system::{Limits, Parts, System};
use actors::testing::company::Company;

use crate::support::machine::{MachineClock, Steady};
use crate::support::wait_until;

struct Scene {
    disk: SimDisk,
    journal: Arc<SegmentJournal>,
    company: Arc<Company>,
    system: System<SegmentJournal>,
}

impl Scene {
    async fn start() -> Self {
        let disk = SimDisk::new();
        let clock = Arc::new(MachineClock);
        let config = Config::new("data".into(), clock.clone(), Arc::new(EntityFold));
        let config = config.without_sled(Arc::new(disk.clone()));
        let journal = Arc::new(SegmentJournal::open(config).unwrap());
        journal.ready().await.unwrap();
        let company = Company::new(Mode::Dialogue);
        let system = System::start(Parts {
            journal: journal.clone(),
            ownership: SoleOwner { partitions: 64 },
            settings: company.clone(),
            providers: company.clone(),
            clock,
            random: Arc::new(Steady),
            identity: Company::identity(),
            limits: Limits {
                passivate_after_ms: 200,
                ..Limits::default()
            },
            witness: None,
        })
        .await
        .unwrap();
        Self {
            disk,
            journal,
            company,
            system,
        }
    }

    fn key(&self) -> Key {
        Key::Contact(self.company.contact())
    }

    /// The next flush but `good` fails.
    fn refuse_flush(&self, good: usize) {
        // Each group is one write and one flush.
        self.disk.before_call(2 * good, |disk| disk.fail_syncs(1));
    }

    fn refused(&self) -> u64 {
        self.journal.figures().refused_groups
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_the_disk_refused_is_on_record_before_its_contact_rests() {
    let scene = Scene::start().await;
    // The input and the step with its first attempt are kept, the outcome is not.
    scene.refuse_flush(2);
    let message = scene.company.message("1", "hola", MachineClock.now());
    scene.system.ingest(vec![message]).await.unwrap();
    wait_until(|| scene.refused() == 1).await;
    wait_until(|| scene.journal.figures().active == 0).await;
    let loaded = scene.journal.load(scene.key()).await.unwrap();
    assert_eq!(loaded.open, Vec::new(), "the send has an outcome");
    assert_eq!(scene.company.texts().len(), 1, "and was made once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_whose_step_the_disk_refused_is_consumed_once() {
    let scene = Scene::start().await;
    let message = scene.company.message("1", "hola", MachineClock.now());
    scene.system.ingest(vec![message]).await.unwrap();
    wait_until(|| scene.journal.figures().active == 0).await;
    let before = scene.journal.load(scene.key()).await.unwrap();
    let effect = scene.company.effects()[0];
    scene.refuse_flush(1);
    let accepted = scene.system.ingest(vec![delivered(effect)]).await.unwrap();
    wait_until(|| scene.refused() == 1).await;
    wait_until(|| scene.journal.figures().active == 0).await;
    let after = scene.journal.load(scene.key()).await.unwrap();
    assert_eq!(after.consumed, accepted[0].seq);
    assert_eq!(after.version, before.version.next());
}

fn delivered(effect: EffectId) -> InEvent {
    InEvent {
        key: effect.key,
        id: Company::identity().id_hash(b"meta", b"delivered"),
        stamp: None,
        received: MachineClock.now(),
        body: Inbound::Status(Status {
            effect,
            provider_id: "1".into(),
            rank: DeliveryRank::Delivered,
            failure: None,
        }),
    }
}
