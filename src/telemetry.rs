//! What the server says about itself: log lines and metrics.
//!
//! Redaction is by type: a [`crate::config::Secret`] and a phone number print masked
//! whoever prints them, and message texts have no `Display`. A panic is logged by its place
//! alone, because its words can quote what was being worked on.

pub mod catalogue;

use std::io;
use std::panic::PanicHookInfo;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::config::{Format, Level, Log};

/// Bounds of the buckets of every histogram that counts seconds, from a journal flush to the
/// creation of a ticket. Those that something is promised about are among them: a webhook is answered
/// within 0.2 s, messages within 20 s.
const SECONDS: [f64; 20] = [
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0,
    10.0, 20.0, 30.0, 60.0, 120.0,
];

/// Bounds of the buckets of every histogram that counts records, up to the largest group.
const RECORDS: [f64; 11] = [
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0,
];

/// How often histograms are folded; between two times they only grow.
const UPKEEP_PAUSE: Duration = Duration::from_secs(5);

/// Writes log lines to standard error from now on, in this process, and panics among them.
///
/// # Errors
/// When the process has a log already.
pub fn start_log(log: &Log) -> Result<(), TryInitError> {
    subscriber(log, io::stderr).try_init()?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// A log of this shape that writes to `out`.
pub fn subscriber<W>(log: &Log, out: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_writer(out)
        .with_env_filter(filter(log.level));
    match log.format {
        Format::Json => Box::new(builder.json().flatten_event(true).finish()),
        Format::Text => Box::new(builder.with_ansi(false).finish()),
    }
}

/// Our own parts at the level asked for; libraries only when something is wrong, or when
/// everything is asked for.
fn filter(level: Level) -> EnvFilter {
    EnvFilter::new(match level {
        Level::Trace => "trace".to_owned(),
        level => {
            let others = if level == Level::Error {
                "error"
            } else {
                "warn"
            };
            format!("{others},chasqui={level},actors={level},loadtest={level}")
        }
    })
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    tracing::error!(
        panic.place = place,
        panic.thread = thread,
        "a panic was caught"
    );
}

/// Why metrics are not collected.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The process collects them already, or the buckets are none.
    #[error("metrics cannot be collected: {0}")]
    Recorder(#[from] BuildError),
    /// The thread that folds histograms could not be started.
    #[error("the thread that keeps metrics small cannot be started: {0}")]
    Thread(#[from] io::Error),
}

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Collects what is counted from now on, in this process. Once.
    ///
    /// # Errors
    /// When the process collects metrics already.
    pub fn install() -> Result<Self, MetricsError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
            .set_buckets_for_metric(Matcher::Suffix("_records".to_owned()), &RECORDS)?
            .install_recorder()?;
        catalogue::announce();
        let folded = handle.clone();
        std::thread::Builder::new()
            .name("metrics".to_owned())
            .spawn(move || {
                loop {
                    std::thread::sleep(UPKEEP_PAUSE);
                    folded.run_upkeep();
                }
            })?;
        Ok(Self { handle })
    }

    /// All metrics in Prometheus's text format, for `/metrics`.
    pub fn render(&self) -> String {
        self.handle.render()
    }
}
