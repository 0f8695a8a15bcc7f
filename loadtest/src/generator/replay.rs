//! Sends a recording again: every message when it came then, or so many times faster.

use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::pacer::Pacer;
use super::{Generator, UNDER_WAY_MAX};
use crate::clock::{micros, now_us};
use crate::ledger::Kind;
use crate::recording::{Recorded, Recording};
use crate::webhook::{Content, Message, escaped};

/// Where the contacts of recordings begin.
const RECORDED: u32 = 40_000_000;

impl Generator {
    /// Starts every message when it is due. Tells when the last one was, and whether the load was
    /// given up before.
    pub(super) async fn replay(
        self: Rc<Self>,
        recording: &Recording,
        speed: f64,
        began_us: i64,
    ) -> anyhow::Result<(i64, bool)> {
        let began = Instant::now();
        let pacer = Pacer::new()?;
        for recorded in &recording.messages {
            let due = Duration::from_secs_f64(recorded.at_ms as f64 / 1e3 / speed);
            pacer.until(began + due).await?;
            if self.live.stop.load(Ordering::Relaxed) {
                return Ok((now_us(), false));
            }
            if self.under_way.get() >= UNDER_WAY_MAX {
                return Ok((now_us(), true));
            }
            self.recorded(recorded, began_us + micros(due));
        }
        // A recording ends with its last message, which shall still count.
        Ok((now_us().max(began_us + 1_000_000), false))
    }

    fn recorded(self: &Rc<Self>, recorded: &Recorded, scheduled_us: i64) {
        let contact = RECORDED + recorded.contact;
        let kind = Kind::Recorded {
            first: recorded.is_first,
        };
        let index = self.add(contact, kind, scheduled_us);
        let text = recorded.text.as_deref().map(escaped);
        let message = Message {
            number: self.order.first + index as u64,
            stamp: scheduled_us.div_euclid(1_000_000),
            content: text.as_deref().map_or(Content::Picture, Content::Text),
        };
        let writer = &self.writers[self.writer_of(recorded)];
        let request = writer.request(&super::wa_id(contact), &[message]);
        let this = self.clone();
        self.start(async move {
            this.deliver(index, 1, &request).await;
        });
    }

    /// The number it goes to: one of the same provider where there is one. A person stays with the
    /// number they wrote to.
    fn writer_of(&self, recorded: &Recorded) -> usize {
        let numbers = self.order.channels.iter().enumerate();
        let same: Vec<_> = numbers
            .filter(|(_, channel)| channel.is_meta() == recorded.is_meta)
            .map(|(nth, _)| nth)
            .collect();
        match same.len() {
            0 => recorded.channel % self.writers.len(),
            few => same[recorded.channel % few],
        }
    }
}
