//! The product in turns with a bare handler, so that both meet the same machine.

use std::sync::Arc;

use super::Outcome;
use crate::client::{Client, Place};
use crate::generator::{self, Crowd, Live, Order, Pace};
use crate::measure::{Numbers, Stretch, measure};
use crate::process::Process;
use crate::report::{Turn, median};
use crate::scenario::{Door, Load, Mix, Scenario, Statuses};
use crate::stage::{self, Stage};
use crate::world::{self, World};

/// More replies a second than any number of a relay sends.
const UNLIMITED_PER_SECOND: u32 = 1_000_000;

/// The bare handler as a process of its own.
#[derive(Debug)]
pub struct Bare {
    name: &'static str,
    place: Place,
    door: Door,
    _process: Process,
    /// Those that a relay replies to.
    _simulators: Option<Process>,
    _home: tempfile::TempDir,
}

impl Bare {
    /// Starts it.
    pub async fn start(door: &Door) -> anyhow::Result<Self> {
        let home = tempfile::tempdir()?;
        Self::of("bare handler", *door, home, None).await
    }

    /// Starts a bare relay, with simulators of its own: the log of the others tells what the product
    /// sent.
    pub async fn relay(scenario: &Scenario) -> anyhow::Result<Self> {
        let home = tempfile::tempdir()?;
        let (folder, seed) = (home.path().to_owned(), scenario.seed);
        let start = move || stage::simulators(&stage::binary()?, &folder, seed);
        let started = tokio::task::spawn_blocking(start).await??;
        // A refused reply would be cheaper than one that is taken. Nobody hears what becomes of the
        // replies, so nothing does: no statuses.
        let world = World {
            messages_per_second: UNLIMITED_PER_SECOND,
            ..scenario.world.clone()
        };
        let world = world.control(&started.1.url());
        let statuses = world::statuses(&scenario.world.numbers(), false);
        let mut control = Client::new(started.1.clone());
        control.post("/_control", &world).await?;
        control.post("/_control", &statuses).await?;
        Self::of("bare relay", scenario.door, home, Some(started)).await
    }

    async fn of(
        name: &'static str,
        door: Door,
        home: tempfile::TempDir,
        provider: Option<(Process, Place)>,
    ) -> anyhow::Result<Self> {
        let log = home.path().join("bare.log");
        let (simulators, provider) = provider.unzip();
        let url = provider.map(|provider| provider.url());
        let start = move || {
            let own = std::env::current_exe()?;
            let mut arguments = vec!["bare"];
            if let Some(url) = &url {
                arguments.extend(["--provider", url]);
            }
            Process::start(&own, &arguments, &[], &log, "bare")
        };
        let (process, url) = tokio::task::spawn_blocking(start).await??;
        Ok(Self {
            name,
            place: Place::parse(&url)?,
            door,
            _process: process,
            _simulators: simulators,
            _home: home,
        })
    }

    /// Webhooks a second that it takes in `seconds`, after `warm_up_s` that do not count.
    pub async fn rate(
        &self,
        scenario: &Scenario,
        stage: &Stage,
        seconds: f64,
        warm_up_s: f64,
    ) -> anyhow::Result<f64> {
        // The handler knows how to check Meta's signature, and nothing else.
        let meta = stage.channels.iter().filter(|channel| channel.is_meta());
        let meta = meta.cloned().collect();
        let order = Order {
            world: scenario.world.clone(),
            server: self.place.clone(),
            channels: meta,
            mix: Mix::default(),
            door: self.door,
            seed: scenario.seed,
            run: 0,
            first: 1,
            noise: None,
            crowd: Crowd::new(&scenario.world, 0),
            pace: Pace::Closed {
                window: self.door.connections as u64 * 2,
                seconds: seconds + warm_up_s,
                until_reply: false,
                messages: u64::MAX,
            },
        };
        let thread = generator::start(order, Arc::new(Live::default()))?;
        let joined = tokio::task::spawn_blocking(move || thread.join()).await?;
        let (ledger, _) = joined.map_err(|_| anyhow::anyhow!("the generator panicked"))??;
        anyhow::ensure!(
            ledger.refused + ledger.broken == 0,
            "the {} refused webhooks",
            self.name
        );
        let from_us = ledger.began_us + (warm_up_s * 1e6) as i64;
        let counted = |at_us: i64| (from_us..ledger.ended_us).contains(&at_us);
        let taken = ledger
            .rows
            .iter()
            .filter(|row| counted(row.accepted_us))
            .count();
        let rate = taken as f64 / ((ledger.ended_us - from_us) as f64 / 1e6);
        eprintln!("{}  {rate:.0}/s", self.name);
        Ok(rate)
    }
}

