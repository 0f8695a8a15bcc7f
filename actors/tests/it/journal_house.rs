//! The journal on a real folder: sled thrown away, verified, locked; segments that come and go.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::journal::Journal;
use actors::journal::adapter::{Config, DirectoryError, OpenError, SegmentJournal};
use actors::journal::verify::{accept_losses, inspect, verify};
use actors::model::{AttemptNo, InSeq, Key, Note, Version};
use actors::ports::{Clock, SystemClock};

use crate::support::people::{
    self, TellFold, Told, done, event, hash, key, outcome, run, sending, state_of, step,
};
use crate::support::wait_until;

const SEGMENT_BYTES: u32 = 1024 * 1024;

fn config(data: &Path) -> Config {
    let mut config = Config::new(data.to_owned(), Arc::new(SystemClock), Arc::new(TellFold));
    config.segment_bytes = SEGMENT_BYTES;
    config.reserve_bytes = u64::from(SEGMENT_BYTES);
    config.house_ms = 5;
    config
}

fn open(data: &Path) -> SegmentJournal {
    SegmentJournal::open(config(data)).unwrap()
}

/// An entity that has lived and is told so: nothing of it waits.
async fn live(journal: &SegmentJournal, key: Key, id: u64, bytes: usize) {
    people::live(journal, key, id, bytes).await;
    journal.settled(key);
}

async fn saved(journal: &SegmentJournal) {
    wait_until(|| journal.figures().active == 0).await;
}

#[test]
fn sled_thrown_away_is_rebuilt_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let before: Vec<Vec<u8>> = run(async {
        let journal = open(&data);
        for id in 1..=200 {
            live(&journal, key((id % 20) as u8 + 1), id, 100).await;
        }
        journal
            .note(key(1), &Note::Alias { alias: [7; 16] })
            .await
            .unwrap();
        journal.settled(key(1));
        saved(&journal).await;
        let mut states = Vec::new();
        for n in 1..=20 {
            states.push(state_of(key(n), &journal.load(key(n)).await.unwrap()));
        }
        states
    });
    let report = verify(&config(&data)).unwrap();
    assert!(report.is_whole(), "{report:?}");
    assert_eq!((report.entities, report.aliases), (20, 1));
    std::fs::remove_dir_all(data.join("index")).unwrap();
    run(async {
        let journal = open(&data);
        for n in 1..=20 {
            let loaded = journal.load(key(n)).await.unwrap();
            assert_eq!(state_of(key(n), &loaded), before[usize::from(n) - 1]);
            assert_eq!(loaded.version, Version(10));
        }
        assert_eq!(journal.resolve([7; 16]).await.unwrap(), Some(key(1)));
    });
    assert!(verify(&config(&data)).unwrap().is_whole());
}

#[test]
fn damaged_sled_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    run(async {
        let journal = open(&data);
        for id in 1..=50 {
            live(&journal, key(id as u8), id, 100).await;
            let named = Note::Alias {
                alias: [id as u8; 16],
            };
            journal.note(key(id as u8), &named).await.unwrap();
            journal.settled(key(id as u8));
        }
        saved(&journal).await;
    });
    let db = data.join("index/db");
    let mut bytes = std::fs::read(&db).unwrap();
    let length = bytes.len();
    for at in (0..length).step_by(97) {
        bytes[at] ^= 0x55;
    }
    std::fs::write(&db, bytes).unwrap();
    run(async {
        let journal = open(&data);
        for id in 1..=50 {
            assert_eq!(journal.load(key(id)).await.unwrap().version, Version(1));
            assert_eq!(journal.resolve([id; 16]).await.unwrap(), Some(key(id)));
        }
    });
    assert!(verify(&config(&data)).unwrap().is_whole());
}

#[test]
fn verify_finds_an_alias_index_that_differs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    run(async {
        let journal = open(&data);
        for id in 1..=10 {
            live(&journal, key(id as u8), id, 100).await;
            let named = Note::Alias {
                alias: [id as u8; 16],
            };
            journal.note(key(id as u8), &named).await.unwrap();
            journal.settled(key(id as u8));
        }
        saved(&journal).await;
    });
    let db = sled::open(data.join("index")).unwrap();
    let aliases = db.open_tree("aliases").unwrap();
    let (first, _) = aliases.first().unwrap().unwrap();
    aliases.remove(first).unwrap();
    aliases.flush().unwrap();
    drop((aliases, db));
    let report = verify(&config(&data)).unwrap();
    assert_eq!(report.differing, 2, "{:?}", report.differences);
}

