//! Claims about the log of what the simulators received: which lines are kept, shown and complete.

use std::sync::OnceLock;

use axum::http::{HeaderMap, Method};
use bytes::Bytes;

use super::*;

/// So many requests arrive, each with a path of its own.
fn arrive(log: &FileLog, count: usize) -> Vec<Ticket> {
    let request = |n| Arrived {
        method: Method::GET,
        path: format!("/{n}"),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        read: OnceLock::new(),
    };
    let arrive = |n| log.arrive(Provider::Meta, &request(n), &Mark::default(), 0);
    (0..count).map(arrive).collect()
}

fn read(log: &FileLog, after: u64, limit: usize, settled: bool) -> String {
    let query = Query {
        after,
        limit,
        provider: None,
        settled,
    };
    String::from_utf8(log.read(query).expect("readable")).expect("text")
}

fn numbers(log: &FileLog, after: u64, limit: usize) -> Vec<u64> {
    numbers_in(&read(log, after, limit, false))
}

fn numbers_in(lines: &str) -> Vec<u64> {
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
    arrive(&log, 95);
    assert_eq!(numbers(&log, 0, 1_000), (1..=95).collect::<Vec<_>>());
    assert_eq!(numbers(&log, 8, 4), [9, 10, 11, 12]);
    arrive(&log, 170);
    assert_eq!(numbers(&log, 0, 1_000), (166..=265).collect::<Vec<_>>());
    assert!(files(dir.path()) <= 11);
}

#[test]
fn one_answer_has_5000_lines_at_most() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = FileLog::open(dir.path()).expect("open");
    arrive(&log, 5_100);
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
    let tickets = arrive(&log, 5);
    log.flush();
    for ticket in &tickets {
        log.finish(ticket, 200, true);
    }
    let text = read(&log, 0, 10, true);
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
    let tickets = arrive(&log, 5);
    let settled = |after| numbers_in(&read(&log, after, 10, true));
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
fn a_line_without_outcome_holds_settled_readers_up_only_as_long_as_it_is_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let bounds = Bounds {
        kept: 20,
        per_file: 2,
    };
    let log = FileLog::bounded(dir.path(), bounds).expect("open");
    arrive(&log, 1);
    let finish = |count| {
        for ticket in arrive(&log, count) {
            log.finish(&ticket, 200, true);
        }
    };
    finish(19);
    assert!(numbers_in(&read(&log, 0, 100, true)).is_empty());
    finish(10);
    let settled = numbers_in(&read(&log, 0, 100, true));
    assert_eq!(settled, (11..=30).collect::<Vec<_>>());
}

#[test]
fn a_new_run_starts_at_1_in_the_same_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        let log = FileLog::open(dir.path()).expect("open");
        arrive(&log, 1);
        assert_eq!(numbers(&log, 0, 10), [1]);
        assert_eq!(files(dir.path()), 1);
    }
}
