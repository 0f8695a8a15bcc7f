//! Who answers when the bot does not: what a conversation knows of a channel's people.

use std::sync::Arc;

use crate::hours::Hours;
use crate::model::{Millis, Name};

/// A queue that says nothing else keeps the bot silent so long after the last word.
pub const IDLE_MS: u64 = 8 * 3_600_000;

/// The people behind a channel, and when the bot makes way for them. The default has none, so that
/// the bot answers everything.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// The queue of this channel's conversations; must be one of `queues`. Without one nothing is
    /// handed over unless an operator takes it.
    pub queue: Option<Name>,
    /// The tenant's queues.
    pub queues: Arc<[Arc<Queue>]>,
    /// Messages of a conversation, from either side, after which the next one of the person is
    /// handed over while nothing came of it; 0 for never.
    pub messages_max: u16,
}

impl People {
    /// A queue of the tenant by its name.
    pub fn queue(&self, name: &Name) -> Option<&Arc<Queue>> {
        self.queues.iter().find(|queue| queue.name == *name)
    }

    /// The queue of this channel's conversations.
    pub fn default_queue(&self) -> Option<&Arc<Queue>> {
        self.queue(self.queue.as_ref()?)
    }
}

/// Where people wait for operators.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name at set-up.
    pub name: Name,
    /// When its members are there; without it, always.
    pub hours: Option<Hours>,
    /// What people hear out of hours; without it a text with the hours.
    pub closed_text: Option<String>,
    /// How long the bot stays silent after the last word of either side, in milliseconds.
    pub idle_ms: u64,
    /// The ticket a transfer to this queue opens.
    pub opens: Option<Opens>,
    /// Whether somebody who waits is still told the state of their tickets by the bot.
    pub tells_tickets: bool,
}

/// A ticket opened by a transfer, without anybody's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opens {
    /// Silence that ends the burst it is made of, in milliseconds; at least 15,000.
    pub merge_interval_ms: u64,
    /// Whether the person is told its number.
    pub number_told: bool,
}

impl Queue {
    /// Whether its members are there at this instant.
    pub fn is_open(&self, at: Millis) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.is_open(at))
    }
}
