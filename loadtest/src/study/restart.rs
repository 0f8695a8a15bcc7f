//! SIGKILL with very many contacts: when the door opens again, when everything is indexed, and how
//! fast the messages that waited are answered.

mod drain;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Figure, Findings, fill, health, wait_until};
use crate::clock::now_us;
use crate::generator::{Pool, wa_id};
use crate::scenario::Scenario;
use crate::stage::Stage;
use crate::webhook::{Content, Message, Writer};
use crate::world::World;
use drain::drain;

const KNOWN: u32 = 1_000_000;
const WAITING: u64 = 50_000;
/// So much of the journal is behind a kill that follows the load at once; larger segments leave
/// more of it uncovered, and a million records is what is asked for.
const SEGMENTS: &str = "[journal]\nsegment_bytes = 201326592";
/// Who asks whether the door is open.
const ASKING: u32 = 81_000_000;
/// How long nothing was taken, from the start of the process on: what a restart says about recovery
/// (R290).
pub const TAKEN_AGAIN: &str = "Webhooks taken again after SIGKILL";
const WITHIN: Duration = Duration::from_secs(120);

pub(super) async fn run(quick: bool, below: Option<&Path>) -> anyhow::Result<Findings> {
    let (known, waiting) = match quick {
        true => (3_000, 500),
        false => (KNOWN, WAITING),
    };
    let world = World {
        contacts: known,
        turns: 1,
        settings: toml::from_str(SEGMENTS)?,
        ..World::default()
    };
    let scenario = Scenario::of_world("restart", world);
    let mut stage = Stage::start(&scenario.world, below, scenario.seed).await?;
    let filled = fill(&mut stage, &scenario, u64::from(known), "known contacts").await?;
    let before = health(&stage).await?;
    stage.kill()?;
    let back = comes_back(&mut stage).await?;
    let behind = behind(&before, &back.health);

    // What asked whether the door is open is answered before the next count begins.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let drain = drain(&mut stage, &scenario, waiting).await?;
    let verdict = filled.judgement.verdict.plus(drain.verdict);
    let figures = vec![
        Figure::at_most(TAKEN_AGAIN, "s", Some(back.taken_s))
            .must(2.0)
            .goal(0.5),
        Figure::at_most(
            "Everything indexed after SIGKILL",
            "s",
            Some(back.indexed_s),
        )
        .must(6.0)
        .goal(3.0),
        Figure::at_least(
            "Known contacts then",
            "",
            back.health["contacts"]["known"].as_f64(),
        ),
        Figure::at_least("Records read behind the snapshots, about", "", behind),
        Figure::at_least(
            &format!("{waiting} waiting messages are answered, the first 99 % of them"),
            "/s",
            Some(drain.per_s),
        )
        .must(5_000.0),
        Figure::at_most("The last of them after the start", "s", Some(drain.last_s)),
    ];
    Ok(Findings {
        verdict,
        messages: filled.ledger.accepted() + waiting,
        figures,
        plot: None,
    })
}

/// A server that is back.
struct Back {
    taken_s: f64,
    indexed_s: f64,
    health: Value,
}

/// Starts the killed server and asks it again and again. Time counts from the start of the process.
async fn comes_back(stage: &mut Stage) -> anyhow::Result<Back> {
    let began = Instant::now();
    stage.launch().await?;
    let channel = &stage.channels[0];
    let writer = Writer::new(channel, &stage.server.host, now_us().cast_unsigned());
    let message = Message {
        number: 1,
        stamp: now_us() / 1_000_000,
        content: Content::Text("hola"),
    };
    let request = writer.request(&wa_id(ASKING), &[message]);
    let pool = Pool::new(stage.server.address, 1);
    let taken = async {
        while pool.exchange(&request).await.ok() != Some(200) {
            anyhow::ensure!(began.elapsed() < WITHIN, "no webhook was taken again");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(began.elapsed().as_secs_f64())
    };
    let stage = &*stage;
    let indexed = async {
        let ready = |health: &Value| health["journal"]["ready"] == true;
        let health = wait_until(stage, WITHIN, ready).await?;
        anyhow::Ok((began.elapsed().as_secs_f64(), health))
    };
    let (taken_s, indexed) = tokio::join!(taken, indexed);
    let (indexed_s, health) = indexed?;
    Ok(Back {
        taken_s: taken_s?,
        indexed_s,
        health,
    })
}

/// Records in the segments that were read at the start: the newest one and those not yet covered.
fn behind(before: &Value, after: &Value) -> Option<f64> {
    let told = |health: &Value, key: &str| health["journal"][key].as_f64();
    let record_bytes = told(before, "bytes")? / told(before, "records")?;
    let settings: toml::Table = toml::from_str(SEGMENTS).ok()?;
    let segment_bytes = settings["journal"]["segment_bytes"].as_integer()? as f64;
    let read = told(after, "replayed_segments")? * segment_bytes;
    // Of the newest, half in the mean; there is never more than was written.
    let bytes = (read + segment_bytes / 2.0).min(told(before, "bytes")?);
    Some(bytes / record_bytes)
}
