//! Studies: what a single load cannot show, because contacts must be many first or the server must
//! die in between. Each gives a few [`Figure`]s and, where it helps, a plot.

mod cost;
mod memory;
mod restart;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::Client;
use crate::clock::now_us;
use crate::generator::Pace;
use crate::measure::{Measured, Numbers, Stretch, measure};
use crate::oracle::Verdict;
use crate::origin::{self, Build};
use crate::probe;
use crate::scenario::Scenario;
use crate::stage::Stage;
use crate::world::API_TOKEN;
pub use restart::TAKEN_AGAIN;

/// Messages without reply at a time while contacts are made known.
const WINDOW: u64 = 1_000;
/// A fill that takes longer is given up, seconds.
const FILL_WITHIN_S: f64 = 3_600.0;
/// Pause between two looks at the server.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The studies by name, with what each shows.
pub const STUDIES: [(&str, &str); 3] = [
    (
        "memory",
        "Bytes of a sleeping and of a live contact; memory with 1,000,000 known contacts of which 20,000 are live",
    ),
    (
        "restart",
        "SIGKILL with 1,000,000 known contacts: when webhooks are taken again, when all is indexed, how fast 50,000 waiting messages drain",
    ),
    (
        "cost",
        "Processor time of a message with 1,000 to 1,000,000 known contacts",
    ),
];

/// One figure, with what it is held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What is measured.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What there was; absent when it could not be measured.
    pub value: Option<f64>,
    /// What must hold.
    pub must: Option<f64>,
    /// What is aimed at.
    pub goal: Option<f64>,
    /// Whether more is better.
    pub rises: bool,
}

/// A plot of one or more lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// What goes to the right.
    pub x: String,
    /// Whether it goes to the right by factors of ten.
    pub by_tens: bool,
    /// Name and points of each line.
    pub lines: Vec<(String, Vec<(f64, f64)>)>,
}

/// What a study found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Study {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// Processor, memory, system.
    pub machine: String,
    /// Of the sources.
    pub commit: String,
    /// How it was built.
    #[serde(default)]
    pub build: Build,
    /// When it began, seconds since 1970.
    pub began_s: i64,
    /// With so few contacts that its figures say nothing.
    pub quick: bool,
    /// What went wrong with the messages that were sent for it.
    pub verdict: Verdict,
    /// Of so many; absent when they were not counted.
    #[serde(default)]
    pub messages: Option<u64>,
    /// The figures.
    pub figures: Vec<Figure>,
    /// The plot.
    pub plot: Option<Plot>,
}

/// What a study works out.
#[derive(Debug, Default)]
struct Findings {
    verdict: Verdict,
    /// Messages that the verdict is about.
    messages: u64,
    figures: Vec<Figure>,
    plot: Option<Plot>,
}

/// Runs the study called `name`; `quick` is a trial of the way, with few contacts.
///
/// # Errors
/// When there is none of this name, or the server fails.
pub async fn run(name: &str, quick: bool, below: Option<&Path>) -> anyhow::Result<Study> {
    let known = STUDIES.iter().find(|(study, _)| *study == name);
    let (_, about) = known.with_context(|| format!("there is no study {name}"))?;
    let began_s = now_us() / 1_000_000;
    let findings = match name {
        "memory" => memory::run(quick, below).await?,
        "restart" => restart::run(quick, below).await?,
        _ => cost::run(quick, below).await?,
    };
    Ok(Study {
        name: name.to_owned(),
        about: (*about).to_owned(),
        machine: probe::machine(),
        commit: origin::commit().unwrap_or_else(|| "unknown".to_owned()),
        build: Build::OWN,
        began_s,
        quick,
        verdict: findings.verdict,
        messages: Some(findings.messages),
        figures: findings.figures,
        plot: findings.plot,
    })
}

