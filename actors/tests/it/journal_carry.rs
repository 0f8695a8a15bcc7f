//! What is still needed outlives its segment, and damage keeps to its entity.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actors::journal::disk::sim::SimDisk;
use actors::journal::verify::verify;
use actors::journal::{Journal, Refused};
use actors::model::{AttemptNo, InSeq};

use crate::support::lane::segments_of;
use crate::support::people::{
    Told, clock, config, done, event, hash, key, open, outcome, run, sending, state_of, step,
};
use crate::support::wait_until;

#[test]
fn effect_held_open_outlives_its_segment_by_being_carried() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let journal = open(&disk, &clock, 1);
        let held = key(1);
        let waiting = key(2);
        let at = journal.accept(vec![event(held, 1, 50)]).await.unwrap()[0].seq;
        journal.accept(vec![event(waiting, 2, 50)]).await.unwrap();
        let decided = step(held, at, hash(1), 1, false);
        let effect = decided.effects[0].id;
        let mut told = Told::default();
        told.fold(&decided);
        let version = actors::model::Version(0);
        journal
            .commit(held, &decided, Some(&sending(effect, 1)), version, &told)
            .await
            .unwrap();
        let before = journal.load(held).await.unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut id = 10;
        // Three days of traffic in segments of 64 KiB.
        for _ in 0..72 {
            clock.0.fetch_add(3_600_000, Ordering::Relaxed);
            for n in 3..=5 {
                id += 1;
                let at = journal.accept(vec![event(key(n), id, 2000)]).await.unwrap()[0].seq;
                let loaded = journal.load(key(n)).await.unwrap();
                let mut told = Told(state_of(key(n), &loaded));
                let step = step(key(n), at, hash(id), 0, false);
                told.fold(&step);
                journal
                    .commit(key(n), &step, None, loaded.version, &told)
                    .await
                    .unwrap();
            }
            while segments_of(&disk, 0).len() > 6 {
                assert!(Instant::now() < deadline, "segments are not released");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        wait_until(|| !segments_of(&disk, 0).contains(&1)).await;
        let after = journal.load(held).await.unwrap();
        assert_eq!(
            (after.open, after.version),
            (before.open.clone(), before.version)
        );
        drop(journal);
        let journal = open(&disk.kill(), &clock, 2);
        let restored = journal.load(held).await.unwrap();
        assert_eq!(restored.open, before.open);
        assert_eq!(state_of(held, &restored), told.0);
        let inputs = journal.next_inputs(waiting, InSeq(0), 9).await.unwrap();
        assert_eq!(inputs.len(), 1);
        journal
            .attempt(held, &outcome(effect, 1, done()), AttemptNo(1))
            .await
            .unwrap();
        assert_eq!(journal.load(held).await.unwrap().open, []);
    });
}

#[test]
fn damaged_entity_is_refused_while_others_go_on() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let journal = open(&disk, &clock, 1);
        for n in 1..=3 {
            journal
                .accept(vec![event(key(n), u64::from(n), 900)])
                .await
                .unwrap();
        }
        journal.close();
        let image = disk.kill();
        image.flip_bit(&crate::support::lane::segment(1), 4096 + 300, 0);
        let journal = open(&image, &clock, 2);
        assert!(journal.load(key(1)).await.is_err());
        let refused = journal.accept(vec![event(key(1), 9, 10)]).await;
        assert_eq!(refused, Err(Refused::Fenced(key(1))));
        assert_eq!(
            journal
                .next_inputs(key(2), InSeq(0), 9)
                .await
                .unwrap()
                .len(),
            1
        );
        assert_eq!(journal.figures().damage.len(), 1);
    });
}

#[test]
fn damage_that_nobody_mends_goes_with_its_segment_and_stays_told() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let journal = open(&disk, &clock, 1);
        for (n, id) in [(1, 1), (2, 2), (1, 5)] {
            let input = event(key(n), id, 900);
            journal.accept(vec![input]).await.unwrap();
        }
        journal.close();
        let disk = disk.kill();
        disk.flip_bit(&crate::support::lane::segment(1), 4096 + 300, 0);
        let journal = open(&disk, &clock, 2);
        assert!(journal.load(key(1)).await.is_err());
        // The segment waits for somebody to mend it, uncovered, but no longer than a day.
        clock.0.fetch_add(20 * 3_600_000, Ordering::Relaxed);
        journal.accept(vec![event(key(2), 3, 900)]).await.unwrap();
        wait_until(|| segments_of(&disk, 0).len() == 3).await;
        assert_eq!(segments_of(&disk, 0)[0], 1);
        clock.0.fetch_add(3 * 3_600_000, Ordering::Relaxed);
        wait_until(|| segments_of(&disk, 0)[0] > 1).await;
        drop(journal);
        let disk = disk.kill();
        let report = verify(&config(&disk, &clock, 3)).unwrap();
        assert!(report.is_whole(), "{report:?}");
        assert!(report.accepted[0].damage.contains("record 1 is damaged"));
        let journal = open(&disk, &clock, 4);
        let inputs = journal.next_inputs(key(2), InSeq(0), 9).await.unwrap();
        assert_eq!(inputs.len(), 2);
        // What is left of the damaged one goes on.
        let inputs = journal.next_inputs(key(1), InSeq(0), 9).await.unwrap();
        assert_eq!(inputs.len(), 1);
    });
}
