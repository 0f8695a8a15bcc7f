use axum::http::{HeaderMap, Method};
use bytes::Bytes;

use super::*;

fn request(path: &str) -> Arrived {
    Arrived {
        method: Method::GET,
        path: path.to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    }
}

fn numbers(log: &FileLog, after: u64, limit: usize) -> Vec<u64> {
    seen(log, after, limit, false)
}

fn seen(log: &FileLog, after: u64, limit: usize, settled: bool) -> Vec<u64> {
    let bytes = log
        .read(Query {
            after,
            limit,
            provider: None,
            settled,
        })
        .expect("readable");
    let lines = String::from_utf8(bytes).expect("text");
    let number = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("a JSON line");
        line["n"].as_u64().expect("a number")
    };
    lines.lines().map(number).collect()
}

fn files(dir: &Path) -> usize {
    std::fs::read_dir(dir).expect("a folder").count()
}

#[test]
fn only_the_newest_lines_are_kept_across_rotated_files() {
    let dir = tempfile::tempdir().expect("a folder");
    let bounds = Bounds {
        kept: 100,
        per_file: 10,
    };
    let log = FileLog::bounded(dir.path(), bounds).expect("open");
    for n in 0..95 {
        log.arrive(
            Provider::Meta,
            &request(&format!("/{n}")),
            Mark::default(),
            0,
        );
    }
    assert_eq!(numbers(&log, 0, 1_000), (1..=95).collect::<Vec<_>>());
    assert_eq!(numbers(&log, 8, 4), [9, 10, 11, 12]);
    for n in 0..170 {
        log.arrive(
            Provider::Meta,
            &request(&format!("/{n}")),
            Mark::default(),
            0,
        );
    }
    assert_eq!(numbers(&log, 0, 1_000), (166..=265).collect::<Vec<_>>());
    assert!(files(dir.path()) <= 11);
}

#[test]
fn one_answer_has_5000_lines_at_most() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = FileLog::open(dir.path()).expect("open");
    for _ in 0..5_100 {
        log.arrive(Provider::Glpi, &request("/x"), Mark::default(), 0);
    }
    assert_eq!(numbers(&log, 0, 9_999).len(), 5_000);
}

#[test]
fn lines_already_written_out_are_completed_in_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = FileLog::bounded(
        dir.path(),
        Bounds {
            kept: 20,
            per_file: 2,
        },
    )
    .expect("open");
    let tickets: Vec<_> = (0..5)
        .map(|_| log.arrive(Provider::Meta, &request("/x"), Mark::default(), 0))
        .collect();
    log.flush();
    for ticket in &tickets {
        log.finish(ticket, 200, true);
    }
    let bytes = log
        .read(Query {
            after: 0,
            limit: 10,
            provider: None,
            settled: true,
        })
        .expect("readable");
    let text = String::from_utf8(bytes).expect("text");
    assert_eq!(text.matches("\"status\":200,\"accepted\":true ").count(), 5);
}

#[test]
fn settled_lines_end_before_the_oldest_that_awaits_its_outcome_in_whatever_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let bounds = Bounds {
        kept: 20,
        per_file: 2,
    };
    let log = FileLog::bounded(dir.path(), bounds).expect("open");
    let tickets: Vec<_> = (0..5)
        .map(|_| log.arrive(Provider::Meta, &request("/x"), Mark::default(), 0))
        .collect();
    let settled = |after| seen(&log, after, 10, true);
    assert!(settled(0).is_empty());
    for (finished, read) in [
        (1, vec![]),
        (0, vec![1, 2]),
        (4, vec![1, 2]),
        (2, vec![1, 2, 3]),
    ] {
        log.finish(&tickets[finished], 0, false);
        assert_eq!(settled(0), read, "after {finished} was finished");
    }
    assert!(settled(3).is_empty() && settled(7).is_empty());
    log.finish(&tickets[3], 200, true);
    assert_eq!(settled(3), [4, 5]);
}

#[test]
fn a_new_run_starts_at_1_in_the_same_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        let log = FileLog::open(dir.path()).expect("open");
        log.arrive(Provider::Meta, &request("/x"), Mark::default(), 0);
        assert_eq!(numbers(&log, 0, 10), [1]);
        assert_eq!(files(dir.path()), 1);
    }
}
