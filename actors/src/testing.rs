//! The simulated world: the machines of this package, a model journal and the machines of two
//! providers on one seeded queue of events, without threads, tasks or a real clock.
//!
//! People of two organisations write, some of them known by number and by user id, so that contacts
//! turn out to be one person. Providers deliver twice, late and out of order, answers are lost after
//! the work was done, operators write, take and hand back conversations with commands that come
//! twice, some messages are poison until somebody repairs it, operators release, dismiss and redrive,
//! the first of a channel's two lines goes down and comes back, technicians work on tickets and are
//! looked at from time to time, one bot answers only numbers that its help desk knows and holds what
//! is written while it asks, people are forgotten in the middle of it all, the process dies at any
//! moment with a part of what was not flushed. After each step the
//! promises are checked against the durable records and the providers' own books: invariants 1, 2,
//! 3, 5, 8 and 11 of ARCHITECTURE.md, and that everything comes to rest. The same seed gives the
//! same history, byte for byte. [`Sabotage`] breaks one promise on purpose.

mod calls;
mod checks;
pub mod company;
mod core;
mod desk;
mod erasing;
mod lines;
mod operators;
mod peers;
mod people;
mod queue;
mod relatives;
mod sabotage;
mod schedule;
mod shell;
mod soak;
mod store;
#[cfg(test)]
mod tests;
mod tickets;

use std::collections::BTreeMap;

use ring::digest;

pub use checks::Violation;
pub use sabotage::Sabotage;

use crate::journal::memory::Record;
use crate::model::{InSeq, Key, Outcome, Shelf};
use core::{Core, What};
use people::Person;
use shell::{Mail, Shell};

/// How long people write and things go wrong.
const BUSY_MS: u64 = 600_000;
/// More than any world needs to come to rest.
const EVENTS_MAX: usize = 400_000;

/// A world that was lived through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// SHA-256 over the records of each entity and the providers' books.
    pub hash: [u8; 32],
    /// Webhooks' inputs on record.
    pub inputs: usize,
    /// Steps on record.
    pub steps: usize,
    /// Messages the provider took.
    pub messages: usize,
    /// Messages it took twice, each marked.
    pub repeats: usize,
    /// Tickets made.
    pub tickets: usize,
    /// Documents put onto them.
    pub documents: usize,
    /// Effects left to the operators.
    pub shelved: usize,
    /// Messages set aside at some time.
    pub quarantined: usize,
    /// Times an operator released one.
    pub released: usize,
    /// Times an operator sent a shelved effect again.
    pub redriven: usize,
    /// Contacts that entered another.
    pub merges: usize,
    /// Contacts that were forgotten.
    pub erased: usize,
    /// Effects that were open then, and were not carried on.
    pub unsent: usize,
    /// Marketing that reached its provider.
    pub marketing: usize,
    /// Words of technicians that people were told.
    pub words: usize,
    /// Messages that were held until the help desk had told whose number it is.
    pub held: usize,
    /// Messages that went by the second line of their channel.
    pub by_second: usize,
    /// Times the process died.
    pub crashes: u64,
    /// Of these, with a call in flight.
    pub crashes_with_calls: u64,
}

/// One world.
pub struct World {
    core: Core,
    shells: BTreeMap<Key, Shell>,
    up: bool,
    /// How long people write and things go wrong.
    busy_ms: u64,
    /// More than it needs to come to rest.
    events_max: usize,
}

impl World {
    /// The world of a seed, with one promise broken or none.
    pub fn new(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let mut core = Core::new(seed, sabotage);
        let people = 2 + core.dice.below(4);
        for nth in 0..people {
            let person = Person::nth(nth, &mut core.dice);
            schedule::person(&mut core, person, 0);
            schedule::orders(&mut core, person);
            erasing::schedule(&mut core, person);
        }
        let repaired = core.dice.below(BUSY_MS);
        core.after(repaired, What::Repair);
        for _ in 0..4 {
            let at = core.dice.below(BUSY_MS);
            core.after(at, What::Operator);
        }
        core.after(2 * BUSY_MS, What::Operator);
        for _ in 0..1 + core.dice.below(6) {
            let at = core.dice.below(BUSY_MS);
            core.after(at, What::Crash);
        }
        for _ in 0..core.dice.below(40) {
            let at = core.dice.below(BUSY_MS);
            core.after(at, What::Act);
        }
        for _ in 0..1 + core.dice.below(4) {
            let at = core.dice.below(BUSY_MS);
            core.after(at, What::Outage);
        }
        for gateway in core.people.help_desks() {
            core.look_soon(gateway);
        }
        Self {
            core,
            shells: BTreeMap::new(),
            up: true,
            busy_ms: BUSY_MS,
            events_max: EVENTS_MAX,
        }
    }

