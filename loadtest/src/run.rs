//! Runs a scenario from beginning to end and writes its report.

mod ceiling;
mod conversations;
mod flow;
mod followed;
mod help_desk;
mod lines;
mod ramp;
mod templates;

use std::path::Path;

use anyhow::Context as _;

use crate::clock::now_us;
use crate::measure::{Measured, Numbers};
use crate::oracle::Verdict;
use crate::origin::{self, Build};
use crate::probe;
use crate::report::points::{self, Point};
use crate::report::{
    Capacity, Conversations, Counts, HelpDesk, Latencies, NoiseReport, RampReport, Rate, Report,
    Resources, Templates, Turn, WithStatuses,
};
use crate::scenario::{Load, Plan, Scenario};
use crate::stage::Stage;
use followed::Followed;

/// What a scenario's shape leaves for the report.
#[derive(Debug, Default)]
struct Outcome {
    /// Stretches without statuses.
    off: Vec<Measured>,
    /// Stretches with statuses.
    on: Vec<Measured>,
    /// Steps a second without and with them.
    steps_per_s: (f64, Option<f64>),
    /// The bare handler's rate.
    ceiling_per_s: Option<f64>,
    /// The ratios, where they are not simply the one by the other.
    ratios: Option<(Option<f64>, Option<f64>)>,
    turns: Vec<Turn>,
    ramp: Option<RampReport>,
    conversations: Option<Conversations>,
    help_desk: Option<HelpDesk>,
    templates: Option<Templates>,
    noise: Option<NoiseReport>,
}

/// Runs `scenario` on `stage`.
pub async fn run(name: &str, scenario: &Scenario, stage: &mut Stage) -> anyhow::Result<Report> {
    let began_us = now_us();
    let mut numbers = Numbers::new(&scenario.world);
    let outcome = match &scenario.load {
        Load::Phases { .. } | Load::Day { .. } | Load::Replay { .. } => {
            flow::run(scenario, stage, &mut numbers).await?
        }
        Load::Ramp(ramp) => ramp::run(scenario, *ramp, stage, &mut numbers).await?,
        Load::Conversations { people, at_a_time } => {
            conversations::run(scenario, *people, *at_a_time, stage, &mut numbers).await?
        }
        Load::HelpDesk(load) => help_desk::run(scenario, *load, stage, &mut numbers).await?,
        Load::Templates {
            names,
            sends,
            per_second,
        } => {
            let order = templates::Order {
                names: *names,
                sends: *sends,
                per_second: *per_second,
            };
            templates::run(scenario, order, stage, &mut numbers).await?
        }
        Load::Ceiling { .. } => ceiling::run(scenario, stage, &mut numbers).await?,
    };
    let mut report = report(name, scenario, began_us, &outcome);
    report.capacity = Capacity::of(&report, &scenario.capacity);
    report.check(&scenario.require, &scenario.capacity);
    Ok(report)
}

fn report(name: &str, scenario: &Scenario, began_us: i64, outcome: &Outcome) -> Report {
    let Outcome {
        off,
        on,
        ceiling_per_s,
        ..
    } = outcome;
    let mut rate = Rate::new(outcome.steps_per_s.0, *ceiling_per_s);
    let mut rate_on = Rate::new(outcome.steps_per_s.1.unwrap_or_default(), *ceiling_per_s);
    if let Some((off, on)) = outcome.ratios {
        (rate.ratio, rate_on.ratio) = (off, on);
    }
    let statuses_on = outcome.steps_per_s.1.map(|_| WithStatuses {
        rate: rate_on,
        latency_ms: Latencies::of(on),
        verdict: crate::report::verdict(on),
    });
    let all = || off.iter().chain(on);
    let mut series: Vec<Point> = all()
        .flat_map(|stretch| points::of(stretch, began_us))
        .collect();
    series.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    let marks = all().flat_map(|stretch| &stretch.happened);
    let marks = marks.map(|(at_us, name)| ((at_us - began_us) as f64 / 1e6, name.clone()));
    // Where both are measured, the charts tell which is which.
    let begins = on.iter().filter(|_| !off.is_empty()).map(|stretch| {
        let at_us = stretch.ledger.began_us;
        ((at_us - began_us) as f64 / 1e6, "statuses on".to_owned())
    });
    let mut marks: Vec<_> = marks.chain(begins).collect();
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    Report {
        verdict: crate::report::verdict(off),
        rate,
        latency_ms: Latencies::of(off),
        resources: Resources::of(off),
        scenario: name.to_owned(),
        seed: scenario.seed,
        machine: probe::machine(),
        commit: origin::commit().unwrap_or_else(|| "unknown".to_owned()),
        build: Build::OWN,
        statuses_on,
        about: scenario.about.clone(),
        plan: Some(Plan::of(scenario)),
        began_s: began_us / 1_000_000,
        counts: Counts::of(off),
        limiter_waits: limiter_waits(off.iter().chain(on)),
        turns: outcome.turns.clone(),
        ramp: outcome.ramp.clone(),
        capacity: None,
        conversations: outcome.conversations,
        help_desk: outcome.help_desk,
        templates: outcome.templates,
        noise: outcome.noise,
        recovery_s: recovery_s(off.iter().chain(on)),
        checks: Vec::new(),
        passed: false,
        examples: all()
            .flat_map(|stretch| &stretch.judgement.examples)
            .cloned()
            .collect(),
        series,
        marks,
    }
}

