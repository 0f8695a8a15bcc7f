//! How long records stay, what a start reads of them, and that the folder stays below its bound.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use actors::journal::adapter::{Config, DirectoryError, OpenError, SegmentJournal};
use actors::journal::disk::Disk;
use actors::journal::disk::sim::SimDisk;
use actors::journal::recover::Bad;
use actors::journal::segment::FRONT_BYTES;
use actors::journal::verify::{accept_losses, verify};
use actors::journal::{Entry, Fold, FoldError, Journal};
use actors::model::{Key, Step, Version};

use crate::support::lane::{segment, segments_of};
use crate::support::people::{
    TellFold, clock, config, config_of_lanes, event, hash, key, live, run, state_of,
};
use crate::support::wait_until;

const HOUR_MS: u64 = 3_600_000;

fn opened(config: Config) -> SegmentJournal {
    SegmentJournal::open(config).unwrap()
}

/// Bytes of the journal's folder.
fn folder_bytes(disk: &SimDisk, lanes: u16) -> u64 {
    let folder = |lane| actors::journal::segment::lane_folder(Path::new("/data/journal"), lane);
    let files = (0..lanes).flat_map(|lane| {
        let names = disk.list(&folder(lane)).unwrap();
        names.into_iter().map(move |name| folder(lane).join(name))
    });
    let sizes = files.filter_map(|path| disk.open(&path).ok()?.size().ok());
    sizes.sum()
}

/// Whether a lane's sealed segments are all in the checkpoint.
/// Number of the first segment of a lane that is not covered.
fn covered(disk: &SimDisk, lane: u16) -> u32 {
    let marks = disk.bytes(Path::new(&format!("/data/journal/lane-{lane:02}/marks")));
    let marks = String::from_utf8(marks).unwrap();
    let covered = marks.split("covered ").nth(1).unwrap();
    covered.split(' ').next().unwrap().parse().unwrap()
}

fn is_covered(disk: &SimDisk, lane: u16) -> bool {
    let covered = covered(disk, lane);
    segments_of(disk, lane)
        .last()
        .is_some_and(|open| covered == *open)
}

#[test]
fn timeline_reaches_back_over_restarts() {
    run(async {
        let (mut disk, clock) = (SimDisk::new(), clock());
        const LIVES: u64 = 40;
        for life in 1..=LIVES {
            let mut config = config(&disk, &clock, life);
            config.keep_bytes = 64 * 1024 * 1024;
            let journal = opened(config);
            journal.ready().await.unwrap();
            let replayed = journal.figures().replayed_segments;
            assert_eq!(replayed, 0, "life {life} read more than the last segment");
            live(&journal, key(1), life, 300).await;
            live(&journal, key(2), 1000 + life, 300).await;
            let history = journal.history(key(1), 0..u64::MAX).await.unwrap();
            assert_eq!(history.len() as u64, 2 * life, "life {life}");
            wait_until(|| is_covered(&disk, 0)).await;
            clock.0.fetch_add(10 * 60_000, Ordering::Relaxed);
            disk = match life % 2 {
                0 => disk.kill(),
                _ => disk.crash(life),
            };
        }
        let mut config = config(&disk, &clock, LIVES + 1);
        config.keep_bytes = 64 * 1024 * 1024;
        let journal = opened(config);
        let history = journal.history(key(1), 0..u64::MAX).await.unwrap();
        let inputs: Vec<_> = history
            .iter()
            .filter_map(|entry| match entry {
                Entry::Input(_, input) => Some(input.id),
                _ => None,
            })
            .collect();
        assert_eq!(inputs, (1..=LIVES).map(hash).collect::<Vec<_>>());
        assert_eq!(journal.load(key(1)).await.unwrap().version, Version(LIVES));
        let steps = journal.history(key(1), 1..4).await.unwrap();
        assert_eq!(steps, history[1..4]);
    });
}

#[test]
fn records_stay_for_most_of_a_day_and_never_longer() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let mut config = config(&disk, &clock, 1);
        config.keep_bytes = 1024 * 1024 * 1024;
        let journal = opened(config);
        live(&journal, key(1), 1, 300).await;
        for hour in 1..=18 {
            clock.0.fetch_add(HOUR_MS, Ordering::Relaxed);
            live(&journal, key(2), 100 + hour, 300).await;
        }
        wait_until(|| is_covered(&disk, 0)).await;
        assert_eq!(journal.history(key(1), 0..9).await.unwrap().len(), 2);
        clock.0.fetch_add(5 * HOUR_MS, Ordering::Relaxed);
        wait_until(|| !segments_of(&disk, 0).contains(&1)).await;
        assert_eq!(journal.history(key(1), 0..9).await.unwrap(), []);
        assert_eq!(journal.load(key(1)).await.unwrap().version, Version(1));
    });
}

