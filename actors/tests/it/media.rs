//! Keys of persons and the files sealed under them, on a disk that tears, rots and fills up.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use actors::journal::disk::sim::{Dice, SimDisk};
use actors::journal::disk::{Disk, RealDisk};
use actors::journal::keys::{KeyError, KeyStore, Ring, SystemEntropy};
use actors::journal::media::{Config, FILE_BYTES_MAX, MediaError, MediaStore};
use actors::model::{ContactId, Kept, Millis, Name, TenantId};
use actors::ports::Clock;

use crate::support::for_seeds;
use crate::support::lane::Seeded;

const KEYS: &str = "/data/keys/contacts";
const ROW: usize = 96;
const DAY_MS: u64 = 86_400_000;

fn ring() -> Ring {
    Ring::generate(&Seeded(Mutex::new(Dice::new(1))))
}

fn keys_on(disk: &SimDisk, ring: &Ring, seed: u64) -> Result<KeyStore, KeyError> {
    let entropy = Arc::new(Seeded(Mutex::new(Dice::new(seed))));
    let disk = Arc::new(disk.clone());
    KeyStore::open(disk, KEYS.into(), Arc::new(ring.clone()), entropy)
}

fn keys(disk: &SimDisk, seed: u64) -> KeyStore {
    keys_on(disk, &ring(), seed).unwrap()
}

fn person(n: u8) -> [u8; 16] {
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

struct At(Mutex<u64>);

impl Clock for At {
    fn now(&self) -> Millis {
        Millis(*self.0.lock().unwrap())
    }
}

struct Bench {
    disk: SimDisk,
    store: Arc<MediaStore>,
    clock: Arc<At>,
    keys: Arc<KeyStore>,
}

fn bench_on(disk: &SimDisk, tenant_bytes: u64) -> Bench {
    let clock = Arc::new(At(Mutex::new(1_800_000_000_000)));
    let keys = Arc::new(keys(disk, 3));
    let config = Config {
        disk: Arc::new(disk.clone()),
        tenant_bytes,
        ..Config::new("/data/media".into(), Arc::clone(&keys), clock.clone())
    };
    Bench {
        disk: disk.clone(),
        store: Arc::new(MediaStore::open(config).unwrap()),
        clock,
        keys,
    }
}

fn tenant(name: &str) -> TenantId {
    Name::new(name).unwrap()
}

impl Bench {
    fn keep(&self, who: u8, bytes: &[u8]) -> Result<Kept, MediaError> {
        let begun = self.store.begin(&tenant("demo"), ContactId([who; 16]));
        let mut incoming = begun?;
        for part in bytes.chunks(10_000) {
            incoming.write(part)?;
        }
        incoming.keep("image/jpeg")
    }

    fn read(&self, who: u8, name: &str) -> Option<Vec<u8>> {
        let reading = self.store.read(ContactId([who; 16]), name).unwrap();
        reading.map(|reading| reading.all().unwrap())
    }

    fn files(&self, who: u8) -> Vec<PathBuf> {
        let folder = PathBuf::from(format!("/data/media/{who:02x}"));
        let names = self.disk.list(&folder).unwrap();
        names.into_iter().map(|name| folder.join(name)).collect()
    }
}

fn photo(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 % 251) as u8).collect()
}

#[test]
fn a_file_comes_back_byte_for_byte_and_nothing_of_it_stands_in_clear() {
    let bench = bench_on(&SimDisk::new(), u64::MAX);
    for size in [1, 65_535, 65_536, 65_537, 200_000] {
        let bytes = photo(size);
        let kept = bench.keep(7, &bytes).unwrap();
        assert_eq!((kept.size, kept.mime.as_str()), (size as u64, "image/jpeg"));
        assert_eq!(bench.read(7, &kept.name).unwrap(), bytes);
        assert_eq!(bench.read(8, &kept.name), None, "another contact's name");
    }
    let secret = b"my secret is written all over this file ".repeat(100);
    let kept = bench.keep(9, &secret).unwrap();
    let path = bench.files(9).remove(0);
    assert!(path.to_string_lossy().ends_with(kept.name.as_str()));
    let stored = bench.disk.bytes(&path);
    assert!(!stored.windows(8).any(|window| window == &secret[..8]));
    assert!(!stored.windows(10).any(|window| window == b"image/jpeg"));
}