fn limiter_waits<'a>(
    stretches: impl Iterator<Item = &'a Measured>,
) -> std::collections::BTreeMap<String, f64> {
    let mut waits = std::collections::BTreeMap::new();
    for stretch in stretches {
        let [before, after] = &stretch.told;
        for (by, count) in after.iter().flat_map(|told| &told.limited) {
            let before = before
                .as_ref()
                .and_then(|told| told.limited.get(by))
                .copied();
            // A restarted server counts from nothing.
            let grown = count - before.filter(|before| before <= count).unwrap_or_default();
            *waits.entry(by.clone()).or_default() += grown;
        }
    }
    waits
}

/// The longest silence after a mark, while there was load.
fn recovery_s<'a>(stretches: impl Iterator<Item = &'a Measured>) -> Option<f64> {
    let silences = stretches.flat_map(|stretch| {
        let replied = stretch.judgement.replied_us.iter().copied();
        let mut replied: Vec<_> = replied.filter(|at| *at != 0).collect();
        replied.sort_unstable();
        let until_us = stretch.ledger.ended_us;
        let marks = stretch.happened.iter();
        marks.map(move |(at_us, _)| silence_s(&replied, *at_us, until_us))
    });
    silences.reduce(f64::max)
}

/// The longest time without a reply from `at_us` on, within the minute after it and until
/// `until_us`.
fn silence_s(replied: &[i64], at_us: i64, until_us: i64) -> f64 {
    let until_us = until_us.min(at_us + 60_000_000);
    let from = replied.partition_point(|reply| *reply < at_us);
    let mut last = at_us;
    let mut longest = 0;
    let after = replied[from..]
        .iter()
        .take_while(|reply| **reply < until_us);
    for reply in after.chain([&until_us]) {
        longest = longest.max(reply - last);
        last = *reply;
    }
    longest as f64 / 1e6
}

/// Writes a report as JSON.
pub fn write_json(report: &Report, file: &Path) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(report)?;
    std::fs::write(file, text + "\n").with_context(|| format!("writing {}", file.display()))
}

impl Verdict {
    /// In a line.
    pub fn line(&self) -> String {
        format!(
            "lost {}  doubled {}  out of order {}  wrong state {}  statuses missing {}",
            self.lost, self.doubled, self.out_of_order, self.wrong_state, self.statuses_missing
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_measured_from_its_mark_to_the_end_of_the_load() {
        let before = (0..10).map(|n| n * 1_000_000);
        let replied: Vec<i64> = before.chain([15_500_000, 15_600_000, 60_000_000]).collect();
        assert!((silence_s(&replied, 9_500_000, 16_000_000) - 6.0).abs() < 1e-9);
        assert!((silence_s(&replied, 9_500_000, 30_000_000) - 14.4).abs() < 1e-9);
        assert!((silence_s(&[], 1_000_000, 5_000_000) - 4.0).abs() < 1e-9);
    }
}
