//! `journal verify` on what a demo left: whole, without its index, damaged, and accepted.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::process::{Person, Process};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_journal_is_whole_with_and_without_its_index_and_damage_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let demo = Process::demo(folder.path());
    let person = Person::new(&demo.address("simulators"), "51999888777");
    person
        .asks("Hola, tengo un problema con mi computadora", "¡Hola!")
        .await;
    let (_, in_good_order) = demo.stop();
    assert!(in_good_order);

    is_whole(&data);
    // The index is disposable: without it the same is rebuilt from checkpoint and journal.
    std::fs::remove_dir_all(data.join("index")).expect("the index is there");
    is_whole(&data);
    flip_a_bit(&data.join("journal/lane-00"));
    let (code, report) = journal_verify(&data);
    assert_eq!(
        (code, &report["whole"]),
        (Some(3), &false.into()),
        "{report}"
    );
    assert_eq!(
        report["damage"].as_array().map(Vec::len),
        Some(1),
        "{report}"
    );
    let (code, _) = journal_verify_with(&data, &["--accept"]);
    assert_eq!(code, Some(0));
    // What was accepted is no damage any more, and is told with its time.
    let (code, again) = journal_verify(&data);
    assert_eq!((code, &again["whole"]), (Some(0), &true.into()), "{again}");
    assert_eq!(again["accepted"][0]["damage"], report["damage"][0]);
    assert!(again["accepted"][0]["at"].is_string(), "{again}");
}

fn is_whole(data: &Path) {
    let (code, report) = journal_verify(data);
    assert_eq!(
        (code, &report["whole"]),
        (Some(0), &true.into()),
        "{report}"
    );
    // An input, its step, the beginning and the end of its one send.
    assert!(report["records"].as_u64() >= Some(4), "{report}");
}

fn journal_verify(data: &Path) -> (Option<i32>, Value) {
    journal_verify_with(data, &[])
}

fn journal_verify_with(data: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_chasqui"));
    let done = verify
        .args(["journal", "verify", "--data"])
        .arg(data)
        .args(more)
        .output();
    let done = done.expect("the binary starts");
    let report = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| {
        panic!("no report, but {}", String::from_utf8_lossy(&done.stderr));
    });
    (done.status.code(), report)
}

/// Changes one bit in the first record of the oldest segment.
fn flip_a_bit(lane: &Path) {
    let files = std::fs::read_dir(lane)
        .expect("a folder")
        .filter_map(Result::ok);
    let mut segments: Vec<_> = files.map(|file| file.path()).collect();
    segments.retain(|path| path.extension().is_some_and(|ending| ending == "seg"));
    segments.sort();
    let mut bytes = std::fs::read(&segments[0]).expect("a segment");
    bytes[4096 + 600] ^= 1;
    std::fs::write(&segments[0], bytes).expect("the segment is written back");
}
