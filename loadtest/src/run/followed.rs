//! A run in which single people were followed, as something measured: no open or closed pace stands
//! behind it, so it has no seconds, and nothing was sent again.

use hdrhistogram::Histogram;

use crate::ledger::{Ledger, Row};
use crate::measure::{Measured, written};
use crate::oracle::Judgement;
use crate::watch::Sample;

/// What was sent, by whom and when.
#[derive(Debug)]
pub(super) struct Followed {
    /// The number of the first row.
    pub first: u64,
    /// The messages or orders.
    pub rows: Vec<Row>,
    /// Sent to the 200, in microseconds.
    pub webhook_us: Histogram<u64>,
    /// When it began and ended, microseconds since 1970.
    pub span_us: (i64, i64),
    /// Before and after it.
    pub samples: Vec<Sample>,
}

impl Followed {
    /// With what came of it.
    pub fn measured(self, judgement: Judgement) -> Measured {
        let (began_us, ended_us) = self.span_us;
        let span_s = (ended_us - began_us).max(1) as f64 / 1e6;
        let steps = judgement.replied_us.iter().filter(|at| **at != 0).count() as u64;
        let ends = self.samples.first().zip(self.samples.last());
        let cpu_s = ends.and_then(|(first, last)| Some(last.usage?.cpu_s - first.usage?.cpu_s));
        Measured {
            ledger: Ledger {
                first: self.first,
                rows: self.rows,
                webhook_us: self.webhook_us,
                seconds: Vec::new(),
                began_us,
                ended_us,
                refused: 0,
                broken: 0,
                overloaded: false,
            },
            judgement,
            steps_per_s: steps as f64 / span_s,
            steps,
            cpu_cores: cpu_s.map(|cpu_s| cpu_s / span_s),
            written: written(&self.samples),
            samples: self.samples,
            told: [None, None],
            happened: Vec::new(),
        }
    }
}
