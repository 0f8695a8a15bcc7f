//! Figures of several measured stretches together.

use hdrhistogram::Histogram;

use super::{Counts, Latencies, Percentiles, Rate, Resources};
use crate::ledger::ms;
use crate::measure::Measured;
use crate::oracle::Verdict;

impl Percentiles {
    /// The quantiles of a histogram of microseconds.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        Self {
            p50: ms(histogram, 0.5),
            p90: ms(histogram, 0.9),
            p95: ms(histogram, 0.95),
            p99: ms(histogram, 0.99),
            p999: ms(histogram, 0.999),
            max: ms(histogram, 1.0),
        }
    }
}

impl Rate {
    /// A rate beside a ceiling.
    pub fn new(steps_per_s: f64, ceiling_per_s: Option<f64>) -> Self {
        Self {
            steps_per_s,
            ceiling_per_s,
            ratio: ceiling_per_s.map(|ceiling| steps_per_s / ceiling),
        }
    }
}

impl Latencies {
    /// The latencies of some stretches together.
    pub fn of(stretches: &[Measured]) -> Self {
        let mut webhook = crate::ledger::histogram();
        let mut to_provider = crate::ledger::histogram();
        for stretch in stretches {
            // The bounds of all histograms are the same, so adding cannot fail.
            let _ = webhook.add(&stretch.ledger.webhook_us);
            let _ = to_provider.add(&stretch.judgement.to_provider_us);
        }
        Self {
            webhook: Percentiles::of(&webhook),
            to_provider: Percentiles::of(&to_provider),
        }
    }
}

impl Resources {
    /// What some stretches used together.
    pub fn of(stretches: &[Measured]) -> Self {
        let cores: Vec<_> = stretches
            .iter()
            .filter_map(|stretch| stretch.cpu_cores)
            .collect();
        let usages = stretches
            .iter()
            .flat_map(|stretch| &stretch.samples)
            .filter_map(|s| s.usage);
        let written: Vec<_> = stretches
            .iter()
            .filter_map(|stretch| stretch.written)
            .collect();
        let steps: u64 = stretches.iter().map(|stretch| stretch.steps).sum();
        let bytes = written.iter().sum::<u64>() as f64;
        Self {
            cpu_cores: (!cores.is_empty()).then(|| cores.iter().sum::<f64>() / cores.len() as f64),
            rss_peak_mb: usages.map(|usage| usage.rss_peak_mb).reduce(f64::max),
            disk_bytes_per_step: (!written.is_empty() && steps > 0).then(|| bytes / steps as f64),
        }
    }
}

impl Counts {
    /// The counts of some stretches together.
    pub fn of(stretches: &[Measured]) -> Self {
        let mut counts = Self::default();
        for stretch in stretches {
            counts.messages += stretch.ledger.rows.len() as u64;
            counts.owed += stretch.ledger.owed();
            counts.accepted += stretch.ledger.accepted();
            counts.replied += stretch.steps;
            counts.refused += stretch.ledger.refused;
            counts.broken += stretch.ledger.broken;
            counts.overloaded |= stretch.ledger.overloaded;
        }
        counts
    }
}

/// The verdicts of some stretches together.
pub fn verdict(stretches: &[Measured]) -> Verdict {
    let verdicts = stretches.iter().map(|stretch| stretch.judgement.verdict);
    verdicts.fold(Verdict::default(), Verdict::plus)
}

/// The middle one; the mean of the two middle ones of an even number. `None` of nothing.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        even if even % 2 == 0 => Some((values[middle - 1] + values[middle]) / 2.0),
        _ => Some(values[middle]),
    }
}
