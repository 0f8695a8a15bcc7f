//! The gateways of a world: real gates, and dice that decide what becomes of each request.

use std::sync::Arc;
use std::time::Duration;

use super::core::{Core, What};
use super::lines::{self, rendered, second_id};
use super::peers::{STATUSES, Whatsapp, kept, provider_id};
use super::people::Delivery;
use super::sabotage::Sabotage;
use super::shell::Mail;
use crate::gateway::{self, Busy, Gate, Number, Pass};
use crate::model::{
    Attempt, AttemptNo, Call, Class, DeliveryRank, Effect, EffectId, GatewayId, InEvent, Inbound,
    Key, Millis, Reply, Status,
};
use crate::outbox;
use crate::ports::{Called, ChannelSettings, GatewaySettings, LookedUp};

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

impl Core {
    pub(super) fn try_enter(
        &mut self,
        effect: &Effect,
        pinned: Option<GatewayId>,
    ) -> Result<Pass, Busy> {
        let line = self.line(effect, pinned);
        let gate = line.and_then(|id| self.gates.get(&id));
        let gate = gate.ok_or(Busy::Closed)?;
        gate.try_enter(effect, self.now)
    }

    fn stops(&self, effect: &Effect) -> bool {
        self.sabotage != Some(Sabotage::DeafToStop) && self.withdrawals.stops(effect)
    }

