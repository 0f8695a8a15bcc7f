//! The server under test: a child process with a data directory of its own, started, killed
//! and started again. What it says on standard error goes to a file that a failed test keeps.

use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use chasqui::config::Config;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::tenants::{self, Tenant};
use crate::world::{World, client};

/// Nobody listens there: the discard service of old.
const NOWHERE: &str = "http://127.0.0.1:9";
/// A first start makes a database, on a machine that also compiles.
const START_WITHIN: Duration = Duration::from_secs(60);

/// How `/proc/…/syscall` begins for a thread in `clock_nanosleep`.
#[cfg(target_arch = "x86_64")]
const CLOCK_NANOSLEEP: &str = "230 ";
#[cfg(not(target_arch = "x86_64"))]
const CLOCK_NANOSLEEP: &str = "115 ";

pub struct Server {
    home: TempDir,
    data: PathBuf,
    /// Programs in front of the binary, such as a tracer.
    prefix: Vec<String>,
    child: Option<Child>,
    address: watch::Sender<String>,
    http: reqwest::Client,
}

impl Server {
    /// A server that has not been started yet; `change` adapts its configuration.
    pub fn new(world: &World, change: impl FnOnce(&mut Config)) -> Self {
        let home = tempfile::Builder::new()
            .prefix("chasqui-crash-")
            .tempdir()
            .unwrap();
        let data = home.path().join("data");
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut config = Config::demo(data.clone(), listen, &world.url());
        tenants::move_in(&mut config);
        // The limits of the test's world are not what is tested.
        config.providers.meta.messages_per_second = 1_000;
        config.providers.glpi.calls_per_second = 500;
        config.providers.glpi.calls_in_flight_max = 32;
        config.server.api_requests_per_minute = 100_000;
        // Faults are meant for the calls that conversations make.
        config.providers.glpi.poll_interval_ms = 600_000;
        change(&mut config);
        std::fs::write(home.path().join("chasqui.toml"), config.to_toml()).unwrap();
        let (address, _) = watch::channel(NOWHERE.to_owned());
        Self {
            home,
            data,
            prefix: Vec::new(),
            child: None,
            address,
            http: client(),
        }
    }

    /// Starts the binary behind other programs.
    pub fn behind(mut self, prefix: &[&str]) -> Self {
        self.prefix = prefix.iter().map(ToString::to_string).collect();
        self
    }

    /// A folder of the test beside the data directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where the server is, followed through restarts.
    pub fn watch_address(&self) -> watch::Receiver<String> {
        self.address.subscribe()
    }

    /// Starts it and waits until it listens.
    pub async fn start(&mut self, world: &World) {
        assert!(
            self.start_with(world, "", START_WITHIN).await,
            "the server does not listen; it said:\n{}",
            self.last_words()
        );
    }

    /// Starts it with fail points and waits until it listens, or has not within `patience`.
    pub async fn start_with(
        &mut self,
        world: &World,
        failpoints: &str,
        patience: Duration,
    ) -> bool {
        self.spawn(failpoints);
        match tokio::time::timeout(patience, self.announced()).await {
            Ok(Some(address)) => {
                world.call_back(&address);
                self.address.send_replace(address);
                true
            }
            _ => false,
        }
    }

