//! The disk full, the index removed, the database killed, segments that turn over every two
//! seconds.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Signal, geteuid, kill_process};
use tokio::task::JoinSet;

use crate::gate::Gate;
use crate::oracle::{REPLIES, Said};
use crate::people::{Carrier, converse};
use crate::request_log::{Line, created_for, taken_for};
use crate::scene::Scene;
use crate::server::Server;

const MIB: u64 = 1024 * 1024;
/// What the journal of segments of 1 MiB and 2 s may hold.
const JOURNAL_MAX: u64 = 10 * MIB;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_the_door_answers_503_and_opens_again_without_a_restart() {
    if !geteuid().is_root() {
        println!("skipped: only root can mount the small file system that this test fills");
        return;
    }
    let mut scene = Scene::prepare(|config| {
        config.journal.segment_bytes = MIB;
        config.journal.reserve_bytes = 2 * MIB;
    })
    .await;
    let journal = scene.server.data().join("journal");
    std::fs::create_dir_all(&journal).unwrap();
    let Some(small) = SmallDisk::mount(&journal, 24) else {
        println!("skipped: this machine does not let root mount a tmpfs");
        return;
    };
    scene.server.start(&scene.world).await;

    let filler = small.fill();
    let mut talk = scene.converse(0..1);
    let mut count = 1;
    let begun = Instant::now();
    while !scene.carrier.counts().refusals().contains_key(&503) {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "never refused on a full disk"
        );
        let carrier = scene.carrier.clone();
        talk.spawn(converse(carrier, scene.seed, count));
        count += 1;
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    println!("503 after {count} people and {:?}", begun.elapsed());
    // What was accepted is answered all the same: steps are written to the reserve.
    let accepted = scene.carrier.counts().accepted();
    let answered = |lines: &[Line]| {
        accepted
            .iter()
            .filter(|(_, index)| *index < 2)
            .all(|(phone, index)| {
                let taken = taken_for(lines, phone);
                taken
                    .iter()
                    .any(|send| Said::of(send.text) == REPLIES[*index])
            })
    };
    let patience = Duration::from_secs(40);
    let replied = scene.world.log_fulfils(patience, answered).await;
    assert!(
        replied,
        "accepted on a full disk and not answered within {patience:?}"
    );
    // A start needs room for a new segment, and there is only the reserve.
    let before = reserves(&journal);
    scene.server.kill(&scene.world).await;
    scene.server.start(&scene.world).await;
    let after = reserves(&journal);
    assert!(
        after < before,
        "{after} of {before} files of the reserve are left"
    );
    std::fs::remove_file(filler).unwrap();
    talk.join_all().await;
    scene.ends_well(&scene.people(0..count)).await;
    scene.server.terminate(&scene.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_index_is_rebuilt_when_it_is_removed_between_two_runs() {
    let mut scene = Scene::begin().await;
    let people = scene.people(0..8);
    for index in 0..3 {
        for person in &people {
            scene.say(person, index).await;
        }
        if index < 2 {
            match index {
                0 => scene.server.kill(&scene.world).await,
                _ => assert!(scene.server.terminate(&scene.world).await.0.success()),
            }
            let index = scene.server.data().join("index");
            assert!(
                index.is_dir(),
                "no index in {}",
                scene.server.data().display()
            );
            std::fs::remove_dir_all(index).unwrap();
            scene.server.start(&scene.world).await;
        }
    }
    scene.ends_well(&people).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_flow_while_postgres_is_dead_and_it_comes_back() {
    let scene = Scene::begin().await;
    let before = scene.server.postgres().expect("a private postgres runs");
    kill_process(before, Signal::KILL).unwrap();
    let people = scene.people(0..4);
    scene.converse(0..4).join_all().await;
    scene.ends_well(&people).await;
    let begun = Instant::now();
    while scene.server.postgres().is_none_or(|now| now == before) {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "postgres does not come back"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_segments_under_load_stay_within_their_bound_and_carry_what_is_open() {
    let mut scene = Scene::prepare(|_| ()).await;
    // The second tenant's GLPI is away all the time: this ticket is open throughout.
    let gate = Gate::shut(&scene.world.url()).await;
    scene.server = Server::new(&scene.world, |config| {
        config.journal.segment_bytes = MIB;
        config.journal.reserve_bytes = MIB;
        config.journal.segment_age_max_s = 2;
        config.journal.keep_bytes = JOURNAL_MAX;
        config.bootstrap.glpi_connections[1].url = format!("{}/glpi/apirest.php", gate.url());
    });
    scene.carrier = Carrier::new(scene.server.watch_address());
    scene.server.start(&scene.world).await;
    let held = scene.person(1);
    for index in 0..3 {
        scene.say(&held, index).await;
    }
    scene
        .told(&held, Said::Follows, Duration::from_secs(20))
        .await;

    let begun = Instant::now();
    let mut count = 2;
    // The most bytes seen in each quarter of the time.
    let mut most = [0_u64; 4];
    let mut talk = JoinSet::new();
    let mut index_removed = false;
    while begun.elapsed() < Duration::from_secs(60) {
        if !index_removed && begun.elapsed() > Duration::from_secs(30) {
            scene.server.kill(&scene.world).await;
            std::fs::remove_dir_all(scene.server.data().join("index")).unwrap();
            scene.server.start(&scene.world).await;
            index_removed = true;
        }
        // Even numbers belong to the first tenant.
        talk.spawn(converse(scene.carrier.clone(), scene.seed, count));
        count += 2;
        let quarter = (begun.elapsed().as_secs() / 15).min(3) as usize;
        most[quarter] = most[quarter].max(scene.server.bytes_of("journal"));
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
    talk.join_all().await;
    let people = count / 2;
    println!("{people} people; the journal held {most:?} bytes at most");
    assert!(most.iter().all(|bytes| *bytes <= JOURNAL_MAX), "{most:?}");
    assert!(index_removed);
    assert!(created_for(&scene.world.log().await, &held.name).is_empty());

    gate.open();
    let mut people: Vec<_> = (2..count).step_by(2).map(|nth| scene.person(nth)).collect();
    people.push(held);
    scene.ends_well(&people).await;

    assert!(scene.server.terminate(&scene.world).await.0.success());
    let data = scene.server.data().to_str().unwrap().to_owned();
    let verify = ["journal", "verify", "--data", &data];
    let (status, words) = scene.server.command(&verify).await;
    assert!(status.success(), "{words}");
}

/// Files that are left of the journal's reserve.
fn reserves(journal: &Path) -> usize {
    let files = std::fs::read_dir(journal.join("lane-00")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.starts_with("reserve-") && !name.ends_with(".draft"))
        .count()
}

/// A file system of a few megabytes in memory.
struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    fn mount(folder: &Path, mib: u32) -> Option<Self> {
        let status = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={mib}m,mode=0755"),
                "tmpfs",
            ])
            .arg(folder)
            .status();
        let folder = folder.to_owned();
        status
            .is_ok_and(|status| status.success())
            .then_some(Self { folder })
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let path = self.folder.join("filler");
        let mut file = File::create(&path).unwrap();
        for size in [64 * 1024, 4096, 512] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may still have files open.
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}
