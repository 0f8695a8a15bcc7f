//! Public clients of both APIs, written by others, run against the simulators. They come from
//! PyPI into a virtual environment under the build folder, once. Where there is no Python or
//! no package registry, the tests say so and end; with `CHASQUI_THIRD_PARTY=required` in the
//! environment they fail instead.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use chasqui::simulators::demo;

use crate::bench::Bench;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/third_party");

/// The interpreter of a virtual environment with the clients, or why there is none.
fn python() -> Result<PathBuf, String> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PYTHON.get_or_init(install).clone()
}

fn install() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("third-party-python");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // Test processes run beside one another; only one may install.
    let lock = std::fs::File::create(folder.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let python = folder.join("venv/bin/python");
    let finished = folder.join("finished");
    let requirements = format!("{FOLDER}/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
    if std::fs::read_to_string(&finished).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(folder.join("venv")))?;
    run(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--requirement",
        &requirements,
    ]))?;
    std::fs::write(&finished, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<Output, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(format!(
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    ))
}

async fn check(script: &str, arguments: Vec<String>) {
    let installed = tokio::task::spawn_blocking(python)
        .await
        .expect("the installer ends");
    let python = match installed {
        Ok(python) => python,
        Err(reason) => {
            let required =
                std::env::var("CHASQUI_THIRD_PARTY").is_ok_and(|value| value == "required");
            assert!(!required, "{script} could not be run: {reason}");
            eprintln!("{script} was not run: {reason}");
            return;
        }
    };
    let script = format!("{FOLDER}/{script}");
    let checked =
        tokio::task::spawn_blocking(move || run(Command::new(python).arg(script).args(arguments)));
    let output = checked
        .await
        .expect("the script ends")
        .expect("the client is content");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn glpi_api_from_pypi_works_against_the_simulator() {
    let bench = Bench::start().await;
    let arguments = [
        &bench.url("/glpi/apirest.php"),
        demo::GLPI_APP_TOKEN,
        demo::GLPI_USER_TOKEN,
    ];
    check("glpi_api_check.py", arguments.map(str::to_owned).to_vec()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn glpi_rest_from_pypi_finds_its_way_back_after_its_session_ended() {
    let bench = Bench::start().await;
    let arguments = [&bench.url(""), demo::GLPI_APP_TOKEN, demo::GLPI_USER_TOKEN];
    check("glpi_rest_check.py", arguments.map(str::to_owned).to_vec()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ghup_whatsapp_from_pypi_works_against_the_simulator_and_its_events_join() {
    let bench = Bench::start().await;
    check("ghup_whatsapp_check.py", gupshup(&bench)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gupshup_python_from_pypi_lists_and_sends_templates() {
    let bench = Bench::start().await;
    check("gupshup_python_check.py", gupshup(&bench)).await;
}

fn gupshup(bench: &Bench) -> Vec<String> {
    let arguments = [
        &bench.url(""),
        demo::GUPSHUP_APP,
        demo::GUPSHUP_APP_ID,
        demo::GUPSHUP_API_KEY,
        demo::GUPSHUP_SOURCE,
        demo::GUPSHUP_CHANNEL,
    ];
    arguments.map(str::to_owned).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn kapso_from_pypi_works_against_the_simulator_and_reads_its_webhooks() {
    let bench = Bench::start().await;
    check("kapso_check.py", cloud_api(&bench)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pywa_from_pypi_works_against_the_simulator_and_verifies_its_webhooks() {
    let bench = Bench::start().await;
    check("pywa_check.py", cloud_api(&bench)).await;
}

fn cloud_api(bench: &Bench) -> Vec<String> {
    let arguments = [
        &bench.url(""),
        demo::PHONE_NUMBER_ID,
        demo::ACCESS_TOKEN,
        demo::WABA_ID,
        demo::APP_SECRET,
        demo::CHANNEL,
    ];
    arguments.map(str::to_owned).to_vec()
}
