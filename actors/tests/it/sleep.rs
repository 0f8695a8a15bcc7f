//! What a person leaves in memory who wrote and went.

use std::time::Duration;

use actors::system::Limits;

use crate::support::life::{self, Life};
use crate::support::wait_until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_that_falls_asleep_gets_its_snapshot_and_goes_on_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        passivate_after_ms: 1,
        ..Limits::default()
    };
    let life = Life::begin(life::in_directory(folder.path().join("data")), limits).await;
    let company = &life.company;
    let is_asleep = || {
        let figures = life.journal.figures();
        figures.known > 0 && figures.active == 0
    };

    life.says("1", "hola").await;
    wait_until(|| company.texts().len() == 1).await;
    wait_until(is_asleep).await;
    life.says("2", "no enciende mi computadora").await;
    wait_until(|| company.texts().len() == 2).await;
    let texts = company.texts();
    assert_ne!(texts[0], texts[1], "the second answer continues the first");
    wait_until(is_asleep).await;
    life.system.drain(Duration::from_secs(5)).await;
}