#[test]
fn the_same_bytes_twice_are_one_file_of_a_contact_and_two_of_two() {
    let bench = bench_on(&SimDisk::new(), u64::MAX);
    let first = bench.keep(1, &photo(5_000)).unwrap();
    let used = bench.store.used(&tenant("demo")).unwrap();
    let again = bench.keep(1, &photo(5_000)).unwrap();
    assert_eq!(first, again);
    assert_eq!(bench.files(1).len(), 1);
    assert_eq!(bench.store.used(&tenant("demo")).unwrap(), used);
    let other = bench.keep(2, &photo(5_000)).unwrap();
    assert_ne!(
        first.name, other.name,
        "a name tells nothing without the key"
    );
    assert_eq!(bench.store.used(&tenant("demo")).unwrap(), 2 * used);
}

#[test]
fn a_file_may_have_16_mib_and_not_a_byte_more() {
    let bench = bench_on(&SimDisk::new(), u64::MAX);
    let most = vec![7; FILE_BYTES_MAX as usize];
    let kept = bench.keep(1, &most).unwrap();
    assert_eq!(kept.size, FILE_BYTES_MAX);
    let mut incoming = bench
        .store
        .begin(&tenant("demo"), ContactId([2; 16]))
        .unwrap();
    incoming.write(&most).unwrap();
    assert!(matches!(incoming.write(&[7]), Err(MediaError::TooLarge)));
    drop(incoming);
    assert!(bench.files(2).is_empty());
    assert!(
        bench
            .disk
            .list(Path::new("/data/media/incoming"))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_tenants_quota_is_counted_over_restarts_and_holds_to_the_byte() {
    let disk = SimDisk::new();
    let bench = bench_on(&disk, u64::MAX);
    bench.keep(1, &photo(50_000)).unwrap();
    let one = bench.store.used(&tenant("demo")).unwrap();
    let bench = bench_on(&disk.kill(), 2 * one);
    assert_eq!(bench.store.used(&tenant("demo")).unwrap(), one);
    bench.keep(2, &photo(50_000)).unwrap();
    assert!(matches!(bench.keep(3, &[1]), Err(MediaError::Quota)));
    assert_eq!(bench.store.used(&tenant("other")).unwrap(), 0);
    // Erasing one gives its bytes back.
    let removed = bench.store.erase(ContactId([1; 16])).unwrap();
    assert_eq!((removed.files, removed.bytes), (1, one));
    bench.keep(3, &[1]).unwrap();
}

#[test]
fn a_full_disk_refuses_the_file_leaves_nothing_and_takes_it_later() {
    let disk = SimDisk::new();
    let bench = bench_on(&disk, u64::MAX);
    bench.keep(1, &[1]).unwrap();
    disk.limit(Some(disk.used() + 100_000));
    assert!(matches!(
        bench.keep(1, &photo(300_000)),
        Err(MediaError::Full)
    ));
    assert!(
        disk.list(Path::new("/data/media/incoming"))
            .unwrap()
            .is_empty()
    );
    disk.limit(None);
    let kept = bench.keep(1, &photo(300_000)).unwrap();
    assert_eq!(bench.read(1, &kept.name).unwrap(), photo(300_000));
}

#[test]
fn a_kept_file_survives_a_power_loss_and_a_half_written_one_is_cleared_away() {
    let disk = SimDisk::new();
    let bench = bench_on(&disk, u64::MAX);
    let kept = bench.keep(1, &photo(150_000)).unwrap();
    let mut half = bench
        .store
        .begin(&tenant("demo"), ContactId([1; 16]))
        .unwrap();
    half.write(&photo(100_000)).unwrap();
    for_seeds(30, |seed| {
        let later = bench_on(&disk.crash(seed), u64::MAX);
        assert_eq!(later.read(1, &kept.name).unwrap(), photo(150_000));
        let incoming = later.disk.list(Path::new("/data/media/incoming")).unwrap();
        assert!(incoming.is_empty(), "{incoming:?}");
        assert_eq!(later.files(1).len(), 1);
    });
}

#[test]
fn a_changed_or_cut_file_is_told_and_never_given_out_as_whole() {
    let disk = SimDisk::new();
    let bench = bench_on(&disk, u64::MAX);
    let kept = bench.keep(1, &photo(70_000)).unwrap();
    let path = bench.files(1).remove(0);
    let size = disk.bytes(&path).len();
    for offset in [0, 10, 30, 39, 45, 170, 183, 184, 60_000, size - 1] {
        let rotten = disk.kill();
        rotten.flip_bit(&path, offset, 2);
        let later = bench_on(&rotten, u64::MAX);
        let read = later.store.read(ContactId([1; 16]), &kept.name);
        let all = read.and_then(|reading| reading.unwrap().all());
        assert!(matches!(all, Err(MediaError::Altered)), "offset {offset}");
    }
    for cut in [1, 100, 66_000] {
        let shorter = disk.kill();
        shorter.edit(&path, |bytes| bytes.truncate(size - cut));
        let later = bench_on(&shorter, u64::MAX);
        let reading = later.store.read(ContactId([1; 16]), &kept.name).unwrap();
        let all = reading.unwrap().all();
        assert!(matches!(all, Err(MediaError::Altered)), "cut {cut}");
    }
}

#[test]
fn an_erased_persons_files_are_gone_and_unreadable_even_where_a_copy_was_kept() {
    let disk = SimDisk::new();
    let bench = bench_on(&disk, u64::MAX);
    let kept = bench.keep(1, &photo(1_000)).unwrap();
    let other = bench.keep(2, &photo(1_000)).unwrap();
    let path = bench.files(1).remove(0);
    let copy = disk.bytes(&path);
    bench.store.erase(ContactId([1; 16])).unwrap();
    assert!(bench.files(1).is_empty());
    assert_eq!(bench.read(1, &kept.name), None);
    assert_eq!(bench.read(2, &other.name).unwrap(), photo(1_000));
    // A copy put back opens under no key, not even under that of the same person come again.
    disk.create(&path).unwrap().write_at(&copy, 0).unwrap();
    assert_eq!(bench.read(1, &kept.name), None);
    bench.keys.find_or_make(&person(1)).unwrap();
    let read = bench.store.read(ContactId([1; 16]), &kept.name);
    assert!(matches!(read, Err(MediaError::Altered)));
}

#[test]
fn what_was_left_of_an_erased_person_is_swept_away() {
    let bench = bench_on(&SimDisk::new(), u64::MAX);
    bench.keep(1, &photo(1_000)).unwrap();
    bench.keep(2, &photo(1_000)).unwrap();
    // A crash between key and files.
    bench.keys.erase(&person(1)).unwrap();
    let removed = bench.store.sweep().unwrap();
    assert_eq!(removed.files, 1);
    assert!(bench.files(1).is_empty());
    assert_eq!(bench.files(2).len(), 1);
}

#[test]
fn files_outlive_their_days_by_no_sweep_and_a_repeat_counts_from_anew() {
    let bench = bench_on(&SimDisk::new(), u64::MAX);
    let old = bench.keep(1, &photo(1_000)).unwrap();
    let again = bench.keep(1, &photo(2_000)).unwrap();
    *bench.clock.0.lock().unwrap() += 89 * DAY_MS;
    assert_eq!(bench.store.sweep().unwrap().files, 0);
    bench.keep(1, &photo(2_000)).unwrap();
    *bench.clock.0.lock().unwrap() += 2 * DAY_MS;
    assert_eq!(bench.store.sweep().unwrap().files, 1);
    assert_eq!(bench.read(1, &old.name), None);
    assert_eq!(bench.read(1, &again.name).unwrap(), photo(2_000));
    let left = bench.disk.bytes(&bench.files(1)[0]).len() as u64;
    assert_eq!(bench.store.used(&tenant("demo")).unwrap(), left);
}

#[test]
fn keys_and_files_are_private_on_a_real_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/contacts");
    let keys = KeyStore::open(
        Arc::new(RealDisk),
        path.clone(),
        Arc::new(ring()),
        Arc::new(SystemEntropy),
    );
    let keys = Arc::new(keys.unwrap());
    let clock = Arc::new(At(Mutex::new(1)));
    let media = folder.path().join("media");
    let store = MediaStore::open(Config::new(media.clone(), Arc::clone(&keys), clock));
    let store = Arc::new(store.unwrap());
    let mut incoming = store.begin(&tenant("demo"), ContactId([3; 16])).unwrap();
    incoming.write(&photo(100_000)).unwrap();
    let kept = incoming.keep("application/pdf").unwrap();
    let file = media.join(format!("03/{}-{}", "03".repeat(16), kept.name));
    keys.erase(&person(4)).unwrap();
    for path in [&path, &file] {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    for path in [&media, &media.join("03")] {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", path.display());
    }
    let read = store.read(ContactId([3; 16]), &kept.name).unwrap().unwrap();
    assert_eq!(read.all().unwrap(), photo(100_000));
}
