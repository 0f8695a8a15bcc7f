//! What the shells of a world share: the disk, the gateways with the peers behind them, the wakes,
//! and the future.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::checks::Checks;
use super::peers::{Glpi, STATUSES, Whatsapp, provider_id};
use super::people::{Delivery, People};
use super::queue::Queue;
use super::sabotage::Sabotage;
use super::shell::Mail;
use super::store::Store;
use crate::gateway::{self, Busy, Gate, Pass};
use crate::journal::Accepted;
use crate::journal::disk::sim::Dice;
use crate::model::{
    Attempt, AttemptNo, Class, Effect, EffectId, GatewayId, InEvent, Inbound, Key, Millis, Name,
    Seconds, Status,
};
use crate::outbox;
use crate::ports::{Called, GatewaySettings, LookedUp};
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
    TakesEffect(Arc<Effect>),
    /// An answer, or the time-out.
    Answer(u64, Box<Flight>, Called),
    /// The answer to a search that was begun at an instant.
    Searched(u64, Arc<Effect>, Box<Pass>, Fate),
    /// The process dies.
    Crash,
    /// It is started again.
    Start,
}

/// What becomes of a search.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// It is answered truthfully for the instant it reached the help desk.
    Answered(LookedUp),
    /// It fails.
    Lost,
}

