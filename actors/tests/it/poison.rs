//! Inputs that end the process: the test starts itself as a child, life after life on one data
//! directory, until a life gets through. The fail point `contact::decide` makes the decision on one
//! word misbehave.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use actors::ports::Clock;
use actors::system::Limits;

use crate::support::life::{self, Life};
use crate::support::machine::MachineClock;

const DIRECTORY: &str = "CHASQUI_TEST_POISON";
const SIGABRT: i32 = 6;
const WORD: &str = "gira";

/// One life on a data directory; it comes back only when the person's second message is answered.
fn live(data: &Path) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let is_first = !data.join("journal").exists();
        let journal = life::in_directory(data.to_owned());
        let Life {
            company, system, ..
        } = &Life::begin(journal, Limits::default()).await;
        if is_first {
            let message = |id, text| company.message(id, text, MachineClock.now());
            let both = vec![message("1", WORD), message("2", "hola")];
            system.ingest(both).await.unwrap();
        }
        let begun = Instant::now();
        while company.texts().is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(60), "no answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let aside = system.desk(9).await.unwrap().quarantined;
        assert_eq!(aside.len(), 1, "{aside:?}");
        system.drain(Duration::from_secs(5)).await;
    });
}

/// Runs `test` as a child, once for each life, and gives how each life ended.
fn lives(test: &str, how: &str, at_most: usize) -> Vec<ExitStatus> {
    let folder = tempfile::tempdir().unwrap();
    let mut ends = Vec::new();
    while ends.len() < at_most {
        let end = Command::new(std::env::current_exe().unwrap())
            .args([&format!("poison::{test}"), "--exact", "--nocapture"])
            .env(DIRECTORY, folder.path().join("data"))
            .env(
                "FAILPOINTS",
                format!("contact::decide=return({how} {WORD})"),
            )
            .status()
            .unwrap();
        ends.push(end);
        if end.success() {
            break;
        }
    }
    ends
}

/// Whether this process is a child; then it has lived.
fn lived_as_child() -> bool {
    let Some(data) = std::env::var_os(DIRECTORY) else {
        return false;
    };
    let _scenario = fail::FailScenario::setup();
    live(Path::new(&data));
    true
}

fn check(ends: &[ExitStatus], aborts: usize) {
    let (last, before) = ends.split_last().unwrap();
    assert!(last.success(), "{ends:?}");
    assert!(
        before.iter().all(|end| end.signal() == Some(SIGABRT)),
        "{ends:?}"
    );
    assert_eq!(before.len(), aborts, "{ends:?}");
}

#[test]
fn a_decision_without_end_costs_one_abort_and_is_set_aside() {
    if !lived_as_child() {
        let ends = lives(
            "a_decision_without_end_costs_one_abort_and_is_set_aside",
            "loop",
            4,
        );
        check(&ends, 1);
    }
}

/// Once before anybody is suspect, then five strikes.
#[test]
fn a_decision_that_kills_the_process_is_set_aside_after_five_strikes() {
    if !lived_as_child() {
        let test = "a_decision_that_kills_the_process_is_set_aside_after_five_strikes";
        check(&lives(test, "abort", 9), 6);
    }
}

#[test]
fn a_decision_that_panics_is_set_aside_at_once() {
    if !lived_as_child() {
        check(
            &lives("a_decision_that_panics_is_set_aside_at_once", "panic", 2),
            0,
        );
    }
}
