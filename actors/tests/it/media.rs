//! Files sealed under the keys of persons, on a disk that tears, rots and fills up.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use actors::journal::disk::sim::SimDisk;
use actors::journal::disk::{Disk, RealDisk};
use actors::journal::keys::{KeyStore, SystemEntropy};
use actors::journal::media::{Config, FILE_BYTES_MAX, MediaError, MediaStore};
use actors::model::{ContactId, Kept, Millis, Name, TenantId};
use actors::ports::Clock;

use crate::contact_keys::{keys, person, ring};
use crate::support::for_seeds;

const DAY_MS: u64 = 86_400_000;

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
