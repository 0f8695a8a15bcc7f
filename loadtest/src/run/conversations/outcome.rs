//! What came of the conversations: each against the tickets that were opened, and the figures.

use super::{Guest, Hall, PERSONAS};
use crate::ledger;
use crate::measure::Measured;
use crate::oracle::Judgement;
use crate::report::Conversations;
use crate::run::Followed;
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
                .filter(|(_, content)| content.contains(name.as_str()));
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

    /// Of every conversation with a ticket: from the last message before it until it was written.
    pub fn written_us(&self) -> impl Iterator<Item = (i64, i64)> {
        let rows = self.rows.borrow();
        let of_guest = |(nth, guest): (usize, &Guest)| {
            let name = guest.persona.name.as_str();
            let opened = self.tickets.iter().find(|(_, text)| text.contains(name))?;
            let contact = PERSONAS + nth as u32;
            let wrote = rows.iter().filter(|row| row.contact == contact);
            let wrote = wrote
                .map(|row| row.scheduled_us)
                .filter(|at_us| *at_us <= opened.0);
            Some((wrote.max()?, opened.0))
        };
        let spans: Vec<_> = self
            .guests
            .iter()
            .enumerate()
            .filter_map(of_guest)
            .collect();
        spans.into_iter()
    }

    /// Who has a ticket now: the contact, their channel and the ticket's id at the help desk.
    pub fn with_tickets(&self) -> Vec<(u32, usize, u64)> {
        let of_guest = |(nth, guest): (usize, &Guest)| {
            let (_, id) = guest.ticket.as_ref()?.rsplit_once('-')?;
            Some((PERSONAS + nth as u32, self.channel(nth), id.parse().ok()?))
        };
        self.guests
            .iter()
            .enumerate()
            .filter_map(of_guest)
            .collect()
    }

    pub(super) fn measured(self, began_us: i64, ended_us: i64, samples: Vec<Sample>) -> Measured {
        let rows = self.rows.take();
        let mut to_provider_us = ledger::histogram();
        for (row, replied_us) in rows.iter().zip(&self.replied_us) {
            if *replied_us != 0 && row.sent_us != 0 {
                ledger::record(&mut to_provider_us, row.sent_us, *replied_us);
            }
        }
        let followed = Followed {
            first: self.first,
            rows,
            webhook_us: self.latency.replace(ledger::histogram()),
            span_us: (began_us, ended_us),
            samples,
        };
        followed.measured(Judgement {
            verdict: self.verdict,
            to_provider_us,
            replied_us: self.replied_us,
            examples: self.examples,
        })
    }
}
