//! One measured stretch of load: sent, waited out, judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::client::Client;
use crate::clock::now_us;
use crate::generator::{self, Crowd, Live, Order, Pace};
use crate::ledger::Ledger;
use crate::oracle::{self, Judgement};
use crate::probe::Told;
use crate::progress::Progress;
use crate::request_log::{self, RequestLog};
use crate::scenario::{Mark, Scenario};
use crate::stage::Stage;
use crate::watch::{Sample, Watch, Watched};
use crate::world::{self, World};

/// How often a standstill is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// When everything is answered, how long a second reply may still come.
const GRACE: Duration = Duration::from_millis(1_000);

/// What is to be measured.
#[derive(Debug)]
pub struct Stretch<'a> {
    /// Its name while it runs.
    pub name: String,
    /// World, mix and manners.
    pub scenario: &'a Scenario,
    /// When messages leave.
    pub pace: Pace,
    /// Whether delivery statuses come back.
    pub statuses: bool,
    /// Seconds at the beginning that do not count for the rate.
    pub warm_up_s: f64,
    /// Whether the scenario's two noisy people are there.
    pub noise: bool,
    /// What happens at set times.
    pub marks: &'a [Mark],
    /// Distinguishes this stretch's arrivals from those of others of the same seed.
    pub nth: u64,
}

/// What came out.
#[derive(Debug)]
pub struct Measured {
    /// What was sent.
    pub ledger: Ledger,
    /// What came of it.
    pub judgement: Judgement,
    /// Steps a second after the warm-up, until the last arrival was due.
    pub steps_per_s: f64,
    /// Messages with a reply.
    pub steps: u64,
    /// Second by second.
    pub samples: Vec<Sample>,
    /// Processor cores in use by the server while the load ran.
    pub cpu_cores: Option<f64>,
    /// Bytes written to disk at most, until everything stood still.
    pub written: Option<u64>,
    /// What the server told before and after.
    pub told: [Option<Told>; 2],
    /// What happened: microseconds since 1970 and name.
    pub happened: Vec<(i64, String)>,
}

/// Numbers of messages already used on a stage.
#[derive(Debug)]
pub struct Numbers {
    next: u64,
    run: u64,
    /// Whoever wrote in one stretch owes it in the next.
    crowd: Crowd,
}

impl Numbers {
    /// A fresh row. Message ids and, on a server that runs on, questions differ in every run.
    pub fn new(world: &World) -> Self {
        let run = now_us().cast_unsigned();
        let next = run / 1_000_000 % 100_000 * 10_000_000 + 1;
        Self {
            next,
            run,
            crowd: Crowd::new(world, next / 10_000_000),
        }
    }
}

impl Numbers {
    /// The run and the first of `count` numbers that nobody else gets.
    pub fn take(&mut self, count: u64) -> (u64, u64) {
        let first = self.next;
        self.next += count;
        (self.run, first)
    }
}

/// Waits until the server took every status, or none has been taken for `settle`. Tells how many
/// are missing.
pub async fn statuses_settled(simulators: &mut Client, settle: Duration) -> anyhow::Result<u64> {
    Ok(settled(simulators, 0, 0, settle).await?.statuses_missing)
}

