//! Where a run takes place: a server and simulators of its own, or a target that runs already.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::{Client, Place};
use crate::process::Process;
use crate::world::{Channel, World};

/// How long a restarted server is awaited.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A server that is up, with simulators behind it.
#[derive(Debug)]
pub struct Stage {
    /// The server.
    pub server: Place,
    /// The simulators.
    pub simulators: Place,
    /// The numbers that may be written to.
    pub channels: Vec<Channel>,
    own: Option<Own>,
    pid: Option<u32>,
}

/// What was started for this run. Fields end in this order: server, simulators, folder.
#[derive(Debug)]
struct Own {
    server: Option<Process>,
    _simulators: Process,
    binary: PathBuf,
    home: TempDir,
}

/// A target that runs already.
#[derive(Clone, Debug)]
pub struct Target {
    /// The server.
    pub server: Place,
    /// The simulators behind it.
    pub simulators: Place,
    /// The server's process id, when its resources are to be measured.
    pub pid: Option<u32>,
}

impl Stage {
    /// Starts simulators and server of `world`, with data in a new folder below `below`.
    pub async fn start(world: &World, below: Option<&Path>, seed: u64) -> anyhow::Result<Self> {
        let binary = binary()?;
        let mut folder = tempfile::Builder::new();
        let folder = folder.prefix("chasqui-load-");
        let home = match below {
            Some(below) => folder.tempdir_in(below),
            None => folder.tempdir(),
        };
        let home = home.context("making a folder for the run")?;
        let (simulators_process, simulators) = simulators(&binary, home.path(), seed)?;
        let configuration = world.configuration(demo(&binary, home.path(), &simulators)?);
        std::fs::write(
            home.path().join("chasqui.toml"),
            toml::to_string(&configuration)?,
        )?;
        let (server_process, url) = serve(&binary, home.path(), None).await?;
        let server = Place::parse(&url)?;
        let pid = Some(server_process.id());
        let own = Own {
            server: Some(server_process),
            _simulators: simulators_process,
            binary,
            home,
        };
        Client::new(simulators.clone())
            .post("/_control", &world.control(&url))
            .await?;
        Ok(Self {
            server,
            simulators,
            channels: world.numbers(),
            own: Some(own),
            pid,
        })
    }

    /// Uses what runs already: the demo's channel.
    pub async fn attach(target: Target) -> anyhow::Result<Self> {
        Client::new(target.server.clone()).get("/readyz").await?;
        Client::new(target.simulators.clone())
            .get("/_log/counts?totals=1")
            .await?;
        Ok(Self {
            server: target.server,
            simulators: target.simulators,
            channels: vec![Channel::demo()],
            own: None,
            pid: target.pid,
        })
    }

    /// The server's process id, where it is known.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Where the server keeps its data, when this run started it.
    pub fn data(&self) -> Option<PathBuf> {
        self.own.as_ref().map(|own| own.home.path().join("data"))
    }

    /// Changes the simulated world.
    pub async fn control(&self, change: &Value) -> anyhow::Result<()> {
        Client::new(self.simulators.clone())
            .post("/_control", change)
            .await?;
        Ok(())
    }

    /// Leaves the folder of this run standing after its end, and tells where it is.
    pub fn keep(&mut self) -> anyhow::Result<PathBuf> {
        let own = self
            .own
            .as_mut()
            .context("a target has no folder of this run")?;
        own.home.disable_cleanup(true);
        Ok(own.home.path().to_owned())
    }

    /// SIGKILL to the server that was started here.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let own = self
            .own
            .as_mut()
            .context("only a server that this run started is killed")?;
        let server = own.server.take().context("it was killed already")?;
        server.kill()
    }

    /// Starts a killed server again, where it listened before, and waits until it takes work.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.launch().await?;
        let until = tokio::time::Instant::now() + READY_WITHIN;
        while Client::new(self.server.clone())
            .get("/readyz")
            .await
            .is_err()
        {
            anyhow::ensure!(
                tokio::time::Instant::now() < until,
                "the server is not ready again"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Starts a killed server again and returns as soon as it tells its address.
    pub async fn launch(&mut self) -> anyhow::Result<()> {
        let own = self
            .own
            .as_mut()
            .context("only a server that this run started is started again")?;
        let address = self.server.host.clone();
        let (process, _) = serve(&own.binary, own.home.path(), Some(address)).await?;
        self.pid = Some(process.id());
        own.server = Some(process);
        Ok(())
    }
}

/// The `chasqui` binary: beside this one, or one folder up, where a test's is.
///
/// # Errors
/// When there is none.
pub fn binary() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("finding this program's own file")?;
    let folders = own.ancestors().skip(1).take(2);
    let mut candidates = folders.map(|folder| folder.join("chasqui"));
    candidates
        .find(|candidate| candidate.is_file())
        .with_context(|| {
            format!(
                "no chasqui beside {}; build it, or pass --target",
                own.display()
            )
        })
}

/// Starts simulators that keep their log below `home`. Blocking.
///
/// # Errors
/// When they do not start.
pub fn simulators(binary: &Path, home: &Path, seed: u64) -> anyhow::Result<(Process, Place)> {
    let (log, seed) = (home.join("simulators.log"), seed.to_string());
    let requests = home.join("requests");
    let arguments = [
        "simulate",
        "--listen",
        "127.0.0.1:0",
        "--seed",
        &seed,
        "--log",
        text(&requests)?,
    ];
    let (process, url) = Process::start(binary, &arguments, &[], &log, "simulators")?;
    Ok((process, Place::parse(&url)?))
}

fn demo(binary: &Path, home: &Path, simulators: &Place) -> anyhow::Result<toml::Table> {
    let data = home.join("data");
    let output = std::process::Command::new(binary)
        .args([
            "demo",
            "--print-config",
            "--listen",
            "127.0.0.1:0",
            "--data",
            text(&data)?,
        ])
        .args(["--simulators-listen", &simulators.host])
        .output()?;
    let printed = String::from_utf8(output.stdout)?;
    anyhow::ensure!(
        output.status.success(),
        "chasqui demo --print-config failed"
    );
    toml::from_str(&printed).context("reading the demo's configuration")
}

async fn serve(
    binary: &Path,
    home: &Path,
    listen: Option<String>,
) -> anyhow::Result<(Process, String)> {
    let (binary, home) = (binary.to_owned(), home.to_owned());
    let start = move || {
        let configuration = home.join("chasqui.toml");
        let arguments = ["serve", "--config", text(&configuration)?];
        let environment: Vec<_> = listen
            .map(|address| ("CHASQUI_LISTEN", address))
            .into_iter()
            .collect();
        Process::start(
            &binary,
            &arguments,
            &environment,
            &home.join("server.log"),
            "server",
        )
    };
    tokio::task::spawn_blocking(start).await?
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the folder's name is not text")
}
