//! A gateway as health and the operator's screen see it. No personal data.

use serde::Serialize;
use smol_str::SmolStr;

use super::breaker::Circuit;
use super::quota::TemplateCount;
use crate::model::{GatewayId, Millis, Name, Release, TenantId};
use crate::ports::Called;

/// The observable state of one gateway.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// The gateway.
    pub gateway: String,
    /// `meta`, `glpi`, …
    pub provider: &'static str,
    /// The tenant.
    pub tenant: TenantId,
    /// The connection's name at set-up.
    pub name: Name,
    /// Whether calls go through.
    pub circuit: Circuit,
    /// How often the circuit has opened.
    pub circuit_opened: u64,
    /// Calls in flight.
    pub in_flight: usize,
    /// Attempts and searches that wait for the gate.
    pub waiting: usize,
    /// Calls a second let through at present.
    pub rate_per_second: f64,
    /// What has happened since the start.
    #[serde(flatten)]
    pub counts: Counts,
    /// The last thing that went wrong.
    pub last_error: Option<LastError>,
    /// Templates of the last day, of a number of WhatsApp's.
    pub templates: Option<TemplateCount>,
    /// The release of the product behind it, where it was asked.
    pub release: Option<Release>,
    /// The line that takes over when this one is out, where the channel has one.
    pub fallback: Option<SecondInUse>,
    /// Why nothing is sent for now, although the provider answers.
    pub paused: Option<Paused>,
    /// What somebody should look at, in plain words.
    pub alert: Option<SmolStr>,
}

/// The second line of a channel, as its first line's health tells it.
#[derive(Clone, Debug, Serialize)]
pub struct SecondInUse {
    /// Its gateway.
    pub line: String,
    /// Whether messages go by it now.
    pub in_use: bool,
    /// Since when the first line is out, in milliseconds since 1970, while the second is in use.
    pub since: Option<Millis>,
}

/// A gateway that sends nothing for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paused {
    /// Why, in plain words.
    pub why: &'static str,
    /// Since when, in milliseconds since 1970.
    pub since: Millis,
}

/// What has happened at a gateway since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Calls made.
    pub attempts: u64,
    /// The provider did it.
    pub done: u64,
    /// Surely not done.
    pub not_done: u64,
    /// Refused for good.
    pub refused: u64,
    /// Nobody knows.
    pub unknown: u64,
    /// Searches made.
    pub look_ups: u64,
    /// Questions asked to find out what changed.
    pub reads: u64,
    /// Attempts given back unbegun.
    pub not_started: u64,
    /// Times the rate, the pair or the concurrency bound made somebody wait.
    pub limiter_waits: u64,
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastError {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// What, masked and cut to 120 characters.
    pub what: SmolStr,
}

impl LastError {
    pub(super) fn of(called: &Called, now: Millis) -> Option<Self> {
        let (kind, reason) = match called {
            Called::Done(_) => return None,
            Called::NotDone { reason, .. } => ("not done", reason),
            Called::Refused { reason, .. } => ("refused", reason),
            Called::Unknown { reason } => ("unknown outcome", reason),
        };
        Some(Self::new(kind, reason, now))
    }

    pub(super) fn new(kind: &str, reason: &str, now: Millis) -> Self {
        Self {
            at: now.0,
            what: format!("{kind}: {}", masked(reason)).into(),
        }
    }
}

/// The text without anything that could name a person: words with an `@` and digits in rows of
/// seven or more (phone numbers, user ids) become `…`; at most 120 characters.
pub(super) fn masked(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if digits >= 7 || word.contains('@') {
            "…"
        } else {
            word
        }
    });
    let joined = words.collect::<Vec<_>>().join(" ");
    joined.chars().take(120).collect()
}

/// What stays the same about a gateway.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) id: GatewayId,
    pub(super) provider: &'static str,
    pub(super) tenant: TenantId,
    pub(super) name: Name,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_show_codes_but_no_people() {
        let text = "(#131026) to +51999888777 of ana@example.com wa_51999888777 undeliverable";
        assert_eq!(masked(text), "(#131026) to … of … … undeliverable");
        assert_eq!(masked(&"x".repeat(500)).len(), 120);
    }
}
