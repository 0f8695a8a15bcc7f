//! A `chasqui` process that this run started: its addresses, its end by process id.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

/// How long an orderly end is awaited; the server's own bound is ten seconds.
const END_WITHIN: Duration = Duration::from_secs(20);

/// A running process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `binary` and waits for its one line on standard output; what it says on standard
    /// error is appended to `log`. Blocking. Gives the process and the address it told for `part`.
    pub fn start(
        binary: &Path,
        arguments: &[&str],
        environment: &[(&str, String)],
        log: &Path,
        part: &str,
    ) -> anyhow::Result<(Self, String)> {
        let said = OpenOptions::new().create(true).append(true).open(log)?;
        let child = Command::new(binary)
            .args(arguments)
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let mut process = Self {
            child,
            log: log.to_owned(),
        };
        let stdout = process
            .child
            .stdout
            .take()
            .context("standard output is piped")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let facts: serde_json::Value = serde_json::from_str(&line)
            .with_context(|| format!("{part} did not start; it said:\n{}", process.last_words()))?;
        let address = facts[part].as_str().context("the line names no address")?;
        Ok((process, address.to_owned()))
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// The last lines on its standard error.
    pub fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }
}

impl Drop for Process {
    /// Asked kindly first, so that a server's database ends with it.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended by itself in between.
            let _ = kill_process(pid, Signal::TERM);
        }
        let until = Instant::now() + END_WITHIN;
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // Nothing else is left to try.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