#[test]
fn second_process_is_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = open(&data);
    let second = SegmentJournal::open(config(&data));
    let in_use =
        |error: &OpenError| matches!(error, OpenError::Directory(DirectoryError::InUse(_)));
    assert!(second.as_ref().is_err_and(in_use));
    drop(first);
    open(&data);
    let mut other = config(&data);
    other.partitions = 32;
    let refused = SegmentJournal::open(other);
    assert!(matches!(
        refused,
        Err(OpenError::Directory(DirectoryError::Partitions {
            found: 64,
            asked: 32,
            ..
        }))
    ));
}

#[test]
fn segments_go_in_time_under_load_and_an_effect_held_open_stays() {
    // On a disk, wherever temporary files are: the bound is kept at the pace of a real flush.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let data = folder.path().join("data");
    let held = key(200);
    let mut config = config(&data);
    config.max_age_ms = 1_000;
    config.keep_bytes = 12 * u64::from(SEGMENT_BYTES);
    let effect = run(async {
        let journal = SegmentJournal::open(config.clone()).unwrap();
        let at = journal.accept(vec![event(held, 1, 10)]).await.unwrap()[0].seq;
        let decided = step(held, at, hash(1), 1, false);
        let effect = decided.effects[0].id;
        let told = Told::default();
        let first = sending(effect, 1);
        journal
            .commit(held, &decided, Some(&first), Version(0), &told)
            .await
            .unwrap();
        let until = Instant::now() + Duration::from_secs(3);
        let mut id = 10;
        while Instant::now() < until {
            for n in 1..=40 {
                id += 1;
                live(&journal, key(n), id, 2000).await;
            }
            let bytes: u64 = std::fs::read_dir(data.join("journal/lane-00"))
                .unwrap()
                .filter_map(|file| Some(file.ok()?.metadata().ok()?.len()))
                .sum();
            assert!(bytes <= config.keep_bytes, "{bytes} bytes are kept");
        }
        let oldest = || {
            let mut names: Vec<_> = std::fs::read_dir(data.join("journal/lane-00"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name.ends_with(".seg"))
                .collect();
            names.sort();
            names[0].clone()
        };
        assert!(oldest().as_str() > "0000000003.seg", "nothing was released");
        assert_eq!(journal.load(held).await.unwrap().open[0].effect.id, effect);
        effect
    });
    std::fs::remove_dir_all(data.join("index")).unwrap();
    run(async {
        let journal = SegmentJournal::open(config).unwrap();
        let open = journal.load(held).await.unwrap().open;
        assert_eq!(open[0].effect.id, effect);
        assert_eq!(
            open[0].last.as_ref().map(|last| last.no),
            Some(AttemptNo(1))
        );
        journal
            .attempt(held, &outcome(effect, 1, done()), AttemptNo(1))
            .await
            .unwrap();
        assert_eq!(journal.load(held).await.unwrap().open, []);
    });
}

#[test]
fn accepted_loss_lifts_the_fence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    run(async {
        let journal = open(&data);
        for n in 1..=3 {
            journal
                .accept(vec![event(key(n), u64::from(n), 900)])
                .await
                .unwrap();
        }
    });
    assert_eq!(inspect(&config(&data)).unwrap().segments.len(), 1);
    let segment = data.join("journal/lane-00/0000000001.seg");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[4096 + 200] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    run(async {
        let journal = open(&data);
        assert!(journal.load(key(1)).await.is_err());
        assert_eq!(journal.figures().damage.len(), 1);
    });
    assert!(!verify(&config(&data)).unwrap().is_whole());
    let accepted = accept_losses(&config(&data)).unwrap().accepted;
    let now = SystemClock.now().0 / 1000;
    assert!(now - accepted[0].at < 60, "{accepted:?}");
    assert!(
        accepted[0].damage.starts_with("lane 0 segment 1 "),
        "{accepted:?}"
    );
    let again = verify(&config(&data)).unwrap();
    assert!(again.is_whole(), "{again:?}");
    assert_eq!(again.accepted, accepted);
    run(async {
        let journal = open(&data);
        assert_eq!(journal.load(key(1)).await.unwrap().version, Version(0));
        assert_eq!(
            journal
                .next_inputs(key(2), InSeq(0), 9)
                .await
                .unwrap()
                .len(),
            1
        );
        assert_eq!(journal.figures().damage.len(), 0);
    });
}
