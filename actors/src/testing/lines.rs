//! The channel of a world that has two lines to the same number, and the outages of the first.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::core::{Core, What};
use super::sabotage::Sabotage;
use crate::gateway::fallback;
use crate::model::{
    AttemptNo, Call, ChannelId, DeliveryRank, Effect, EffectId, GatewayId, InEvent, Inbound,
    Millis, Receipt,
};
use crate::outbox::Rules;
use crate::ports::{Asked, Called, Fallback};

/// How long the first line is out before the second takes over.
const AFTER: Duration = Duration::from_secs(10);

/// The lines' own truth.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Until when each first line is out.
    out: BTreeMap<GatewayId, Millis>,
    /// By which line each message was last called, and whether that was surely not done.
    called: BTreeMap<EffectId, (GatewayId, bool)>,
    /// Whether somebody asks the provider again, by gateway and process.
    asking: BTreeMap<GatewayId, u64>,
    /// Messages that a second line took.
    pub(super) by_second: usize,
}

/// What the second line's gateway is, seen from its first.
pub(super) fn fallback(second: GatewayId) -> Fallback {
    Fallback {
        line: second,
        after: AFTER,
        numbers_only: true,
    }
}

impl Core {
    fn second_of(&self, first: GatewayId) -> Option<GatewayId> {
        let mut channels = self.people.channels.iter();
        let own = channels.find(|channel| channel.messages == first)?;
        own.second.map(|second| second.messages)
    }

    /// The rules of an outbox on a channel.
    pub(super) fn rules(&mut self, channel: Option<ChannelId>) -> Rules {
        let seed = self.dice.roll();
        let mut channels = self.people.channels.iter();
        let own = channel.and_then(|id| channels.find(|own| own.id == id));
        Rules {
            takes_over_ms: own
                .and_then(|own| own.second)
                .map(|_| AFTER.as_millis() as u64),
            own_ids: own.and_then(|own| own.own_ids),
            interim_after_ms: 8_000,
            settle_ms: 35_000,
            seed,
        }
    }

    /// A webhook of a channel told how far a message came.
    pub(super) fn status_arrived(&mut self, channel: Option<ChannelId>, own_ids: bool) {
        let mut channels = self.people.channels.iter();
        let own = channel.and_then(|id| channels.find(|own| own.id == id));
        if let Some(line) = own.and_then(|own| own.line_telling(own_ids)) {
            self.statuses.insert(line, self.now);
        }
    }

    /// Whether this is the second line of a channel.
    pub(super) fn is_second(&self, line: GatewayId) -> bool {
        let mut seconds = self.people.channels.iter().filter_map(|own| own.second);
        seconds.any(|second| second.messages == line)
    }

    /// The line that carries an effect now, as the directory of gateways chooses it.
    pub(super) fn line(&self, effect: &Effect, pinned: Option<GatewayId>) -> Option<GatewayId> {
        let own = effect.gateway?;
        let pinned = pinned.filter(|_| self.sabotage != Some(Sabotage::PinIgnored));
        let Some(second) = self.second_of(own) else {
            return Some(own);
        };
        if pinned.is_some() {
            return pinned;
        }
        let (first, other) = (self.gates.get(&own)?, self.gates.get(&second)?);
        let taken_over = fallback::by_second(effect, &fallback(second), first, other, self.now);
        Some(if taken_over { second } else { own })
    }

    /// The first line goes down for a while.
    pub(super) fn outage(&mut self) {
        let firsts = self.people.channels.iter();
        let firsts = firsts.filter(|own| own.second.is_some());
        let firsts: Vec<GatewayId> = firsts.map(|own| own.messages).collect();
        for first in firsts {
            let ms = 40_000 + self.dice.below(200_000);
            self.lines.out.insert(first, self.now.plus_ms(ms));
        }
    }

    fn is_out(&self, line: GatewayId) -> bool {
        self.lines
            .out
            .get(&line)
            .is_some_and(|until| self.now < *until)
    }

    /// What a call meets whose line is out: mostly no connection, sometimes no answer.
    pub(super) fn fate_in_outage(&mut self, line: GatewayId) -> Option<Called> {
        if !self.is_out(line) {
            return None;
        }
        let reason = "the provider is down".to_owned();
        Some(match self.dice.below(4) {
            0 => Called::Unknown { reason },
            _ => Called::NotDone {
                reason,
                retry_after: None,
                counts_against: true,
            },
        })
    }

    /// A call leaves by a line: nothing of it may be in doubt on another.
    pub(super) fn called_by(&mut self, effect: &Effect, line: GatewayId) {
        if self.second_of(effect.gateway.unwrap_or(line)).is_none() {
            return;
        }
        let before = self.lines.called.insert(effect.id, (line, false));
        if let Some((other, false)) = before
            && other != line
        {
            let what = format!(
                "{} may have left by {other} and leaves by {line}",
                effect.id
            );
            self.checks.broken(5, what);
        }
    }

    /// The answer to a call says what is known of it.
    pub(super) fn answered_by(&mut self, effect: EffectId, called: &Called) {
        if let (Called::NotDone { .. }, Some(last)) = (called, self.lines.called.get_mut(&effect)) {
            last.1 = true;
        }
    }

    /// A provider that is out is asked how it is, as its gateway does.
    pub(super) fn ask_soon(&mut self, line: GatewayId) {
        let at = self.gates.get(&line).and_then(|gate| gate.ask_at());
        let Some(at) = at.filter(|_| self.lines.asking.get(&line) != Some(&self.process)) else {
            return;
        };
        self.lines.asking.insert(line, self.process);
        let what = What::Ask(self.process, line);
        self.queue.at(at.max(self.now), &mut self.dice, what);
    }

    pub(super) fn ask(&mut self, line: GatewayId) {
        self.lines.asking.remove(&line);
        let asked = if self.is_out(line) {
            Asked::Unwell {
                reason: "the provider is down".to_owned(),
            }
        } else {
            Asked::Well
        };
        if let Some(gate) = self.gates.get(&line) {
            gate.asked(&asked, self.now);
        }
        self.ask_soon(line);
    }

    /// What a second line's provider tells of a message: ids of its own, and no effect.
    pub(super) fn receipt(
        &self,
        effect: EffectId,
        no: AttemptNo,
        rank: DeliveryRank,
        at: Millis,
    ) -> InEvent {
        let id = second_id(effect, no);
        let name = format!("{id}/{rank:?}");
        InEvent {
            key: effect.key,
            id: self.people.identity.id_hash(b"receipt", name.as_bytes()),
            stamp: Some(at.floor_seconds()),
            received: at,
            body: Inbound::Receipt(Receipt {
                ids: vec![id],
                rank,
                failure: None,
                trouble: None,
            }),
        }
    }
}

/// What a second line's provider calls a message.
pub(super) fn second_id(effect: EffectId, no: AttemptNo) -> SmolStr {
    format!("gs.{effect}.{}", no.0).into()
}

/// The effect as its line's provider takes it.
pub(super) fn rendered(effect: &Arc<Effect>, second: bool) -> Arc<Effect> {
    match &effect.call {
        Call::SendTemplate(_) if second => fallback::rendered(effect),
        _ => Arc::clone(effect),
    }
}
