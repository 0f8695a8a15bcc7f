//! Keys, the seen index, the checkpoint and the queue, each by itself.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use actors::journal::committer::{Class, Committer, Unwritten};
use actors::journal::disk::RealDisk;
use actors::journal::disk::sim::{Dice, SimDisk};
use actors::journal::keys::{KeyError, Ring, Secret, SystemEntropy, identity_secret};
use actors::journal::record::Kind;
use actors::journal::seen::{DAYS, Id, Seen};
use actors::journal::{CommitError, Journal, ReadError, Refused};
use actors::model::{IdHash, Partition, Version};

use crate::support::for_seeds;
use crate::support::lane::{Lane, Log, Seeded, draft, recover, segment, setup};
use crate::support::people::{Told, accept, clock, event, hash, key, open, run, step};

#[test]
fn rotated_ring_reads_old_files_and_writes_with_the_new_key() {
    let disk = SimDisk::new();
    let lane = Lane::open(&disk, 1);
    lane.write(Class::Input, &[vec![1; 100]]).unwrap();
    // With all its threads, as the end of a process takes them.
    drop(lane);
    let mut later = setup(&disk, 2);
    later.ring.rotate(&Seeded(Mutex::new(Dice::new(7))));
    let (found, start) = recover(&later);
    assert_eq!(found.story.len(), 1);
    let committer = Committer::start(later.clone(), start, Box::new(Log::default())).unwrap();
    let drafts = vec![draft(Kind::Input, &[2; 100])];
    committer.submit_blocking(Class::Input, drafts).unwrap();
    committer.close();
    let (found, _) = recover(&later);
    assert_eq!(found.story.len(), 2);
    // Without the new key the new segment is refused by name, never misread.
    let older = setup(&disk, 3);
    let refused = actors::journal::recover::reopen(&older, None, &mut |_| {});
    assert!(refused.unwrap_err().to_string().contains("ring key 2"));
}

#[test]
fn key_files_are_private_and_come_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/ring");
    let ring = Ring::open_or_create(&RealDisk, &path, &SystemEntropy).unwrap();
    let again = Ring::open_or_create(&RealDisk, &path, &SystemEntropy).unwrap();
    let contact = [3; 16];
    let secret = Secret::random(&SystemEntropy);
    let wrapped = ring.wrap(&contact, &secret, &SystemEntropy);
    assert_eq!(again.unwrap(&contact, &wrapped).unwrap(), Some(secret));
    assert_eq!(again.unwrap(&[4; 16], &wrapped).unwrap(), None);
    let identity = folder.path().join("keys/identity");
    let first = identity_secret(&RealDisk, &identity, &SystemEntropy).unwrap();
    let second = identity_secret(&RealDisk, &identity, &SystemEntropy).unwrap();
    assert_eq!(first, second);
    for path in [&path, &identity] {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    std::fs::write(&path, "chasqui-ring 1\nwrite 1 abc\n").unwrap();
    let broken = Ring::open_or_create(&RealDisk, &path, &SystemEntropy);
    assert!(matches!(broken, Err(KeyError::Malformed { line: 2, .. })));
}

fn id(n: u64) -> Id {
    Id {
        partition: Partition((n % 3) as u16),
        hash: IdHash(n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()),
    }
}

#[test]
fn seen_ids_are_found_through_merges_and_forgotten_after_nine_days() {
    let disk = SimDisk::new();
    let open = || Seen::open(Arc::new(disk.clone()), "/seen".into(), DAYS).unwrap();
    let seen = open();
    let today = 20_000;
    for segment in 1..=100u32 {
        let first = u64::from(segment) * 1000;
        let entries = (first..first + 300).map(|n| (id(n), n));
        // Every segment also has the first one's first input again.
        let again = (id(1000), first + 999);
        seen.seal(segment, today, entries.chain([again]));
        seen.write_files(today).unwrap();
    }
    let seen = open();
    for n in [1000, 1299, 50_000, 50_123, 100_299] {
        assert!(seen.look_up(id(n), n + 1).unwrap(), "{n}");
        assert!(
            !seen.look_up(id(n), n).unwrap(),
            "{n} is the first of its kind"
        );
    }
    assert!(!seen.look_up(id(999), u64::MAX).unwrap());
    assert!((1..=100).all(|segment| seen.has_file(segment)));
    let files = |disk: &SimDisk| {
        use actors::journal::disk::Disk;
        disk.list(Path::new("/seen")).unwrap().len()
    };
    assert!(files(&disk) < 20, "{} files are left", files(&disk));
    seen.write_files(today + DAYS).unwrap();
    assert!(seen.look_up(id(50_000), u64::MAX).unwrap());
    seen.write_files(today + DAYS + 1).unwrap();
    assert!(!seen.look_up(id(50_000), u64::MAX).unwrap());
    assert_eq!(files(&disk), 0);
}

