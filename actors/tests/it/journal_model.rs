//! The segment journal against the model in memory, through crashes, carrying and lost files.

mod pair;

use std::sync::atomic::{AtomicU64, Ordering};

use actors::journal::adapter::SegmentJournal;
use actors::journal::disk::Disk;
use actors::journal::disk::sim::{Dice, SimDisk};
use actors::journal::memory::Log;

use crate::support::lane::segments_of;
use crate::support::people::{clock, config_of_lanes, run};
use crate::support::{for_seeds, repeats_one_seed};
use pair::Pair;

#[test]
fn every_restart_gives_back_what_the_model_says() {
    many_lives(lives(40), 1);
}

#[test]
fn every_restart_gives_back_what_the_model_says_in_three_lanes() {
    many_lives(lives(20), 3);
}

/// How many lives are led; `CHASQUI_CRASH_IMAGES` asks for more images of a stopped disk.
fn lives(default: u64) -> u64 {
    let asked = std::env::var("CHASQUI_CRASH_IMAGES").ok();
    asked.map_or(default, |text| text.parse().expect("a number"))
}

/// Lives that end in a kill, a power loss or good order, each compared with the model.
fn many_lives(seeds: u64, lanes: u16) {
    let released = AtomicU64::new(0);
    let saved = AtomicU64::new(0);
    for_seeds(seeds, |seed| {
        run(async {
            let (mut disk, clock) = (SimDisk::new(), clock());
            let (mut model, mut next_id) = (Log::new(64), 0);
            for round in 0..5 {
                let seed = seed * 100 + round;
                let config = config_of_lanes(&disk, &clock, seed, lanes);
                let mut pair = Pair {
                    journal: SegmentJournal::open(config).unwrap(),
                    model,
                    dice: Dice::new(seed),
                    next_id,
                    lanes,
                };
                pair.compare().await;
                for _ in 0..80 {
                    pair.act().await;
                    // A quarter of an hour passes between two deeds, so that days go by.
                    clock.0.fetch_add(15 * 60_000, Ordering::Relaxed);
                }
                pair.compare().await;
                assert_eq!(pair.journal.figures().damage, []);
                for lane in 0..lanes {
                    let first = segments_of(&disk, lane).first().copied().unwrap_or(0);
                    released.fetch_add(u64::from(first.saturating_sub(1)), Ordering::Relaxed);
                }
                saved.fetch_add(checkpoints(&disk) as u64, Ordering::Relaxed);
                disk = match pair.dice.below(3) {
                    0 => disk.kill(),
                    1 => disk.crash(pair.dice.roll()),
                    _ => {
                        pair.journal.close();
                        disk.kill()
                    }
                };
                (model, next_id) = (pair.model, pair.next_id);
            }
        });
    });
    // The comparison means something only if segments went and snapshots were made meanwhile.
    if !repeats_one_seed() {
        assert!(released.into_inner() > seeds);
        assert!(saved.into_inner() > seeds);
    }
}

fn checkpoints(disk: &SimDisk) -> usize {
    disk.list("/data/checkpoint".as_ref()).unwrap().len()
}
