//! Keys of persons, on a disk that tears, rots and fills up.

use std::path::Path;
use std::sync::{Arc, Mutex};

use actors::journal::disk::sim::{Dice, SimDisk};
use actors::journal::keys::{KeyError, KeyStore, Ring};

use crate::support::for_seeds;
use crate::support::lane::Seeded;

const KEYS: &str = "/data/keys/contacts";
const ROW: usize = 96;

pub fn ring() -> Ring {
    Ring::generate(&Seeded(Mutex::new(Dice::new(1))))
}

fn keys_on(disk: &SimDisk, ring: &Ring, seed: u64) -> Result<KeyStore, KeyError> {
    let entropy = Arc::new(Seeded(Mutex::new(Dice::new(seed))));
    let disk = Arc::new(disk.clone());
    KeyStore::open(disk, KEYS.into(), Arc::new(ring.clone()), entropy)
}

pub fn keys(disk: &SimDisk, seed: u64) -> KeyStore {
    keys_on(disk, &ring(), seed).unwrap()
}

pub fn person(n: u8) -> [u8; 16] {
    [n; 16]
}

#[test]
fn a_contacts_key_is_made_once_and_comes_back_after_every_stop() {
    let disk = SimDisk::new();
    let store = keys(&disk, 1);
    assert!(store.find(&person(1)).unwrap().is_none());
    let first = store.find_or_make(&person(1)).unwrap();
    let second = store.find_or_make(&person(2)).unwrap();
    assert_ne!(first, second);
    assert_eq!(store.find_or_make(&person(1)).unwrap(), first);
    // A key is durable before anything is sealed under it: a power loss right away keeps it.
    for_seeds(20, |seed| {
        let later = keys(&disk.crash(seed), 2);
        assert_eq!(later.find(&person(1)).unwrap().as_ref(), Some(&first));
        assert_eq!(later.find(&person(2)).unwrap().as_ref(), Some(&second));
        assert_eq!((later.damaged(), later.cut_bytes()), (0, 0));
    });
}

#[test]
fn a_torn_tail_of_the_key_file_is_cut_and_its_place_used_again() {
    let disk = SimDisk::new();
    let store = keys(&disk, 1);
    let first = store.find_or_make(&person(1)).unwrap();
    let _ = store.find_or_make(&person(2)).unwrap();
    for left in [1, ROW / 2, ROW - 1] {
        let torn = disk.kill();
        torn.edit(Path::new(KEYS), |bytes| bytes.truncate(2 * ROW + left));
        let later = keys(&torn, 3);
        assert_eq!(later.cut_bytes(), left as u64);
        assert_eq!(later.find(&person(1)).unwrap().as_ref(), Some(&first));
        assert!(later.find(&person(2)).unwrap().is_none());
        let third = later.find_or_make(&person(3)).unwrap();
        let again = keys(&torn.kill(), 4);
        assert_eq!(again.find(&person(3)).unwrap(), Some(third));
    }
}

#[test]
fn a_flipped_bit_costs_one_key_and_is_counted() {
    let disk = SimDisk::new();
    let store = keys(&disk, 1);
    let made: Vec<_> = (1..=3)
        .map(|n| store.find_or_make(&person(n)).unwrap())
        .collect();
    for offset in 2 * ROW..3 * ROW {
        let rotten = disk.kill();
        rotten.flip_bit(Path::new(KEYS), offset, (offset % 8) as u8);
        let later = keys(&rotten, 2);
        assert_eq!(later.damaged(), 1, "offset {offset}");
        assert!(later.find(&person(2)).unwrap().is_none());
        assert_eq!(later.find(&person(1)).unwrap().as_ref(), Some(&made[0]));
        assert_eq!(later.find(&person(3)).unwrap().as_ref(), Some(&made[2]));
    }
    // While it is open, a row that rots is refused, never replaced by a fresh key.
    disk.flip_bit(Path::new(KEYS), 2 * ROW + 50, 1);
    assert!(matches!(
        store.find_or_make(&person(2)),
        Err(KeyError::Altered { .. })
    ));
}

#[test]
fn keys_survive_the_rings_rotation_and_the_old_ring_key_may_then_go() {
    let disk = SimDisk::new();
    let mut rotated = ring();
    let made = keys(&disk, 1).find_or_make(&person(1)).unwrap();
    let bytes = disk.bytes(Path::new(KEYS));
    rotated.rotate(&Seeded(Mutex::new(Dice::new(9))));
    let store = keys_on(&disk, &rotated, 2).unwrap();
    assert_eq!(store.find(&person(1)).unwrap().as_ref(), Some(&made));
    assert_ne!(disk.bytes(Path::new(KEYS)), bytes, "wrapped anew");
    // The old ring alone no longer opens it, so the old key is not needed any more.
    assert!(matches!(
        keys_on(&disk, &ring(), 3),
        Err(KeyError::Unknown(2))
    ));
}

#[test]
fn an_erased_key_is_gone_before_and_after_every_crash_or_not_at_all() {
    for_seeds(40, |seed| {
        let disk = SimDisk::new();
        let store = keys(&disk, 1);
        let made: Vec<_> = (1..=3)
            .map(|n| store.find_or_make(&person(n)).unwrap())
            .collect();
        let image = Arc::new(Mutex::new(None));
        let taken = Arc::clone(&image);
        disk.before_call((seed % 3) as usize, move |disk| {
            *taken.lock().unwrap() = Some(disk.crash(seed));
        });
        assert!(store.erase(&person(2)).unwrap());
        assert!(store.find(&person(2)).unwrap().is_none());
        assert!(!store.erase(&person(2)).unwrap());
        let later = keys(&disk.crash(seed), 2);
        assert!(later.find(&person(2)).unwrap().is_none());
        assert_eq!(later.find(&person(1)).unwrap().as_ref(), Some(&made[0]));
        assert_eq!(later.find(&person(3)).unwrap().as_ref(), Some(&made[2]));
        let row = later.find_or_make(&person(2)).unwrap();
        assert_ne!(row, made[1], "the same person begins anew");
        if let Some(image) = image.lock().unwrap().take() {
            let within = keys(&image, 3);
            let found = within.find(&person(2)).unwrap();
            assert!(found.is_none_or(|found| found == made[1]));
            assert_eq!(within.find(&person(1)).unwrap().as_ref(), Some(&made[0]));
        }
    });
}

#[test]
fn a_failed_flush_of_a_key_is_refused_and_the_file_written_anew() {
    let disk = SimDisk::new();
    let store = keys(&disk, 1);
    let first = store.find_or_make(&person(1)).unwrap();
    disk.fail_syncs(1);
    assert!(matches!(
        store.find_or_make(&person(2)),
        Err(KeyError::Io { .. })
    ));
    let second = store.find_or_make(&person(2)).unwrap();
    let later = keys(&disk.crash(5), 2);
    assert_eq!(later.find(&person(1)).unwrap(), Some(first));
    assert_eq!(later.find(&person(2)).unwrap(), Some(second));
}