#[test]
fn damaged_checkpoint_stops_the_start_instead_of_forgetting_people() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let journal = open(&disk, &clock, 1);
        let at = accept(&journal, key(1), 1).await.unwrap().seq;
        let step = step(key(1), at, hash(1), 0, false);
        journal
            .commit(key(1), &step, None, Version(0), &Told::default())
            .await
            .unwrap();
        journal.settled(key(1));
        while journal.figures().active > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        journal.close();
        let image = disk.kill();
        let path = Path::new("/data/checkpoint/0000000001-0000000001.chk");
        image.flip_bit(path, 60, 1);
        let journal = open(&image, &clock, 2);
        let refused = journal.load(key(1)).await;
        assert!(
            matches!(&refused, Err(ReadError::Disk(reason)) if reason.contains("damaged")),
            "{refused:?}"
        );
    });
}

#[test]
fn full_queue_refuses_inputs_before_work() {
    let disk = SimDisk::new();
    let mut small = setup(&disk, 1);
    small.queue_records = 8;
    let start = recover(&small).1;
    let committer = Committer::start(small, start, Box::new(Log::default())).unwrap();
    let (release, held) = mpsc::channel::<()>();
    let (caught, catching) = mpsc::channel();
    disk.before_call(0, move |_| {
        caught.send(()).unwrap();
        // Ends when the test lets go or fails.
        let _ = held.recv();
    });
    let mut answers = Vec::new();
    let mut enqueue = |class| {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let taken = committer.enqueue(class, vec![draft(Kind::Input, &[1; 10])], reply);
        taken.map(|()| answers.push(answer))
    };
    enqueue(Class::Input).unwrap();
    catching.recv().unwrap();
    // The first one is being written; the queue is empty again.
    for _ in 0..4 {
        enqueue(Class::Input).unwrap();
    }
    assert_eq!(enqueue(Class::Input), Err(Unwritten::Overloaded));
    for _ in 0..4 {
        enqueue(Class::Work).unwrap();
    }
    assert_eq!(enqueue(Class::Work), Err(Unwritten::Overloaded));
    release.send(()).unwrap();
    let written = answers
        .into_iter()
        .map(|answer| answer.blocking_recv().unwrap());
    assert_eq!(written.filter(Result::is_ok).count(), 9);
}

#[test]
fn refused_step_can_be_committed_again() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let journal = open(&disk, &clock, 1);
        let at = accept(&journal, key(1), 1).await.unwrap().seq;
        let step = step(key(1), at, hash(1), 0, false);
        let told = Told::default();
        disk.fail_syncs(1);
        let refused = journal.commit(key(1), &step, None, Version(0), &told).await;
        assert!(
            matches!(refused, Err(CommitError::Refused(Refused::Disk(_)))),
            "{refused:?}"
        );
        assert_eq!(journal.load(key(1)).await.unwrap().version, Version(0));
        let again = journal.commit(key(1), &step, None, Version(0), &told).await;
        assert_eq!(again, Ok(Version(1)));
    });
}

#[test]
fn large_webhook_body_is_taken_whole() {
    run(async {
        let (disk, clock) = (SimDisk::new(), clock());
        let mut config = crate::support::people::config(&disk, &clock, 1);
        config.segment_bytes = 4 * 1024 * 1024;
        let journal = actors::journal::adapter::SegmentJournal::open(config).unwrap();
        journal.ready().await.unwrap();
        let events: Vec<_> = (1..=1200).map(|n| event(key(1), n, 2000)).collect();
        let accepted = journal.accept(events).await.unwrap();
        assert_eq!(accepted.len(), 1200);
        assert!(accepted.is_sorted_by_key(|accepted| accepted.seq));
        for pair in accepted.windows(2) {
            assert_eq!(pair[1].previous, Some(pair[0].seq));
        }
    });
}

/// What lies in a segment is never taken for more or for something else, whatever bytes it has.
#[test]
fn random_bytes_never_pass_for_records() {
    for_seeds(200, |seed| {
        let disk = SimDisk::new();
        let lane = Lane::open(&disk, seed);
        for n in 1..=4u8 {
            lane.write(Class::Input, &[vec![n; 300]]).unwrap();
        }
        let promised = lane.promised();
        let image = disk.kill();
        let mut dice = Dice::new(seed);
        image.edit(&segment(1), |bytes| {
            let (from, length) = (4096 + dice.below(3000) as usize, dice.below(900) as usize);
            bytes[from..from + length].fill_with(|| dice.roll() as u8);
        });
        let (found, _) = recover(&setup(&image, seed));
        let true_ones = found
            .story
            .iter()
            .all(|(seq, body)| promised.get(seq) == Some(body));
        assert!(true_ones);
    });
}