    /// Lives through it. The first broken promise ends it.
    pub fn run(mut self) -> Result<History, Violation> {
        let calm = self.core.now.plus_ms(self.busy_ms);
        for _ in 0..self.events_max {
            let Some((at, what)) = self.core.queue.next() else {
                return self.end();
            };
            self.core.now = at;
            self.core.faults = at < calm;
            self.happens(what);
            if let Some(violation) = self.core.checks.violation.take() {
                return Err(violation);
            }
        }
        Err(Violation {
            invariant: 0,
            what: "the world never comes to rest".into(),
        })
    }

    fn happens(&mut self, what: What) {
        let process = self.core.process;
        match what {
            What::Flush(of) if of == process => {
                let inputs = self.core.flushed();
                self.hand_over(inputs);
                self.advance_all();
                self.core.look_on();
            }
            What::Act => self.core.act(),
            What::Look(of, gateway) if of == process && self.up => self.core.look(gateway),
            What::Webhook(delivery) if self.up => {
                let inputs = self.core.accept(delivery);
                self.hand_over(inputs);
                self.advance_all();
            }
            What::Webhook(delivery) => self.core.turned_away(delivery),
            What::Timer(of, key) if of == process => {
                if let Some(shell) = self.shells.get_mut(&key) {
                    shell.timer = None;
                    shell.advance(&mut self.core);
                }
            }
            What::Wake(of) if of == process && self.up => self.core.wake(),
            What::TakesEffect(effect, line, no) => self.core.takes_effect(&effect, line, no),
            What::Outage => self.core.outage(),
            What::Ask(of, line) if of == process => self.core.ask(line),
            What::Answer(of, flight, called) if of == process => {
                let (key, mail) = self.core.answered(*flight, called);
                self.mail(key, mail);
            }
            What::Searched(of, effect, pass, fate) if of == process => {
                let (key, mail) = self.core.searched(&effect, *pass, fate);
                self.mail(key, mail);
            }
            What::Crash if self.up => {
                self.up = false;
                self.shells.clear();
                self.core.crash();
                let down_ms = 100 + self.core.dice.below(20_000);
                self.core.after(down_ms, What::Start);
            }
            What::Start => {
                self.up = true;
                for key in self.core.start() {
                    match key {
                        Key::Gateway(gateway) => self.core.gateway_consumes(gateway),
                        key => self.mail(key, Mail::Due),
                    }
                }
                for gateway in self.core.people.help_desks() {
                    self.core.look_soon(gateway);
                }
            }
            What::Operator if self.up => {
                for (key, mail) in self.core.operate() {
                    self.mail(key, mail);
                }
            }
            What::Erase(order) => self.core.erase(order, self.up),
            What::RemoveLate(keys) => self.core.remove_late(&keys),
            What::Repair => self.core.poisoned = false,
            What::Operator
            | What::Flush(_)
            | What::Timer(..)
            | What::Wake(_)
            | What::Look(..)
            | What::Ask(..)
            | What::Answer(..)
            | What::Searched(..)
            | What::Crash => {}
        }
    }

    /// Nudges who has got an input; half of the nudges do not bring it along.
    fn hand_over(&mut self, inputs: Vec<(crate::journal::Accepted, crate::model::InEvent)>) {
        for input in inputs {
            if let Some(gateway) = desk::gateway_of(&input) {
                self.core.gateway_consumes(gateway);
                continue;
            }
            let (accepted, event) = input;
            let key = event.key;
            let event = self.core.chance(50).then(|| Box::new(event));
            self.mail(key, Mail::Input(accepted, event));
        }
    }

    fn mail(&mut self, key: Key, mail: Mail) {
        let shell = self.shells.entry(key).or_insert_with(|| Shell::new(key));
        shell.push(mail);
        shell.advance(&mut self.core);
    }

