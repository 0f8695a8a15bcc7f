//! What the shells of a world share: the disk, the gateways with the peers behind them, the wakes,
//! and the future.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::calls::{Fate, Flight};
use super::checks::Checks;
use super::desk::Desk;
use super::erasing::{self, Files};
use super::lines::Lines;
use super::peers::Whatsapp;
use super::people::{Delivery, People};
use super::queue::Queue;
use super::sabotage::Sabotage;
use super::store::Store;
use super::tickets::Glpi;
use crate::gateway::{Gate, Pass, Withdrawals};
use crate::journal::Accepted;
use crate::journal::disk::sim::Dice;
use crate::model::{
    AttemptNo, Effect, EffectId, GatewayId, InEvent, InSeq, Inbound, Key, Millis, Note, Seconds,
};
use crate::ports::Called;
use crate::wakes::Wakes;

/// Of a thousand groups, how many have a crash near them.
const CRASHES_PER_THOUSAND: u64 = 8;

/// Something that is going to happen. What belongs to the process carries its number and never
/// happens to a later process.
#[derive(Debug)]
pub(super) enum What {
    /// The disk ends its group.
    Flush(u64),
    /// A provider posts a webhook.
    Webhook(Delivery),
    /// A contact's timer.
    Timer(u64, Key),
    /// A due wake.
    Wake(u64),
    /// A request takes effect at its provider, whatever becomes of us meanwhile.
    TakesEffect(Arc<Effect>, GatewayId, AttemptNo),
    /// The first line of the channel with two goes down.
    Outage,
    /// A provider is asked how it is.
    Ask(u64, GatewayId),
    /// An answer, or the time-out.
    Answer(u64, Box<Flight>, Called),
    /// The answer to a search that was begun at an instant.
    Searched(u64, Arc<Effect>, Box<Pass>, Fate),
    /// The process dies.
    Crash,
    /// It is started again.
    Start,
    /// An operator looks at the lists.
    Operator,
    /// What made some messages poison is repaired.
    Repair,
    /// A technician works on a ticket.
    Act,
    /// An operator has a person forgotten.
    Erase(erasing::Order),
    /// What downloads brought late for people who were forgotten is removed.
    RemoveLate(Vec<Key>),
    /// A help desk is looked at.
    Look(u64, GatewayId),
}

/// Inputs whose records wait for the disk, and the webhook to acknowledge then.
#[derive(Debug)]
struct Accepting {
    inputs: Vec<(Accepted, InEvent)>,
    delivery: Option<Delivery>,
}

pub(super) struct Core {
    pub(super) now: Millis,
    pub(super) dice: Dice,
    pub(super) queue: Queue<What>,
    pub(super) store: Store,
    pub(super) checks: Checks,
    pub(super) people: People,
    pub(super) whatsapp: Whatsapp,
    pub(super) glpi: Glpi,
    pub(super) desk: Desk,
    pub(super) files: Files,
    pub(super) sabotage: Option<Sabotage>,
    /// Whether anything goes wrong outside.
    pub(super) faults: bool,
    /// Which process this is.
    pub(super) process: u64,
    /// Effects made lanes of their own, for the sabotage.
    pub(super) lanes_made: u64,
    pub(super) crashes_with_calls: u64,
    wakes: Wakes,
    pub(super) gates: BTreeMap<GatewayId, Arc<Gate>>,
    pub(super) lines: Lines,
    /// Contacts whose marketing must not leave, as this process knows.
    pub(super) withdrawals: Withdrawals,
    /// Attempts whose `Sending` is not durable yet.
    pub(super) recording: Vec<Flight>,
    /// Calls in flight of this process.
    pub(super) in_flight: Vec<EffectId>,
    /// When a status webhook of each line last arrived at this process.
    pub(super) statuses: BTreeMap<GatewayId, Millis>,
    /// Whether a decision on a poisonous message panics.
    pub(super) poisoned: bool,
    pub(super) releases: usize,
    pub(super) redrives: usize,
    /// Inputs that are not durable yet.
    accepting: Vec<Accepting>,
    flush_due: bool,
}

impl Core {
    pub(super) fn new(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let mut core = Self {
            now: Millis(1_700_000_000_000),
            dice: Dice::new(seed),
            queue: Queue::new(),
            store: Store::new(sabotage),
            checks: Checks::default(),
            people: People::new(),
            whatsapp: Whatsapp::default(),
            glpi: Glpi::default(),
            desk: Desk::default(),
            files: Files::default(),
            sabotage,
            faults: true,
            process: 0,
            lanes_made: 0,
            crashes_with_calls: 0,
            wakes: Wakes::default(),
            gates: BTreeMap::new(),
            lines: Lines::default(),
            withdrawals: Withdrawals::default(),
            recording: Vec::new(),
            in_flight: Vec::new(),
            statuses: BTreeMap::new(),
            poisoned: true,
            releases: 0,
            redrives: 0,
            accepting: Vec::new(),
            flush_due: false,
        };
        core.open_gates();
        core
    }

