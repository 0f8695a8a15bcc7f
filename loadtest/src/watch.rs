//! Watches a load while it runs: replies for the window, the log before it forgets, resources and
//! the server's own figures second by second.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::client::{Client, Place};
use crate::clock::now_us;
use crate::generator::Live;
use crate::probe::{self, Told, Usage};
use crate::progress::Progress;
use crate::request_log::{self, RequestLog};
use crate::stage::Stage;

/// How often replies are counted when a window waits for them.
const COUNT_OFTEN: Duration = Duration::from_millis(5);
/// How often they are counted otherwise.
const COUNT_SELDOM: Duration = Duration::from_millis(200);
/// Lines that may be unread; the simulators keep a million.
const UNREAD_MAX: u64 = 400_000;

/// What is known of one second of the load.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When it was taken, microseconds since 1970.
    pub at_us: i64,
    /// The server's process, where it is known.
    pub usage: Option<Usage>,
    /// Bytes written to the device under the data directory, by everybody.
    pub device_written: Option<u64>,
    /// Busy time of the machine, seconds over all cores.
    pub machine_busy_s: f64,
    /// What the server told; `None` when it did not answer.
    pub told: Option<Told>,
}

impl Sample {
    /// What is known at `at_us` without asking the server.
    pub fn of(stage: &Stage, at_us: i64) -> Self {
        Self {
            at_us,
            usage: stage.pid().and_then(Usage::of),
            device_written: stage.data().as_deref().and_then(probe::device_written),
            machine_busy_s: probe::machine_busy_s().unwrap_or_default(),
            told: None,
        }
    }
}

/// A running watch.
#[derive(Debug)]
pub struct Watch {
    done: Arc<AtomicBool>,
    replies: JoinHandle<anyhow::Result<RequestLog>>,
    samples: JoinHandle<Vec<Sample>>,
}

/// What is watched.
#[derive(Debug)]
pub struct Watched {
    /// The server; none when the load goes to a bare handler.
    pub server: Option<Place>,
    /// The log of the simulators behind it.
    pub log: RequestLog,
    /// Requests that WhatsApp had taken before.
    pub accepted_before: u64,
    /// The simulators.
    pub simulators: Place,
    /// The server's process id, asked for each time because it may be started again.
    pub pid: Arc<std::sync::atomic::AtomicU32>,
    /// Where the server keeps its data, when that is known.
    pub data: Option<PathBuf>,
    /// Whether a window waits for replies.
    pub often: bool,
}

impl Watch {
    /// Starts watching; `progress` is shown once a second.
    pub fn start(watched: Watched, live: Arc<Live>, progress: Progress) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let Watched {
            server,
            log,
            accepted_before,
            simulators,
            pid,
            often,
            data,
        } = watched;
        let replies = tokio::spawn(count(
            log,
            simulators,
            accepted_before,
            live.clone(),
            often,
            done.clone(),
        ));
        let samples = tokio::spawn(sample(server, pid, data, live, progress, done.clone()));
        Self {
            done,
            replies,
            samples,
        }
    }

    /// Ends it and gives the log, read as far as it had to be, and the samples.
    pub async fn end(self) -> anyhow::Result<(RequestLog, Vec<Sample>)> {
        self.done.store(true, Ordering::Relaxed);
        Ok((self.replies.await??, self.samples.await?))
    }
}

async fn count(
    mut log: RequestLog,
    simulators: Place,
    before: u64,
    live: Arc<Live>,
    often: bool,
    done: Arc<AtomicBool>,
) -> anyhow::Result<RequestLog> {
    let mut client = Client::new(simulators);
    while !done.load(Ordering::Relaxed) {
        let totals = request_log::totals(&mut client).await?;
        live.replies
            .store(totals.accepted.saturating_sub(before), Ordering::Relaxed);
        if totals.lines.saturating_sub(log.position()) > UNREAD_MAX {
            // The newest lines are left for later; some still await their outcome.
            while totals.lines.saturating_sub(log.position()) > UNREAD_MAX / 2
                && log.read_page().await?
            {}
        }
        tokio::time::sleep(if often { COUNT_OFTEN } else { COUNT_SELDOM }).await;
    }
    Ok(log)
}

async fn sample(
    server: Option<Place>,
    pid: Arc<std::sync::atomic::AtomicU32>,
    data: Option<PathBuf>,
    live: Arc<Live>,
    mut progress: Progress,
    done: Arc<AtomicBool>,
) -> Vec<Sample> {
    let mut client = server.map(Client::new);
    let mut samples = Vec::new();
    let began = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    while !done.load(Ordering::Relaxed) {
        tick.tick().await;
        let told = match &mut client {
            Some(client) => {
                // A killed server leaves a gap in its figures.
                let asked =
                    tokio::time::timeout(Duration::from_millis(800), Told::by(client)).await;
                asked.ok().and_then(Result::ok)
            }
            None => None,
        };
        samples.push(Sample {
            at_us: now_us(),
            usage: Usage::of(pid.load(Ordering::Relaxed)),
            device_written: data.as_deref().and_then(probe::device_written),
            machine_busy_s: probe::machine_busy_s().unwrap_or_default(),
            told,
        });
        progress.show(began.elapsed(), &live, samples.last());
    }
    progress.end();
    samples
}
