//! The report of a run, as JSON. What stands at its top is with delivery statuses off;
//! `statuses_on` stands beside it.

mod capacity;
mod checks;
pub mod compare;
pub mod html;
pub mod points;
pub mod svg;
pub mod table;
mod together;
pub mod words;

use serde::{Deserialize, Serialize};

use crate::oracle::Verdict;
use crate::origin::Build;
use crate::scenario::Plan;
pub use capacity::Capacity;
use points::Point;
pub use together::{median, verdict};

/// Everything that is known of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// What went wrong.
    pub verdict: Verdict,
    /// How fast.
    pub rate: Rate,
    /// How soon.
    pub latency_ms: Latencies,
    /// With how much.
    pub resources: Resources,
    /// The scenario's name.
    pub scenario: String,
    /// Its seed.
    pub seed: u64,
    /// Processor, memory, system.
    pub machine: String,
    /// Of the sources.
    pub commit: String,
    /// How it was built.
    #[serde(default)]
    pub build: Build,
    /// The same with delivery statuses; absent when the scenario has none.
    pub statuses_on: Option<WithStatuses>,
    /// What the scenario shows.
    pub about: String,
    /// What the scenario did beside its load; absent where it was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// When it began, seconds since 1970.
    pub began_s: i64,
    /// Messages and exchanges in numbers.
    pub counts: Counts,
    /// Waits at the limiters in the path, by limiter.
    pub limiter_waits: std::collections::BTreeMap<String, f64>,
    /// The turns of a ceiling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<Turn>,
    /// The steps of a ramp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramp: Option<RampReport>,
    /// How much load the measured maximum carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// How whole conversations went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversations: Option<Conversations>,
    /// How soon help desk and people had what the other side wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_desk: Option<HelpDesk>,
    /// How ordered templates went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates: Option<Templates>,
    /// What two noisy people did to everybody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<NoiseReport>,
    /// Longest time without any reply after a mark, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_s: Option<f64>,
    /// What was required.
    pub checks: Vec<Check>,
    /// Whether everything required held.
    pub passed: bool,
    /// The first few things that are wrong, in words.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Second by second.
    pub series: Vec<Point>,
    /// What happened: seconds after the beginning and name.
    pub marks: Vec<(f64, String)>,
}

impl Report {
    /// What went wrong without and with delivery statuses.
    pub fn verdict_of_both(&self) -> Verdict {
        let on = self.statuses_on.map(|on| on.verdict);
        self.verdict.plus(on.unwrap_or_default())
    }

    /// What the scenario did beside its load; where the report does not say, as the shipped scenario
    /// of its name has it.
    pub fn plan(&self) -> Plan {
        let plan = self.plan.clone();
        plan.or_else(|| Plan::shipped(&self.scenario))
            .unwrap_or_default()
    }
}

/// Steps a second, against the bare handler.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Rate {
    /// Inbound texts decided and answered a second.
    pub steps_per_s: f64,
    /// Webhooks a second of the bare handler on the same machine; `None` when it was not measured.
    pub ceiling_per_s: Option<f64>,
    /// The first as a share of the second.
    pub ratio: Option<f64>,
}

/// Latencies from the scheduled arrival on, milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Latencies {
    /// To the 200.
    pub webhook: Percentiles,
    /// To the arrival of the reply at the provider.
    pub to_provider: Percentiles,
}

/// Quantiles in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// Median.
    pub p50: f64,
    /// Nine in ten.
    pub p90: f64,
    /// Ninety-five in a hundred (R115).
    pub p95: f64,
    /// Ninety-nine in a hundred.
    pub p99: f64,
    /// All but one in a thousand.
    pub p999: f64,
    /// The slowest.
    pub max: f64,
}

/// What the server's process used.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Resources {
    /// Processor cores while the load ran; `None` when the process is not known.
    pub cpu_cores: Option<f64>,
    /// The most resident memory, megabytes.
    pub rss_peak_mb: Option<f64>,
    /// Bytes written to disk for each step.
    pub disk_bytes_per_step: Option<f64>,
}

/// A run with delivery statuses.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct WithStatuses {
    /// How fast.
    pub rate: Rate,
    /// How soon.
    pub latency_ms: Latencies,
    /// What went wrong.
    pub verdict: Verdict,
}

/// Messages and exchanges in numbers.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Messages made.
    pub messages: u64,
    /// Of these, messages that are owed a reply: an album is owed one.
    #[serde(default)]
    pub owed: u64,
    /// Of them answered 200.
    pub accepted: u64,
    /// Of them with a reply.
    pub replied: u64,
    /// Answers other than 200; each was sent again.
    pub refused: u64,
    /// Exchanges that broke; each was sent again.
    pub broken: u64,
    /// Whether arrivals were given up because too many waited.
    pub overloaded: bool,
}

