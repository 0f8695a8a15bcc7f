//! The segment files against crashes, torn writes, rot, full and failing disks.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actors::journal::committer::{Class, Unwritten};
use actors::journal::disk::sim::{Dice, DiskCall, SimDisk};
use actors::journal::recover::Bad;
use actors::journal::segment::FRONT_BYTES;

use crate::support::for_seeds;
use crate::support::lane::{Lane, SEGMENT_BYTES, Story, batch, recover, segment, setup};

/// Writes batches until the disk was caught at the chosen moment; gives the image, what was
/// acknowledged by then and everything that was ever submitted and not refused.
fn life_until_power_loss(lane: Lane, dice: &mut Dice) -> (SimDisk, Story, Vec<Vec<u8>>) {
    let caught: Arc<Mutex<Option<(SimDisk, Story)>>> = Arc::default();
    let moment = dice.below(60) as usize;
    let image_seed = dice.roll();
    let (log, found) = (lane.log.clone(), lane.found.story.clone());
    let catch = Arc::clone(&caught);
    lane.disk.before_call(moment, move |disk| {
        let mut story = found;
        story.extend(log.0.lock().unwrap().clone());
        *catch.lock().unwrap() = Some((disk.crash(image_seed), story));
    });
    let mut refused = Vec::new();
    while caught.lock().unwrap().is_none() {
        if dice.below(12) == 0 {
            lane.disk.fail_syncs(1);
        }
        let bodies = batch(dice);
        if lane.write(Class::Input, &bodies).is_err() && caught.lock().unwrap().is_none() {
            refused.extend(bodies);
        }
    }
    let (image, story) = caught.lock().unwrap().take().unwrap();
    (image, story, refused)
}

#[test]
fn power_loss_at_any_write_keeps_what_was_acknowledged() {
    for_seeds(500, |seed| {
        let mut dice = Dice::new(seed);
        let mut disk = SimDisk::new();
        let (mut promised, mut refused) = (Story::new(), Vec::new());
        for life in 0..3 {
            let lane = Lane::open(&disk, seed * 10 + life);
            let found = &lane.found;
            assert_eq!(found.damage, [], "life {life}: a torn tail is no damage");
            for (seq, body) in &promised {
                assert_eq!(found.story.get(seq), Some(body), "life {life} seq {seq}");
            }
            let contiguous = (1..=found.story.len() as u64).eq(found.story.keys().copied());
            assert!(contiguous, "life {life}: a gap in {:?}", found.story.keys());
            let risen = found.story.values().find(|body| refused.contains(*body));
            assert!(risen.is_none(), "life {life}: a refused record came back");
            let (image, story, more) = life_until_power_loss(lane, &mut dice);
            disk = image;
            promised = story;
            refused.extend(more);
        }
    });
}

#[test]
fn torn_tail_is_cut_and_stays_cut() {
    let disk = SimDisk::new();
    let lane = Lane::open(&disk, 1);
    let first = vec![vec![1; 900]];
    let second = vec![vec![2; 900]];
    lane.write(Class::Input, &first).unwrap();
    lane.write(Class::Input, &second).unwrap();
    let image = disk.kill();
    // The second group loses the end of its body, as a torn write would leave it.
    image.edit(&segment(1), |bytes| {
        bytes[FRONT_BYTES + 1536 + 600..].fill(0)
    });
    let after = Lane::open(&image, 2);
    assert!(after.found.torn_bytes > 0);
    assert_eq!(after.found.damage, []);
    assert_eq!(after.found.story.len(), 1);
    let third = vec![vec![3; 900]];
    assert_eq!(after.write(Class::Input, &third), Ok(2));
    after.committer.close();
    let last = Lane::open(&image, 3);
    assert_eq!(last.found.story[&2], third[0]);
    assert_eq!(last.found.torn_bytes, 0);
}

