//! Open load along a profile: bursts, days, soaks, outages, crashes.

use std::path::Path;
use std::sync::Arc;

use super::Outcome;
use super::ceiling::Bare;
use crate::generator::{Pace, STUCK, wa_id};
use crate::ledger::ms;
use crate::measure::{Measured, Numbers, Stretch, measure};
use crate::recording::Recording;
use crate::report::NoiseReport;
use crate::scenario::{Load, Mark, Noise, Scenario, Statuses};
use crate::schedule::Profile;
use crate::stage::Stage;

/// Runs the profile once or, with statuses, twice, and the bare handler after it.
pub(super) async fn run(
    scenario: &Scenario,
    stage: &mut Stage,
    numbers: &mut Numbers,
) -> anyhow::Result<Outcome> {
    let always = scenario.statuses == Statuses::On;
    let off = stretch(scenario, stage, numbers, always, None).await?;
    let on = match scenario.statuses {
        Statuses::Off | Statuses::On => None,
        Statuses::Both => Some(stretch(scenario, stage, numbers, true, None).await?),
    };
    let noise = match scenario.noise {
        Some(noise) => Some(disturbed(scenario, noise, &off, stage, numbers).await?),
        None => None,
    };
    let mut ceiling_per_s = None;
    if scenario.bare_seconds > 0 {
        let bare = Bare::start(&scenario.door).await?;
        ceiling_per_s = Some(
            bare.rate(scenario, stage, scenario.bare_seconds as f64, 1.0)
                .await?,
        );
    }
    let steps_per_s = (off.steps_per_s, on.as_ref().map(|on| on.steps_per_s));
    Ok(Outcome {
        off: vec![off],
        on: on.into_iter().collect(),
        steps_per_s,
        ceiling_per_s,
        noise,
        ..Outcome::default()
    })
}

/// The same load beside somebody who floods and somebody on whom the provider hangs.
async fn disturbed(
    scenario: &Scenario,
    noise: Noise,
    quiet: &Measured,
    stage: &mut Stage,
    numbers: &mut Numbers,
) -> anyhow::Result<NoiseReport> {
    let hang = serde_json::json!({"faults": [{
        "provider": "meta", "kind": "delay", "ms": noise.stuck_ms, "body": wa_id(STUCK),
    }]});
    let mut marks = scenario.marks.clone();
    marks.push(Mark {
        at_s: noise.at_s / 2.0,
        name: "noise".to_owned(),
        kill: false,
        restart: false,
        control: Some(serde_json::from_value(hang)?),
    });
    let noisy = stretch(scenario, stage, numbers, false, Some(&marks)).await?;
    let p99_ms = |measured: &Measured| ms(&measured.judgement.to_provider_us, 0.99);
    Ok(NoiseReport {
        quiet_p99_ms: p99_ms(quiet),
        noisy_p99_ms: p99_ms(&noisy),
        quiet_per_s: quiet.steps_per_s,
        noisy_per_s: noisy.steps_per_s,
        verdict: noisy.judgement.verdict,
    })
}

async fn stretch(
    scenario: &Scenario,
    stage: &mut Stage,
    numbers: &mut Numbers,
    statuses: bool,
    noise: Option<&[Mark]>,
) -> anyhow::Result<Measured> {
    let pace = match &scenario.load {
        Load::Day {
            seconds,
            peak_per_s,
        } => Pace::Open(Profile::of_day(*seconds, *peak_per_s)),
        Load::Phases { phases } => Pace::Open(Profile::of_phases(phases)),
        Load::Replay { file, speed } => recorded(file, *speed)?,
        Load::Ramp(_)
        | Load::Ceiling { .. }
        | Load::Conversations { .. }
        | Load::HelpDesk(_)
        | Load::Templates { .. } => {
            anyhow::bail!("this load has no profile")
        }
    };
    let name = if statuses {
        "statuses on "
    } else {
        "statuses off"
    };
    let stretch = Stretch {
        name: name.to_owned(),
        scenario,
        pace,
        statuses,
        warm_up_s: 0.0,
        noise: noise.is_some(),
        marks: noise.unwrap_or(&scenario.marks),
        nth: u64::from(statuses),
    };
    measure(stage, numbers, stretch).await
}

fn recorded(file: &Path, speed: f64) -> anyhow::Result<Pace> {
    anyhow::ensure!(
        (1.0..=100.0).contains(&speed),
        "a recording is replayed 1 to 100 times faster"
    );
    let recording = Recording::open(file)?;
    eprintln!(
        "{} messages of {:.0} s, {speed} times faster; {} of other kinds are left out, {} were missed",
        recording.messages.len(),
        recording.seconds(),
        recording.left_out,
        recording.missed
    );
    Ok(Pace::Recorded(Arc::new(recording), speed))
}
