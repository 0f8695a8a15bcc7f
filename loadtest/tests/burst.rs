//! A tiny burst against the real server, started by the load tester itself: correctness only, no
//! figures.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const SMALL: &str = r#"
about = "A small burst with everything in it"
statuses = "both"
bare_seconds = 1
[load]
shape = "phases"
phases = [{ seconds = 8, per_s = 60 }]
[mix]
chopped = 0.1
album = 0.05
reordered = 0.1
twice = 0.2
languages = 0.5
[door]
settle_s = 60
[world]
gupshup = 2
gupshup_share = 0.3
"#;
const TALKS: &str = r#"
about = "A few whole conversations"
[load]
shape = "conversations"
people = 32
at_a_time = 16
[mix]
languages = 0.5
[world]
help_desk = true
gupshup = 2
gupshup_share = 0.4
[require]
conversations_min = 32
anomalies_max = 0
record_integrity_min = 1
"#;
const TEMPLATES: &str = r#"
about = "Every template, few of each"
[load]
shape = "templates"
names = 20
sends = 2
per_second = 40
[world]
channels = 2
gupshup = 1
gupshup_share = 0.5
[require]
template_delivery_min = 1
template_rendering_min = 1
"#;
const RECORDING: &str = r#"{"recording":1,"began_ms":1800000000000}
{"at_ms":1800000001000,"provider":"meta","channel":"c1","contact":"p1","kind":"text","text":"lome"}
{"at_ms":1800000002000,"provider":"gupshup","channel":"c2","contact":"p2","kind":"text","text":"rafi to"}
{"at_ms":1800000003000,"provider":"meta","channel":"c1","contact":"p1","kind":"text","text":"de lopa"}
{"at_ms":1800000004000,"provider":"meta","channel":"c1","contact":"p3","kind":"reaction"}
{"at_ms":1800000009000,"provider":"meta","channel":"c3","contact":"p4","kind":"image"}
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

/// Runs a scenario in a folder of its own; gives the report and the page.
fn run(name: &str, scenario: &str, arguments: &[&str]) -> (Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(format!("{name}.toml"));
    std::fs::write(&file, scenario).expect("the scenario is written");
    let (json, html) = (folder.path().join("r.json"), folder.path().join("r.html"));
    let output = Command::new(env!("CARGO_BIN_EXE_chasqui-loadtest"))
        .arg("run")
        .arg(&file)
        .args(arguments)
        // What is written to files in memory would not count.
        .args(["--data", env!("CARGO_TARGET_TMPDIR")])
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
            assert!(verdict.is_null() || verdict[wrong] == 0, "{wrong}: {said}");
        }
    }
    let page = std::fs::read_to_string(&html).expect("a page");
    (report, page)
}

#[test]
fn a_small_burst_is_answered_once_in_order_and_in_the_language_of_each() {
    if !is_server_built() {
        return;
    }
    let (report, page) = run("small", SMALL, &[]);
    let counts = &report["counts"];
    assert!(counts["messages"].as_u64() > Some(200), "{counts}");
    assert_eq!(counts["owed"], counts["accepted"]);
    assert_eq!(counts["owed"], counts["replied"]);
    assert!(report["rate"]["ceiling_per_s"].as_f64() > Some(0.0));
    assert!(report["latency_ms"]["to_provider"]["p50"].as_f64() > Some(0.0));
    assert!(report["resources"]["disk_bytes_per_step"].as_f64() > Some(0.0));
    assert!(report["statuses_on"].is_object());
    assert!(page.contains("<svg") && page.contains("small"));
}

#[test]
fn whole_conversations_end_with_one_ticket_each() {
    if !is_server_built() {
        return;
    }
    let (report, _) = run("talks", TALKS, &[]);
    assert_eq!(report["conversations"]["complete"], 32);
}

#[test]
fn ordered_templates_reach_the_phones_as_they_were_ordered() {
    if !is_server_built() {
        return;
    }
    let (report, _) = run("templates", TEMPLATES, &[]);
    assert_eq!(report["templates"]["sends"], 40);
}

#[test]
fn a_recording_is_replayed_as_fast_as_asked_for() {
    if !is_server_built() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let recording = folder.path().join("recording.jsonl");
    std::fs::write(&recording, RECORDING).expect("the recording is written");
    let arguments = [
        "--file",
        recording.to_str().expect("a name"),
        "--speed",
        "10",
    ];
    let scenario = include_str!("../scenarios/replay.toml");
    let (report, _) = run("replay", scenario, &arguments);
    assert_eq!(report["counts"]["messages"], 4);
    // Whoever begins is owed an answer: two texts; a picture is asked about too.
    assert_eq!(report["counts"]["owed"], 3);
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