    fn advance_all(&mut self) {
        for shell in self.shells.values_mut() {
            shell.advance(&mut self.core);
        }
    }

    /// Nothing is going to happen any more: everything must have been done.
    fn end(mut self) -> Result<History, Violation> {
        let durable = self.core.store.durable();
        self.core.checks.read(self.core.store.records(), durable);
        let desk = self.core.store.desk();
        if let Some(violation) = self.core.checks.lost(&desk.quarantined) {
            return Err(violation);
        }
        for fate in self.core.checks.effects() {
            let ended = fate.outcome.as_ref().is_some_and(|outcome| {
                outcome.is_final() || matches!(outcome, Outcome::Shelved { .. })
            });
            if !ended && !fate.forgotten {
                return Err(Violation {
                    invariant: 2,
                    what: format!("an effect was lost: {fate:?}"),
                });
            }
        }
        if let Some(violation) = self.core.checks.untold(&self.core.desk) {
            return Err(violation);
        }
        if let Some(violation) = self.core.checks.stranded() {
            return Err(violation);
        }
        if let Some(violation) = self.core.checks.unheard() {
            return Err(violation);
        }
        for (key, due) in self.core.store.wakes() {
            if due.to_millis() <= self.core.now {
                return Err(Violation {
                    invariant: 2,
                    what: format!("{key} wanted to be woken at {due:?} and was not"),
                });
            }
        }
        Ok(self.history())
    }

    fn history(&self) -> History {
        let records = self.core.store.records();
        let inputs = records.iter().filter(|r| matches!(r, Record::Input(..)));
        let steps = records.iter().filter(|r| matches!(r, Record::Step(..)));
        let taken: Vec<_> = self.core.whatsapp.taken().collect();
        let repeated = |effect| self.core.checks.may_repeat(effect);
        let shelved = self.core.checks.effects().filter(|fate| {
            matches!(
                fate.outcome,
                Some(Outcome::Shelved {
                    shelf: Shelf::DeadLetter | Shelf::Uncertain,
                    ..
                })
            )
        });
        History {
            hash: self.hash(records),
            inputs: inputs.count(),
            steps: steps.count(),
            messages: taken.len(),
            repeats: taken
                .iter()
                .filter(|(id, times)| times.len() > 1 && repeated(**id))
                .count(),
            tickets: self.core.glpi.tickets().count(),
            documents: self.core.glpi.documents().count(),
            shelved: shelved.count(),
            quarantined: self.core.checks.quarantined(),
            released: self.core.releases,
            redriven: self.core.redrives,
            merges: self.core.checks.merges,
            erased: self.core.checks.erased,
            unsent: self
                .core
                .checks
                .effects()
                .filter(|fate| fate.unsent())
                .count(),
            marketing: self.core.checks.marketing,
            words: self.core.checks.words_told(),
            held: self.core.checks.held_in_all(),
            by_second: self.core.lines.by_second,
            crashes: self.core.process,
            crashes_with_calls: self.core.crashes_with_calls,
        }
    }

    /// Per entity, so that the order between entities does not matter.
    fn hash(&self, records: &[Record]) -> [u8; 32] {
        let mut entities: BTreeMap<Key, digest::Context> = BTreeMap::new();
        for record in records {
            let (key, text) = match record {
                Record::Input(InSeq(_), event) => (event.key, format!("{event:?}")),
                Record::Step(key, step, first) => (*key, format!("{step:?}{first:?}")),
                Record::Attempt(key, attempt) => (*key, format!("{attempt:?}")),
                Record::Note(key, note) => (*key, format!("{note:?}")),
            };
            let fresh = || digest::Context::new(&digest::SHA256);
            entities
                .entry(key)
                .or_insert_with(fresh)
                .update(text.as_bytes());
        }
        let mut all = digest::Context::new(&digest::SHA256);
        for entity in entities.into_values() {
            all.update(entity.finish().as_ref());
        }
        for (effect, times) in self.core.whatsapp.taken() {
            all.update(format!("{effect}{times:?}").as_bytes());
        }
        let (tickets, documents) = (self.core.glpi.tickets(), self.core.glpi.documents());
        for (marker, made) in tickets.chain(documents) {
            all.update(format!("{marker}{made:?}").as_bytes());
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(all.finish().as_ref());
        hash
    }
}
