//! Whom a start holds responsible for an unclean stop: who stood in a slot, nobody else.

use actors::journal::Journal;
use actors::journal::disk::sim::SimDisk;
use actors::model::{InSeq, Version};

use crate::support::people::{Told, accept, clock, hash, key, open, run, step};

/// Opens the journal of a disk and waits until it is ready.
async fn opened(disk: &SimDisk, seed: u64) -> actors::journal::adapter::SegmentJournal {
    let journal = open(disk, &clock(), seed);
    journal.ready().await.unwrap();
    journal
}

async fn strikes(journal: &impl Journal, n: u8) -> u8 {
    journal.load(key(n)).await.unwrap().strikes
}

#[test]
fn only_the_step_under_way_at_an_unclean_stop_is_struck() {
    run(async {
        let disk = SimDisk::new();
        let journal = opened(&disk, 1).await;
        let poison = accept(&journal, key(1), 1).await.unwrap().seq;
        let innocent = accept(&journal, key(2), 2).await.unwrap().seq;
        let running = journal.running();
        running.note(0, key(1), poison);
        running.note(1, key(2), innocent);
        running.clear(1);
        let disk = disk.kill();
        let journal = opened(&disk, 2).await;
        assert_eq!(strikes(&journal, 1).await, 1);
        assert_eq!(strikes(&journal, 2).await, 0);
        assert!(journal.running().is_suspect(innocent));
    });
}

#[test]
fn quick_kills_strike_nobody() {
    run(async {
        let mut disk = SimDisk::new();
        for life in 1..=20 {
            let journal = opened(&disk, life).await;
            accept(&journal, key(1), life).await.unwrap();
            assert_eq!(strikes(&journal, 1).await, 0, "life {life}");
            disk = disk.kill();
        }
    });
}

#[test]
fn an_input_under_way_at_every_stop_reaches_the_limit() {
    run(async {
        let mut disk = SimDisk::new();
        let journal = opened(&disk, 1).await;
        let poison = accept(&journal, key(1), 1).await.unwrap().seq;
        disk = disk.kill();
        for life in 2..=6 {
            let journal = opened(&disk, life).await;
            let running = journal.running();
            assert!(running.is_suspect(poison), "life {life}");
            running.note(7, key(1), poison);
            disk = disk.kill();
        }
        assert_eq!(strikes(&opened(&disk, 7).await, 1).await, 5);
    });
}

#[test]
fn an_input_consumed_before_the_stop_is_not_struck() {
    run(async {
        let disk = SimDisk::new();
        let journal = opened(&disk, 1).await;
        let consumed = accept(&journal, key(1), 1).await.unwrap().seq;
        let next = accept(&journal, key(1), 2).await.unwrap().seq;
        journal.running().note(0, key(1), consumed);
        let step = step(key(1), consumed, hash(1), 0, false);
        journal
            .commit(key(1), &step, None, Version(0), &Told::default())
            .await
            .unwrap();
        let journal = opened(&disk.kill(), 2).await;
        assert_eq!(strikes(&journal, 1).await, 0);
        let waiting = journal.next_inputs(key(1), consumed, 9).await.unwrap();
        assert_eq!(waiting[0].0, next);
    });
}

#[test]
fn after_an_orderly_end_nobody_is_suspect() {
    run(async {
        let disk = SimDisk::new();
        let journal = opened(&disk, 1).await;
        let input = accept(&journal, key(1), 1).await.unwrap().seq;
        journal.running().note(0, key(1), input);
        journal.close();
        let journal = opened(&disk.kill(), 2).await;
        assert_eq!(strikes(&journal, 1).await, 0);
        assert!(!journal.running().is_suspect(InSeq(1)));
    });
}
