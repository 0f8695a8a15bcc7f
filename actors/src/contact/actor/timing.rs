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
    /// What each message waits for, and when that message came.
    awaited: Vec<(Awaited, Millis)>,
}

/// What stands between a message and its first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// The answer itself.
    Answer(EffectId),
    /// The end of something else, a ticket perhaps, that is answered then.
    Report(EffectId),
}

impl Awaited {
    /// What these effects of one step leave a message to wait for.
    fn among(effects: &[Effect]) -> Option<Self> {
        let answers = |effect: &&Effect| effect.lane == Lane::Person && effect.gateway.is_some();
        let answer = effects.iter().find(answers);
        let answer = answer.map(|effect| Self::Answer(effect.id));
        let report = || effects.iter().find(|effect| effect.report);
        answer.or_else(|| report().map(|effect| Self::Report(effect.id)))
    }
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
        let received = match input.fact() {
            Inbound::Message(_) => input.received,
            Inbound::Report(report) => match self.take(Awaited::Report(report.effect)) {
                Some(received) => received,
                None => return,
            },
            _ => return,
        };
        if let Some(first) = Awaited::among(effects) {
            if self.awaited.len() >= AWAITED_MAX {
                self.awaited.remove(0);
            }
            self.awaited.push((first, received));
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
        if let Some(received) = self.take(Awaited::Answer(*effect))
            && matches!(called, Called::Done(_))
        {
            let took_ms = now.since(received);
            meters.to_provider.record(took_ms as f64 / 1_000.0);
        }
    }

    /// When the message came that waits for this; it waits no longer.
    fn take(&mut self, what: Awaited) -> Option<Millis> {
        let place = self.awaited.iter().position(|(first, _)| *first == what)?;
        let (_, received) = self.awaited.remove(place);
        if self.awaited.is_empty() {
            // An idle contact keeps no room for it.
            self.awaited = Vec::new();
        }
        Some(received)
    }
}