/// Sends, waits until everything stands still, reads the log and judges.
pub async fn measure(
    stage: &mut Stage,
    numbers: &mut Numbers,
    stretch: Stretch<'_>,
) -> anyhow::Result<Measured> {
    let Stretch {
        scenario, statuses, ..
    } = stretch;
    stage
        .control(&world::statuses(&stage.channels, statuses))
        .await?;
    let mut simulators = Client::new(stage.simulators.clone());
    let log = RequestLog::from_now(&stage.simulators).await?;
    let before = request_log::totals(&mut simulators).await?.accepted;
    let statuses_before = statuses_waiting(&mut simulators).await?;
    let told_before = Told::by(&mut Client::new(stage.server.clone())).await.ok();
    let live = Arc::new(Live::default());
    let pid = Arc::new(AtomicU32::new(stage.pid().unwrap_or_default()));
    let watched = Watched {
        server: Some(stage.server.clone()),
        log,
        accepted_before: before,
        simulators: stage.simulators.clone(),
        pid: pid.clone(),
        data: stage.data(),
        often: matches!(stretch.pace, Pace::Closed { .. }),
    };
    let watch = Watch::start(watched, live.clone(), Progress::new(&stretch.name));
    let order = Order {
        world: scenario.world.clone(),
        server: stage.server.clone(),
        channels: stage.channels.clone(),
        mix: scenario.mix,
        door: scenario.door,
        seed: scenario.seed.wrapping_add(stretch.nth << 32),
        run: numbers.run,
        first: numbers.next,
        noise: scenario.noise.filter(|_| stretch.noise),
        crowd: std::mem::take(&mut numbers.crowd),
        pace: stretch.pace,
    };
    let thread = generator::start(order, live)?;
    let mut happened = Vec::new();
    let began = Instant::now();
    for mark in stretch.marks {
        let due = began + Duration::from_secs_f64(mark.at_s);
        tokio::time::sleep_until(due.into()).await;
        happened.push((now_us(), mark.name.clone()));
        happen(stage, mark)
            .await
            .with_context(|| format!("mark {}", mark.name))?;
        pid.store(stage.pid().unwrap_or_default(), Ordering::Relaxed);
    }
    let joined = tokio::task::spawn_blocking(move || thread.join()).await?;
    let (ledger, crowd) = joined.map_err(|_| anyhow::anyhow!("the generator panicked"))??;
    let ended_us = now_us();
    numbers.next += ledger.rows.len() as u64;
    if crowd.indebted() > 0 {
        eprintln!(
            "{} messages broke the limit of their pair: the load needs more contacts",
            crowd.indebted()
        );
    }
    numbers.crowd = crowd;
    let settle = Duration::from_secs_f64(scenario.door.settle_s);
    let expected = before + ledger.accepted();
    let mut end = settled(&mut simulators, expected, statuses_before, settle).await?;
    let (mut log, samples) = watch.end().await?;
    let told_after = Told::by(&mut Client::new(stage.server.clone())).await.ok();
    let mut replies = log.take().await?;
    let mut judgement = oracle::judge(&ledger, &replies);
    // The provider may have taken as much as is owed while some of it was something else, such as
    // the word that a file could not be fetched.
    let mut moved = Instant::now();
    while end.is_complete && judgement.verdict.lost > 0 && moved.elapsed() < settle {
        tokio::time::sleep(LOOK_EVERY * 10).await;
        let further = log.take().await?;
        if !further.is_empty() {
            moved = Instant::now();
            replies.extend(further);
            judgement = oracle::judge(&ledger, &replies);
            end = settled(&mut simulators, expected, statuses_before, settle).await?;
        }
    }
    judgement.verdict.statuses_missing = end.statuses_missing;
    let from_us = ledger.began_us + (stretch.warm_up_s * 1e6) as i64;
    let counted = |at_us: &&i64| (from_us..ledger.ended_us).contains(*at_us);
    let in_time = judgement.replied_us.iter().filter(counted).count();
    let span_s = (ledger.ended_us - from_us).max(1) as f64 / 1e6;
    Ok(Measured {
        steps_per_s: in_time as f64 / span_s,
        steps: judgement.replied_us.iter().filter(|at| **at != 0).count() as u64,
        cpu_cores: cpu_cores(&samples, from_us, ended_us),
        written: written(&samples),
        ledger,
        judgement,
        samples,
        told: [told_before, told_after],
        happened,
    })
}

async fn happen(stage: &mut Stage, mark: &Mark) -> anyhow::Result<()> {
    if mark.kill {
        stage.kill()?;
    }
    if mark.restart {
        stage.restart().await?;
    }
    if let Some(change) = &mark.control {
        stage.control(&serde_json::to_value(change)?).await?;
    }
    Ok(())
}

