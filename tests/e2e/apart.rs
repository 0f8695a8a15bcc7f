//! Simulators and server as processes apart, so that the server may end and start again while the
//! world goes on.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Process, control};

/// Running simulators, and what a server needs to live in their world.
pub struct Apart {
    /// The simulators' address.
    pub world: String,
    _simulators: Process,
    folder: tempfile::TempDir,
}

impl Apart {
    /// Starts the simulators and writes the demo's configuration for a server of their own, changed
    /// as a test wants it.
    pub fn start(change: impl FnOnce(String) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("requests");
        let log = log.to_str().expect("a path of text");
        let simulate = ["simulate", "--listen=127.0.0.1:0", "--log", log];
        let simulators = Process::start(&simulate, &folder.path().join("simulators.log"));
        let world = simulators.address("simulators");
        let apart = Self {
            world,
            _simulators: simulators,
            folder,
        };
        let config = change(printed_configuration(&apart.data(), &apart.world));
        std::fs::write(apart.configuration(), config).expect("the configuration is written");
        apart
    }

    /// The server's data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts a server, the first or the next on the same data, and points the webhooks to it.
    /// `name` is its log's.
    pub async fn serve(&self, name: &str) -> Process {
        self.serve_with(name, "").await
    }

    /// The same with fail points of the debug build.
    pub async fn serve_with(&self, name: &str, fail_points: &str) -> Process {
        let file = self.configuration();
        let serve = ["serve", "--config", file.to_str().expect("a path of text")];
        let log = self.folder.path().join(format!("{name}.log"));
        let server = Process::start_with(&serve, &log, fail_points);
        self.point_webhooks(&server.address("server")).await;
        server
    }

    fn configuration(&self) -> PathBuf {
        self.folder.path().join("chasqui.toml")
    }

    async fn point_webhooks(&self, server: &str) {
        let callback = format!("{server}/webhooks/meta/demo-meta");
        let change = serde_json::json!({"meta": {"demo-meta": {"callback_url": callback}}});
        control(&self.world, change).await;
    }
}

/// The demo's printed configuration with a free port and the simulators' own one.
fn printed_configuration(data: &Path, simulators: &str) -> String {
    let address = simulators.strip_prefix("http://").expect("an http address");
    let printed = Command::new(env!("CARGO_BIN_EXE_chasqui"))
        .args(["demo", "--print-config", "--listen=127.0.0.1:0"])
        .args(["--simulators-listen", address, "--data"])
        .arg(data)
        .output()
        .expect("the binary starts");
    assert!(
        printed.status.success() && !data.exists(),
        "it prints and makes nothing"
    );
    String::from_utf8(printed.stdout).expect("TOML is text")
}