/// Alternates product without statuses, bare handler, bare relay and product with statuses.
pub(super) async fn run(
    scenario: &Scenario,
    stage: &mut Stage,
    numbers: &mut Numbers,
) -> anyhow::Result<Outcome> {
    let Load::Ceiling {
        pairs,
        seconds,
        warm_up_s,
        window,
    } = scenario.load
    else {
        anyhow::bail!("this load has no turns");
    };
    let bare = Bare::start(&scenario.door).await?;
    let relay = Bare::relay(scenario).await?;
    let mut outcome = Outcome::default();
    for nth in 0..pairs {
        let turn = |statuses: bool, nth: usize| Stretch {
            name: format!(
                "turn {} of {pairs}, statuses {}",
                nth + 1,
                if statuses { "on " } else { "off" }
            ),
            scenario,
            pace: Pace::Closed {
                window,
                seconds: seconds + warm_up_s,
                until_reply: true,
                messages: u64::MAX,
            },
            statuses,
            warm_up_s,
            noise: false,
            marks: &[],
            nth: 2 * nth as u64 + u64::from(statuses),
        };
        let off = measure(stage, numbers, turn(false, nth)).await?;
        let ceiling_per_s = bare.rate(scenario, stage, seconds, warm_up_s).await?;
        let relay_per_s = relay.rate(scenario, stage, seconds, warm_up_s).await?;
        let on = match scenario.statuses {
            Statuses::Off | Statuses::On => None,
            Statuses::Both => Some(measure(stage, numbers, turn(true, nth)).await?),
        };
        let turn = Turn {
            steps_per_s: off.steps_per_s,
            ceiling_per_s,
            relay_per_s: Some(relay_per_s),
            steps_on_per_s: on.as_ref().map(|on| on.steps_per_s),
        };
        eprintln!("{}", line(&turn));
        outcome.turns.push(turn);
        outcome.off.push(off);
        outcome.on.extend(on);
    }
    let turns = &outcome.turns;
    let off = |turn: &Turn| turn.steps_per_s / turn.ceiling_per_s;
    let on = |turn: &Turn| Some(turn.steps_on_per_s? / turn.ceiling_per_s);
    outcome.steps_per_s = (
        median(turns.iter().map(|turn| turn.steps_per_s).collect()).unwrap_or_default(),
        median(
            turns
                .iter()
                .filter_map(|turn| turn.steps_on_per_s)
                .collect(),
        ),
    );
    outcome.ceiling_per_s = median(turns.iter().map(|turn| turn.ceiling_per_s).collect());
    outcome.ratios = Some((
        median(turns.iter().map(off).collect()),
        median(turns.iter().filter_map(on).collect()),
    ));
    Ok(outcome)
}

fn line(turn: &Turn) -> String {
    let on = turn
        .steps_on_per_s
        .map(|on| format!(", with statuses {on:.0}/s ({:.3})", on / turn.ceiling_per_s));
    format!(
        "turn: {:.0} steps/s of {:.0}/s ({:.3}){}",
        turn.steps_per_s,
        turn.ceiling_per_s,
        turn.steps_per_s / turn.ceiling_per_s,
        on.unwrap_or_default()
    )
}
