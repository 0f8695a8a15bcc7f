//! An exact rolling minute: at most so many requests within any sixty seconds.
//!
//! A bucket that refills would let nearly twice the limit through in its first minute; API limits
//! are promised per minute, so every request of the last minute is remembered. The memory is
//! bounded by the limits themselves and by the number of tokens and tenants in the directory.

use std::collections::VecDeque;
use std::time::Duration;

use actors::model::Millis;

const MINUTE_MS: u64 = 60_000;

/// The requests of the last minute.
#[derive(Debug, Default)]
pub struct Window {
    taken: VecDeque<Millis>,
}

impl Window {
    /// Takes a place at `now`, or says how long until one is free.
    ///
    /// # Errors
    /// The wait until the oldest request leaves the minute.
    pub fn take(&mut self, now: Millis, limit: u32) -> Result<(), Duration> {
        while self
            .taken
            .front()
            .is_some_and(|oldest| now.since(*oldest) >= MINUTE_MS)
        {
            self.taken.pop_front();
        }
        match self.taken.front() {
            Some(oldest) if self.taken.len() >= limit as usize => {
                Err(Duration::from_millis(MINUTE_MS - now.since(*oldest)))
            }
            _ => {
                self.taken.push_back(now);
                Ok(())
            }
        }
    }

    /// Whether nothing was taken within the last minute.
    pub fn is_idle(&self, now: Millis) -> bool {
        self.taken
            .back()
            .is_none_or(|newest| now.since(*newest) >= MINUTE_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_the_limit_within_any_minute_is_refused() {
        let mut window = Window::default();
        for nth in 0..100 {
            assert_eq!(window.take(Millis(nth * 500), 100), Ok(()));
        }
        let wait = Duration::from_millis(10_001);
        assert_eq!(window.take(Millis(49_999), 100), Err(wait));
        assert_eq!(window.take(Millis(60_000), 100), Ok(()));
        assert_eq!(
            window.take(Millis(60_499), 100),
            Err(Duration::from_millis(1))
        );
        assert_eq!(window.take(Millis(60_500), 100), Ok(()));
    }

    #[test]
    fn a_window_is_idle_after_a_minute() {
        let mut window = Window::default();
        assert_eq!(window.take(Millis(5), 1), Ok(()));
        assert!(!window.is_idle(Millis(60_004)));
        assert!(window.is_idle(Millis(60_005)));
    }
}
