//! Keeps the private Postgres running until the server stops.

use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::State;
use super::cluster::{Cluster, StartError};
use super::process::Process;

/// Pauses before each new start; the last one repeats.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
];

/// How long a start may take before it is given up. Recovery after a crash is part of it.
const START_PATIENCE: Duration = Duration::from_secs(120);

/// After running this long, the pauses begin anew.
const SETTLED: Duration = Duration::from_secs(60);

/// The task that watches it.
pub struct Supervisor {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Supervisor {
    /// Starts watching; the receiver shows how it goes.
    pub fn spawn(cluster: Cluster) -> (Self, watch::Receiver<State>) {
        let (stop, stopped) = oneshot::channel();
        let (state, states) = watch::channel(State::Starting);
        let watch = Watch {
            cluster,
            state,
            starts: 0,
            failures: 0,
        };
        let task = tokio::spawn(watch.run(stopped));
        (Self { stop, task }, states)
    }

    /// Ends the watch and the watched.
    pub async fn stop(self) {
        // A task that has ended already has nothing left to stop.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

struct Watch {
    cluster: Cluster,
    state: watch::Sender<State>,
    starts: u32,
    failures: usize,
}

impl Watch {
    async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        loop {
            let begun = Instant::now();
            let reason = match self.bring_up().await {
                Ok((process, adopted)) => match self.attend(process, adopted, &mut stopped).await {
                    Some(reason) => reason,
                    None => return,
                },
                Err(error) => error.to_string(),
            };
            if begun.elapsed() >= SETTLED {
                self.failures = 0;
            }
            let pause = PAUSES[self.failures.min(PAUSES.len() - 1)];
            self.failures += 1;
            tracing::warn!(
                pause_ms = pause.as_millis() as u64,
                "{reason}; started again"
            );
            self.state.send_replace(State::Down { reason });
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = &mut stopped => return,
            }
            self.state.send_replace(State::Starting);
        }
    }

    async fn bring_up(&mut self) -> Result<(Process, bool), StartError> {
        if let Some(process) = self.cluster.adopt().await {
            return Ok((process, true));
        }
        self.cluster.make().await?;
        self.starts += 1;
        Ok((self.cluster.start()?, false))
    }

    /// Stays with a process until its end, whose reason is returned, or until the server
    /// stops.
    async fn attend(
        &mut self,
        mut process: Process,
        adopted: bool,
        stopped: &mut oneshot::Receiver<()>,
    ) -> Option<String> {
        tokio::select! {
            greeted = timeout(START_PATIENCE, self.cluster.greet()) => match greeted {
                Ok(Ok(major)) => self.announce(&process, adopted, major),
                Ok(Err(error)) => {
                    process.stop().await;
                    return Some(error.to_string());
                }
                Err(_) => {
                    process.stop().await;
                    return Some("postgres does not answer".to_owned());
                }
            },
            end = process.ended() => return Some(format!("{end}: {}", self.cluster.last_words())),
            _ = &mut *stopped => {
                process.stop().await;
                return None;
            }
        }
        tokio::select! {
            end = process.ended() => Some(end),
            _ = stopped => {
                process.stop().await;
                None
            }
        }
    }

    fn announce(&self, process: &Process, adopted: bool, major: u32) {
        let (pid, restarts) = (process.pid(), self.starts.saturating_sub(1));
        let how = if adopted { "adopted" } else { "started" };
        tracing::info!(
            postgres.pid = pid,
            postgres.major = major,
            restarts,
            "postgres {how}"
        );
        self.state.send_replace(State::Up {
            pid,
            adopted,
            restarts,
        });
    }
}