#[test]
fn one_flipped_bit_is_reported_or_changes_nothing() {
    for_seeds(300, |seed| {
        let mut dice = Dice::new(seed);
        let disk = SimDisk::new();
        let lane = Lane::open(&disk, seed);
        for _ in 0..12 {
            lane.write(Class::Input, &batch(&mut dice)).unwrap();
        }
        let promised = lane.promised();
        lane.committer.close();
        let image = disk.kill();
        let used = image.bytes(&segment(1)).iter().rposition(|byte| *byte != 0);
        let offset = dice.below(used.unwrap() as u64) as usize;
        image.flip_bit(&segment(1), offset, dice.below(8) as u8);
        let (found, _) = recover(&setup(&image, seed));
        if found.damage.is_empty() {
            assert_eq!(found.story, promised, "silent change at offset {offset}");
        } else {
            let kept = found
                .story
                .iter()
                .all(|(seq, body)| promised.get(seq) == Some(body));
            assert!(kept, "a damaged record was taken for a good one");
        }
    });
}

#[test]
fn damaged_body_fences_its_entity_and_damaged_table_its_lane() {
    let disk = SimDisk::new();
    let lane = Lane::open(&disk, 1);
    for number in 1..=3u8 {
        lane.write(Class::Input, &[vec![number; 900]]).unwrap();
    }
    lane.committer.close();
    let body = disk.kill();
    body.flip_bit(&segment(1), FRONT_BYTES + 300, 0);
    let (found, _) = recover(&setup(&body, 2));
    assert_eq!(found.story.keys().copied().collect::<Vec<_>>(), [2, 3]);
    let Bad::Body { entity, seq } = found.damage[0].what else {
        panic!("expected a damaged body, found {:?}", found.damage);
    };
    assert_eq!((entity.key, seq), ([1; 16], 1));
    let table = disk.kill();
    table.flip_bit(&segment(1), FRONT_BYTES + 60, 0);
    let (found, _) = recover(&setup(&table, 2));
    assert_eq!(found.damage[0].what, Bad::Groups { last: 1 });
    assert_eq!(found.story.keys().copied().collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn lost_end_of_a_followed_segment_is_damage_not_a_torn_tail() {
    let disk = SimDisk::new();
    let lane = Lane::open(&disk, 1);
    lane.write(Class::Input, &[vec![1; 900]]).unwrap();
    lane.write(Class::Input, &[vec![2; 900]]).unwrap();
    lane.committer.close();
    let again = Lane::open(&disk, 2);
    again.committer.close();
    let image = disk.kill();
    image.edit(&segment(1), |bytes| bytes[FRONT_BYTES + 1536..].fill(0));
    let (found, _) = recover(&setup(&image, 3));
    assert_eq!(found.damage.len(), 1, "{:?}", found.damage);
    assert_eq!(found.damage[0].group, 2);
}

#[test]
fn damaged_header_is_read_from_its_copy() {
    let disk = SimDisk::new();
    let lane = Lane::open(&disk, 1);
    lane.write(Class::Input, &[vec![1; 900]]).unwrap();
    let image = disk.kill();
    image.flip_bit(&segment(1), 20, 3);
    let (found, _) = recover(&setup(&image, 2));
    assert_eq!(found.damage, []);
    assert_eq!(found.story.len(), 1);
}

#[test]
fn destroyed_header_between_segments_fences_the_lane_and_keeps_the_older_ones() {
    let disk = SimDisk::new();
    for life in 1..=3u8 {
        let lane = Lane::open(&disk, life.into());
        lane.write(Class::Input, &[vec![life; 900]]).unwrap();
        lane.committer.close();
    }
    let image = disk.kill();
    image.edit(&segment(2), |bytes| bytes[..FRONT_BYTES].fill(9));
    let (found, start) = recover(&setup(&image, 4));
    assert_eq!(found.damage.len(), 1);
    assert_eq!(
        (found.damage[0].segment, found.damage[0].what),
        (2, Bad::Segment)
    );
    assert_eq!(found.story.keys().copied().collect::<Vec<_>>(), [1, 3]);
    assert_eq!(start.next_seq, 4);
}

#[test]
fn failed_flush_refuses_its_group_for_ever() {
    let disk = SimDisk::new();
    let lane = Lane::open(&disk, 1);
    lane.write(Class::Input, &[vec![1; 900]]).unwrap();
    disk.fail_syncs(1);
    let refused = lane.write(Class::Input, &[vec![2; 900]]);
    assert_eq!(refused, Err(Unwritten::Disk));
    // Every byte of the refused group is on this disk, and still it does not count.
    let (found, _) = recover(&setup(&disk.kill(), 2));
    assert_eq!(found.story.len(), 1);
    assert_eq!(lane.write(Class::Input, &[vec![3; 900]]), Ok(2));
    let (found, _) = recover(&setup(&disk.kill(), 2));
    assert_eq!(found.story[&2], vec![3; 900]);
}

#[test]
fn full_disk_refuses_inputs_records_work_and_recovers_by_itself() {
    let disk = SimDisk::new();
    let lane = Lane::open(&disk, 1);
    wait_until(|| disk.used() >= 3 * u64::from(SEGMENT_BYTES));
    disk.limit(Some(disk.used()));
    let body = vec![vec![5; 4000]];
    let mut inputs_before = 0;
    wait_until(|| match lane.write(Class::Input, &body) {
        Ok(_) => {
            inputs_before += 1;
            false
        }
        Err(refused) => refused == Unwritten::Full,
    });
    assert!(inputs_before > 0);
    let mut work = 0;
    while lane.write(Class::Work, &body).is_ok() {
        work += 1;
    }
    assert!(work >= 10, "the reserve took only {work} records");
    assert_eq!(lane.write(Class::Work, &body), Err(Unwritten::Full));
    disk.limit(None);
    wait_until(|| lane.write(Class::Work, &body).is_ok());
    wait_until(|| lane.write(Class::Input, &body).is_ok());
    let promised = lane.promised();
    lane.committer.close();
    let (found, _) = recover(&setup(&disk.kill(), 2));
    assert_eq!(found.story, promised);
}

#[test]
fn fdatasync_precedes_every_acknowledgement() {
    let disk = SimDisk::new();
    let lane = Lane::open(&disk, 1);
    for number in 0..20u8 {
        lane.write(Class::Input, &[vec![number; 500]]).unwrap();
        let calls = disk.calls();
        let of_segment = |call: &&DiskCall| {
            let (DiskCall::Write(path) | DiskCall::Sync(path) | DiskCall::SyncFailed(path)) = call;
            path.extension() == Some("seg".as_ref())
        };
        let last = calls.iter().rev().find(of_segment);
        assert!(matches!(last, Some(DiskCall::Sync(_))), "{last:?}");
        // A power loss now, with nothing but the synced bytes, keeps it.
        let (found, _) = recover(&setup(&disk.crash(u64::from(number)), 2));
        assert_eq!(found.story.len(), usize::from(number) + 1);
    }
}

#[test]
fn nothing_lies_on_the_disk_in_clear() {
    let disk = SimDisk::new();
    let lane = Lane::open(&disk, 1);
    let secret = b"+52 1 55 1234 5678 mi impresora no imprime".to_vec();
    lane.write(Class::Input, std::slice::from_ref(&secret))
        .unwrap();
    lane.committer.close();
    let bytes = disk.bytes(&segment(1));
    let digits = b"1234 5678";
    assert!(!bytes.windows(digits.len()).any(|window| window == digits));
    let (found, _) = recover(&setup(&disk.kill(), 2));
    assert_eq!(found.story[&1], secret);
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "the condition never came true");
        std::thread::sleep(Duration::from_millis(1));
    }
}
