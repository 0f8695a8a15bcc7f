//! What was sent: one row for each message, in the order in which messages were made.

use hdrhistogram::Histogram;

use crate::tongue::Tongue;

/// What a message is and what its reply must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Asks for a ticket by its number; the reply names the number.
    Question,
    /// The nth part of a chopped conversation, from 0; each part has a reply of its own.
    Fragment(u8),
    /// The nth picture of an album, from 0; the album is answered once, with the question what it
    /// is about.
    Picture(u8),
    /// Of somebody who disturbs the others: not judged.
    Noise,
    /// Of a recording, whose words mean nothing: what the reply to each must be is not known, but
    /// whoever writes for the first time is owed one.
    Recorded {
        /// Whether it is the first of its person.
        first: bool,
    },
}

/// A message on its way. Times are microseconds since 1970, 0 when it has not happened.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Who wrote it.
    pub contact: u32,
    /// What it is.
    pub kind: Kind,
    /// In which language it is written; the reply must be in it.
    pub tongue: Tongue,
    /// When it was due to leave.
    pub scheduled_us: i64,
    /// When its first byte left for the first time.
    pub sent_us: i64,
    /// When a webhook with it was first answered 200.
    pub accepted_us: i64,
}

/// Everything a generator did.
#[derive(Debug)]
pub struct Ledger {
    /// The number of the first row; the others follow.
    pub first: u64,
    /// The messages.
    pub rows: Vec<Row>,
    /// Scheduled arrival to the 200, in microseconds.
    pub webhook_us: Histogram<u64>,
    /// The same, second by second.
    pub seconds: Vec<Second>,
    /// When the load began.
    pub began_us: i64,
    /// When the last arrival was due.
    pub ended_us: i64,
    /// Answers other than 200, each tried again.
    pub refused: u64,
    /// Exchanges that broke, each tried again.
    pub broken: u64,
    /// Whether arrivals were given up because too many waited.
    pub overloaded: bool,
}

/// One second of the load.
#[derive(Clone, Copy, Debug, Default)]
pub struct Second {
    /// Messages that were answered 200.
    pub accepted: u64,
    /// Refused or broken exchanges.
    pub errors: u64,
    /// Webhook latency, milliseconds.
    pub p50_ms: f64,
    /// Webhook latency, milliseconds.
    pub p99_ms: f64,
}

impl Kind {
    /// Whether a reply of its own is due.
    pub const fn is_answered(self) -> bool {
        matches!(
            self,
            Self::Question | Self::Fragment(_) | Self::Picture(0) | Self::Recorded { first: true }
        )
    }
}

impl Ledger {
    /// Messages that are owed a reply once they are accepted.
    pub fn owed(&self) -> u64 {
        let owed = self.rows.iter().filter(|row| row.kind.is_answered());
        owed.count() as u64
    }

    /// Messages answered 200 that are owed a reply.
    pub fn accepted(&self) -> u64 {
        let owed = |row: &&Row| row.accepted_us != 0 && row.kind.is_answered();
        self.rows.iter().filter(owed).count() as u64
    }
}

/// A histogram of microseconds up to an hour, with three digits.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("the bounds are in order")
}

/// Records a span between two instants; one that ends before it began counts as 1 µs.
pub fn record(histogram: &mut Histogram<u64>, from_us: i64, to_us: i64) {
    histogram.saturating_record(u64::try_from(to_us - from_us).unwrap_or(0).max(1));
}

/// A quantile in milliseconds.
pub fn ms(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_counts_from_the_scheduled_arrival() {
        // A stall of one second at 1,000 a second: the sender was held up, the schedule was not.
        let mut corrected = histogram();
        let mut naive = histogram();
        for nth in 0..1_000i64 {
            let (scheduled, sent) = (nth * 1_000, 1_000_000);
            record(&mut corrected, scheduled, sent + 200);
            record(&mut naive, sent, sent + 200);
        }
        assert!((ms(&corrected, 0.5) - 500.0).abs() < 5.0);
        assert!(ms(&corrected, 1.0) >= 1_000.0);
        assert!(ms(&naive, 1.0) < 1.0);
    }

    #[test]
    fn an_absurd_span_is_bounded() {
        let mut spans = histogram();
        record(&mut spans, 10, 5);
        record(&mut spans, 0, i64::MAX);
        assert_eq!(spans.len(), 2);
        assert_eq!(spans.min(), 1);
    }
}
