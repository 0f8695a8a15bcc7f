//! SIGKILL with very many contacts: when the door opens again, when everything is indexed, and how
//! fast the messages that waited are answered.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{Figure, Findings, LOOK_EVERY, fill, health, wait_until};
use crate::client::Client;
use crate::clock::now_us;
use crate::generator::{self, Crowd, Live, Order, Pace, Pool, wa_id};
use crate::ledger::Ledger;
use crate::measure::Numbers;
use crate::oracle;
use crate::probe::Told;
use crate::request_log::{self, RequestLog, Said};
use crate::scenario::Scenario;
use crate::stage::Stage;
use crate::webhook::{Content, Message, Writer};
use crate::world::{self, World};

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
/// A drain that stands still for so long has ended. What the provider refused twice before the kill
/// is tried a third time a minute after that, and what the kill left in doubt goes to the operators
/// after two minutes at most: both are over by then. A drain leaves nobody with the operators (see
/// [`drain`]), so whatever is missing is missing.
const STANDSTILL: Duration = Duration::from_secs(135);
/// The share of the waiting messages over which the rate is measured. The few that were refused
/// before the kill are not due yet when the others are done, and would be the whole figure.
const RATED: f64 = 0.99;

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

/// Messages that waited over a restart.
struct Drain {
    per_s: f64,
    last_s: f64,
    verdict: oracle::Verdict,
}

/// Lets the provider refuse until every circuit is open, has `count` messages accepted meanwhile,
/// kills the server, lets the provider work again and starts the server.
///
/// Everybody has to be answered by the server itself, nobody by the operators. A 503 with Meta's code
/// says that nothing was sent: it is no doubt but a try that is made again, and while a circuit is
/// open a probe that fails costs no try. In doubt is only a call that the kill cut off. Statuses
/// arrive through the whole drain, so its own either proves it or, being missing, lets the server
/// send it once more; it is in doubt once, and only a second doubt would be a person's to decide.
async fn drain(stage: &mut Stage, scenario: &Scenario, count: u64) -> anyhow::Result<Drain> {
    stage
        .control(&world::statuses(&stage.channels, true))
        .await?;
    let fault = json!({"faults": [{"provider": "meta", "kind": "error", "status": 503}]});
    stage.control(&fault).await?;
    let mut log = RequestLog::from_now(&stage.simulators).await?;
    let mut numbers = Numbers::new(&scenario.world);
    let opening = send(stage, scenario, &mut numbers, 2_000.min(count)).await?;
    let channels = stage.channels.len() as f64;
    let mut server = Client::new(stage.server.clone());
    let began = Instant::now();
    while Told::by(&mut server).await?.circuits_open < channels {
        anyhow::ensure!(began.elapsed() < WITHIN, "not every circuit opened");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let rest = send(
        stage,
        scenario,
        &mut numbers,
        count - opening.rows.len() as u64,
    )
    .await?;
    let expected = opening.accepted() + rest.accepted();
    anyhow::ensure!(
        expected == count,
        "only {expected} of {count} were accepted"
    );
    stage.kill()?;
    stage.control(&json!({"clear_faults": "meta"})).await?;
    let began_us = now_us();
    stage.launch().await?;
    let own = |reply: &request_log::Reply, ledger: &Ledger| match reply.said {
        Said::Unknown(number) => {
            (ledger.first..ledger.first + ledger.rows.len() as u64).contains(&number)
        }
        _ => false,
    };
    let mut replies = [Vec::new(), Vec::new()];
    let mut moved = Instant::now();
    let answered = |replies: &[Vec<_>; 2]| replies.iter().map(Vec::len).sum::<usize>() as u64;
    while answered(&replies) < count && moved.elapsed() < STANDSTILL {
        let before = answered(&replies);
        for reply in log.take().await? {
            for (ledger, replies) in [&opening, &rest].into_iter().zip(&mut replies) {
                if own(&reply, ledger) {
                    replies.push(reply);
                }
            }
        }
        if answered(&replies) > before {
            moved = Instant::now();
        }
        tokio::time::sleep(LOOK_EVERY * 5).await;
    }
    eprintln!("{} of {count} answered", answered(&replies));
    let mut verdict = oracle::Verdict::default();
    let mut replied_us = Vec::new();
    for (ledger, replies) in [&opening, &rest].into_iter().zip(&replies) {
        let judgement = oracle::judge(ledger, replies);
        verdict = verdict.plus(judgement.verdict);
        for example in &judgement.examples {
            eprintln!("{example}");
        }
        replied_us.extend(judgement.replied_us.into_iter().filter(|at| *at != 0));
    }
    replied_us.sort_unstable();
    let last = *replied_us.last().context("nothing was answered")?;
    Ok(Drain {
        per_s: rate(&replied_us, count),
        last_s: (last - began_us) as f64 / 1e6,
        verdict,
    })
}

/// So many of `count` are rated.
fn rated(count: u64) -> u64 {
    (count as f64 * RATED) as u64
}

/// Replies a second until the rated share of `count` was answered, or as many as there were.
fn rate(sorted_us: &[i64], count: u64) -> f64 {
    let rated = sorted_us.len().min(rated(count) as usize);
    let [first, .., last] = &sorted_us[..rated] else {
        return 0.0;
    };
    rated as f64 / ((last - first).max(1) as f64 / 1e6)
}

/// Has `count` messages accepted; nobody waits for replies.
async fn send(
    stage: &Stage,
    scenario: &Scenario,
    numbers: &mut Numbers,
    count: u64,
) -> anyhow::Result<Ledger> {
    let (run, first) = numbers.take(count);
    let order = Order {
        world: scenario.world.clone(),
        server: stage.server.clone(),
        channels: stage.channels.clone(),
        mix: scenario.mix,
        door: scenario.door,
        seed: scenario.seed,
        run,
        first,
        noise: None,
        crowd: Crowd::new(&scenario.world, first),
        pace: Pace::Closed {
            window: 256,
            seconds: WITHIN.as_secs_f64(),
            until_reply: false,
            messages: count,
        },
    };
    let thread = generator::start(order, Arc::new(Live::default()))?;
    let joined = tokio::task::spawn_blocking(move || thread.join()).await?;
    let (ledger, _) = joined.map_err(|_| anyhow::anyhow!("the generator panicked"))??;
    Ok(ledger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straggler_is_not_the_rate_and_missing_replies_do_not_raise_it() {
        // A thousand a second, and the last of them a minute later.
        let mut replied: Vec<i64> = (0..999).map(|nth| nth * 1_000).collect();
        replied.push(60_000_000);
        assert!((rate(&replied, 1_000) - 1_000.0).abs() < 5.0);
        // Half of them never came: what came took as long as it took.
        assert!((rate(&replied[..500], 1_000) - 1_000.0).abs() < 5.0);
        assert_eq!(rate(&[], 1_000), 0.0);
        assert_eq!(rate(&[5], 1_000), 0.0);
    }
}
