//! Spans on their way to the collector, in batches.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Url};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout_at};

use super::wire::{self, Span};
use crate::providers::Transport;

/// Spans of one request.
const BATCH_MAX: usize = 512;
/// How long the first of a batch waits for others.
const LINGER: Duration = Duration::from_secs(1);
/// Time for one request.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who takes spans.
pub(super) struct Collector {
    transport: Transport,
    url: Url,
}

/// Sends what comes until the end is told and everything that waits then is sent.
pub(super) async fn run(
    mut waiting: mpsc::Receiver<Span>,
    collector: Collector,
    mut ending: watch::Receiver<bool>,
) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut answered = true;
    loop {
        tokio::select! {
            () = told(&mut ending) => waiting.close(),
            taken = waiting.recv_many(&mut batch, BATCH_MAX) => {
                if taken == 0 {
                    return;
                }
                fill(&mut batch, &mut waiting).await;
                let taken = collector.take(&batch).await;
                batch.clear();
                if answered != taken {
                    answered = taken;
                    tracing::warn!(answered, "the OpenTelemetry collector changed");
                }
            }
        }
        if waiting.is_closed() {
            break;
        }
    }
    while waiting.recv_many(&mut batch, BATCH_MAX).await > 0 {
        collector.take(&batch).await;
        batch.clear();
    }
}

/// Waits until the end is told, or nobody is left to tell it.
async fn told(ending: &mut watch::Receiver<bool>) {
    let _ = ending.wait_for(|ending| *ending).await;
}

/// Waits a moment for company.
async fn fill(batch: &mut Vec<Span>, waiting: &mut mpsc::Receiver<Span>) {
    let until = Instant::now() + LINGER;
    while batch.len() < BATCH_MAX {
        match timeout_at(until, waiting.recv()).await {
            Ok(Some(span)) => batch.push(span),
            Ok(None) | Err(_) => return,
        }
    }
}

/// Spans are lost; that is counted.
pub(super) fn dropped(spans: u64) {
    metrics::counter!("chasqui_spans_dropped_total").increment(spans);
}

impl Collector {
    pub fn new(transport: Transport, url: Url) -> Self {
        Self { transport, url }
    }

    /// Whether the collector took them. They are not sent again: a trace is worth nothing to those
    /// who wait for messages.
    async fn take(&self, spans: &[Span]) -> bool {
        let request = self
            .transport
            .request(Method::POST, self.url.clone(), PATIENCE)
            .header(CONTENT_TYPE, "application/json")
            .body(wire::body(spans).to_string());
        let taken = match request.send().await {
            Ok(answer) => answer.status().is_success(),
            Err(error) => {
                tracing::debug!(error = %error.without_url(), "spans were not taken");
                false
            }
        };
        let count = spans.len() as u64;
        match taken {
            true => metrics::counter!("chasqui_spans_sent_total").increment(count),
            false => dropped(count),
        }
        taken
    }
}
