//! Messages that waited over a restart: accepted while their provider refuses everything, answered
//! after SIGKILL.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;

use super::WITHIN;
use crate::client::Client;
use crate::clock::now_us;
use crate::generator::{self, Crowd, Live, Order, Pace};
use crate::ledger::Ledger;
use crate::measure::Numbers;
use crate::oracle;
use crate::probe::Told;
use crate::request_log::{Reply, RequestLog, Said};
use crate::scenario::Scenario;
use crate::stage::Stage;
use crate::study::LOOK_EVERY;
use crate::world;

/// A drain that stands still for so long has ended. What the provider refused twice before the kill
/// is tried a third time a minute after that, and what the kill left in doubt goes to the operators
/// after two minutes at most: both are over by then. A drain leaves nobody with the operators (see
/// [`drain`]), so whatever is missing is missing.
const STANDSTILL: Duration = Duration::from_secs(135);
/// The share of the waiting messages over which the rate is measured. The few that were refused
/// before the kill are not due yet when the others are done, and would be the whole figure.
const RATED: f64 = 0.99;

/// What became of the messages that waited.
pub(super) struct Drain {
    /// Of them answered a second, without the last few.
    pub per_s: f64,
    /// When the last answer came, seconds after the start.
    pub last_s: f64,
    pub verdict: oracle::Verdict,
}

/// Lets the provider refuse until every circuit is open, has `count` messages accepted meanwhile,
/// kills the server, lets the provider work again and starts the server.
///
/// Everybody has to be answered by the server itself, nobody by the operators. A 503 with Meta's code
/// says that nothing was sent: it is no doubt but a try that is made again, and while a circuit is
/// open a probe that fails costs no try. In doubt is only a call that the kill cut off. Statuses
/// arrive through the whole drain, so its own either proves it or, being missing, lets the server
/// send it once more; it is in doubt once, and only a second doubt would be a person's to decide.
pub(super) async fn drain(
    stage: &mut Stage,
    scenario: &Scenario,
    count: u64,
) -> anyhow::Result<Drain> {
    stage
        .control(&world::statuses(&stage.channels, true))
        .await?;
    let fault = json!({"faults": [{"provider": "meta", "kind": "error", "status": 503}]});
    stage.control(&fault).await?;
    let mut log = RequestLog::from_now(&stage.simulators).await?;
    let ledgers = accept(stage, scenario, count).await?;
    stage.kill()?;
    stage.control(&json!({"clear_faults": "meta"})).await?;
    let began_us = now_us();
    stage.launch().await?;
    let replies = gather(&mut log, &ledgers, count).await?;
    judged(&ledgers, &replies, began_us, count)
}

/// Has `count` messages accepted: some that open every circuit, then the others.
async fn accept(stage: &Stage, scenario: &Scenario, count: u64) -> anyhow::Result<[Ledger; 2]> {
    let mut numbers = Numbers::new(&scenario.world);
    let opening = send(stage, scenario, &mut numbers, 2_000.min(count)).await?;
    let channels = stage.channels.len() as f64;
    let mut server = Client::new(stage.server.clone());
    let began = Instant::now();
    while Told::by(&mut server).await?.circuits_open < channels {
        anyhow::ensure!(began.elapsed() < WITHIN, "not every circuit opened");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let others = count - opening.rows.len() as u64;
    let rest = send(stage, scenario, &mut numbers, others).await?;
    let expected = opening.accepted() + rest.accepted();
    anyhow::ensure!(
        expected == count,
        "only {expected} of {count} were accepted"
    );
    Ok([opening, rest])
}

/// Waits for the replies to each ledger, until `count` are there or no more come.
async fn gather(
    log: &mut RequestLog,
    ledgers: &[Ledger; 2],
    count: u64,
) -> anyhow::Result<[Vec<Reply>; 2]> {
    let mut replies = [Vec::new(), Vec::new()];
    let mut moved = Instant::now();
    let answered = |replies: &[Vec<_>; 2]| replies.iter().map(Vec::len).sum::<usize>() as u64;
    while answered(&replies) < count && moved.elapsed() < STANDSTILL {
        let before = answered(&replies);
        for reply in log.take().await? {
            for (ledger, replies) in ledgers.iter().zip(&mut replies) {
                if is_answer_to(&reply, ledger) {
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
    Ok(replies)
}

fn is_answer_to(reply: &Reply, ledger: &Ledger) -> bool {
    let Said::Unknown(number) = reply.said else {
        return false;
    };
    (ledger.first..ledger.first + ledger.rows.len() as u64).contains(&number)
}

fn judged(
    ledgers: &[Ledger; 2],
    replies: &[Vec<Reply>; 2],
    began_us: i64,
    count: u64,
) -> anyhow::Result<Drain> {
    let mut verdict = oracle::Verdict::default();
    let mut replied_us = Vec::new();
    for (ledger, replies) in ledgers.iter().zip(replies) {
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
