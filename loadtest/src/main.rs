//! The `chasqui-loadtest` binary: replays message traffic against a server and judges, from the
//! simulators' own log, what came out.
//!
//! ```text
//! scenario -> stage (server + simulators, started here or a target)
//!               |
//! generator --signed webhooks--> server --replies--> simulators
//!     | ledger: what left when, what was accepted        | request log
//!     +-----------------> oracle <-----------------------+
//!                            |
//!                         report: verdict, rate, latency, resources
//! ```
//!
//! Tester and server meet only over HTTP and share no code. What the server says about itself is
//! shown but not believed: the verdict comes from what the simulated provider received. Latency
//! counts from the scheduled arrival, so a stall cannot hide behind the load it holds up.

mod arguments;
mod bare;
mod client;
mod clock;
mod connection;
mod dice;
mod figures;
mod generator;
mod ledger;
mod measure;
mod oracle;
mod origin;
mod persona;
mod probe;
mod process;
mod progress;
mod recording;
mod report;
mod request_log;
mod run;
mod scenario;
mod schedule;
#[path = "../../src/scheduling.rs"]
mod scheduling;
mod stage;
mod study;
mod tongue;
mod watch;
mod webhook;
mod world;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use arguments::{Arguments, Command, Compare, Run};
use client::Place;
use figures::What;
use report::Report;
use report::words::figure;
use scenario::{Load, SHIPPED, Scenario};
use stage::{Stage, Target};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // A generator that pushed the server aside would measure itself.
    scheduling::take_turns();
    match scheduling::runtime() {
        Ok(runtime) => runtime.block_on(carry_out()),
        Err(error) => {
            eprintln!("chasqui-loadtest: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(arguments) => tokio::select! {
            ran = run_scenario(arguments) => ran,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        },
        Command::Figures(arguments) => tokio::select! {
            ran = figures::run(&arguments) => ran,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        },
        Command::List => list(),
        Command::Compare(reports) => compare(&reports),
        Command::Bare { provider } => bare::serve(provider.as_deref()).await.map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chasqui-loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a scenario; tells whether everything it requires holds.
async fn run_scenario(arguments: Run) -> anyhow::Result<bool> {
    let (name, mut scenario) = Scenario::find(&arguments.scenario)?;
    scenario.seed = arguments.seed.unwrap_or(scenario.seed);
    scenario.capacity.rated_per_minute = arguments.rated.or(scenario.capacity.rated_per_minute);
    if let Some(seconds) = arguments.seconds {
        scenario.load = scenario.load.lasting(seconds);
    }
    scenario.load = match scenario.load {
        Load::Replay { file, speed } => Load::Replay {
            file: arguments.file.clone().unwrap_or(file),
            speed: arguments.speed.unwrap_or(speed),
        },
        _ if arguments.file.is_some() || arguments.speed.is_some() => {
            anyhow::bail!("--file and --speed belong to the scenario replay")
        }
        other => other,
    };
    let mut stage = match &arguments.target {
        Some(target) => {
            let target = Target {
                server: Place::parse(target)?,
                simulators: Place::parse(&arguments.simulators)?,
                pid: arguments.pid,
            };
            for place in [&target.server, &target.simulators] {
                anyhow::ensure!(
                    place.is_local() || arguments.allow_foreign_hosts,
                    "{} is not on this machine; pass --allow-foreign-hosts to mean it",
                    place.url()
                );
            }
            Stage::attach(target).await?
        }
        None => Stage::start(&scenario.world, arguments.data.as_deref(), scenario.seed).await?,
    };
    let report = run::run(&name, &scenario, &mut stage).await?;
    if arguments.keep {
        eprintln!("kept: {}", stage.keep()?.display());
    }
    drop(stage);
    match &arguments.json {
        Some(file) => run::write_json(&report, file)?,
        None => println!("{}", serde_json::to_string_pretty(&report)?),
    }
    if let Some(file) = &arguments.html {
        let page = report::html::render(&report);
        std::fs::write(file, page).with_context(|| format!("writing {}", file.display()))?;
    }
    tell(&report);
    Ok(report.passed)
}

fn compare(reports: &Compare) -> anyhow::Result<bool> {
    let (text, is_worse) = match (What::read(&reports.a)?, What::read(&reports.b)?) {
        (What::Report(a), What::Report(b)) => report::compare::reports(&a, &b),
        (What::Study(a), What::Study(b)) => report::compare::studies(&a, &b),
        _ => anyhow::bail!(
            "one is a scenario's report and the other a study: nothing in them is the same"
        ),
    };
    print!("{text}");
    Ok(!is_worse)
}

fn list() -> anyhow::Result<bool> {
    for (name, _) in SHIPPED {
        let (_, scenario) = Scenario::find(name)?;
        println!("{name:<14} {}", scenario.about);
    }
    Ok(true)
}

/// The verdict in words, on standard error.
fn tell(report: &Report) {
    let latency = &report.latency_ms;
    eprintln!("{}", report.verdict.line());
    eprintln!(
        "{:.0} steps/s  ceiling {}/s  ratio {}  webhook p50 {:.1} p99 {:.1} ms  to provider p50 {:.1} p99 {:.1} max {:.0} ms",
        report.rate.steps_per_s,
        figure(report.rate.ceiling_per_s, 0),
        figure(report.rate.ratio, 3),
        latency.webhook.p50,
        latency.webhook.p99,
        latency.to_provider.p50,
        latency.to_provider.p99,
        latency.to_provider.max
    );
    if let Some(on) = &report.statuses_on {
        eprintln!(
            "statuses on: {:.0} steps/s  to provider p50 {:.1} p99 {:.1} ms  {}",
            on.rate.steps_per_s,
            on.latency_ms.to_provider.p50,
            on.latency_ms.to_provider.p99,
            on.verdict.line()
        );
    }
    if let Some(capacity) = report.capacity {
        eprintln!(
            "capacity: {:.0} messages a minute may be relied on, {:.0} % of {:.0} ({})",
            capacity.usable_per_minute,
            (1.0 - capacity.reserve) * 100.0,
            capacity.maximum_per_minute,
            capacity.known_from.words()
        );
    }
    for example in &report.examples {
        eprintln!("{example}");
    }
    for check in report.checks.iter().filter(|check| !check.passed) {
        let got = figure(check.got, 3);
        eprintln!("failed: {} is {got}, wanted {}", check.name, check.wanted);
    }
    eprintln!("{}", if report.passed { "passed" } else { "failed" });
}

impl Load {
    /// The same load in so many seconds.
    pub fn lasting(self, length: f64) -> Self {
        match self {
            Self::Phases { mut phases } => {
                let before: f64 = phases.iter().map(|phase| phase.seconds).sum();
                for phase in &mut phases {
                    phase.seconds *= length / before;
                }
                Self::Phases { phases }
            }
            Self::Day { peak_per_s, .. } => Self::Day {
                seconds: length,
                peak_per_s,
            },
            Self::Conversations { .. }
            | Self::HelpDesk(_)
            | Self::Templates { .. }
            | Self::Replay { .. } => self,
            Self::Ramp(ramp) => Self::Ramp(scenario::Ramp {
                step_s: length,
                ..ramp
            }),
            Self::Ceiling {
                pairs,
                warm_up_s,
                window,
                ..
            } => Self::Ceiling {
                pairs,
                seconds: length,
                warm_up_s,
                window,
            },
        }
    }
}
