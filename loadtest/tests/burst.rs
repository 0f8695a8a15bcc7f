//! A tiny burst against the real server, started by the load tester itself: correctness only, no
//! figures.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const TINY: &str = r#"
about = "A tiny burst with everything in it"
statuses = "both"
bare_seconds = 1
[load]
shape = "phases"
phases = [{ seconds = 2, per_s = 60 }]
[mix]
chopped = 0.1
album = 0.05
reordered = 0.1
twice = 0.2
[door]
settle_s = 60
"#;

/// The server stands beside the tester once the workspace is built; a build of this package alone
/// has none.
fn is_server_built() -> bool {
    let tester = Path::new(env!("CARGO_BIN_EXE_chasqui-loadtest"));
    let is_there = tester.with_file_name("chasqui").is_file();
    if !is_there {
        eprintln!(
            "no chasqui beside {}: build the workspace first",
            tester.display()
        );
    }
    is_there
}

#[test]
fn a_tiny_burst_is_answered_once_and_in_order() {
    if !is_server_built() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = folder.path().join("tiny.toml");
    std::fs::write(&scenario, TINY).expect("the scenario is written");
    let (json, html) = (folder.path().join("r.json"), folder.path().join("r.html"));
    let output = Command::new(env!("CARGO_BIN_EXE_chasqui-loadtest"))
        .arg("run")
        .arg(&scenario)
        .arg("--json")
        .arg(&json)
        .arg("--html")
        .arg(&html)
        .output()
        .expect("the tester runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report: Value =
        serde_json::from_slice(&std::fs::read(&json).expect("a report")).expect("JSON");
    for verdict in [&report["verdict"], &report["statuses_on"]["verdict"]] {
        for wrong in [
            "lost",
            "doubled",
            "out_of_order",
            "wrong_state",
            "statuses_missing",
        ] {
            assert_eq!(verdict[wrong], 0, "{wrong}: {said}");
        }
    }
    let counts = &report["counts"];
    assert!(counts["messages"].as_u64() > Some(50), "{counts}");
    assert_eq!(counts["owed"], counts["accepted"]);
    assert_eq!(counts["owed"], counts["replied"]);
    assert!(report["rate"]["ceiling_per_s"].as_f64() > Some(0.0));
    assert!(report["latency_ms"]["to_provider"]["p50"].as_f64() > Some(0.0));
    assert!(report["resources"]["disk_bytes_per_step"].as_f64() > Some(0.0));
    let page = std::fs::read_to_string(&html).expect("a page");
    assert!(page.contains("<svg") && page.contains("tiny"));
}

#[test]
fn other_machines_are_refused_unless_allowed() {
    let refused = Command::new(env!("CARGO_BIN_EXE_chasqui-loadtest"))
        .args(["run", "burst", "--target", "http://192.0.2.1:9"])
        .output()
        .expect("the tester runs");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--allow-foreign-hosts"));
}

#[test]
fn a_missing_scenario_names_the_shipped_ones() {
    let output = Command::new(env!("CARGO_BIN_EXE_chasqui-loadtest"))
        .args(["run", "no-such-thing"])
        .output()
        .expect("the tester runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("ceiling"));
}