    /// The gateway's part of one attempt. Gives what the outbox is told at once.
    pub(super) fn send(
        &mut self,
        effect: Arc<Effect>,
        no: AttemptNo,
        possible_repeat: bool,
        sending_recorded: bool,
        pass: Pass,
    ) -> Option<outbox::Event> {
        let id = effect.id;
        let not_started = |until| {
            Some(outbox::Event::NotStarted {
                effect: id,
                no,
                until,
            })
        };
        if self.stops(&effect) {
            return Some(outbox::Event::Undeliverable {
                effect: id,
                no,
                reason: outbox::WITHDRAWN.into(),
            });
        }
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
            line: gateway::second_line(&flight.effect, flight.pass.gateway()),
        };
        let expect = AttemptNo(no.0.saturating_sub(1));
        match self.store.attempt(id.key, sending, expect) {
            Ok(()) => {
                self.need_flush();
                if self.ignores_the_disk() {
                    self.call(flight);
                } else {
                    self.recording.push(*flight);
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
    pub(super) fn call(&mut self, flight: Box<Flight>) {
        let effect = Arc::clone(&flight.effect);
        if self.stops(&effect) {
            let answer = What::Answer(self.process, flight, gateway::withdrawn());
            return self.after(0, answer);
        }
        let durable = self.store.durable();
        self.checks.read(self.store.records(), durable);
        self.checks.call(effect.id, flight.no, &self.in_flight);
        if !self.whatsapp.is_same(effect.id, &effect.call) {
            self.checks
                .broken(5, format!("{} changed between attempts", effect.id));
        }
        self.in_flight.push(effect.id);
        let line = flight.pass.gateway();
        self.called_by(&effect, line);
        let help_desk = self.people.is_help_desk(effect.gateway);
        let timeout_ms = match &effect.call {
            Call::FetchMedia(_) => 60_000,
            _ if help_desk => 30_000,
            _ => 3_500,
        };
        let latency_ms = 20 + self.dice.below(400);
        let roll = if self.faults {
            self.dice.below(100)
        } else {
            99
        };
        let unknown = |reason: &str| Called::Unknown {
            reason: reason.to_owned(),
        };
        let outage = self.fate_in_outage(line);
        let (takes_effect_ms, called, answer_ms) = match roll {
            _ if let Some(called) = outage => (None, called, latency_ms),
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
            let taken = rendered(&effect, self.is_second(line));
            self.after(ms, What::TakesEffect(taken, line, flight.no));
        }
        let process = self.process;
        self.after(answer_ms, What::Answer(process, flight, called));
    }

    /// A request takes effect at its provider.
    pub(super) fn takes_effect(&mut self, effect: &Effect, line: GatewayId, no: AttemptNo) {
        if matches!(effect.call, Call::FetchMedia(_)) {
            // Fetching twice is as good as once, and nobody outside sees it.
            return self.files.keep(effect);
        }
        if self.people.is_help_desk(effect.gateway) {
            let times = self.glpi.take(effect, self.now);
            if let (Call::OpenTicket(_), Some(gateway)) = (&effect.call, effect.gateway) {
                let ticket = self.glpi.last();
                self.desk.opened(gateway, ticket, effect.id, self.now);
                self.look_soon(gateway);
            }
            if let Some(times) = times {
                self.checks.taken(effect.id, times);
            }
            return;
        }
        let times = self.whatsapp.take(effect.id, &effect.call, self.now);
        self.checks.taken(effect.id, times);
        let second = self.is_second(line);
        self.lines.by_second += usize::from(second);
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
            let at = self.now.plus_ms(ms);
            let event = match second {
                true => self.receipt(effect.id, no, rank, at),
                false => self.status(effect.id, rank, at),
            };
            let delivery = Delivery {
                events: vec![event],
                tries: 0,
            };
            self.after(ms, What::Webhook(delivery));
        }
    }

    fn status(&self, effect: EffectId, rank: DeliveryRank, at: Millis) -> InEvent {
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
            Called::Done(_) if matches!(effect.call, Call::FetchMedia(_)) => {
                Called::Done(kept(effect.id))
            }
            Called::Done(_) if self.people.is_help_desk(effect.gateway) => {
                self.glpi.answer(&effect)
            }
            Called::Done(_) if self.is_second(pass.gateway()) => Called::Done(Reply {
                id: second_id(effect.id, no),
                ..Reply::default()
            }),
            Called::Done(_) => Called::Done(Whatsapp::reply(effect.id)),
            called => called,
        };
        if self.sabotage == Some(Sabotage::BlindResend) && matches!(called, Called::Unknown { .. })
        {
            called = not_done("sabotaged", false);
        }
        self.answered_by(effect.id, &called);
        let (probe, line) = (pass.is_probe(), pass.gateway());
        pass.called(&effect, &called, self.now);
        self.ask_soon(line);
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
            Fate::Answered(self.glpi.find(&effect))
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

    pub(super) fn open_gates(&mut self) {
        let settings = |id, channel: &ChannelSettings, provider, timeout_s| GatewaySettings {
            id,
            provider,
            name: channel.name.clone(),
            tenant: channel.tenant.clone(),
            rate_per_second: 50,
            pair_burst: (provider == "meta").then_some(10),
            concurrency: 8,
            timeout: Duration::from_secs(timeout_s),
            settle: Duration::from_secs(35),
            templates: None,
            fallback: None,
            number_of: None,
            paused: false,
        };
        self.gates.clear();
        for channel in &self.people.channels {
            let mut meta = settings(channel.messages, channel, "meta", 4);
            let number = Arc::new(Number::new(&meta));
            if let Some(second) = channel.second {
                meta.fallback = Some(lines::fallback(second.messages));
                let mut gupshup = settings(second.messages, channel, "gupshup", 4);
                gupshup.number_of = Some(meta.id);
                let gate = Gate::of_number(&gupshup, number.clone(), self.now);
                self.gates.insert(gupshup.id, gate);
            }
            let gate = Gate::of_number(&meta, number, self.now);
            self.gates.insert(meta.id, gate);
            let media = settings(channel.media, channel, "media", 70);
            self.gates.insert(media.id, Gate::new(&media, self.now));
            if let Some(help_desk) = channel.help_desk {
                let glpi = settings(help_desk, channel, "glpi", 30);
                self.gates.insert(glpi.id, Gate::new(&glpi, self.now));
            }
        }
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
