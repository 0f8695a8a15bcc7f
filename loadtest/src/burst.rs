//! A burst: as many webhooks as the window allows, each sent again until it is answered 200, as the
//! provider does.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::arguments::Arguments;
use crate::oracle::Settled;
use crate::webhook::Writer;

/// Pause before a webhook is sent again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);
/// Times a webhook is sent before it is given up.
const TRIES: u32 = 50;

/// What was sent.
pub struct Burst {
    /// Webhooks answered 200.
    pub accepted: u64,
    refused: u64,
    began: Instant,
    elapsed: Duration,
    latency_us: Histogram<u64>,
}

/// The verdict and the figures.
#[derive(Debug, Serialize)]
pub struct Report {
    accepted: u64,
    refused_and_sent_again: u64,
    replies: u64,
    lost: u64,
    doubled: u64,
    webhooks_per_s: f64,
    steps_per_s: f64,
    webhook_ms: Percentiles,
}

#[derive(Debug, Serialize)]
struct Percentiles {
    p50: f64,
    p99: f64,
    max: f64,
}

/// Sends every message of the run.
pub async fn run(client: &reqwest::Client, arguments: &Arguments) -> anyhow::Result<Burst> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let run = now.as_nanos() as u64;
    let writer = Arc::new(Writer::new(
        &arguments.app_secret,
        &arguments.phone_number_id,
        run,
    ));
    let url = format!("{}/webhooks/meta/{}", arguments.server, arguments.channel);
    let window = Arc::new(Semaphore::new(arguments.window));
    let began = Instant::now();
    let mut sends = JoinSet::new();
    let mut burst = Burst {
        accepted: 0,
        refused: 0,
        began,
        elapsed: Duration::ZERO,
        latency_us: Histogram::new(3)?,
    };
    for nth in 0..arguments.messages {
        let place = window.clone().acquire_owned().await?;
        let wa_id = format!("519{:08}", (run + nth) % arguments.contacts);
        let body = writer.text(nth, &wa_id, "hola", now.as_secs());
        let (client, writer, url) = (client.clone(), writer.clone(), url.clone());
        sends.spawn(async move {
            let sent = send(&client, &url, writer.signature(&body), body).await;
            drop(place);
            sent
        });
        while let Some(sent) = sends.try_join_next() {
            burst.note(sent??)?;
        }
    }
    while let Some(sent) = sends.join_next().await {
        burst.note(sent??)?;
    }
    burst.elapsed = began.elapsed();
    Ok(burst)
}

/// The time of the accepted try and the number of refused ones.
async fn send(
    client: &reqwest::Client,
    url: &str,
    signature: String,
    body: Vec<u8>,
) -> anyhow::Result<(Duration, u64)> {
    let mut last = String::new();
    for refused in 0..TRIES {
        let began = Instant::now();
        let answer = client
            .post(url)
            .header("content-type", "application/json")
            .header("x-hub-signature-256", &signature)
            .body(body.clone())
            .send()
            .await;
        match answer {
            Ok(answer) if answer.status().as_u16() == 200 => {
                return Ok((began.elapsed(), u64::from(refused)));
            }
            Ok(answer) => last = format!("status {}", answer.status()),
            Err(error) => last = error.to_string(),
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
    anyhow::bail!("a webhook was not accepted in {TRIES} tries: {last}")
}

impl Burst {
    fn note(&mut self, (latency, refused): (Duration, u64)) -> anyhow::Result<()> {
        self.accepted += 1;
        self.refused += refused;
        self.latency_us.record(latency.as_micros() as u64)?;
        Ok(())
    }

    /// Joins what was sent with what the simulators received.
    pub fn report(&self, settled: &Settled) -> Report {
        let ms = |quantile| self.latency_us.value_at_quantile(quantile) as f64 / 1_000.0;
        let whole = settled.at.duration_since(self.began).as_secs_f64();
        Report {
            accepted: self.accepted,
            refused_and_sent_again: self.refused,
            replies: settled.replies,
            lost: self.accepted.saturating_sub(settled.replies),
            doubled: settled.doubled,
            webhooks_per_s: self.accepted as f64 / self.elapsed.as_secs_f64(),
            steps_per_s: settled.replies as f64 / whole,
            webhook_ms: Percentiles {
                p50: ms(0.5),
                p99: ms(0.99),
                max: ms(1.0),
            },
        }
    }
}

impl Report {
    /// Nothing lost, nothing doubled.
    pub fn passed(&self) -> bool {
        self.lost == 0 && self.doubled == 0
    }
}