#[test]
fn covered_segments_are_not_read_at_start() {
    run(async {
        let (mut disk, clock) = (SimDisk::new(), clock());
        for life in 1..=5 {
            let journal = opened(config(&disk, &clock, life));
            for id in 1..=20 {
                live(&journal, key(id as u8), life * 100 + id, 500).await;
            }
            wait_until(|| is_covered(&disk, 0)).await;
            drop(journal);
            disk = disk.kill();
        }
        let covered: Vec<u32> = segments_of(&disk, 0);
        let (last, covered) = covered.split_last().unwrap();
        assert!(covered.len() >= 4 && *last == 5, "{covered:?}");
        for number in covered {
            disk.edit(&segment(*number), |bytes| bytes[FRONT_BYTES..].fill(9));
        }
        let journal = opened(config(&disk, &clock, 6));
        for id in 1..=20u8 {
            assert_eq!(journal.load(key(id)).await.unwrap().version, Version(5));
        }
        let figures = journal.figures();
        assert_eq!((figures.damage, figures.replayed_segments), (vec![], 0));
        // The past is lost all the same, and an operator can find out.
        assert_eq!(journal.history(key(1), 0..99).await.unwrap().len(), 2);
        assert_eq!(journal.load(key(1)).await.unwrap().version, Version(5));
        drop(journal);
        let report = verify(&config(&disk.kill(), &clock, 7)).unwrap();
        assert_eq!(report.damage.len(), covered.len(), "{:?}", report.damage);
    });
}

#[test]
fn cover_waits_for_newer_segments_or_for_its_time() {
    run(async {
        let (mut disk, clock) = (SimDisk::new(), clock());
        let unhurried = |disk: &SimDisk, life| Config {
            cover_behind: 2,
            cover_after_ms: 60_000,
            ..config(disk, &clock, life)
        };
        for life in 1..=4 {
            let journal = opened(unhurried(&disk, life));
            live(&journal, key(1), life, 500).await;
            drop(journal);
            disk = disk.kill();
        }
        // Three are sealed; the newest two may be without cover.
        let journal = opened(unhurried(&disk, 5));
        wait_until(|| covered(&disk, 0) == 3).await;
        drop(journal);
        disk = disk.kill();
        let journal = opened(unhurried(&disk, 6));
        assert_eq!(journal.load(key(1)).await.unwrap().version, Version(4));
        assert!(journal.figures().replayed_segments >= 1);
        assert!(!is_covered(&disk, 0));
        clock.0.fetch_add(61_000, Ordering::Relaxed);
        wait_until(|| is_covered(&disk, 0)).await;
    });
}

#[test]
fn folder_stays_below_its_bound_and_keeps_what_fits() {
    for lanes in [1, 3] {
        run(async {
            let (disk, clock) = (SimDisk::new(), clock());
            let config = config_of_lanes(&disk, &clock, 1, lanes);
            let bound = config.keep_bytes;
            let mut most = 0;
            let journal = opened(config);
            for id in 1..=900 {
                live(&journal, key((id % 7) as u8 + 1), id, 3000).await;
                let open = (0..lanes).all(|lane| is_covered_or_new(&disk, lane));
                if open && id % 10 == 0 {
                    wait_until(|| folder_bytes(&disk, lanes) <= bound).await;
                    most = most.max(folder_bytes(&disk, lanes));
                }
            }
            let released = || (0..lanes).all(|lane| segments_of(&disk, lane)[0] > 3);
            wait_until(released).await;
            most = most.max(folder_bytes(&disk, lanes));
            assert!(most > bound / 2, "{most} of {bound}: more could be kept");
            for n in 1..=7 {
                let steps = journal.load(key(n)).await.unwrap().version.0;
                assert!(steps >= 128, "{n}: {steps}");
            }
        });
    }
}

fn is_covered_or_new(disk: &SimDisk, lane: u16) -> bool {
    segments_of(disk, lane).len() == 1 || is_covered(disk, lane)
}

/// Knows nothing of one entity's steps.
struct Older(Key);

impl Fold for Older {
    fn fold(&self, key: Key, state: Option<&[u8]>, steps: &[Step]) -> Result<Vec<u8>, FoldError> {
        if key == self.0 {
            let reason = "an event of a later release".to_owned();
            return Err(FoldError {
                key,
                at: None,
                reason,
            });
        }
        TellFold.fold(key, state, steps)
    }
}

#[test]
fn entity_that_cannot_be_folded_is_fenced_told_and_outlives_its_segment() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let journal = opened(config(&disk, &clock, 1));
        for id in 1..=3 {
            live(&journal, key(1), id, 300).await;
            live(&journal, key(2), 10 + id, 300).await;
        }
        let whole = state_of(key(1), &journal.load(key(1)).await.unwrap());
        drop(journal);
        // A release that does not know what the last one wrote.
        let disk = disk.kill();
        let mut older = config(&disk, &clock, 2);
        older.fold = Arc::new(Older(key(1)));
        let journal = opened(older);
        wait_until(|| journal.figures().fenced == 1).await;
        assert!(journal.load(key(1)).await.is_err());
        for day in 1..=3 {
            let first = segments_of(&disk, 0)[0];
            clock.0.fetch_add(23 * HOUR_MS, Ordering::Relaxed);
            live(&journal, key(2), 100 + day, 300).await;
            wait_until(|| segments_of(&disk, 0)[0] > first).await;
        }
        assert!(!segments_of(&disk, 0).contains(&1));
        drop(journal);
        let disk = disk.kill();
        let report = verify(&config(&disk, &clock, 3)).unwrap();
        assert!(report.is_whole(), "{report:?}");
        assert_eq!(report.unfolded, [key(1).to_string()]);
        // The right release is back.
        let journal = opened(config(&disk.kill(), &clock, 4));
        let loaded = journal.load(key(1)).await.unwrap();
        assert_eq!(
            (state_of(key(1), &loaded), loaded.version),
            (whole, Version(3))
        );
        live(&journal, key(1), 9, 300).await;
        assert_eq!(journal.figures().fenced, 0);
    });
}

