//! The checkpoint by itself: whatever is written in batches is found, merged or not, and no byte of
//! it changes unnoticed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use actors::journal::checkpoint::{Checkpoint, CheckpointError, Item};
use actors::journal::disk::Disk;
use actors::journal::disk::sim::{Dice, SimDisk};
use actors::journal::keys::Ring;
use actors::journal::snapshot::Saved;
use actors::model::{ContactId, Key};

use crate::support::for_seeds;
use crate::support::lane::Seeded;

const FOLDER: &str = "/data/checkpoint";

struct Scene {
    disk: SimDisk,
    ring: Ring,
    seed: u64,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let entropy = Seeded(Mutex::new(Dice::new(seed)));
        Self {
            disk: SimDisk::new(),
            ring: Ring::generate(&entropy),
            seed,
        }
    }

    fn open(&mut self) -> Result<Checkpoint, CheckpointError> {
        self.seed += 1;
        let entropy = Arc::new(Seeded(Mutex::new(Dice::new(self.seed))));
        let disk = Arc::new(self.disk.clone());
        Checkpoint::open(disk, FOLDER.into(), self.ring.clone(), entropy)
    }

    fn files(&self) -> Vec<String> {
        self.disk.list(Path::new(FOLDER)).unwrap()
    }
}

fn person(n: u64) -> Key {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    Key::Contact(ContactId(id))
}

fn snapshot(version: u64, bytes: usize) -> Saved {
    Saved {
        version,
        cover: version,
        folded: version,
        state: Some(vec![version as u8; bytes]),
        ..Saved::default()
    }
}

/// What a checkpoint shows as the latest.
fn latest(checkpoint: &Checkpoint) -> Vec<Item> {
    let mut items = Vec::new();
    let shown = checkpoint.latest(&mut |item| {
        items.push(item);
        Ok(())
    });
    shown.unwrap();
    items
}

#[test]
fn every_snapshot_is_found_as_it_was_written_last_through_merges_and_starts() {
    for_seeds(10, |seed| {
        let mut dice = Dice::new(seed);
        let mut scene = Scene::new(seed);
        let mut checkpoint = scene.open().unwrap();
        let mut people = BTreeMap::new();
        let mut aliases = BTreeMap::new();
        for version in 1..=60 {
            let mut batch = Vec::new();
            for _ in 0..1 + dice.below(80) {
                let n = dice.below(500);
                // Some are larger than a block.
                let bytes = if dice.below(50) == 0 {
                    20_000
                } else {
                    dice.below(600)
                };
                let saved = snapshot(version, bytes as usize);
                people.insert(person(n), saved.clone());
                batch.push(Item::Entity(person(n), saved));
                if dice.below(3) == 0 {
                    let alias = [n as u8; 16];
                    aliases.insert(alias, (person(n), version));
                    batch.push(Item::Alias(alias, person(n), version));
                }
            }
            assert_eq!(checkpoint.append(&batch).unwrap(), version);
            checkpoint.tidy().unwrap();
            if dice.below(20) == 0 {
                checkpoint.flatten().unwrap();
            }
            if dice.below(8) == 0 {
                checkpoint = scene.open().unwrap();
                assert_eq!(checkpoint.last(), version);
            }
            for _ in 0..20 {
                let key = person(dice.below(500));
                let found = checkpoint.snapshots().of(key).unwrap();
                assert_eq!(found.as_ref(), people.get(&key));
            }
        }
        for n in 0..600 {
            let found = checkpoint.snapshots().of(person(n)).unwrap();
            assert_eq!(found.as_ref(), people.get(&person(n)));
        }
        let people = people
            .into_iter()
            .map(|(key, saved)| Item::Entity(key, saved));
        let aliases = aliases.into_iter();
        let aliases = aliases.map(|(alias, (key, seq))| Item::Alias(alias, key, seq));
        assert_eq!(
            latest(&checkpoint),
            people.chain(aliases).collect::<Vec<_>>()
        );
        assert!(scene.files().len() < 16, "{:?}", scene.files());
    });
}

