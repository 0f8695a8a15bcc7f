//! Numbers from the environment, and the clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// The seed of this run: the environment's, or a fresh one.
pub fn seed() -> u64 {
    number("CHASQUI_SEED").unwrap_or_else(|| now_ms() % 1_000_000)
}

/// A number in the environment.
pub fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} is a number, not {text}")))
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_millis() as u64
}
