//! A running postgres: its own child, or one that an earlier server left behind.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

/// How often a postgres that is not our child is looked at. Its end is noticed earlier by
/// whoever uses it.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

/// What postgres writes about itself in its data folder.
#[derive(Debug, PartialEq, Eq)]
pub struct PidFile {
    pid: i32,
    socket: PathBuf,
}

impl PidFile {
    /// Reads `postmaster.pid` of a data folder; `None` when there is none, or it is still
    /// being written.
    pub fn read(data: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let socket = PathBuf::from(lines.nth(3)?.trim());
        Some(Self { pid, socket })
    }

    /// The process, if it still is a postgres on these data.
    pub fn process(&self, data: &Path) -> Option<Pid> {
        let pid = Pid::from_raw(self.pid)?;
        serves(pid, data).then_some(pid)
    }

    /// Whether it listens in this folder.
    pub fn listens_in(&self, socket: &Path) -> bool {
        self.socket == socket
    }
}

/// Whether the process is a postgres on these data. Its number alone proves nothing: after
/// a restart of the machine anybody can have it. One that has ended has no command line,
/// even when nobody has collected its status.
fn serves(pid: Pid, data: &Path) -> bool {
    let Ok(line) = std::fs::read(format!("/proc/{pid}/cmdline")) else {
        return false;
    };
    let mut words = line.split(|byte| *byte == 0);
    words
        .next()
        .is_some_and(|program| program.ends_with(b"postgres"))
        && words.any(|word| word == data.as_os_str().as_encoded_bytes())
}

/// A postgres whose end is noticed.
pub struct Process {
    pid: Pid,
    exit: Exit,
}

enum Exit {
    Child(Child),
    Stranger(PathBuf),
}

impl Process {
    /// Watches a child of ours.
    pub fn of_child(child: Child) -> io::Result<Self> {
        let gone = || io::Error::other("postgres ended at once");
        let pid = child
            .id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
            .ok_or_else(gone)?;
        Ok(Self {
            pid,
            exit: Exit::Child(child),
        })
    }

    /// Watches a process on these data that is nobody's child here.
    pub fn adopt(pid: Pid, data: PathBuf) -> Self {
        Self {
            pid,
            exit: Exit::Stranger(data),
        }
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Waits for its end and says how it was.
    pub async fn ended(&mut self) -> String {
        match &mut self.exit {
            Exit::Child(child) => match child.wait().await {
                Ok(status) => format!("postgres ended with {status}"),
                Err(error) => format!("postgres cannot be waited for: {error}"),
            },
            Exit::Stranger(data) => {
                while serves(self.pid, data) {
                    sleep(LOOK_PAUSE).await;
                }
                "the adopted postgres ended".to_owned()
            }
        }
    }

    /// Ends it: sessions are cut and the data written, or, when that takes over five
    /// seconds, it stops as after a crash, which it recovers from.
    pub async fn stop(mut self) {
        for (signal, patience) in [(Signal::INT, 5), (Signal::QUIT, 2)] {
            if kill_process(self.pid, signal).is_err() {
                return;
            }
            if timeout(Duration::from_secs(patience), self.ended())
                .await
                .is_ok()
            {
                return;
            }
        }
        tracing::warn!(
            postgres.pid = self.pid(),
            "postgres does not stop; it is left behind"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "4711\n/srv/data\n1700000000\n5432\n/srv/run\n\n  1 2\nready   \n";

    #[test]
    fn the_pid_file_names_process_and_socket() {
        let file = PidFile::parse(FILE).unwrap();
        assert_eq!(
            file,
            PidFile {
                pid: 4711,
                socket: "/srv/run".into()
            }
        );
        assert_eq!(PidFile::parse("4711\n/srv/data\n"), None);
    }

    #[test]
    fn a_number_that_somebody_else_has_now_is_not_adopted() {
        let own = i32::try_from(std::process::id()).unwrap();
        let file = PidFile {
            pid: own,
            socket: "/srv/run".into(),
        };
        assert_eq!(file.process(Path::new("/srv/data")), None);
    }
}