#[test]
fn whoever_reads_while_files_are_merged_finds_what_was_written_or_something_newer() {
    let mut scene = Scene::new(1);
    let mut checkpoint = scene.open().unwrap();
    let everybody = |version| (0..40).map(move |n| Item::Entity(person(n), snapshot(version, 50)));
    checkpoint
        .append(&everybody(1).collect::<Vec<_>>())
        .unwrap();
    let snapshots = checkpoint.snapshots();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let reader = threads.spawn(|| {
            let mut last = [1; 40];
            while !is_over.load(Ordering::Relaxed) {
                for n in 0..40 {
                    let saved = snapshots.of(person(n)).unwrap().expect("it was written");
                    assert!(saved.version >= last[n as usize]);
                    last[n as usize] = saved.version;
                }
            }
        });
        for version in 2..=100 {
            checkpoint
                .append(&everybody(version).collect::<Vec<_>>())
                .unwrap();
            checkpoint.tidy().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
}

#[test]
fn what_is_replayed_after_a_batch_are_the_later_ones() {
    let mut scene = Scene::new(1);
    let mut checkpoint = scene.open().unwrap();
    for version in 1..=3 {
        let saved = snapshot(version, 10);
        checkpoint
            .append(&[Item::Entity(person(version), saved)])
            .unwrap();
    }
    let mut shown = Vec::new();
    let replayed = checkpoint.replay(1, &mut |item| {
        shown.push(item.id());
        Ok(())
    });
    replayed.unwrap();
    let later = [2, 3].map(|n| Item::Entity(person(n), Saved::default()).id());
    assert_eq!(shown, later);
}

#[test]
fn a_changed_bit_anywhere_is_told_and_never_read_as_something_else() {
    for_seeds(200, |seed| {
        let mut dice = Dice::new(seed);
        let mut scene = Scene::new(seed);
        let mut checkpoint = scene.open().unwrap();
        let people = (1..=120).map(|n| Item::Entity(person(n), snapshot(n, 200)));
        let people: Vec<Item> = people.collect();
        checkpoint.append(&people).unwrap();
        drop(checkpoint);
        let path = Path::new(FOLDER).join(&scene.files()[0]);
        let bytes = scene.disk.bytes(&path).len() as u64;
        let bit = dice.below(8) as u8;
        scene.disk.flip_bit(&path, dice.below(bytes) as usize, bit);
        let mut told = 0;
        match scene.open() {
            Err(CheckpointError::Damaged { .. } | CheckpointError::Key { .. }) => told += 1,
            Err(error) => panic!("{error}"),
            Ok(checkpoint) => {
                let snapshots = checkpoint.snapshots();
                for item in &people {
                    let Item::Entity(key, saved) = item else {
                        continue;
                    };
                    match snapshots.of(*key) {
                        Ok(found) => assert_eq!(found.as_ref(), Some(saved)),
                        Err(error) => {
                            assert!(matches!(error, CheckpointError::Damaged { .. }));
                            told += 1;
                        }
                    }
                }
                let all = checkpoint.latest(&mut |_| Ok(()));
                assert!(all.is_err(), "a whole reading finds it");
            }
        }
        assert!(told > 0);
    });
}

#[test]
fn a_file_that_a_merge_has_replaced_is_removed_by_the_next_start() {
    let mut scene = Scene::new(1);
    let mut checkpoint = scene.open().unwrap();
    for version in 1..=3 {
        let saved = snapshot(version, 100);
        checkpoint
            .append(&[Item::Entity(person(1), saved)])
            .unwrap();
    }
    let old = scene.files();
    let old: Vec<_> = old
        .into_iter()
        .map(|name| Path::new(FOLDER).join(name))
        .map(|path| (scene.disk.bytes(&path), path))
        .collect();
    checkpoint.flatten().unwrap();
    assert_eq!(scene.files(), ["0000000001-0000000003.chk"]);
    // As if the process had ended before it removed them.
    for (bytes, path) in old {
        let file = scene.disk.create(&path).unwrap();
        file.write_at(&bytes, 0).unwrap();
    }
    assert_eq!(scene.files().len(), 4);
    let checkpoint = scene.open().unwrap();
    assert_eq!(scene.files(), ["0000000001-0000000003.chk"]);
    let found = checkpoint.snapshots().of(person(1)).unwrap();
    assert_eq!(found, Some(snapshot(3, 100)));
}
