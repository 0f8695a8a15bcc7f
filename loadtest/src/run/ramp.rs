//! A growing rate and its stop rule (R291), with what the machine spent on each step (R293).

use super::Outcome;
use super::ceiling::Bare;
use crate::generator::Pace;
use crate::measure::{Measured, Numbers, Stretch, measure};
use crate::probe;
use crate::report::{RampReport, RampStep};
use crate::scenario::{Ramp, Scenario};
use crate::schedule::Profile;
use crate::stage::Stage;

/// Climbs until the rule holds or the bound is reached.
pub(super) async fn run(
    scenario: &Scenario,
    ramp: Ramp,
    stage: &mut Stage,
    numbers: &mut Numbers,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut report = RampReport {
        peak_per_minute: 0.0,
        ended_by: "bound".to_owned(),
        steps: Vec::new(),
    };
    let mut per_minute = ramp.start_per_minute;
    while per_minute <= ramp.until_per_minute {
        let stretch = Stretch {
            name: format!("{per_minute:.0}/min"),
            scenario,
            pace: Pace::Open(Profile::constant(ramp.step_s, per_minute / 60.0)),
            statuses: false,
            warm_up_s: 0.0,
            noise: false,
            marks: &[],
            nth: report.steps.len() as u64,
        };
        let measured = measure(stage, numbers, stretch).await?;
        let step = step(&measured, per_minute);
        report.steps.push(step);
        eprintln!(
            "{per_minute:.0}/min: replies p99 {:.3} s, errors {:.2} %, processor {:.0} %, memory {:.1} %",
            step.reply_p99_s,
            step.errors * 100.0,
            step.cpu * 100.0,
            step.memory * 100.0
        );
        if let Some(by) = ended_by(&ramp, &step) {
            report.ended_by = by.to_owned();
            break;
        }
        report.peak_per_minute = per_minute;
        outcome.steps_per_s.0 = measured.steps_per_s;
        outcome.off.push(measured);
        let next = per_minute * ramp.times + ramp.add_per_minute;
        anyhow::ensure!(
            next > per_minute,
            "the ramp does not rise: set add_per_minute or times"
        );
        per_minute = next;
    }
    eprintln!(
        "peak {:.0} messages a minute, ended by {}",
        report.peak_per_minute, report.ended_by
    );
    if scenario.bare_seconds > 0 {
        let bare = Bare::start(&scenario.door).await?;
        let rate = bare
            .rate(scenario, stage, scenario.bare_seconds as f64, 1.0)
            .await?;
        outcome.ceiling_per_s = Some(rate);
    }
    outcome.ramp = Some(report);
    Ok(outcome)
}

fn ended_by(ramp: &Ramp, step: &RampStep) -> Option<&'static str> {
    if step.errors > ramp.stop_errors {
        Some("errors")
    } else if step.reply_p99_s > ramp.stop_reply_s {
        Some("replies")
    } else {
        None
    }
}

fn step(measured: &Measured, per_minute: f64) -> RampStep {
    let ledger = &measured.ledger;
    let messages = ledger.rows.len().max(1) as f64;
    let unaccepted = ledger
        .rows
        .iter()
        .filter(|row| row.accepted_us == 0)
        .count() as u64;
    let failed = ledger.refused + ledger.broken + unaccepted + measured.judgement.verdict.lost;
    let latency = &measured.judgement.to_provider_us;
    let (first, last) = (measured.samples.first(), measured.samples.last());
    let busy = first.zip(last).map(|(first, last)| {
        let span_s = (last.at_us - first.at_us) as f64 / 1e6;
        (last.machine_busy_s - first.machine_busy_s) / span_s.max(0.001) / probe::cores() as f64
    });
    let rss_mb = last
        .and_then(|sample| sample.usage)
        .map(|usage| usage.rss_mb);
    RampStep {
        per_minute,
        reply_p99_s: latency.value_at_quantile(0.99) as f64 / 1e6,
        // A load that had to be given up has failed whatever became of the rest.
        errors: if ledger.overloaded {
            1.0
        } else {
            failed as f64 / messages
        },
        cpu: busy.unwrap_or_default(),
        memory: rss_mb.unwrap_or_default() / probe::memory_mb(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_replies_or_errors_end_the_ramp() {
        let ramp = Ramp {
            start_per_minute: 500.0,
            add_per_minute: 200.0,
            times: 1.0,
            step_s: 1.0,
            until_per_minute: 1_000.0,
            stop_reply_s: 5.0,
            stop_errors: 0.01,
        };
        let step = |reply_p99_s, errors| RampStep {
            per_minute: 500.0,
            reply_p99_s,
            errors,
            cpu: 0.0,
            memory: 0.0,
        };
        assert_eq!(ended_by(&ramp, &step(5.0, 0.01)), None);
        assert_eq!(ended_by(&ramp, &step(5.1, 0.0)), Some("replies"));
        assert_eq!(ended_by(&ramp, &step(0.1, 0.011)), Some("errors"));
    }
}
