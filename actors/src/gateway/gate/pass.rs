//! The leave to make one call, and what the gate learns of how the call ended.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::{Gate, Inner};
use crate::gateway::health::LastError;
use crate::gateway::number::Limits;
use crate::gateway::pairs;
use crate::model::{Call, Effect, GatewayId, Millis};
use crate::ports::{Called, LookedUp, Unanswered};

/// WhatsApp's code for a pair over its limit; it says nothing about the number as a whole.
const PAIR_LIMIT: &str = "131056";

/// Leave to make one call; holds a place among the calls in flight.
#[derive(Debug)]
pub struct Pass {
    gate: Arc<Gate>,
    _permit: OwnedSemaphorePermit,
    probe: bool,
    entered: Millis,
    settled: bool,
}

impl Pass {
    /// Given out by [`Gate`] to who entered at `entered`.
    pub(super) fn new(
        gate: Arc<Gate>,
        permit: OwnedSemaphorePermit,
        probe: bool,
        entered: Millis,
    ) -> Self {
        Self {
            gate,
            _permit: permit,
            probe,
            entered,
            settled: false,
        }
    }

    /// The gateway it was given by.
    pub fn gateway(&self) -> GatewayId {
        self.gate.id()
    }

    /// Whether this call finds out if the provider is back.
    pub const fn is_probe(&self) -> bool {
        self.probe
    }

    /// The call ended.
    pub(crate) fn called(mut self, effect: &Effect, called: &Called, now: Millis) {
        self.settled = true;
        let healthy = match called {
            Called::Done(_) | Called::Refused { .. } => true,
            Called::NotDone { counts_against, .. } => !counts_against,
            Called::Unknown { .. } => false,
        };
        {
            let mut guard = self.gate.lock();
            let inner = &mut *guard;
            inner.note(called, now);
            let mut number = self.gate.number.lock();
            if let Some((pairs, to)) = number.pairs.as_mut().zip(pairs::recipient(effect)) {
                match called {
                    Called::NotDone { .. } => pairs.not_taken(to),
                    _ => pairs.answered(to, self.entered, now),
                }
            }
            if let (Some(quota), Call::SendTemplate(template)) = (&mut number.quota, &effect.call)
                && matches!(called, Called::NotDone { .. } | Called::Refused { .. })
            {
                quota.give_back(template.category, now);
            }
            throttle(inner, &mut number, effect, called, now);
        }
        self.gate.ended(self.probe, Some(healthy), now);
        self.measure(effect, called, now);
    }

    /// The search ended.
    pub(crate) fn looked_up(mut self, looked: &LookedUp, now: Millis) {
        self.settled = true;
        let healthy = match looked {
            LookedUp::Found(_) | LookedUp::NotFound => Some(true),
            LookedUp::Unanswered { .. } => Some(false),
            LookedUp::Unsupported => None,
        };
        {
            let mut inner = self.gate.lock();
            inner.counts.look_ups += 1;
            if let LookedUp::Unanswered { reason } = looked {
                inner.last_error = Some(LastError::new("search unanswered", reason, now));
            }
        }
        self.gate.ended(self.probe, healthy, now);
    }

    /// A question that writes nothing ended.
    pub(in crate::gateway) fn read(mut self, unanswered: Option<&Unanswered>, now: Millis) {
        self.settled = true;
        let healthy = unanswered.is_none_or(|unanswered| !unanswered.counts_against);
        {
            let mut inner = self.gate.lock();
            inner.counts.reads += 1;
            if let Some(unanswered) = unanswered {
                inner.last_error = Some(LastError::new("unanswered", &unanswered.reason, now));
            }
        }
        self.gate.ended(self.probe, Some(healthy), now);
    }

    fn measure(&self, effect: &Effect, called: &Called, now: Millis) {
        let meters = &self.gate.meters;
        if matches!(called, Called::Done(_)) && pairs::recipient(effect).is_some() {
            meters.sends.increment(1);
        }
        meters.attempts(called).increment(1);
        let seconds = now.since(self.entered) as f64 / 1_000.0;
        meters.call_seconds.record(seconds);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if !self.settled {
            self.gate.ended(self.probe, None, self.entered);
        }
    }
}

impl Inner {
    /// Counts a call, and remembers what went wrong with it.
    fn note(&mut self, called: &Called, now: Millis) {
        self.counts.attempts += 1;
        match called {
            Called::Done(_) => self.counts.done += 1,
            Called::NotDone { .. } => self.counts.not_done += 1,
            Called::Refused { .. } => self.counts.refused += 1,
            Called::Unknown { .. } => self.counts.unknown += 1,
        }
        if let Some(error) = LastError::of(called, now) {
            self.last_error = Some(error);
        }
    }
}

/// A rejection for too much traffic slows the gateway, or this one pair.
fn throttle(inner: &mut Inner, number: &mut Limits, effect: &Effect, called: &Called, now: Millis) {
    let Called::NotDone {
        reason,
        retry_after,
        counts_against: false,
    } = called
    else {
        return;
    };
    match (number.pairs.as_mut(), pairs::recipient(effect)) {
        (Some(pairs), Some(to)) if reason.contains(PAIR_LIMIT) => {
            let wait = retry_after.unwrap_or(Duration::from_secs(6));
            pairs.rejected(to, wait.as_millis() as u64, now);
        }
        _ => inner.limiter.rejected(now),
    }
}