/// One attempt at its gateway.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) effect: Arc<Effect>,
    no: AttemptNo,
    pub(super) pass: Pass,
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
    pub(super) sabotage: Option<Sabotage>,
    /// Whether anything goes wrong outside.
    pub(super) faults: bool,
    /// Which process this is.
    pub(super) process: u64,
    /// Effects made lanes of their own, for the sabotage.
    pub(super) lanes_made: u64,
    pub(super) crashes_with_calls: u64,
    wakes: Wakes,
    gates: BTreeMap<GatewayId, Arc<Gate>>,
    /// Attempts whose `Sending` is not durable yet.
    recording: Vec<(usize, Box<Flight>)>,
    /// Calls in flight of this process.
    in_flight: Vec<EffectId>,
    /// Inputs whose record is not durable yet: where it ends, and the webhook to acknowledge.
    accepting: Vec<(usize, Vec<(Accepted, InEvent)>, Option<Delivery>)>,
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
            sabotage,
            faults: true,
            process: 0,
            lanes_made: 0,
            crashes_with_calls: 0,
            wakes: Wakes::default(),
            gates: BTreeMap::new(),
            recording: Vec::new(),
            in_flight: Vec::new(),
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
        for (_, accepted, delivery) in std::mem::take(&mut self.accepting) {
            inputs.extend(accepted);
            if let Some(delivery) = delivery {
                self.acknowledge(delivery);
            }
        }
        for (_, flight) in std::mem::take(&mut self.recording) {
            self.call(flight);
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
        self.accepting
            .push((self.store.end(), accepted, Some(delivery)));
        Vec::new()
    }

    /// An input that the system gives itself.
    pub(super) fn accept_inside(&mut self, key: Key, scope: &[u8], name: &str, body: Inbound) {
        let event = InEvent {
            key,
            id: self.people.identity.id_hash(scope, name.as_bytes()),
            stamp: None,
            received: self.now,
            body,
        };
        let accepted = self.store.accept(vec![event.clone()]);
        let accepted = accepted.into_iter().zip([event]).collect();
        self.accepting.push((self.store.end(), accepted, None));
        self.need_flush();
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

    pub(super) fn set_wake(&mut self, key: Key, due: Option<Seconds>) {
        self.wakes.set(key, due);
        if let Some(due) = due {
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

    pub(super) fn try_enter(&mut self, effect: &Effect) -> Result<Pass, Busy> {
        let gateway = effect.gateway.unwrap_or(self.people.messages);
        let gate = self.gates.get(&gateway).ok_or(Busy::Closed)?;
        gate.try_enter(effect, self.now)
    }

    /// The gateway's part of one attempt. Gives what the outbox is told at once.
    pub(super) fn send(
        &mut self,
        effect: Arc<Effect>,
        no: AttemptNo,
        possible_repeat: bool,
        sending_recorded: bool,
        pass: Option<Pass>,
    ) -> Option<outbox::Event> {
        let id = effect.id;
        let not_started = |until| {
            Some(outbox::Event::NotStarted {
                effect: id,
                no,
                until,
            })
        };
        let entered = match pass {
            Some(pass) => Ok(pass),
            None => self.try_enter(&effect),
        };
        let pass = match entered {
            Ok(pass) => pass,
            Err(busy) => return not_started(busy.until()),
        };
        let unrecorded = !sending_recorded && effect.class != Class::Disposable;
        let flight = Box::new(Flight { effect, no, pass });
        if !unrecorded {
            self.call(flight);
            return None;
        }
        let sending = Attempt::Sending {
            effect: id,
            no,
            at: self.now,
            possible_repeat,
            charge: None,
        };
        let expect = AttemptNo(no.0.saturating_sub(1));
        match self.store.attempt(id.key, sending, expect) {
            Ok(()) => {
                self.need_flush();
                if self.ignores_the_disk() {
                    self.call(flight);
                } else {
                    self.recording.push((self.store.end(), flight));
                }
                None
            }
            Err(error) => {
                self.checks.broken(5, error.to_string());
                not_started(None)
            }
        }
    }

    /// The request leaves; the dice decide what becomes of it.
    fn call(&mut self, flight: Box<Flight>) {
        let effect = Arc::clone(&flight.effect);
        let durable = self.store.durable();
        self.checks.read(self.store.records(), durable);
        self.checks.call(effect.id, flight.no, &self.in_flight);
        if !self.whatsapp.is_same(effect.id, &effect.call) {
            self.checks
                .broken(5, format!("{} changed between attempts", effect.id));
        }
        self.in_flight.push(effect.id);
        let help_desk = effect.gateway == Some(self.people.help_desk);
        let timeout_ms = if help_desk { 30_000 } else { 3_500 };
        let latency_ms = 20 + self.dice.below(400);
        let roll = if self.faults {
            self.dice.below(100)
        } else {
            99
        };
        let unknown = |reason: &str| Called::Unknown {
            reason: reason.to_owned(),
        };
        let (takes_effect_ms, called, answer_ms) = match roll {
            0..5 => (None, not_done("connection refused", true), latency_ms),
            5..9 => (None, not_done("429", false), latency_ms),
            9..11 => (None, refused(), latency_ms),
            11..17 => (Some(latency_ms / 2), unknown("time-out"), timeout_ms),
            17..21 => (None, unknown("502"), latency_ms),
            21..25 if help_desk => {
                let slow_ms = self.dice.below(29_000);
                (Some(slow_ms), unknown("reset"), latency_ms)
            }
            _ => (
                Some(latency_ms / 2),
                Called::Done(Default::default()),
                latency_ms,
            ),
        };
        if let Some(ms) = takes_effect_ms {
            self.after(ms, What::TakesEffect(effect));
        }
        let process = self.process;
        self.after(answer_ms, What::Answer(process, flight, called));
    }

    /// A request takes effect at its provider.
    pub(super) fn takes_effect(&mut self, effect: &Effect) {
        if effect.gateway == Some(self.people.help_desk) {
            let times = self.glpi.create(effect.id, self.now);
            self.checks.taken(effect.id, times);
            return;
        }
        let times = self.whatsapp.take(effect.id, &effect.call, self.now);
        self.checks.taken(effect.id, times);
        if effect.class == Class::Disposable {
            return;
        }
        if self.faults && self.chance(8) {
            return;
        }
        for (rank, after_ms) in STATUSES {
            if self.faults && self.chance(6) {
                continue;
            }
            let ms = after_ms + self.dice.below(10_000);
            let event = self.status(effect.id, rank, self.now.plus_ms(ms));
            let delivery = Delivery {
                events: vec![event],
                tries: 0,
            };
            self.after(ms, What::Webhook(delivery));
        }
    }

    fn status(&self, effect: EffectId, rank: crate::model::DeliveryRank, at: Millis) -> InEvent {
        let name = format!("{effect}/{rank:?}");
        InEvent {
            key: effect.key,
            id: self.people.identity.id_hash(b"status", name.as_bytes()),
            stamp: Some(at.floor_seconds()),
            received: at,
            body: Inbound::Status(Status {
                effect,
                provider_id: provider_id(effect),
                rank,
                failure: None,
            }),
        }
    }

    /// The answer to a call arrives.
    pub(super) fn answered(&mut self, flight: Flight, called: Called) -> (Key, Mail) {
        let Flight { effect, no, pass } = flight;
        self.in_flight.retain(|id| *id != effect.id);
        let mut called = match called {
            Called::Done(_) if effect.gateway == Some(self.people.help_desk) => {
                Called::Done(self.glpi.reply(effect.id).unwrap_or_default())
            }
            Called::Done(_) => Called::Done(Whatsapp::reply(effect.id)),
            called => called,
        };
        if self.sabotage == Some(Sabotage::BlindResend) && matches!(called, Called::Unknown { .. })
        {
            called = not_done("sabotaged", false);
        }
        let probe = pass.is_probe();
        pass.called(&effect, &called, self.now);
        let event = gateway::event_of(&effect, no, probe, called, self.now);
        (effect.id.key, Mail::Outbox(event))
    }

    /// A search begins. Gives what the outbox is told at once.
    pub(super) fn look_up(&mut self, effect: Arc<Effect>) -> Option<outbox::Event> {
        let gate = effect.gateway.and_then(|id| self.gates.get(&id));
        let pass = gate.map(|gate| gate.enter_to_search(self.now));
        let Some(Ok(pass)) = pass else {
            return Some(outbox::Event::LookedUp {
                effect: effect.id,
                looked: unanswered(),
            });
        };
        // It is answered for the earliest instant it may have reached the help desk.
        let fate = if self.faults && self.chance(10) {
            Fate::Lost
        } else {
            Fate::Answered(self.glpi.find(effect.id))
        };
        let ms = 20 + self.dice.below(2_000);
        let what = What::Searched(self.process, effect, Box::new(pass), fate);
        self.after(ms, what);
        None
    }

    pub(super) fn searched(&mut self, effect: &Effect, pass: Pass, fate: Fate) -> (Key, Mail) {
        let looked = match fate {
            Fate::Answered(looked) => looked,
            Fate::Lost => unanswered(),
        };
        pass.looked_up(&looked, self.now);
        let event = outbox::Event::LookedUp {
            effect: effect.id,
            looked,
        };
        (effect.id.key, Mail::Outbox(event))
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
        self.flush_due = false;
        for (_, _, delivery) in std::mem::take(&mut self.accepting) {
            if let Some(delivery) = delivery {
                self.turned_away(delivery);
            }
        }
        self.wakes = Wakes::default();
        self.open_gates();
    }

    /// A new process takes up what is on record. Gives who has work left.
    pub(super) fn start(&mut self) -> Vec<Key> {
        if self.sabotage != Some(Sabotage::WakeLost) {
            let found = self.store.wakes();
            self.wakes.restore(found, self.now.floor_seconds());
            for second in 0..=60 {
                let what = What::Wake(self.process);
                self.after(second * 1_000, what);
            }
        }
        self.store.backlog()
    }

    fn open_gates(&mut self) {
        let settings = |id, provider, timeout_s| GatewaySettings {
            id,
            provider,
            name: Name::new(provider).expect("a legal name"),
            tenant: Name::new("world").expect("a legal name"),
            rate_per_second: 50,
            concurrency: 8,
            timeout: Duration::from_secs(timeout_s),
            settle: Duration::from_secs(35),
        };
        let (messages, help_desk) = (self.people.messages, self.people.help_desk);
        let meta = Gate::new(&settings(messages, "meta", 4), self.now);
        let glpi = Gate::new(&settings(help_desk, "glpi", 30), self.now);
        self.gates = BTreeMap::from([(messages, meta), (help_desk, glpi)]);
    }
}

fn not_done(reason: &str, counts_against: bool) -> Called {
    Called::NotDone {
        reason: reason.to_owned(),
        retry_after: None,
        counts_against,
    }
}

fn refused() -> Called {
    Called::Refused {
        code: 100,
        reason: "refused".to_owned(),
    }
}

fn unanswered() -> LookedUp {
    LookedUp::Unanswered {
        reason: "no answer".to_owned(),
    }
}