    pub(super) fn after(&mut self, ms: u64, what: What) {
        let at = self.now.plus_ms(ms);
        self.queue.at(at, &mut self.dice, what);
    }

    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.dice.below(100) < percent
    }

    pub(super) fn ignores_the_disk(&self) -> bool {
        self.sabotage == Some(Sabotage::MemoryBeforeDurable)
    }

    pub(super) fn forgets_effects(&self) -> bool {
        self.sabotage != Some(Sabotage::EffectsKept)
    }

    /// A record waits for the disk.
    pub(super) fn need_flush(&mut self) {
        if !self.flush_due {
            self.flush_due = true;
            let process = self.process;
            let stalls = self.chance(3);
            let ms = 1 + self.dice.below(if stalls { 300 } else { 15 });
            self.after(ms, What::Flush(process));
            // Crashes prefer the moments in which something is not durable yet.
            if self.faults && self.dice.below(1_000) < CRASHES_PER_THOUSAND {
                let ms = self.dice.below(20);
                self.after(ms, What::Crash);
            }
        }
    }

    /// The disk has ended a group. Gives the inputs that may be handed over now.
    pub(super) fn flushed(&mut self) -> Vec<(Accepted, InEvent)> {
        self.flush_due = false;
        self.store.flush();
        let durable = self.store.durable();
        self.checks.read(self.store.records(), durable);
        let mut inputs = Vec::new();
        for accepting in std::mem::take(&mut self.accepting) {
            for (accepted, event) in &accepting.inputs {
                self.withdrawals.hear(accepted.seq, event);
            }
            inputs.extend(accepting.inputs);
            if let Some(delivery) = accepting.delivery {
                self.acknowledge(delivery);
            }
        }
        for flight in std::mem::take(&mut self.recording) {
            self.call(Box::new(flight));
        }
        inputs
    }

    /// A webhook reaches the door.
    pub(super) fn accept(&mut self, delivery: Delivery) -> Vec<(Accepted, InEvent)> {
        let events = delivery.events.clone();
        let accepted = self.store.accept(events.clone());
        let accepted: Vec<_> = accepted.into_iter().zip(events).collect();
        self.need_flush();
        if self.sabotage == Some(Sabotage::NoFsyncWait) {
            self.acknowledge(delivery);
            return accepted;
        }
        self.accepting.push(Accepting {
            inputs: accepted,
            delivery: Some(delivery),
        });
        Vec::new()
    }

    /// An input that the system gives itself.
    pub(super) fn accept_inside(
        &mut self,
        key: Key,
        scope: &[u8],
        name: &str,
        body: Inbound,
    ) -> InSeq {
        let event = InEvent {
            key,
            id: self.people.identity.id_hash(scope, name.as_bytes()),
            stamp: None,
            received: self.now,
            body,
        };
        self.accept_event(event)
    }

    /// A note, which becomes durable with what follows it.
    pub(super) fn note(&mut self, key: Key, note: Note) {
        self.store.note(key, note);
        self.need_flush();
    }

    /// An input that nobody posts a second time.
    pub(super) fn accept_event(&mut self, event: InEvent) -> InSeq {
        let accepted = self.store.accept(vec![event.clone()]);
        let position = accepted.first().map_or(InSeq(0), |accepted| accepted.seq);
        self.accepting.push(Accepting {
            inputs: accepted.into_iter().zip([event]).collect(),
            delivery: None,
        });
        self.need_flush();
        position
    }

    /// The provider gets its 200. It may deliver the same again, soon or late.
    fn acknowledge(&mut self, delivery: Delivery) {
        for event in &delivery.events {
            self.checks.acknowledged(event);
        }
        if self.faults && self.chance(15) {
            let ms = if self.chance(50) {
                self.dice.below(3_000)
            } else {
                60_000 + self.dice.below(600_000)
            };
            self.after(ms, What::Webhook(delivery));
        }
    }

    /// Nobody answers at the door.
    pub(super) fn turned_away(&mut self, mut delivery: Delivery) {
        delivery.tries += 1;
        let ms = (500 << delivery.tries.min(6)) + self.dice.below(500);
        self.after(ms, What::Webhook(delivery));
    }

    pub(super) fn set_timer(&mut self, key: Key, due: Millis) {
        let what = What::Timer(self.process, key);
        self.queue.at(due, &mut self.dice, what);
    }

    pub(super) fn set_wake(&mut self, key: Key, before: Option<Seconds>, due: Option<Seconds>) {
        self.wakes.set(key, before, due);
        if let Some(due) = due.filter(|_| due != before) {
            let what = What::Wake(self.process);
            let at = due.to_millis().max(self.now);
            self.queue.at(at, &mut self.dice, what);
        }
    }

    /// Accepts the wakes that are due.
    pub(super) fn wake(&mut self) {
        for (key, due) in self.wakes.take_due(self.now.floor_seconds()) {
            let name = format!("{key}/{}", due.0);
            self.accept_inside(key, b"wake", &name, Inbound::Woken { due });
        }
    }

    /// The process dies: memory is gone, and so is a part of what was not durable.
    pub(super) fn crash(&mut self) {
        self.process += 1;
        self.crashes_with_calls += u64::from(!self.in_flight.is_empty());
        let kept = self.dice.below(self.store.unflushed() as u64 + 1) as usize;
        self.store.crash(kept);
        let durable = self.store.durable();
        self.checks.crashed(self.store.records(), durable);
        self.recording.clear();
        self.in_flight.clear();
        self.desk.crashed();
        self.flush_due = false;
        for accepting in std::mem::take(&mut self.accepting) {
            if let Some(delivery) = accepting.delivery {
                self.turned_away(delivery);
            }
        }
        self.wakes = Wakes::default();
        self.statuses.clear();
        self.withdrawals = Withdrawals::default();
        self.open_gates();
    }

    /// A new process takes up what is on record. Gives who has work left.
    pub(super) fn start(&mut self) -> Vec<Key> {
        if self.sabotage != Some(Sabotage::WakeLost) {
            let found = self.store.wakes();
            for (_, due) in &found {
                let what = What::Wake(self.process);
                self.after(due.to_millis().since(self.now), what);
            }
            self.wakes.restore(found, self.now.floor_seconds());
            for second in 0..=60 {
                let what = What::Wake(self.process);
                self.after(second * 1_000, what);
            }
        }
        self.store.backlog()
    }
}
