//! A run second by second, for the charts.

use serde::{Deserialize, Serialize};

use crate::measure::Measured;
use crate::watch::Sample;

/// One second of a run. What could not be measured is absent.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Point {
    /// Seconds after the beginning of the run.
    pub at_s: f64,
    /// Messages answered 200.
    pub accepted: u64,
    /// Replies taken.
    pub replied: u64,
    /// Refused or broken exchanges.
    pub errors: u64,
    /// Webhook latency, milliseconds.
    pub webhook_p50_ms: f64,
    /// Webhook latency, milliseconds.
    pub webhook_p99_ms: f64,
    /// Scheduled arrival to the provider, milliseconds, of messages due in this second.
    pub to_provider_p50_ms: f64,
    /// Scheduled arrival to the provider, milliseconds, of messages due in this second.
    pub to_provider_p99_ms: f64,
    /// Processor cores of the server.
    pub cpu_cores: Option<f64>,
    /// Resident memory of the server, megabytes.
    pub rss_mb: Option<f64>,
    /// Records of a journal group in the mean.
    pub group_records: Option<f64>,
    /// A flush of the journal in the mean, milliseconds.
    pub flush_ms: Option<f64>,
    /// Open circuits.
    pub circuits_open: Option<f64>,
}

/// The points of a stretch; `began_us` is the beginning of the whole run.
pub fn of(stretch: &Measured, began_us: i64) -> Vec<Point> {
    let ledger = &stretch.ledger;
    let offset_s = (ledger.began_us - began_us) as f64 / 1e6;
    let mut points: Vec<Point> = ledger
        .seconds
        .iter()
        .enumerate()
        .map(|(second, counted)| Point {
            at_s: offset_s + second as f64,
            accepted: counted.accepted,
            errors: counted.errors,
            webhook_p50_ms: counted.p50_ms,
            webhook_p99_ms: counted.p99_ms,
            ..Point::default()
        })
        .collect();
    let second = |at_us: i64| usize::try_from((at_us - ledger.began_us) / 1_000_000).ok();
    let mut spans_us: Vec<Vec<i64>> = vec![Vec::new(); points.len()];
    for (row, replied_us) in ledger.rows.iter().zip(&stretch.judgement.replied_us) {
        if *replied_us == 0 {
            continue;
        }
        if let Some(point) = second(*replied_us).and_then(|second| points.get_mut(second)) {
            point.replied += 1;
        }
        if let Some(spans) = second(row.scheduled_us).and_then(|second| spans_us.get_mut(second)) {
            spans.push(replied_us - row.scheduled_us);
        }
    }
    for (point, spans) in points.iter_mut().zip(&mut spans_us) {
        spans.sort_unstable();
        point.to_provider_p50_ms = quantile_ms(spans, 0.5);
        point.to_provider_p99_ms = quantile_ms(spans, 0.99);
    }
    for two in stretch.samples.windows(2) {
        let [before, after] = two else { continue };
        if let Some(point) = second(after.at_us).and_then(|second| points.get_mut(second)) {
            fill(point, before, after);
        }
    }
    points
}

/// A quantile of sorted microseconds, in milliseconds; 0 of nothing.
fn quantile_ms(sorted: &[i64], quantile: f64) -> f64 {
    let at = (sorted.len() as f64 * quantile) as usize;
    let value = sorted.get(at.min(sorted.len().saturating_sub(1)));
    value.map_or(0.0, |us| *us as f64 / 1_000.0)
}

fn fill(point: &mut Point, before: &Sample, after: &Sample) {
    let span_s = (after.at_us - before.at_us) as f64 / 1e6;
    if let (Some(before), Some(after)) = (before.usage, after.usage) {
        point.rss_mb = Some(after.rss_mb);
        point.cpu_cores = Some(((after.cpu_s - before.cpu_s) / span_s).max(0.0));
    }
    let (Some(before), Some(after)) = (&before.told, &after.told) else {
        return;
    };
    point.circuits_open = Some(after.circuits_open);
    let groups = after.groups - before.groups;
    if groups > 0.0 {
        point.group_records = Some((after.records - before.records) / groups);
        point.flush_ms = Some((after.flush_ns - before.flush_ns) / groups / 1e6);
    }
}
