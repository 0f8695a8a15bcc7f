//! The simulators' clock: the machine's time plus an offset that `_control` can advance.
//!
//! Windows of 24 hours, session lives and retry horizons are tested by moving this clock
//! forward instead of waiting.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Wall clock in milliseconds since 1970 (UTC) that can be moved forward.
#[derive(Debug, Default)]
pub struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// The simulated time in microseconds since 1970.
    pub fn now_us(&self) -> i64 {
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let real_us = i64::try_from(real.as_micros()).unwrap_or(i64::MAX);
        let offset_ms = self.offset_ms.load(Ordering::Relaxed);
        real_us.saturating_add(offset_ms.saturating_mul(1_000))
    }

    /// The simulated time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.now_us().div_euclid(1_000)
    }

    /// The simulated time in whole seconds since 1970.
    pub fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Moves the clock forward; it never goes back.
    pub fn advance(&self, by_ms: u64) {
        let by = i64::try_from(by_ms).unwrap_or(i64::MAX / 4);
        self.offset_ms.fetch_add(by, Ordering::Relaxed);
    }

    /// How far the clock runs ahead of the machine, in milliseconds.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }
}

/// `YYYY-MM-DD HH:MM:SS` in UTC, the only form of time in GLPI's legacy API.
pub fn sql_time(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(stamp) => stamp.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => "0000-00-00 00:00:00".to_owned(),
    }
}

/// Reads `YYYY-MM-DD HH:MM:SS` (UTC) back into seconds since 1970.
pub fn parse_sql_time(text: &str) -> Option<i64> {
    let parsed = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    let zoned = parsed.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_moves_the_clock_and_sql_time_reads_back() {
        let clock = Clock::default();
        let before = clock.now_s();
        clock.advance(86_400_000);
        assert!(clock.now_s() >= before + 86_400);
        assert_eq!(sql_time(0), "1970-01-01 00:00:00");
        assert_eq!(
            parse_sql_time("2026-11-22 02:31:52")
                .map(sql_time)
                .as_deref(),
            Some("2026-11-22 02:31:52")
        );
        assert_eq!(parse_sql_time("yesterday"), None);
    }
}
