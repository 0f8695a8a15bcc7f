//! What a person leaves in memory who wrote and went.

use std::sync::Arc;
use std::time::Duration;

use actors::fold::EntityFold;
use actors::journal::SoleOwner;
use actors::journal::adapter::{Config, SegmentJournal};
use actors::ports::{Clock, Mode};
use actors::system::{Limits, Parts, System};
use actors::testing::company::Company;

use crate::support::machine::{MachineClock, Steady};
use crate::support::wait_until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_that_falls_asleep_gets_its_snapshot_and_goes_on_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(MachineClock);
    let config = Config::new(
        folder.path().join("data"),
        clock.clone(),
        Arc::new(EntityFold),
    );
    let journal = Arc::new(SegmentJournal::open(config).unwrap());
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
            passivate_after_ms: 1,
            ..Limits::default()
        },
        witness: None,
    })
    .await
    .unwrap();
    let says = async |id, text| {
        let message = company.message(id, text, MachineClock.now());
        system.ingest(vec![message]).await.unwrap();
    };
    let is_asleep = || {
        let figures = journal.figures();
        figures.known > 0 && figures.active == 0
    };

    says("1", "hola").await;
    wait_until(|| company.texts().len() == 1).await;
    wait_until(is_asleep).await;
    says("2", "no enciende mi computadora").await;
    wait_until(|| company.texts().len() == 2).await;
    let texts = company.texts();
    assert_ne!(texts[0], texts[1], "the second answer continues the first");
    wait_until(is_asleep).await;
    system.drain(Duration::from_secs(5)).await;
}