    /// Starts it and does not wait.
    pub fn spawn(&mut self, failpoints: &str) {
        assert!(self.child.is_none(), "it runs already");
        let binary = env!("CARGO_BIN_EXE_chasqui");
        let mut words = self.prefix.iter().map(String::as_str).chain([binary]);
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .arg("serve")
            .arg("--config")
            .arg(self.home.path().join("chasqui.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(self.log())
            .env_remove("FAILPOINTS");
        if !failpoints.is_empty() {
            command.env("FAILPOINTS", failpoints);
        }
        self.child = Some(command.spawn().unwrap());
    }

    /// The address in the line on standard output; none when the process ended without it.
    async fn announced(&mut self) -> Option<String> {
        let stdout = self.child.as_mut()?.stdout.take()?;
        let mut lines = BufReader::new(stdout).lines();
        let line = lines.next_line().await.ok()??;
        let facts: Value = serde_json::from_str(&line).ok()?;
        Some(facts["server"].as_str()?.to_owned())
    }

    /// SIGKILL. When this returns the process is gone, and so is its address: another server
    /// may get the port.
    pub async fn kill(&mut self, world: &World) {
        let mut child = self.child.take().expect("it runs");
        child.start_kill().unwrap();
        self.address.send_replace(NOWHERE.to_owned());
        child.wait().await.unwrap();
        world.call_back(NOWHERE);
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self, world: &World, within: Duration) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let ended = tokio::time::timeout(within, child.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("it runs on:\n{}", self.last_words()));
        self.address.send_replace(NOWHERE.to_owned());
        world.call_back(NOWHERE);
        status.unwrap()
    }

    /// How many of its threads sleep for a set time, as a thread at a fail point does; none
    /// when the system does not tell.
    pub fn sleeping_threads(&self) -> Option<usize> {
        let id = self.child.as_ref()?.id()?;
        let threads = std::fs::read_dir(format!("/proc/{id}/task")).ok()?;
        let mut sleeping = 0;
        for thread in threads.flatten() {
            let call = std::fs::read_to_string(thread.path().join("syscall")).ok()?;
            sleeping += usize::from(call.starts_with(CLOCK_NANOSLEEP));
        }
        Some(sleeping)
    }

    /// SIGTERM, and how long the process then took to end.
    pub async fn terminate(&mut self, world: &World) -> (ExitStatus, Duration) {
        let mut child = self.child.take().expect("it runs");
        let begun = Instant::now();
        kill_process(pid(&child), Signal::TERM).unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(40), child.wait()).await;
        let status = ended.unwrap_or_else(|_| {
            panic!("it runs on after SIGTERM; it said:\n{}", self.last_words())
        });
        let took = begun.elapsed();
        self.address.send_replace(NOWHERE.to_owned());
        world.call_back(NOWHERE);
        (status.unwrap(), took)
    }

    /// Runs another command of the binary and gives its status and output.
    pub async fn command(&self, arguments: &[&str]) -> (ExitStatus, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_chasqui"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let mut words = String::from_utf8_lossy(&output.stdout).into_owned();
        words.push_str(&String::from_utf8_lossy(&output.stderr));
        (output.status, words)
    }

    /// Reads from the API as an operator of the tenant.
    pub async fn api(&self, tenant: &Tenant, path: &str) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", *self.address.borrow());
        let request = self.http.get(url).bearer_auth(tenant.api_token);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// What it tells those who watch it.
    pub async fn metrics(&self) -> String {
        let url = format!("{}/metrics", *self.address.borrow());
        let answer = self.http.get(url).send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// The process of the private Postgres.
    pub fn postgres(&self) -> Option<Pid> {
        let folder = std::fs::read_to_string(self.data.join("postgres.path"))
            .map_or_else(|_| self.data.join("postgres"), |text| text.trim().into());
        let file = std::fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
        let pid = Pid::from_raw(file.lines().next()?.trim().parse().ok()?)?;
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let is_ours = command.windows(8).any(|word| word == b"postgres")
            && String::from_utf8_lossy(&command).contains(folder.to_str()?);
        is_ours.then_some(pid)
    }

    /// Bytes of the files below a folder of the data directory, as the disk holds them.
    pub fn bytes_of(&self, folder: &str) -> u64 {
        bytes_below(&self.data.join(folder))
    }

    /// The last lines on standard error.
    pub fn last_words(&self) -> String {
        let text = std::fs::read_to_string(self.home.path().join("server.log")).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(25)..].join("\n")
    }

    fn log(&self) -> File {
        let path = self.home.path().join("server.log");
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap()
    }
}

/// A file may be removed while the folder is read.
fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
        Ok(metadata) => std::os::unix::fs::MetadataExt::blocks(&metadata) * 512,
        Err(_) => 0,
    });
    sizes.sum()
}

fn pid(child: &Child) -> Pid {
    let id = child.id().expect("it has not been waited for");
    Pid::from_raw(id.cast_signed()).expect("a process id is positive")
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself.
            let _ = child.start_kill();
        }
        if let Some(postgres) = self.postgres() {
            // Nobody needs its data any more.
            let _ = kill_process(postgres, Signal::QUIT);
        }
        if std::thread::panicking() {
            self.home.disable_cleanup(true);
            eprintln!(
                "kept for a look: {}; the server's last words:\n{}",
                self.home.path().display(),
                self.last_words()
            );
        }
    }
}
