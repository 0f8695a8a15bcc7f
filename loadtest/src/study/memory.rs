//! What a contact costs in memory, asleep and awake.
//!
//! A server that was just started with all contacts known holds them asleep; the same server after
//! some of them wrote holds these awake. Differences of the process's resident memory are the
//! figures. Connections and buffers that any load needs are no contact's: a few write first, and
//! what the others add is what counts. Whatever grows with the load after that counts against them.

use std::path::Path;
use std::time::Duration;

use super::{Figure, Findings, fill, resident, wait_until};
use crate::measure::Measured;
use crate::scenario::Scenario;
use crate::stage::Stage;
use crate::world::World;

/// Contacts that are known, and of them awake.
const KNOWN: u32 = 1_000_000;
const LIVE: u32 = 20_000;
/// One in so many of these writes first.
const FIRST_PART: u32 = 20;
/// How long allocator and journal come to rest before memory is read: segments are covered after a
/// minute. What a rush holds until then is told as the most.
const REST: Duration = Duration::from_secs(75);
const WITHIN: Duration = Duration::from_secs(120);
const MB: f64 = 1_048_576.0;

pub(super) async fn run(quick: bool, below: Option<&Path>) -> anyhow::Result<Findings> {
    let (known, live, rest) = match quick {
        true => (3_000, 300, Duration::from_secs(1)),
        false => (KNOWN, LIVE, REST),
    };
    // Whoever wrote stays awake, up to the bound, for the length of the study.
    let awake = "[contacts]\npassivate_after_ms = 3600000";
    let world = World {
        contacts: known,
        turns: 1,
        live_max: live,
        settings: toml::from_str(awake)?,
        ..World::default()
    };
    let scenario = Scenario::of_world("memory", world);
    let mut stage = Stage::start(&scenario.world, below, scenario.seed).await?;
    wait_until(&stage, WITHIN, |_| true).await?;
    tokio::time::sleep(rest).await;
    let empty = resident(&stage)?;

    let filled = fill(&mut stage, &scenario, u64::from(known), "known contacts").await?;
    let mut verdict = filled.judgement.verdict;
    tokio::time::sleep(rest).await;
    let full = resident(&stage)?;
    let peak_mb = stage
        .pid()
        .and_then(crate::probe::Usage::of)
        .map(|usage| usage.rss_peak_mb);
    let health = wait_until(&stage, WITHIN, |_| true).await?;
    let held = health["contacts"]["live"].as_f64();

    stage.kill()?;
    stage.restart().await?;
    let is_indexed = |health: &serde_json::Value| {
        health["journal"]["ready"] == true
            && health["contacts"]["known"].as_u64() >= Some(known.into())
    };
    wait_until(&stage, WITHIN, is_indexed).await?;
    tokio::time::sleep(rest).await;
    let asleep = resident(&stage)?;
    let sleeping = (asleep - empty) / f64::from(known);

    let few = u64::from(live / FIRST_PART);
    let first = wake(&mut stage, &scenario, few, rest).await?;
    let others = wake(&mut stage, &scenario, u64::from(live), rest).await?;
    for woken in [&first, &others] {
        verdict = verdict.plus(woken.measured.judgement.verdict);
    }
    let added = others.live - first.live;
    let each = (added > 0.0).then(|| (others.resident - first.resident) / added);
    let figures = vec![
        Figure::at_most("A sleeping contact", "B", Some(sleeping)).must(200.0),
        Figure::at_most("A live idle contact", "B", each).must(8_704.0),
        Figure::at_most(
            &format!("Resident with {known} known contacts, {live} live"),
            "MB",
            Some(full / MB),
        )
        .must(700.0)
        .goal(512.0),
        Figure::at_most("The most while they became known", "MB", peak_mb),
        Figure::at_least("Live contacts after that", "", held),
        Figure::at_most("An empty server", "MB", Some(empty / MB)),
        Figure::at_most("After the restart, all asleep", "MB", Some(asleep / MB)),
    ];
    Ok(Findings {
        verdict,
        messages: [&filled, &first.measured, &others.measured]
            .map(|measured| measured.ledger.accepted())
            .iter()
            .sum(),
        figures,
        plot: None,
    })
}

/// What there was after some had written.
struct Woken {
    measured: Measured,
    /// Resident memory, bytes.
    resident: f64,
    /// Contacts that were live.
    live: f64,
}

/// Lets the first `count` contacts write.
async fn wake(
    stage: &mut Stage,
    scenario: &Scenario,
    count: u64,
    rest: Duration,
) -> anyhow::Result<Woken> {
    let measured = fill(stage, scenario, count, "live contacts").await?;
    tokio::time::sleep(rest).await;
    let resident = resident(stage)?;
    let health = wait_until(stage, WITHIN, |_| true).await?;
    let live = health["contacts"]["live"].as_f64().unwrap_or_default();
    Ok(Woken {
        measured,
        resident,
        live,
    })
}
