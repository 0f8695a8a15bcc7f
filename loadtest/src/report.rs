//! The report of a run, as JSON. What stands at its top is with delivery statuses off;
//! `statuses_on` stands beside it.

pub mod benchmarks;
pub mod compare;
pub mod html;
pub mod points;
mod svg;
mod table;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::ledger::ms;
use crate::measure::Measured;
use crate::oracle::Verdict;
use crate::scenario::Require;
use points::Point;

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
    /// The same with delivery statuses; absent when the scenario has none.
    pub statuses_on: Option<WithStatuses>,
    /// What the scenario shows.
    pub about: String,
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
    /// How whole conversations went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversations: Option<Conversations>,
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
        let slower = self.noisy_p99_ms / self.quiet_p99_ms - 1.0;
        let fewer = 1.0 - self.noisy_per_s / self.quiet_per_s;
        slower.max(fewer)
    }
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
    /// Whether it holds.
    pub passed: bool,
}

impl Percentiles {
    /// The quantiles of a histogram of microseconds.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        Self {
            p50: ms(histogram, 0.5),
            p90: ms(histogram, 0.9),
            p95: ms(histogram, 0.95),
            p99: ms(histogram, 0.99),
            p999: ms(histogram, 0.999),
            max: ms(histogram, 1.0),
        }
    }
}

impl Rate {
    /// A rate beside a ceiling.
    pub fn new(steps_per_s: f64, ceiling_per_s: Option<f64>) -> Self {
        Self {
            steps_per_s,
            ceiling_per_s,
            ratio: ceiling_per_s.map(|ceiling| steps_per_s / ceiling),
        }
    }
}

impl Latencies {
    /// The latencies of some stretches together.
    pub fn of(stretches: &[Measured]) -> Self {
        let mut webhook = crate::ledger::histogram();
        let mut to_provider = crate::ledger::histogram();
        for stretch in stretches {
            // The bounds of all histograms are the same, so adding cannot fail.
            let _ = webhook.add(&stretch.ledger.webhook_us);
            let _ = to_provider.add(&stretch.judgement.to_provider_us);
        }
        Self {
            webhook: Percentiles::of(&webhook),
            to_provider: Percentiles::of(&to_provider),
        }
    }
}

impl Resources {
    /// What some stretches used together.
    pub fn of(stretches: &[Measured]) -> Self {
        let cores: Vec<_> = stretches
            .iter()
            .filter_map(|stretch| stretch.cpu_cores)
            .collect();
        let usages = stretches
            .iter()
            .flat_map(|stretch| &stretch.samples)
            .filter_map(|s| s.usage);
        let written: Vec<_> = stretches
            .iter()
            .filter_map(|stretch| stretch.written)
            .collect();
        let steps: u64 = stretches.iter().map(|stretch| stretch.steps).sum();
        let bytes = written.iter().sum::<u64>() as f64;
        Self {
            cpu_cores: (!cores.is_empty()).then(|| cores.iter().sum::<f64>() / cores.len() as f64),
            rss_peak_mb: usages.map(|usage| usage.rss_peak_mb).reduce(f64::max),
            disk_bytes_per_step: (!written.is_empty() && steps > 0).then(|| bytes / steps as f64),
        }
    }
}

impl Counts {
    /// The counts of some stretches together.
    pub fn of(stretches: &[Measured]) -> Self {
        let mut counts = Self::default();
        for stretch in stretches {
            counts.messages += stretch.ledger.rows.len() as u64;
            counts.accepted += stretch.ledger.accepted();
            counts.replied += stretch.steps;
            counts.refused += stretch.ledger.refused;
            counts.broken += stretch.ledger.broken;
            counts.overloaded |= stretch.ledger.overloaded;
        }
        counts
    }
}

/// The verdicts of some stretches together.
pub fn verdict(stretches: &[Measured]) -> Verdict {
    let verdicts = stretches.iter().map(|stretch| stretch.judgement.verdict);
    verdicts.fold(Verdict::default(), Verdict::plus)
}

