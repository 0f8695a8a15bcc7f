//! What the door counts. Looked up once, because every webhook touches it.

use std::time::Instant;

use metrics::{Counter, Histogram, counter, histogram};

use super::ApiError;

/// Handles to what is counted.
pub struct DoorMeters {
    /// `chasqui_stage_seconds{stage="accepted"}`: a webhook is read until its events are durable.
    accepted: Histogram,
    /// `chasqui_webhooks_total{result="taken"}` by provider.
    taken: [(&'static str, Counter); 3],
}

impl Default for DoorMeters {
    fn default() -> Self {
        let taken = |provider| (provider, webhooks(provider, "taken"));
        Self {
            accepted: histogram!("chasqui_stage_seconds", "stage" => "accepted"),
            taken: ["meta", "gupshup", "glpi"].map(taken),
        }
    }
}

impl DoorMeters {
    /// The events of a webhook whose request began then are durable.
    pub(super) fn accepted(&self, begun: Instant) {
        self.accepted.record(begun.elapsed().as_secs_f64());
    }

    /// A webhook whose body was read is answered.
    pub(super) fn answered<T>(&self, provider: &'static str, taken: &Result<T, ApiError>) {
        let result = match taken {
            Ok(_) => {
                let of = self.taken.iter().find(|(name, _)| *name == provider);
                of.iter().for_each(|(_, count)| count.increment(1));
                return;
            }
            // Gupshup's proof is a part of the address, and a wrong one is no address.
            Err(ApiError::Signature | ApiError::NotFound { .. }) => "forged",
            Err(ApiError::Unreadable { .. }) => "unreadable",
            Err(ApiError::Busy { .. }) => "refused",
            Err(_) => "failed",
        };
        webhooks(provider, result).increment(1);
    }
}

fn webhooks(provider: &'static str, result: &'static str) -> Counter {
    counter!("chasqui_webhooks_total", "provider" => provider, "result" => result)
}
