//! A contact's own soft limit: a generic cell rate algorithm over a minute.
//!
//! Beyond the limit a message is kept in the journal and the timeline but the bot does not answer it;
//! the person is told so once.

use serde::{Deserialize, Serialize};

use crate::model::Millis;

/// Theoretical arrival time of the next conforming message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limiter {
    arrival: Millis,
    told: bool,
}

/// What the limiter says of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Within the limit.
    Within,
    /// The first beyond it: tell the person.
    FirstBeyond,
    /// Beyond it, and the person knows.
    Beyond,
}

impl Limiter {
    /// Judges a message at `now` under `per_minute` messages; 0 switches the limit off.
    pub fn judge(&self, now: Millis, per_minute: u32) -> Verdict {
        if per_minute == 0 {
            return Verdict::Within;
        }
        let interval = 60_000 / u64::from(per_minute);
        let tolerance = interval * u64::from(per_minute.saturating_sub(1));
        if self.arrival.0 <= now.0 + tolerance {
            return Verdict::Within;
        }
        if self.told {
            Verdict::Beyond
        } else {
            Verdict::FirstBeyond
        }
    }

    /// Accounts for a message that was within the limit.
    pub fn pass(&mut self, now: Millis, per_minute: u32) {
        if per_minute > 0 {
            let from = self.arrival.max(now);
            self.arrival = from.plus_ms(60_000 / u64::from(per_minute));
        }
        self.told = false;
    }

    /// Notes that the person was told.
    pub fn tell(&mut self) {
        self.told = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_after_the_limit_is_told_once_and_the_limit_recovers() {
        let mut limiter = Limiter::default();
        let now = Millis(1_000_000);
        for _ in 0..20 {
            assert_eq!(limiter.judge(now, 20), Verdict::Within);
            limiter.pass(now, 20);
        }
        assert_eq!(limiter.judge(now, 20), Verdict::FirstBeyond);
        limiter.tell();
        assert_eq!(limiter.judge(now, 20), Verdict::Beyond);
        assert_eq!(limiter.judge(now.plus_ms(3_000), 20), Verdict::Within);
    }
}
