//! When the people of a queue are there, as a week of local time.
//!
//! Written as days and a time of day, `mon-fri 09:00-18:00` or `sat 09:00-13:00`; several such
//! spans make a week. A span ends on the day it begins: who works past midnight writes two.

use std::fmt;

use crate::model::Millis;
use crate::ports::UtcOffset;
use crate::texts::{self, Locale};

/// Spans of one week, at most; more cannot be read by anybody.
pub const SPANS_MAX: usize = 21;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MINUTES: u16 = 24 * 60;

/// A week of opening hours in one time zone.
#[derive(Clone, Debug)]
pub struct Hours {
    /// Seconds east of UTC, of the zone the times are meant in.
    pub offset: UtcOffset,
    /// When somebody is there; empty is never.
    pub spans: Vec<Span>,
}

/// The same hours on some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    first: u8,
    last: u8,
    from: u16,
    to: u16,
}

/// A span that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no span of hours; write days and times such as \"mon-fri 09:00-18:00\"")]
pub struct UnreadableSpan {
    text: String,
}

impl Span {
    /// Reads `mon-fri 09:00-18:00`, `sat 09:00-13:00`. Days run from Monday to Sunday; the end may
    /// be 24:00.
    pub fn parse(text: &str) -> Result<Self, UnreadableSpan> {
        read(text).ok_or_else(|| UnreadableSpan {
            text: text.chars().take(60).collect(),
        })
    }

    fn holds(self, day: u8, minute: u16) -> bool {
        (self.first..=self.last).contains(&day) && (self.from..self.to).contains(&minute)
    }

    fn words(self, locale: Locale) -> String {
        let day = |day: u8| texts::weekday(locale, day);
        let days = match self.first == self.last {
            true => day(self.first),
            false => format!("{}–{}", day(self.first), day(self.last)),
        };
        let time = |minutes: u16| texts::time_of_day(locale, minutes);
        format!("{days} {}–{}", time(self.from), time(self.to))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DAYS[usize::from(self.first)])?;
        if self.last != self.first {
            write!(f, "-{}", DAYS[usize::from(self.last)])?;
        }
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        write!(f, " {}-{}", clock(self.from), clock(self.to))
    }
}

impl Hours {
    /// Whether somebody is there at this instant.
    pub fn is_open(&self, at: Millis) -> bool {
        let local = (at.0 / 1_000).cast_signed() + i64::from(self.offset.at(at));
        // 1 January 1970 was a Thursday.
        let day = (local.div_euclid(86_400) + 3).rem_euclid(7) as u8;
        let minute = (local.rem_euclid(86_400) / 60) as u16;
        self.spans.iter().any(|span| span.holds(day, minute))
    }

    /// The week in words: "lun–vie 09:00–18:00, sáb 09:00–13:00".
    pub fn words(&self, locale: Locale) -> String {
        let spans: Vec<_> = self.spans.iter().map(|span| span.words(locale)).collect();
        spans.join(", ")
    }
}

fn read(text: &str) -> Option<Span> {
    let (days, times) = text.trim().split_once(' ')?;
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let (from, to) = times.trim().split_once('-')?;
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    let span = Span {
        first: day(first)? as u8,
        last: day(last)? as u8,
        from: minutes(from)?,
        to: minutes(to)?,
    };
    (span.first <= span.last && span.from < span.to).then_some(span)
}

fn minutes(time: &str) -> Option<u16> {
    let (hour, minute) = time.split_once(':')?;
    let two = |text: &str| {
        (text.len() == 2)
            .then(|| text.parse::<u16>().ok())
            .flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY_MINUTES).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(spans: &[&str]) -> Hours {
        Hours {
            offset: UtcOffset::fixed(-5 * 3_600),
            spans: spans.iter().map(|s| Span::parse(s).unwrap()).collect(),
        }
    }

    /// 21 January 2025 was a Tuesday; 14:30 in Lima.
    const TUESDAY: Millis = Millis(1_737_487_800_000);

    #[test]
    fn a_week_is_open_in_the_zone_it_is_written_for() {
        let week = hours(&["mon-fri 09:00-18:00", "sat 09:00-13:00"]);
        let hour = |hours: u64| TUESDAY.plus_ms(hours * 3_600_000);
        assert!(week.is_open(TUESDAY));
        assert!(week.is_open(hour(3)), "17:30");
        assert!(!week.is_open(hour(4)), "18:30");
        assert!(week.is_open(hour(4 * 24 - 3)), "Saturday 11:30");
        assert!(!week.is_open(hour(4 * 24)), "Saturday 14:30");
        assert!(!week.is_open(hour(5 * 24)), "Sunday");
        assert!(!hours(&[]).is_open(TUESDAY));
    }

    #[test]
    fn hours_end_before_the_minute_they_name() {
        let week = hours(&["tue 09:00-14:30"]);
        assert!(!week.is_open(TUESDAY));
        assert!(week.is_open(Millis(TUESDAY.0 - 1)));
    }

    #[test]
    fn a_span_is_written_as_it_is_read() {
        for text in [
            "mon-fri 09:00-18:00",
            "sat 09:00-13:00",
            "mon-sun 00:00-24:00",
        ] {
            assert_eq!(Span::parse(text).unwrap().to_string(), text);
        }
        for bad in [
            "",
            "mon",
            "mon 9:00-18:00",
            "fri-mon 09:00-18:00",
            "mon 18:00-09:00",
            "mon 09:00-24:01",
            "mon 09:60-10:00",
            "lun 09:00-18:00",
        ] {
            assert!(Span::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn people_read_hours_in_their_language() {
        let week = hours(&["mon-fri 09:00-18:00", "sat 09:00-13:00"]);
        assert_eq!(
            week.words(Locale::Es),
            "lun–vie 09:00–18:00, sáb 09:00–13:00"
        );
        assert_eq!(
            week.words(Locale::En),
            "Mon–Fri 9:00 AM–6:00 PM, Sat 9:00 AM–1:00 PM"
        );
    }
}
