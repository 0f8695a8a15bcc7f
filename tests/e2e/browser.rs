//! The demo's page in a real browser.

use std::path::Path;
use std::process::Command;

use crate::process::Process;

#[test]
fn a_person_finds_each_function_on_the_demo_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("tests/e2e");
    for (path, what) in [
        (Path::new("/usr/bin/chromium"), "Chromium"),
        (
            folder.join("node_modules/playwright-core").as_path(),
            "the browser driver",
        ),
    ] {
        assert!(
            path.exists(),
            "{what} is missing ({}): run `make setup`",
            path.display()
        );
    }
    let pictures = root.join("target/e2e");
    std::fs::create_dir_all(&pictures).expect("a folder for the pictures");
    let data = tempfile::tempdir().expect("a data directory");
    let demo = Process::start(
        &[
            "demo",
            "--listen=127.0.0.1:0",
            "--simulators-listen=127.0.0.1:0",
            "--data",
            data.path().to_str().expect("a path of text"),
        ],
        &pictures.join("demo.log"),
    );
    let held = Command::new("node")
        .arg(folder.join("demo.spec.mjs"))
        .arg(demo.address("server"))
        .arg(&pictures)
        .output()
        .expect("Node is missing: run `make setup`");
    let said = String::from_utf8_lossy(&held.stdout);
    let complained = String::from_utf8_lossy(&held.stderr);
    assert!(held.status.success(), "{said}{complained}");
}
