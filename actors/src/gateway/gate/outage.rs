//! A gate whose provider is out: who carries its messages meanwhile, when the provider is asked how it
//! is, pauses that the provider asked for, and what an operator is alerted with.

use smol_str::{SmolStr, format_smolstr};

use super::super::breaker::{Admission, Breaker, Circuit};
use super::super::health::{LastError, Paused};
use super::{Gate, Inner};
use crate::model::Millis;
use crate::ports::{Asked, Fallback};

/// The alert of a first line that is given up for now.
const ON_SECOND: &str =
    "its provider does not answer well; messages go by the channel's second line";

/// The alert of a gateway that an operator paused.
const HELD: &str = "paused by an operator: calls wait, and go on by themselves when it is resumed";
/// When what waits for a paused gateway looks again, in milliseconds.
pub(super) const HELD_MS: u64 = 5_000;

/// When a message finds out about a pause whose provider cannot be asked.
const UNASKED_MS: u64 = 300_000;

impl Inner {
    /// When the second line takes over, or took over.
    pub(super) fn handover_at(&self) -> Option<Millis> {
        let (since, fallback) = self.breaker.since().zip(self.fallback)?;
        Some(since.plus_ms(fallback.after.as_millis() as u64))
    }

    /// What an operator should know, in plain words.
    pub(super) fn alert(&self) -> Option<SmolStr> {
        if let Some(held) = &self.held {
            return Some(SmolStr::new_static(held.why));
        }
        let paused = self.paused.as_ref().map(|paused| paused.why);
        match (paused, self.handed_over) {
            (Some(why), false) => Some(SmolStr::new_static(why)),
            (Some(why), true) => Some(format_smolstr!("{why}; {ON_SECOND}")),
            (None, true) => Some(SmolStr::new_static(ON_SECOND)),
            (None, false) => None,
        }
    }
}

impl Gate {
    /// Takes what the directory says now of the line behind this one.
    pub(crate) fn falls_back(&self, fallback: Option<Fallback>) {
        let mut inner = self.lock();
        if inner.fallback != fallback {
            inner.fallback = fallback;
            inner.breaker.ask_first(fallback.is_some());
        }
    }

    /// Takes what the directory says now: whether an operator has paused it.
    pub(crate) fn hold(&self, held: bool, now: Millis) {
        let mut inner = self.lock();
        if inner.held.is_some() == held {
            return;
        }
        inner.held = held.then_some(Paused {
            why: HELD,
            since: now,
        });
        drop(inner);
        tracing::warn!(
            gateway = %self.names.id, provider = self.names.provider, held,
            "an operator paused the gateway, or resumed it"
        );
        self.tell_circuit();
    }

    /// Whether the circuit has been open for so long that the second line carries what it can, and
    /// no call probes.
    pub(in crate::gateway) fn is_given_up(&self, now: Millis) -> bool {
        let inner = self.lock();
        let over = inner.handover_at().is_some_and(|at| at <= now);
        over && matches!(inner.breaker.peek(now), Admission::Shut { .. })
    }

    /// Whether the circuit lets a call in.
    pub(in crate::gateway) fn would_let_in(&self, now: Millis) -> bool {
        let admission = self.lock().breaker.peek(now);
        !matches!(admission, Admission::Shut { .. })
    }

    /// The second line carries something of this one's; told once an outage.
    pub(in crate::gateway) fn hands_over(&self) {
        let mut inner = self.lock();
        if std::mem::replace(&mut inner.handed_over, true) {
            return;
        }
        drop(inner);
        self.meters.on_second.set(1.0);
        self.meters.handovers.increment(1);
        tracing::error!(
            gateway = %self.names.id, channel = %self.names.name, provider = self.names.provider,
            "messages go by the channel's second line until this provider is back"
        );
    }

    /// When the provider is to be asked how it is; `None` while nothing depends on it.
    pub(crate) fn ask_at(&self) -> Option<Millis> {
        self.lock().breaker.ask_at()
    }

    /// The provider was asked.
    pub(crate) fn asked(&self, asked: &Asked, now: Millis) {
        let mut inner = self.lock();
        match asked {
            Asked::Well => inner.paused = None,
            // Only a message finds out whether what was in vain no longer is; one in a while.
            Asked::Unsupported if inner.paused.is_some() => {
                return inner.breaker.rest(UNASKED_MS, now);
            }
            Asked::Unsupported => {}
            Asked::Unwell { reason } => {
                inner.last_error = Some(LastError::new("asked", reason, now));
            }
        }
        let well = !matches!(asked, Asked::Unwell { .. });
        inner.breaker.asked(well, now);
    }

    /// Lets nobody in until the provider, asked, is well: calls would be in vain. `why` is what the
    /// operator is alerted with.
    pub(crate) fn shut(&self, why: &'static str, now: Millis) {
        self.pause(why, now, |breaker| breaker.shut(now));
    }

    /// Lets nobody in for `ms`, because the provider asked for a rest, and is slower afterwards.
    pub(crate) fn rest(&self, why: &'static str, ms: u64, now: Millis) {
        self.pause(why, now, |breaker| breaker.rest(ms, now));
        self.lock().limiter.rejected(now);
    }

    fn pause(&self, why: &'static str, now: Millis, change: impl FnOnce(&mut Breaker)) {
        let mut inner = self.lock();
        change(&mut inner.breaker);
        let known = inner
            .paused
            .as_ref()
            .is_some_and(|paused| paused.why == why);
        if !known {
            inner.paused = Some(Paused { why, since: now });
        }
        drop(inner);
        if !known {
            self.meters.pauses.increment(1);
            tracing::error!(
                gateway = %self.names.id, channel = %self.names.name, provider = self.names.provider,
                why, "the gateway is paused"
            );
        }
        self.tell_circuit();
    }

    /// A message that had been taken turned out not to have been sent, for the provider's reasons.
    pub(crate) fn failed_late(&self, now: Millis) {
        self.lock().breaker.ended(false, false, now);
        self.tell_circuit();
    }

    /// Tells whoever listens when the circuit changed.
    pub(super) fn tell_circuit(&self) {
        let mut inner = self.lock();
        let out = inner.breaker.circuit() != Circuit::Closed;
        let open = out || inner.held.is_some();
        let back = !out && std::mem::take(&mut inner.handed_over);
        if !out {
            inner.paused = None;
        }
        drop(inner);
        if back {
            self.meters.on_second.set(0.0);
            tracing::info!(
                gateway = %self.names.id, channel = %self.names.name,
                "messages go by the channel's first line again"
            );
        }
        let changed = self.circuit.send_if_modified(|was| {
            let changed = *was != open;
            *was = open;
            changed
        });
        if changed {
            tracing::warn!(gateway = %self.names.id, provider = self.names.provider, open, "the circuit changed");
            self.meters.circuit_open.set(f64::from(u8::from(open)));
        }
    }
}
