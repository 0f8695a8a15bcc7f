//! What a message costs in processor time, against the number of known contacts.
//!
//! The rate is the same for every number, and so low that the fewest contacts keep WhatsApp's limit
//! of a pair: groups of the journal are equally small then, and what differs is the contacts. A
//! machine that mostly waits does the same work in a third less or more time from one quarter of an
//! hour to the next, so a second server that knows the fewest contacts is the yardstick: both work at
//! the same time, and what counts is the one against the other.

use std::path::Path;
use std::time::Duration;

use super::{Figure, Findings, Plot, fill};
use crate::generator::Pace;
use crate::measure::{Measured, Numbers, Stretch, measure};
use crate::scenario::Scenario;
use crate::schedule::Profile;
use crate::stage::Stage;
use crate::world::World;

/// Messages a second; 1,000 people may send a sixth of their number.
const PER_S: f64 = 160.0;
/// Turns of both servers for a number of contacts, and seconds of a turn.
const TURNS: u64 = 4;
const SECONDS: f64 = 30.0;
/// What the fill left to do is done by then: segments are covered after a minute.
const REST: Duration = Duration::from_secs(75);
/// The most expensive message against the cheapest.
const CHANGE_MAX: f64 = 0.15;

pub(super) async fn run(quick: bool, below: Option<&Path>) -> anyhow::Result<Findings> {
    let (sizes, seconds, rest): (&[u32], f64, Duration) = match quick {
        true => (&[1_000, 2_000], 5.0, Duration::from_secs(7)),
        false => (&[1_000, 10_000, 100_000, 1_000_000], SECONDS, REST),
    };
    let mut findings = Findings::default();
    let mut server = Server::start(sizes[0], below).await?;
    let mut yardstick = Server::start(sizes[0], below).await?;
    yardstick.know(sizes[0], &mut findings).await?;
    let (mut here, mut beside) = (Vec::new(), Vec::new());
    for size in sizes {
        server.know(*size, &mut findings).await?;
        tokio::time::sleep(rest).await;
        let (mut cost_ms, mut yard_ms) = (0.0, 0.0);
        for _ in 0..TURNS {
            let (yard, cost) = tokio::try_join!(yardstick.turn(seconds), server.turn(seconds))?;
            for (turn, sum_ms) in [(yard, &mut yard_ms), (cost, &mut cost_ms)] {
                *sum_ms += cost_of(&turn)? / TURNS as f64;
                note(&mut findings, &turn);
            }
        }
        eprintln!("{size} known contacts: {cost_ms:.3} ms a message, beside it {yard_ms:.3} ms");
        here.push((f64::from(*size), cost_ms));
        beside.push((f64::from(*size), yard_ms));
        let name = format!("Processor time of a message, {size} known contacts");
        let share = cost_ms / yard_ms;
        findings
            .figures
            .push(Figure::at_most(&name, "ms", Some(cost_ms)));
        let name = format!("The same against {} contacts at the same time", sizes[0]);
        findings
            .figures
            .push(Figure::at_most(&name, "", Some(share)));
    }
    let name = "The dearest message against the cheapest, each by the yardstick";
    let change = Figure::at_most(name, "% more", change(&here, &beside)).must(CHANGE_MAX * 100.0);
    findings.figures.push(change);
    findings.plot = Some(Plot {
        title: format!("Processor time of a message, ms, at {PER_S:.0} a second"),
        x: "known contacts".to_owned(),
        by_tens: true,
        lines: vec![
            ("ms a message".to_owned(), here),
            (format!("{} contacts at the same time", sizes[0]), beside),
        ],
    });
    Ok(findings)
}

/// How much more the dearest costs than the cheapest, in percent, each as a share of what was measured
/// beside it.
fn change(here: &[(f64, f64)], beside: &[(f64, f64)]) -> Option<f64> {
    let shares = || here.iter().zip(beside).map(|(one, yard)| one.1 / yard.1);
    let (least, most) = (shares().reduce(f64::min)?, shares().reduce(f64::max)?);
    Some((most / least - 1.0) * 100.0)
}

/// A server and what it knows.
struct Server {
    stage: Stage,
    scenario: Scenario,
    /// Stretches so far: no two may send the same ids.
    stretches: u64,
}

impl Server {
    async fn start(contacts: u32, below: Option<&Path>) -> anyhow::Result<Self> {
        let scenario = of(contacts);
        Ok(Self {
            stage: Stage::start(&scenario.world, below, scenario.seed).await?,
            scenario,
            stretches: 0,
        })
    }

    /// Makes it know so many contacts.
    async fn know(&mut self, contacts: u32, findings: &mut Findings) -> anyhow::Result<()> {
        self.scenario = of(contacts);
        let name = format!("{contacts} known contacts");
        let filled = fill(&mut self.stage, &self.scenario, u64::from(contacts), &name);
        note(findings, &filled.await?);
        Ok(())
    }

    /// A stretch of load at the rate.
    async fn turn(&mut self, seconds: f64) -> anyhow::Result<Measured> {
        self.stretches += 1;
        let contacts = self.scenario.world.contacts;
        let stretch = Stretch {
            name: format!("cost with {contacts}"),
            scenario: &self.scenario,
            pace: Pace::Open(Profile::constant(seconds, PER_S)),
            statuses: false,
            warm_up_s: 0.0,
            noise: false,
            marks: &[],
            // The fill is told apart from these by the number of its contacts.
            nth: u64::from(contacts) + self.stretches,
        };
        let mut numbers = Numbers::new(&self.scenario.world);
        measure(&mut self.stage, &mut numbers, stretch).await
    }
}

/// What a message cost, in milliseconds of processor time.
fn cost_of(measured: &Measured) -> anyhow::Result<f64> {
    let cores = measured.cpu_cores;
    let cost_ms = cores.map(|cores| cores / measured.steps_per_s * 1_000.0);
    cost_ms.ok_or_else(|| anyhow::anyhow!("the server's processor time cannot be read here"))
}

fn of(contacts: u32) -> Scenario {
    let world = World {
        contacts,
        turns: 1,
        ..World::default()
    };
    Scenario::of_world("cost", world)
}

fn note(findings: &mut Findings, measured: &Measured) {
    findings.messages += measured.ledger.accepted();
    findings.verdict = findings.verdict.plus(measured.judgement.verdict);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_quarter_of_an_hour_of_the_machine_does_not_count_against_the_contacts() {
        let beside = [(1e3, 0.8), (1e6, 1.0)];
        let alike = change(&[(1e3, 0.8), (1e6, 1.0)], &beside).unwrap();
        assert!(alike.abs() < 1e-9, "{alike}");
        let dearer = change(&[(1e3, 0.8), (1e6, 1.25)], &beside).unwrap();
        assert!((dearer - 25.0).abs() < 1e-9, "{dearer}");
        assert_eq!(change(&[], &[]), None);
    }
}
