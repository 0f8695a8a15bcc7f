//! What a message costs in processor time, against the number of known contacts.
//!
//! The rate is the same for every number, and so low that the fewest contacts keep WhatsApp's limit
//! of a pair: groups of the journal are equally small then, and what differs is the contacts.

use std::path::Path;
use std::time::Duration;

use super::{Figure, Findings, Plot, fill};
use crate::generator::Pace;
use crate::measure::{Numbers, Stretch, measure};
use crate::scenario::Scenario;
use crate::schedule::Profile;
use crate::stage::Stage;
use crate::world::World;

/// Messages a second; 1,000 people may send a sixth of their number.
const PER_S: f64 = 160.0;
const SECONDS: f64 = 60.0;
/// What the fill left to do is done by then: segments are covered after a minute.
const REST: Duration = Duration::from_secs(75);
/// The most expensive message against the cheapest.
const CHANGE_MAX: f64 = 0.15;

pub(super) async fn run(quick: bool, below: Option<&Path>) -> anyhow::Result<Findings> {
    let (sizes, seconds, rest): (&[u32], f64, Duration) = match quick {
        true => (&[1_000, 2_000], 5.0, Duration::from_secs(7)),
        false => (&[1_000, 10_000, 100_000, 1_000_000], SECONDS, REST),
    };
    let world = |contacts| World {
        contacts,
        turns: 1,
        ..World::default()
    };
    let mut stage = Stage::start(&world(sizes[0]), below, 1).await?;
    let mut findings = Findings::default();
    let mut points = Vec::new();
    for size in sizes {
        let scenario = Scenario::of_world("cost", world(*size));
        let name = format!("{size} known contacts");
        let filled = fill(&mut stage, &scenario, u64::from(*size), &name).await?;
        tokio::time::sleep(rest).await;
        let stretch = Stretch {
            name: format!("cost with {size}"),
            scenario: &scenario,
            pace: Pace::Open(Profile::constant(seconds, PER_S)),
            statuses: false,
            warm_up_s: 0.0,
            noise: false,
            marks: &[],
            nth: u64::from(*size) + 1,
        };
        let measured = measure(&mut stage, &mut Numbers::new(&scenario.world), stretch).await?;
        let verdicts = [filled.judgement.verdict, measured.judgement.verdict];
        findings.messages += filled.ledger.accepted() + measured.ledger.accepted();
        findings.verdict = verdicts
            .into_iter()
            .fold(findings.verdict, |sum, one| sum.plus(one));
        let cost_ms = measured
            .cpu_cores
            .map(|cores| cores / measured.steps_per_s * 1_000.0);
        eprintln!("{size} known contacts: {cost_ms:?} ms of processor time a message");
        points.extend(cost_ms.map(|cost_ms| (f64::from(*size), cost_ms)));
        let name = format!("Processor time of a message, {size} known contacts");
        findings.figures.push(Figure::at_most(&name, "ms", cost_ms));
    }
    let costs = || points.iter().map(|(_, cost)| *cost);
    let least = costs().reduce(f64::min);
    let most = costs().reduce(f64::max);
    let change = least
        .zip(most)
        .map(|(least, most)| (most / least - 1.0) * 100.0);
    let name = "The dearest message against the cheapest";
    let change = Figure::at_most(name, "% more", change).must(CHANGE_MAX * 100.0);
    findings.figures.push(change);
    findings.plot = Some(Plot {
        title: format!("Processor time of a message, ms, at {PER_S:.0} a second"),
        x: "known contacts".to_owned(),
        by_tens: true,
        lines: vec![("ms a message".to_owned(), points)],
    });
    Ok(findings)
}