#[test]
fn missing_oldest_segment_is_told_until_it_is_accepted() {
    run(async {
        let (mut disk, clock) = (SimDisk::new(), clock());
        for life in 1..=3 {
            let journal = opened(config(&disk, &clock, life));
            live(&journal, key(1), life, 300).await;
            wait_until(|| is_covered(&disk, 0)).await;
            drop(journal);
            disk = disk.kill();
        }
        assert!(verify(&config(&disk.kill(), &clock, 4)).unwrap().is_whole());
        disk.remove(&segment(1)).unwrap();
        let report = verify(&config(&disk.kill(), &clock, 4)).unwrap();
        let damage: Vec<_> = report.damage.iter().map(|found| found.what).collect();
        assert_eq!(damage, [Bad::Segment]);
        assert_eq!(report.damage[0].segment, 1);
        let journal = opened(config(&disk.kill(), &clock, 5));
        assert!(journal.accept(vec![event(key(1), 9, 10)]).await.is_err());
        drop(journal);
        let disk = disk.kill();
        accept_losses(&config(&disk, &clock, 6)).unwrap();
        let again = verify(&config(&disk, &clock, 6)).unwrap();
        assert!(again.is_whole(), "{again:?}");
        assert_eq!(again.accepted[0].at, clock.0.load(Ordering::Relaxed) / 1000);
        let journal = opened(config(&disk, &clock, 7));
        assert_eq!(journal.load(key(1)).await.unwrap().version, Version(3));
        live(&journal, key(1), 9, 300).await;
    });
}

#[test]
fn another_number_of_lanes_is_refused_with_the_way_out() {
    let (disk, clock) = (SimDisk::new(), clock());
    drop(opened(config_of_lanes(&disk, &clock, 1, 3)));
    let refused = SegmentJournal::open(config_of_lanes(&disk, &clock, 2, 1)).unwrap_err();
    assert!(
        refused.to_string().contains("set journal.lanes = 3"),
        "{refused}"
    );
    let lanes = |error: &OpenError| {
        matches!(
            error,
            OpenError::Directory(DirectoryError::Lanes {
                found: 3,
                asked: 1,
                ..
            })
        )
    };
    assert!(lanes(&refused), "{refused:?}");
    drop(opened(config_of_lanes(&disk, &clock, 3, 3)));
}

#[test]
fn damaged_lane_leaves_the_others_alone() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let journal = opened(config_of_lanes(&disk, &clock, 1, 3));
        for n in 1..=6 {
            live(&journal, key(n), n.into(), 900).await;
        }
        drop(journal);
        let disk = disk.kill();
        // The table of the first group in the lane of 1 and 4.
        let damaged = Path::new("/data/journal/lane-01/0000000001.seg");
        disk.flip_bit(damaged, FRONT_BYTES + 60, 0);
        let journal = opened(config_of_lanes(&disk, &clock, 2, 3));
        for n in 1..=6 {
            let fenced = n % 3 == 1;
            let accepted = journal
                .accept(vec![event(key(n), 50 + u64::from(n), 10)])
                .await;
            assert_eq!(accepted.is_err(), fenced, "{n}");
            assert_eq!(journal.load(key(n)).await.is_err(), fenced, "{n}");
        }
    });
}

#[test]
fn body_with_events_for_every_lane_is_taken_whole_and_in_order() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let mut config = config_of_lanes(&disk, &clock, 1, 3);
        config.segment_bytes = 4 * 1024 * 1024;
        let journal = opened(config);
        journal.ready().await.unwrap();
        let events: Vec<_> = (1..=1800)
            .map(|id| event(key((id % 7) as u8 + 1), id, 900))
            .collect();
        let accepted = journal.accept(events.clone()).await.unwrap();
        let mut numbers: Vec<_> = accepted.iter().map(|accepted| accepted.seq).collect();
        for n in 1..=7 {
            let of_one = || (0..1800).filter(|nth| events[*nth].key == key(n));
            let places: Vec<_> = of_one().map(|nth| accepted[nth].seq).collect();
            assert!(places.is_sorted(), "inputs of {n} changed their order");
            let inputs = journal
                .next_inputs(key(n), actors::model::InSeq(0), 999)
                .await
                .unwrap();
            let found: Vec<_> = inputs.into_iter().map(|(_, input)| input.id).collect();
            assert_eq!(
                found,
                of_one().map(|nth| events[nth].id).collect::<Vec<_>>()
            );
        }
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 1800, "two lanes gave one number");
    });
}
