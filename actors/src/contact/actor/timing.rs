//! When things happened to the inputs of one living contact, for the histograms of stages.

use std::time::Instant;

use crate::meters::Meters;
use crate::model::{Effect, EffectId, InEvent, InSeq, Inbound, Lane, Millis};
use crate::outbox;
use crate::ports::Called;

/// Messages whose first answer no provider has taken yet; beyond it the oldest is not timed.
const AWAITED_MAX: usize = 16;

/// What is remembered between two stages. Nothing of it outlives the actor: a message that was
/// accepted before a start is not timed after it.
#[derive(Debug, Default)]
pub(super) struct Timing {
    /// The input last handed over, and when it had become durable.
    handed: Option<(InSeq, Instant)>,
    /// The first answer to each message, and when that message came.
    awaited: Vec<(EffectId, Millis)>,
}

impl Timing {
    /// An input was handed over as soon as it was durable.
    pub fn handed(&mut self, position: InSeq, durable: Instant) {
        self.handed = Some((position, durable));
    }

    /// An input was decided.
    pub fn decided(&mut self, position: InSeq, decided: Instant, meters: &Meters) {
        if let Some((_, durable)) = self.handed.take_if(|(handed, _)| *handed == position) {
            let took = decided.saturating_duration_since(durable);
            meters.decided.record(took.as_secs_f64());
        }
    }

    /// The step of an input is durable.
    pub fn recorded(&mut self, input: &InEvent, effects: &[Effect]) {
        let Inbound::Message(_) = input.fact() else {
            return;
        };
        let answers = |effect: &&Effect| effect.lane == Lane::Person && effect.gateway.is_some();
        if let Some(first) = effects.iter().find(answers) {
            if self.awaited.len() >= AWAITED_MAX {
                self.awaited.remove(0);
            }
            self.awaited.push((first.id, input.received));
        }
    }

    /// Something happened to an effect.
    pub fn heard(&mut self, event: &outbox::Event, now: Millis, meters: &Meters) {
        let outbox::Event::Called { effect, called, .. } = event else {
            return;
        };
        // What was surely not done, or may have been, is tried again or never told of.
        let (Called::Done(_) | Called::Refused { .. }) = called else {
            return;
        };
        let Some(place) = self.awaited.iter().position(|(first, _)| first == effect) else {
            return;
        };
        let (_, received) = self.awaited.remove(place);
        if matches!(called, Called::Done(_)) {
            let took_ms = now.since(received);
            meters.to_provider.record(took_ms as f64 / 1_000.0);
        }
        if self.awaited.is_empty() {
            // An idle contact keeps no room for it.
            self.awaited = Vec::new();
        }
    }
}