/// One turn of a ceiling.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Turn {
    /// Steps a second, statuses off.
    pub steps_per_s: f64,
    /// Webhooks a second of the bare handler.
    pub ceiling_per_s: f64,
    /// Webhooks a second of the bare relay, which also sends one reply for each; absent in reports
    /// from before it was measured.
    #[serde(default)]
    pub relay_per_s: Option<f64>,
    /// Steps a second, statuses on.
    pub steps_on_per_s: Option<f64>,
}

/// How whole conversations went.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Conversations {
    /// People who came.
    pub people: u64,
    /// Conversations in which nothing was amiss.
    pub complete: u64,
    /// The share of people with exactly one ticket in the ticket system, and its number (R284).
    pub record_integrity: f64,
    /// The share of conversations with anything amiss (R285).
    pub anomalies: f64,
}

/// What two noisy people did to everybody else.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct NoiseReport {
    /// Scheduled arrival to the provider without them, 99th percentile in milliseconds.
    pub quiet_p99_ms: f64,
    /// The same beside them.
    pub noisy_p99_ms: f64,
    /// Steps a second without them.
    pub quiet_per_s: f64,
    /// The same beside them.
    pub noisy_per_s: f64,
    /// What went wrong for the others beside them.
    pub verdict: Verdict,
}

impl NoiseReport {
    /// The greater of the two changes for the worse, as a share.
    pub fn change(&self) -> f64 {
        self.slower().max(self.fewer())
    }

    /// By how much the others' 99th percentile grew, as a share.
    pub fn slower(&self) -> f64 {
        self.noisy_p99_ms / self.quiet_p99_ms - 1.0
    }

    /// By how much the others' rate fell, as a share.
    pub fn fewer(&self) -> f64 {
        1.0 - self.noisy_per_s / self.quiet_per_s
    }
}

/// How soon the help desk had what people wrote and people what technicians wrote (R265, R266,
/// R270), and whether delivery statuses are in the record (R267).
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct HelpDesk {
    /// People with a ticket.
    pub people: u64,
    /// Messages that the help desk has.
    pub written: u64,
    /// A person's message until the help desk has it.
    pub written_ms: Percentiles,
    /// Changes that people were told while the help desk sent webhooks.
    pub told: u64,
    /// A change until it is at the person's provider, with webhooks.
    pub told_ms: Percentiles,
    /// Changes that people were told while it sent none.
    pub polled: u64,
    /// The same without webhooks; absent when that was not tried.
    pub polled_ms: Option<Percentiles>,
    /// Both ways together, with webhooks.
    pub both_ms: Percentiles,
    /// Statuses that the phones show at the end.
    pub statuses: u64,
    /// The share of them that the conversation's record holds.
    pub statuses_recorded: f64,
}

/// How templates went that an operator ordered (R281, R283).
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Templates {
    /// Different templates.
    pub names: u64,
    /// Sends ordered, all templates together.
    pub sends: u64,
    /// The share of them that reached the phone once.
    pub delivery: f64,
    /// The share of those whose text is what it should be, to the letter.
    pub rendering: f64,
    /// From the order to its arrival at the provider, 99th percentile in seconds.
    pub delay_p99_s: f64,
}

/// How a ramp went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RampReport {
    /// The highest rate that held, messages a minute.
    pub peak_per_minute: f64,
    /// What ended it: `replies`, `errors` or `bound`.
    pub ended_by: String,
    /// Step by step.
    pub steps: Vec<RampStep>,
}

/// One step of a ramp.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RampStep {
    /// Messages a minute.
    pub per_minute: f64,
    /// Reply time at the provider, 99th percentile in seconds.
    pub reply_p99_s: f64,
    /// Errors as a share of the messages.
    pub errors: f64,
    /// Processor of the machine in use, as a share.
    pub cpu: f64,
    /// Memory of the machine that the server holds, as a share.
    pub memory: f64,
}

/// Something required and what there was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Check {
    /// What is measured.
    pub name: String,
    /// The bound.
    pub wanted: f64,
    /// The figure; absent when it could not be measured.
    pub got: Option<f64>,
    /// Whether more is better.
    #[serde(default)]
    pub at_least: bool,
    /// Whether it holds.
    pub passed: bool,
}

#[cfg(test)]
pub mod tests;
