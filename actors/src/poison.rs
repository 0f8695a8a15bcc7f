//! Inputs that make the decision panic. The first panic counts in memory only; from the second on
//! each is a `Strike` on record, and at a weight of five the input is set aside for an operator and
//! the entity goes on with the next.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::model::{InSeq, Strike};

/// Longest panic text kept, in characters.
const REASON_CHARS: usize = 200;

/// Strikes against the input being consumed.
#[derive(Debug, Default)]
pub(crate) struct Strikes {
    weight: u8,
    recorded: u8,
    last_reason: String,
}

/// How a guarded decision ended.
pub(crate) enum Decided<D> {
    /// It decided.
    Decision(Box<D>),
    /// It panicked, and the input is to be set aside when `quarantine` is set.
    Panicked { quarantine: bool },
}

impl Strikes {
    /// Starts from what the journal has on record against the next input.
    pub fn on_record(weight: u8) -> Self {
        Self {
            weight,
            recorded: weight,
            last_reason: String::new(),
        }
    }

    /// Runs a decision and counts its panic.
    pub fn guard<D>(&mut self, input: InSeq, decide: impl FnOnce() -> D) -> Decided<D> {
        if self.weight >= Strike::LIMIT {
            return Decided::Panicked { quarantine: true };
        }
        // The state is read only and the result is dropped on a panic, so nothing half-changed
        // is seen afterwards.
        match catch_unwind(AssertUnwindSafe(decide)) {
            Ok(decision) => Decided::Decision(Box::new(decision)),
            Err(panic) => {
                self.weight += 1;
                self.last_reason = reason_of(panic.as_ref());
                tracing::error!(
                    input = input.0,
                    strikes = self.weight,
                    reason = self.last_reason,
                    "deciding an input panicked"
                );
                Decided::Panicked {
                    quarantine: self.weight >= Strike::LIMIT,
                }
            }
        }
    }

    /// The strike to write down, from the second on.
    pub fn record_due(&mut self, input: InSeq) -> Option<Strike> {
        if self.weight < 2 || self.weight == self.recorded {
            return None;
        }
        let weight = self.weight - self.recorded;
        self.recorded = self.weight;
        Some(Strike {
            input,
            weight,
            reason: self.last_reason.as_str().into(),
        })
    }

    /// The input is consumed; the next one starts clean.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// The panic's text, cut and without digits, which could belong to a person.
fn reason_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("panic without a text");
    text.chars()
        .take(REASON_CHARS)
        .map(|c| if c.is_ascii_digit() { '#' } else { c })
        .collect()
}