impl Figure {
    /// A figure that should be small.
    pub fn at_most(name: &str, unit: &str, value: Option<f64>) -> Self {
        Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
            value,
            must: None,
            goal: None,
            rises: false,
        }
    }

    /// A figure that should be great.
    pub fn at_least(name: &str, unit: &str, value: Option<f64>) -> Self {
        Self {
            rises: true,
            ..Self::at_most(name, unit, value)
        }
    }

    /// With what must hold.
    pub fn must(self, must: f64) -> Self {
        Self {
            must: Some(must),
            ..self
        }
    }

    /// With what is aimed at.
    pub fn goal(self, goal: f64) -> Self {
        Self {
            goal: Some(goal),
            ..self
        }
    }

    /// Whether the figure reaches `bound`; `None` without a bound.
    fn reaches(&self, bound: Option<f64>) -> Option<bool> {
        let bound = bound?;
        let reached = self.value.is_some_and(|value| match self.rises {
            true => value >= bound,
            false => value <= bound,
        });
        Some(reached)
    }

    /// What came of it, in a word.
    pub fn word(&self) -> &'static str {
        match (self.reaches(self.must), self.reaches(self.goal)) {
            (_, Some(true)) => "goal reached",
            (Some(true), _) => "holds",
            (Some(false), _) | (None, Some(false)) => "**missed**",
            (None, None) => "",
        }
    }

    /// Whether everything that must hold does; a goal alone may be missed.
    pub fn holds(&self) -> bool {
        self.reaches(self.must).unwrap_or(true)
    }
}

/// Makes `count` contacts known, each with one message that is answered.
async fn fill(
    stage: &mut Stage,
    scenario: &Scenario,
    count: u64,
    name: &str,
) -> anyhow::Result<Measured> {
    let mut numbers = Numbers::new(&scenario.world);
    let stretch = Stretch {
        name: name.to_owned(),
        scenario,
        pace: Pace::Closed {
            window: WINDOW,
            seconds: FILL_WITHIN_S,
            until_reply: true,
            messages: count,
        },
        statuses: false,
        warm_up_s: 0.0,
        noise: false,
        marks: &[],
        nth: count,
    };
    measure(stage, &mut numbers, stretch).await
}

/// What the server says about its contacts and its journal.
async fn health(stage: &Stage) -> anyhow::Result<Value> {
    let mut client = Client::new(stage.server.clone()).with_token(API_TOKEN);
    client.json("/api/v1/health/actors").await
}

/// Waits until the server's health `holds`, at most `within`.
async fn wait_until(
    stage: &Stage,
    within: Duration,
    mut holds: impl FnMut(&Value) -> bool,
) -> anyhow::Result<Value> {
    let began = Instant::now();
    loop {
        if let Ok(health) = health(stage).await
            && holds(&health)
        {
            return Ok(health);
        }
        anyhow::ensure!(
            began.elapsed() < within,
            "what was awaited did not come within {} s",
            within.as_secs()
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Resident memory of the server, bytes.
fn resident(stage: &Stage) -> anyhow::Result<f64> {
    let usage = stage.pid().and_then(probe::Usage::of);
    let usage = usage.context("the server's process has no figures")?;
    Ok(usage.rss_mb * 1_048_576.0)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A study in which everything is well.
    pub fn study() -> Study {
        Study {
            name: "restart".to_owned(),
            about: "x".to_owned(),
            machine: "m".to_owned(),
            commit: "c".to_owned(),
            build: Build::Plain,
            began_s: 1_700_000_000,
            quick: false,
            verdict: Verdict::default(),
            messages: None,
            figures: Vec::new(),
            plot: None,
        }
    }

    #[test]
    fn a_figure_is_held_against_what_must_be_and_what_is_aimed_at() {
        let small = |value| Figure::at_most("x", "ms", value).must(50.0).goal(15.0);
        assert_eq!(small(Some(15.0)).word(), "goal reached");
        assert_eq!(small(Some(16.0)).word(), "holds");
        assert_eq!(small(Some(51.0)).word(), "**missed**");
        assert!(!small(None).holds() && small(Some(50.0)).holds());
        let great = Figure::at_least("x", "/s", Some(4.0)).goal(5.0);
        assert_eq!(great.word(), "**missed**");
        assert!(great.holds(), "a goal alone may be missed");
        assert_eq!(Figure::at_least("x", "/s", Some(4.0)).word(), "");
    }
}
