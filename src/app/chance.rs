//! Chance for jitter.

use actors::ports::Random;

/// The operating system's chance, through the thread's generator.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chance;

impl Random for Chance {
    fn next(&self) -> u64 {
        rand::random()
    }
}
