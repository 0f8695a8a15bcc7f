//! Who is shown what entities decide, for traces.

use std::time::Instant;

use crate::model::{Effect, InEvent};

/// Is shown every step of a contact. Called on the hot path: it must neither block nor fail.
pub trait Witness: Send + Sync + 'static {
    /// A step is on record, and none of its effects has been begun.
    fn stepped(&self, step: &Stepped<'_>);
}

/// A step of a contact and when it came to be.
#[derive(Clone, Copy, Debug)]
pub struct Stepped<'a> {
    /// The input that was consumed.
    pub input: &'a InEvent,
    /// What was decided to be done.
    pub effects: &'a [Effect],
    /// When the contact turned to the input.
    pub begun: Instant,
    /// When it had decided.
    pub decided: Instant,
    /// When the step was durable.
    pub recorded: Instant,
}
