//! What one arrival is: a question, or something harder on the receiver.

use std::rc::Rc;
use std::time::Duration;

use super::crowd::wa_id;
use super::{Generator, Order};
use crate::clock::now_us;
use crate::ledger::Kind;
use crate::scenario::{Mix, Noise};
use crate::webhook::{Content, Message, escaped};

/// Parts of a chopped conversation.
const FRAGMENTS: usize = 4;
/// Who floods the server.
const FLOODING: u32 = 80_000_000;
/// On whose messages the provider hangs.
pub const STUCK: u32 = 80_000_016;
/// Pictures of an album.
const PICTURES: usize = 3;

/// Messages that one arrival brings in the mean.
pub fn messages_per_turn(mix: &Mix) -> f64 {
    1.0 + mix.chopped * (FRAGMENTS - 1) as f64 + mix.album * (PICTURES - 1) as f64 + mix.reordered
}

impl Generator {
    /// Starts what the dice make of one arrival.
    pub(super) fn turn(self: &Rc<Self>, scheduled_us: i64) {
        let Mix {
            chopped,
            album,
            reordered,
            twice,
            languages: _,
        } = self.order.mix;
        let (roll, is_twice) = {
            let mut dice = self.dice.borrow_mut();
            (dice.unit(), dice.hits(twice))
        };
        let this = self.clone();
        if roll < chopped {
            let contact = self.crowd.borrow_mut().next_chopped();
            self.start(async move { this.chopped(contact, scheduled_us).await });
        } else if roll < chopped + album {
            let contact = self.crowd.borrow_mut().next_album();
            self.start(async move { this.album(contact, scheduled_us).await });
        } else if roll < chopped + album + reordered {
            self.reordered(scheduled_us);
        } else {
            let contact = self.crowd.borrow_mut().next(1, now_us());
            let index = self.add(contact, Kind::Question, scheduled_us);
            let request = self.question(contact, index, scheduled_us);
            if is_twice {
                self.again(request.clone());
            }
            self.start(async move {
                this.deliver(index, 1, &request).await;
            });
        }
    }

    /// Runs a task that counts as under way until it ends.
    pub(super) fn start(self: &Rc<Self>, task: impl Future<Output = ()> + 'static) {
        let this = self.clone();
        this.under_way.set(this.under_way.get() + 1);
        tokio::task::spawn_local(async move {
            task.await;
            this.under_way.set(this.under_way.get() - 1);
        });
    }

    /// Each part leaves a moment after the one before was accepted, so that their order of
    /// acceptance, and with it every reply, is known.
    async fn chopped(self: Rc<Self>, contact: u32, mut scheduled_us: i64) {
        let fragments: [&str; FRAGMENTS] = self.tongue(contact).fragments();
        for (part, text) in (0..).zip(fragments) {
            let index = self.add(contact, Kind::Fragment(part), scheduled_us);
            let text = escaped(text);
            let request = self.render(contact, index, scheduled_us, &[Content::Text(&text)]);
            if !self.deliver(index, 1, &request).await {
                return;
            }
            let pause_ms = 30 + self.dice.borrow_mut().below(270);
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            scheduled_us = now_us();
        }
    }

    async fn album(self: Rc<Self>, contact: u32, scheduled_us: i64) {
        let first = self.add(contact, Kind::Picture(0), scheduled_us);
        for nth in (1..).take(PICTURES - 1) {
            self.add(contact, Kind::Picture(nth), scheduled_us);
        }
        let pictures = [const { Content::Picture }; PICTURES];
        let request = self.render(contact, first, scheduled_us, &pictures);
        self.deliver(first, PICTURES, &request).await;
    }

    /// The webhook of the earlier of two questions arrives after the later one's.
    fn reordered(self: &Rc<Self>, scheduled_us: i64) {
        let contact = self.crowd.borrow_mut().next(2, now_us());
        let held_ms = 20 + self.dice.borrow_mut().below(100);
        let late_us = scheduled_us + held_ms.cast_signed() * 1_000;
        let earlier = self.add(contact, Kind::Question, late_us);
        let written_us = scheduled_us - 1_500_000;
        let late = self.question(contact, earlier, written_us);
        let later = self.add(contact, Kind::Question, scheduled_us);
        let soon = self.question(contact, later, scheduled_us);
        let this = self.clone();
        self.start(async move {
            this.deliver(later, 1, &soon).await;
        });
        let this = self.clone();
        self.start(async move {
            tokio::time::sleep(Duration::from_millis(held_ms)).await;
            this.deliver(earlier, 1, &late).await;
        });
    }

    /// Lets one person flood the server and another, on whom the provider hangs, ask something.
    pub(super) fn disturb(self: &Rc<Self>, noise: Noise) {
        let this = self.clone();
        self.start(async move {
            tokio::time::sleep(Duration::from_secs_f64(noise.at_s)).await;
            this.aside(STUCK);
            let began = tokio::time::Instant::now();
            for nth in 0..noise.messages {
                let share = nth as f64 / noise.messages as f64;
                let due = began + Duration::from_secs_f64(noise.seconds * share);
                tokio::time::sleep_until(due).await;
                this.aside(FLOODING);
            }
        });
    }

    /// A question whose reply is not judged.
    fn aside(self: &Rc<Self>, contact: u32) {
        let now_us = now_us();
        let index = self.add(contact, Kind::Noise, now_us);
        let request = self.question(contact, index, now_us);
        let this = self.clone();
        self.start(async move {
            this.deliver(index, 1, &request).await;
        });
    }

    /// The same bytes once more, as providers do now and then without a reason to be seen.
    fn again(self: &Rc<Self>, request: Vec<u8>) {
        let pause_ms = self.dice.borrow_mut().below(300);
        let this = self.clone();
        self.start(async move {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            // The first delivery is the one that is judged.
            let _ = this.pool.exchange(&request).await;
        });
    }

    fn question(&self, contact: u32, index: usize, written_us: i64) -> Vec<u8> {
        let question = &self.questions[self.tongue(contact) as usize];
        let text = format!("{question}{}?", self.order.first + index as u64);
        self.render(contact, index, written_us, &[Content::Text(&text)])
    }

    fn render(&self, contact: u32, index: usize, written_us: i64, what: &[Content<'_>]) -> Vec<u8> {
        let Order {
            world, channels, ..
        } = &self.order;
        let writer = &self.writers[world.channel_of(contact, channels)];
        let stamp = written_us.div_euclid(1_000_000);
        let first = self.order.first + index as u64;
        let mut messages = Vec::with_capacity(what.len());
        for (number, content) in (first..).zip(what) {
            messages.push(Message {
                number,
                stamp,
                content: content.clone(),
            });
        }
        writer.request(&wa_id(contact), &messages)
    }
}
