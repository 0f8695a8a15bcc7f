//! What a contact costs in memory, asleep and awake.
//!
//! A server that was just started with all contacts known holds them asleep; the same server after
//! some of them wrote holds these awake. Differences of the process's resident memory are the
//! figures, so buffers that grew with the load count against the contacts.

use std::path::Path;
use std::time::Duration;

use super::{Figure, Findings, fill, resident, wait_until};
use crate::scenario::Scenario;
use crate::stage::Stage;
use crate::world::World;

/// Contacts that are known, and of them awake.
const KNOWN: u32 = 1_000_000;
const LIVE: u32 = 20_000;
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

    let woken = fill(&mut stage, &scenario, u64::from(live), "live contacts").await?;
    verdict = verdict.plus(woken.judgement.verdict);
    tokio::time::sleep(rest).await;
    let awake = resident(&stage)?;
    let health = wait_until(&stage, WITHIN, |_| true).await?;
    let living = health["contacts"]["live"].as_f64().unwrap_or_default();
    let each = (living > 0.0).then(|| (awake - asleep) / living);
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
        messages: filled.ledger.accepted() + woken.ledger.accepted(),
        figures,
        plot: None,
    })
}
