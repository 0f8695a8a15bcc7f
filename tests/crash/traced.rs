//! The system calls of the server, watched.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_fdatasync_of_the_journal_precedes_every_acknowledgement() {
    let strace = Command::new("strace")
        .arg("-V")
        .stdout(Stdio::null())
        .status();
    assert!(
        strace.is_ok_and(|status| status.success()),
        "strace is missing; `make setup` installs it"
    );
    let mut scene = Scene::prepare(|_| ()).await;
    let trace = scene.server.home().join("trace");
    scene.server = scene.server.behind(&[
        "strace",
        "-D",
        "-f",
        "-y",
        "-s",
        "64",
        "-e",
        "trace=fdatasync,read,recvfrom,write,writev,sendto",
        "-o",
        trace.to_str().unwrap(),
    ]);
    scene.server.start(&scene.world).await;
    let people = scene.people(0..6);
    scene.converse(0..6).join_all().await;
    scene.ends_well(&people).await;
    scene.server.terminate(&scene.world).await;

    let answers = acknowledgements(&std::fs::read_to_string(trace).unwrap());
    println!("{} acknowledgements traced", answers.len());
    assert!(answers.len() >= 3 * people.len(), "{answers:#?}");
    let early = answers.iter().filter(|answer| !answer.is_durable);
    let early: Vec<_> = early.map(|answer| answer.words.as_str()).collect();
    assert!(early.is_empty(), "before an fdatasync: {early:#?}");
}

/// A 200 to a webhook.
#[derive(Debug)]
struct Acknowledgement {
    /// The words of the trace that write it.
    words: String,
    /// Whether an fdatasync of the journal began after the request was read and ended before
    /// the answer was written.
    is_durable: bool,
}

/// Where a connection stands.
#[derive(Default)]
struct Connection {
    is_webhook: bool,
    /// The line at which its last bytes had been read.
    read_at: usize,
}

fn acknowledgements(text: &str) -> Vec<Acknowledgement> {
    let mut connections = HashMap::<String, Connection>::new();
    // The call that a thread has begun and not ended: its line and words.
    let mut begun = HashMap::<&str, (usize, &str)>::new();
    // Begin and end of each fdatasync.
    let mut synced = Vec::<(usize, usize)>::new();
    let mut answers = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        // An answer counts from the moment its write begins, all else when the call has ended.
        let (call, since, until) = if rest.starts_with("<...") {
            match begun.remove(thread) {
                Some((since, words)) => (words, since, Some((number, rest))),
                None => continue,
            }
        } else if rest.ends_with("<unfinished ...>") {
            begun.insert(thread, (number, rest));
            (rest, number, None)
        } else {
            (rest, number, Some((number, rest)))
        };
        let Some((name, arguments)) = call.split_once('(') else {
            continue;
        };
        let Some(file) = arguments.split([',', ')']).next() else {
            continue;
        };
        match name {
            "fdatasync" if file.contains("/journal/") => {
                if let Some((until, end)) = until
                    && end.ends_with("= 0")
                {
                    synced.push((since, until));
                }
            }
            "read" | "recvfrom" if file.contains("socket") || file.contains("TCP") => {
                if let Some((until, end)) = until {
                    let connection = connections.entry(file.to_owned()).or_default();
                    let said = if end.starts_with("<...") { end } else { call };
                    if said.contains("\"POST /webhooks/meta/") {
                        connection.is_webhook = true;
                    }
                    if bytes(end) > 0 {
                        connection.read_at = until;
                    }
                }
            }
            "write" | "writev" | "sendto"
                if arguments.contains("HTTP/1.1 200") && since == number =>
            {
                let connection = connections.entry(file.to_owned()).or_default();
                if std::mem::take(&mut connection.is_webhook) {
                    let durable = |sync: &(usize, usize)| sync.0 > connection.read_at;
                    answers.push(Acknowledgement {
                        words: format!("line {}: {line}", number + 1),
                        is_durable: synced.iter().rev().any(durable),
                    });
                }
            }
            _ => {}
        }
    }
    answers
}

/// What the call returned.
fn bytes(end: &str) -> i64 {
    let value = end.rsplit_once("= ").map(|(_, value)| value);
    let digits = value.and_then(|value| value.split(' ').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[test]
fn an_acknowledgement_without_an_fdatasync_of_its_own_is_noticed() {
    let request = r#"recvfrom(9<socket:[5]>, "POST /webhooks/meta/demo-meta HT"..., 8192, 0, NULL, NULL) = 512"#;
    let answer =
        r#"sendto(9<socket:[5]>, "HTTP/1.1 200 OK\r\n"..., 120, MSG_NOSIGNAL, NULL, 0) = 120"#;
    let sync = "fdatasync(7</data/journal/lane-00/1.segment>) = 0";
    let durable = |calls: &[&str]| {
        let lines = calls.iter().map(|call| match call.split_once('|') {
            Some((thread, call)) => format!("{thread} {call}\n"),
            None => format!("1 {call}\n"),
        });
        let answers = acknowledgements(&lines.collect::<String>());
        answers
            .iter()
            .map(|answer| answer.is_durable)
            .collect::<Vec<_>>()
    };
    assert_eq!(durable(&[request, sync, answer]), [true]);
    assert_eq!(durable(&[sync, request, answer]), [false]);
    assert_eq!(durable(&[request, answer, sync]), [false]);
    assert_eq!(
        durable(&[request, sync, answer, request, answer]),
        [true, false]
    );
    // Begun before the request was read, ended after it.
    let begun = "2|fdatasync(7</data/journal/lane-00/1.segment> <unfinished ...>";
    let ended = "2|<... fdatasync resumed>) = 0";
    assert_eq!(durable(&[begun, request, ended, answer]), [false]);
    assert_eq!(durable(&[request, begun, answer, ended]), [false]);
    assert_eq!(durable(&[request, begun, ended, answer]), [true]);
    let elsewhere = "fdatasync(7</data/postgres/data/base/1>) = 0";
    assert_eq!(durable(&[request, elsewhere, answer]), [false]);
}
