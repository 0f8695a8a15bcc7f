//! How long a message takes in the core, by stage.
//!
//! Every message is timed, none is sampled: a record is two relaxed atomic operations of the metrics
//! recorder, which folds what was recorded into buckets every five seconds on a thread of its own.
//! Without a recorder, as in tests, a record is one comparison.

use metrics::{Histogram, histogram};

/// The stages that the core times.
#[derive(Debug)]
pub(crate) struct Meters {
    /// `chasqui_stage_seconds{stage="decided"}`: from an input's durability to its decision.
    pub decided: Histogram,
    /// `chasqui_stage_seconds{stage="recorded"}`: from a decision to its step's durability.
    pub recorded: Histogram,
    /// `chasqui_message_to_provider_seconds`: from a message's arrival to the provider having taken
    /// the first answer it led to.
    pub to_provider: Histogram,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            decided: stage("decided"),
            recorded: stage("recorded"),
            to_provider: histogram!("chasqui_message_to_provider_seconds"),
        }
    }
}

/// The histogram of one stage.
pub(crate) fn stage(stage: &'static str) -> Histogram {
    histogram!("chasqui_stage_seconds", "stage" => stage)
}
