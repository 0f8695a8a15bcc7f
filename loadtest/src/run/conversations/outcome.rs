//! What came of the conversations: each against the tickets that were opened, and the figures.

use super::Hall;
use crate::ledger::{self, Ledger};
use crate::measure::{Measured, written};
use crate::oracle::Judgement;
use crate::report::Conversations;
use crate::watch::Sample;

impl Hall<'_> {
    /// Holds every conversation against the tickets that were opened.
    pub(super) fn judge(&mut self) -> Conversations {
        let mut complete = 0;
        let mut records = 0;
        for guest in &self.guests {
            let name = &guest.persona.name;
            let of_guest = self
                .tickets
                .iter()
                .filter(|content| content.contains(name.as_str()));
            let opened = of_guest.count();
            records += usize::from(opened == 1 && guest.ticket.is_some());
            match (opened, &guest.ticket) {
                (0, Some(number)) => {
                    self.verdict.lost += 1;
                    self.examples
                        .push(format!("{name} was told {number}, which was never opened"));
                }
                (2.., _) => {
                    self.verdict.doubled += 1;
                    self.examples.push(format!("{name} has {opened} tickets"));
                }
                _ => {}
            }
            let is_whole = opened == 1 && guest.ticket.is_some() && !guest.is_odd;
            complete += usize::from(is_whole && guest.unanswered.is_empty());
        }
        let people = self.guests.len();
        Conversations {
            people: people as u64,
            complete: complete as u64,
            record_integrity: records as f64 / people as f64,
            anomalies: (people - complete) as f64 / people as f64,
        }
    }

    pub(super) fn measured(self, began_us: i64, ended_us: i64, samples: Vec<Sample>) -> Measured {
        let rows = self.rows.take();
        let mut to_provider_us = ledger::histogram();
        for (row, replied_us) in rows.iter().zip(&self.replied_us) {
            if *replied_us != 0 && row.sent_us != 0 {
                ledger::record(&mut to_provider_us, row.sent_us, *replied_us);
            }
        }
        let steps = self.replied_us.iter().filter(|at| **at != 0).count() as u64;
        let span_s = (ended_us - began_us) as f64 / 1e6;
        let cpu_s = samples
            .first()
            .zip(samples.last())
            .and_then(|(first, last)| Some(last.usage?.cpu_s - first.usage?.cpu_s));
        Measured {
            ledger: Ledger {
                first: self.first,
                rows,
                webhook_us: self.latency.replace(ledger::histogram()),
                seconds: Vec::new(),
                began_us,
                ended_us,
                refused: 0,
                broken: 0,
                overloaded: false,
            },
            judgement: Judgement {
                verdict: self.verdict,
                to_provider_us,
                replied_us: self.replied_us,
                examples: self.examples,
            },
            steps_per_s: steps as f64 / span_s,
            steps,
            cpu_cores: cpu_s.map(|cpu_s| cpu_s / span_s),
            written: written(&samples),
            samples,
            told: [None, None],
            happened: Vec::new(),
        }
    }
}
