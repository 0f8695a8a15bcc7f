//! What an outbox is told by the settings.

use crate::model::GatewayId;

/// Settings of an outbox.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How long the person waits for a ticket before the entity is told that it is late.
    pub interim_after_ms: u64,
    /// How long after `Sending` a look-up that finds nothing proves that nothing was made.
    pub settle_ms: u64,
    /// Spreads retries; any number.
    pub seed: u64,
    /// After how long the second line of the person's channel takes over, where there is one: then a
    /// lane need not wait for the first.
    pub takes_over_ms: Option<u64>,
    /// The one line whose receipts name no effect; every line's when not told.
    pub own_ids: Option<GatewayId>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            interim_after_ms: 10_000,
            settle_ms: 35_000,
            seed: 0,
            takes_over_ms: None,
            own_ids: None,
        }
    }
}
