//! The ports of a system that runs on the machine it is tested on.

use std::time::SystemTime;

use actors::model::Millis;
use actors::ports::{Clock, Random};

/// The machine's clock.
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Millis(since.unwrap().as_millis() as u64)
    }
}

/// Chance that never changes.
pub struct Steady;

impl Random for Steady {
    fn next(&self) -> u64 {
        0x9E37_79B9_7F4A_7C15
    }
}