/// How a load came to rest.
#[derive(Clone, Copy, Debug)]
struct Settled {
    /// Statuses that the server has not taken.
    statuses_missing: u64,
    /// As many replies as are owed were taken; otherwise nothing moved any more.
    is_complete: bool,
}

/// Waits until the provider took `expected` replies and the server every status, or nothing has
/// moved for `settle`.
async fn settled(
    simulators: &mut Client,
    expected: u64,
    statuses_before: i64,
    settle: Duration,
) -> anyhow::Result<Settled> {
    let mut last = (0, i64::MAX);
    let mut moved = Instant::now();
    let mut complete = None;
    loop {
        let taken = request_log::totals(simulators).await?.accepted;
        let missing = statuses_waiting(simulators).await? - statuses_before;
        if (taken, missing) != last {
            last = (taken, missing);
            moved = Instant::now();
        }
        if taken >= expected && missing <= 0 {
            let since = *complete.get_or_insert_with(Instant::now);
            if since.elapsed() >= GRACE {
                return Ok(Settled {
                    statuses_missing: 0,
                    is_complete: true,
                });
            }
        } else if moved.elapsed() >= settle {
            return Ok(Settled {
                statuses_missing: missing.max(0).cast_unsigned(),
                is_complete: false,
            });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Statuses that were due to the server and that it has not taken, all numbers together.
async fn statuses_waiting(simulators: &mut Client) -> anyhow::Result<i64> {
    let world = simulators.json("/_control").await?;
    let lines = |carrier: &str| world[carrier].as_object().map(|lines| lines.values());
    let meta = lines("meta").context("the simulators have no numbers")?;
    let all = meta.chain(lines("gupshup").into_iter().flatten());
    let waiting = all.map(|line| {
        let count = |key: &str| line["webhooks"][key].as_i64().unwrap_or_default();
        count("statuses") - count("statuses_taken")
    });
    Ok(waiting.sum())
}

fn cpu_cores(samples: &[Sample], from_us: i64, to_us: i64) -> Option<f64> {
    let during = samples
        .iter()
        .filter(|sample| (from_us..=to_us).contains(&sample.at_us));
    let used: Vec<_> = during
        .filter_map(|sample| Some((sample.at_us, sample.usage?.cpu_s)))
        .collect();
    let span_s = (used.last()?.0 - used.first()?.0) as f64 / 1e6;
    let cpu_s = grown(used.iter().map(|(_, cpu_s)| *cpu_s))?;
    (span_s > 0.0).then(|| cpu_s / span_s)
}

/// Bytes that reached the disk at most. The process's own figure counts whole folios, the device's
/// counts everybody; neither can be too small.
pub fn written(samples: &[Sample]) -> Option<u64> {
    let process = grown(
        samples
            .iter()
            .filter_map(|sample| Some(sample.usage?.written as f64)),
    );
    let device = samples.iter().filter_map(|sample| sample.device_written);
    let device = grown(device.map(|bytes| bytes as f64));
    let least = match (process, device) {
        (Some(process), Some(device)) => process.min(device),
        (process, device) => process.or(device)?,
    };
    Some(least as u64)
}

/// How much a sum grew; where it falls, the process was started again and counts from nothing.
fn grown(sums: impl Iterator<Item = f64>) -> Option<f64> {
    let mut before: Option<f64> = None;
    let mut total = 0.0;
    for sum in sums {
        if let Some(before) = before {
            total += if sum >= before { sum - before } else { sum };
        }
        before = Some(sum);
    }
    before.map(|_| total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restarted_process_counts_on() {
        assert_eq!(grown([5.0, 7.0, 1.0, 4.0].into_iter()), Some(6.0));
        assert_eq!(grown(std::iter::empty()), None);
    }
}