/// The middle one; the mean of the two middle ones of an even number. `None` of nothing.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        even if even % 2 == 0 => Some((values[middle - 1] + values[middle]) / 2.0),
        _ => Some(values[middle]),
    }
}

impl Report {
    /// Holds the report against what the scenario requires.
    pub fn check(&mut self, require: &Require) {
        let mut checks = Vec::new();
        let mut most = |name: &str, wanted: Option<f64>, got: Option<f64>| {
            if let Some(wanted) = wanted {
                let passed = got.is_some_and(|got| got <= wanted);
                checks.push(Check {
                    name: name.to_owned(),
                    wanted,
                    got,
                    passed,
                });
            }
        };
        let on = self.statuses_on;
        let noisy = self.noise.map(|noise| noise.verdict).unwrap_or_default();
        let on_verdict = on.map(|on| on.verdict).unwrap_or_default();
        let both = self.verdict.plus(on_verdict).plus(noisy);
        for (name, bound, got) in [
            ("lost", require.lost_max, both.lost),
            ("doubled", require.doubled_max, both.doubled),
            ("out_of_order", require.out_of_order_max, both.out_of_order),
            ("wrong_state", require.wrong_state_max, both.wrong_state),
            (
                "statuses_missing",
                require.statuses_missing_max,
                both.statuses_missing,
            ),
        ] {
            most(name, Some(bound as f64), Some(got as f64));
        }
        most(
            "webhook_p99_ms",
            require.webhook_p99_ms,
            Some(self.latency_ms.webhook.p99),
        );
        most(
            "to_provider_p99_ms",
            require.to_provider_p99_ms,
            Some(self.latency_ms.to_provider.p99),
        );
        most("recovery_s", require.recovery_s, self.recovery_s);
        most(
            "disk_bytes_per_step",
            require.disk_bytes_per_step,
            self.resources.disk_bytes_per_step,
        );
        most(
            "rss_peak_mb",
            require.rss_peak_mb,
            self.resources.rss_peak_mb,
        );
        let change = self.noise.map(|noise| noise.change());
        most("noise", require.noise_change_max, change);
        let talks = self.conversations;
        most(
            "anomalies",
            require.anomalies_max,
            talks.map(|talks| talks.anomalies),
        );
        let mut least = |name: &str, wanted: Option<f64>, got: Option<f64>| {
            if let Some(wanted) = wanted {
                let passed = got.is_some_and(|got| got >= wanted);
                checks.push(Check {
                    name: name.to_owned(),
                    wanted,
                    got,
                    passed,
                });
            }
        };
        least(
            "steps_per_s",
            require.steps_per_s_min,
            Some(self.rate.steps_per_s),
        );
        least("ratio", require.ratio_min, self.rate.ratio);
        least(
            "ratio with statuses",
            require.ratio_on_min,
            on.and_then(|on| on.rate.ratio),
        );
        let peak = self.ramp.as_ref().map(|ramp| ramp.peak_per_minute);
        least("peak_per_minute", require.peak_per_minute_min, peak);
        let integrity = talks.map(|talks| talks.record_integrity);
        least("record_integrity", require.record_integrity_min, integrity);
        let people = talks.map(|talks| talks.complete as f64);
        least("complete conversations", require.conversations_min, people);
        self.passed = checks.iter().all(|check| check.passed);
        self.checks = checks;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A report in which everything is well.
    pub(crate) fn report() -> Report {
        let percentiles = Percentiles {
            p50: 2.0,
            p90: 3.0,
            p95: 4.0,
            p99: 9.0,
            p999: 20.0,
            max: 40.0,
        };
        Report {
            verdict: Verdict::default(),
            rate: Rate::new(1_000.0, Some(4_000.0)),
            latency_ms: Latencies {
                webhook: percentiles,
                to_provider: percentiles,
            },
            resources: Resources::default(),
            scenario: "burst".to_owned(),
            seed: 1,
            machine: "a machine".to_owned(),
            commit: "abc".to_owned(),
            statuses_on: None,
            about: "a burst".to_owned(),
            began_s: 1_700_000_000,
            counts: Counts {
                messages: 1_000,
                accepted: 1_000,
                replied: 1_000,
                ..Counts::default()
            },
            limiter_waits: Default::default(),
            turns: Vec::new(),
            ramp: None,
            conversations: None,
            noise: None,
            recovery_s: Some(2.0),
            checks: Vec::new(),
            passed: true,
            examples: Vec::new(),
            series: (0..3)
                .map(|at| Point {
                    at_s: f64::from(at),
                    accepted: 300,
                    ..Point::default()
                })
                .collect(),
            marks: vec![(1.0, "kill".to_owned())],
        }
    }

    #[test]
    fn every_requirement_can_fail_and_an_unmeasured_one_does() {
        let require = Require {
            steps_per_s_min: Some(900.0),
            ratio_min: Some(0.2),
            webhook_p99_ms: Some(10.0),
            recovery_s: Some(30.0),
            ..Require::default()
        };
        let mut good = report();
        good.check(&require);
        assert!(good.passed, "{:?}", good.checks);
        let failed = |change: &dyn Fn(&mut Report), name: &str| {
            let mut bad = report();
            change(&mut bad);
            bad.check(&require);
            let check = bad.checks.iter().find(|check| check.name == name).unwrap();
            !bad.passed && !check.passed
        };
        assert!(failed(
            &|report| report.rate.steps_per_s = 899.0,
            "steps_per_s"
        ));
        assert!(failed(&|report| report.rate.ratio = None, "ratio"));
        assert!(failed(
            &|report| report.latency_ms.webhook.p99 = 10.1,
            "webhook_p99_ms"
        ));
        assert!(failed(&|report| report.recovery_s = None, "recovery_s"));
        assert!(failed(&|report| report.verdict.doubled = 1, "doubled"));
        let on = WithStatuses {
            rate: Rate::default(),
            latency_ms: Latencies::default(),
            verdict: Verdict {
                statuses_missing: 1,
                ..Verdict::default()
            },
        };
        assert!(failed(
            &|report| report.statuses_on = Some(on),
            "statuses_missing"
        ));
    }

    #[test]
    fn the_top_of_the_json_is_the_agreed_one() {
        let json = serde_json::to_value(report()).unwrap();
        for key in [
            "verdict",
            "rate",
            "latency_ms",
            "resources",
            "scenario",
            "seed",
            "machine",
            "commit",
            "statuses_on",
        ] {
            assert!(json.get(key).is_some(), "{key}");
        }
        for key in [
            "lost",
            "doubled",
            "out_of_order",
            "wrong_state",
            "statuses_missing",
        ] {
            assert!(json["verdict"][key].is_u64(), "{key}");
        }
        for key in ["p50", "p90", "p99", "p999", "max"] {
            assert!(json["latency_ms"]["webhook"][key].is_f64(), "{key}");
            assert!(json["latency_ms"]["to_provider"][key].is_f64(), "{key}");
        }
        for key in ["steps_per_s", "ceiling_per_s", "ratio"] {
            assert!(json["rate"].get(key).is_some(), "{key}");
        }
        for key in ["cpu_cores", "rss_peak_mb", "disk_bytes_per_step"] {
            assert!(json["resources"].get(key).is_some(), "{key}");
        }
    }

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn percentiles_are_milliseconds() {
        let mut histogram = crate::ledger::histogram();
        for ms in 1..=1_000 {
            histogram.record(ms * 1_000).unwrap();
        }
        let percentiles = Percentiles::of(&histogram);
        assert!((percentiles.p50 - 500.0).abs() < 2.0 && (percentiles.p999 - 999.0).abs() < 2.0);
        assert!(percentiles.max >= 1_000.0);
    }
}
