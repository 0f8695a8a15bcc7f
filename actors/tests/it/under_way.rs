//! Records that nobody waits for, on a disk that refuses them.

use actors::journal::Journal;
use actors::journal::adapter::SegmentJournal;
use actors::journal::disk::sim::SimDisk;
use actors::model::{DeliveryRank, EffectId, InEvent, Inbound, Status};
use actors::ports::Clock;
use actors::system::Limits;
use actors::testing::company::Company;

use crate::support::life::{self, Life};
use crate::support::machine::MachineClock;
use crate::support::wait_until;

struct Scene {
    disk: SimDisk,
    life: Life<SegmentJournal>,
}

impl Scene {
    async fn start() -> Self {
        let disk = SimDisk::new();
        let journal = life::on_disk(&disk);
        journal.ready().await.unwrap();
        let limits = Limits {
            passivate_after_ms: 200,
            ..Limits::default()
        };
        let life = Life::begin(journal, limits).await;
        Self { disk, life }
    }

    /// The next flush but `good` fails.
    fn refuse_flush(&self, good: usize) {
        // Each group is one write and one flush.
        self.disk.before_call(2 * good, |disk| disk.fail_syncs(1));
    }

    /// Waits until the disk has refused a group.
    async fn refused(&self) {
        wait_until(|| self.life.journal.figures().refused_groups == 1).await;
    }

    /// Waits until no entity has anything left to do.
    async fn at_rest(&self) {
        wait_until(|| self.life.journal.figures().active == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_the_disk_refused_is_on_record_before_its_contact_rests() {
    let scene = Scene::start().await;
    let life = &scene.life;
    // The input and the step with its first attempt are kept, the outcome is not.
    scene.refuse_flush(2);
    life.says("1", "hola").await;
    scene.refused().await;
    scene.at_rest().await;
    let loaded = life.journal.load(life.key()).await.unwrap();
    assert_eq!(loaded.open, Vec::new(), "the send has an outcome");
    assert_eq!(life.company.texts().len(), 1, "and was made once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_whose_step_the_disk_refused_is_consumed_once() {
    let scene = Scene::start().await;
    let life = &scene.life;
    life.says("1", "hola").await;
    scene.at_rest().await;
    let before = life.journal.load(life.key()).await.unwrap();
    let effect = life.company.effects()[0];
    scene.refuse_flush(1);
    let accepted = life.system.ingest(vec![delivered(effect)]).await.unwrap();
    scene.refused().await;
    scene.at_rest().await;
    let after = life.journal.load(life.key()).await.unwrap();
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
