//! Dates as people of a country write them (R030).

use super::Locale;

/// A moment as local date and time: `21/01/2025 14:30`; in the United States
/// `01/21/2025 2:30 PM`.
///
/// `unix_seconds` counts from 1970 in UTC, `utc_offset_seconds` is what the tenant's zone adds at
/// that moment (Peru: -18,000).
pub fn date(locale: Locale, unix_seconds: i64, utc_offset_seconds: i32) -> String {
    let local = unix_seconds.saturating_add(i64::from(utc_offset_seconds));
    let (year, month, day) = civil(local.div_euclid(86_400));
    let minutes = local.rem_euclid(86_400) / 60;
    let (hour, minute) = (minutes / 60, minutes % 60);
    match locale {
        Locale::Es | Locale::PtBr | Locale::It => {
            format!("{day:02}/{month:02}/{year:04} {hour:02}:{minute:02}")
        }
        Locale::En => {
            let (twelve, half) = ((hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" });
            format!("{month:02}/{day:02}/{year:04} {twelve}:{minute:02} {half}")
        }
    }
}

/// A time of day, as minutes after midnight: `09:00`; in the United States `9:00 AM`.
pub fn time_of_day(locale: Locale, minutes: u16) -> String {
    let (hour, minute) = (minutes / 60, minutes % 60);
    match locale {
        Locale::Es | Locale::PtBr | Locale::It => format!("{hour:02}:{minute:02}"),
        Locale::En => {
            let half = if hour % 24 < 12 { "AM" } else { "PM" };
            format!("{}:{minute:02} {half}", (hour + 11) % 12 + 1)
        }
    }
}

/// The year of a moment in a zone, with the arguments of [`date`].
pub fn year(unix_seconds: i64, utc_offset_seconds: i32) -> i64 {
    let local = unix_seconds.saturating_add(i64::from(utc_offset_seconds));
    civil(local.div_euclid(86_400)).0
}

/// Year, month and day of a count of days since 1970-01-01 (Gregorian). Years are counted from
/// March, so that the leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERU: i32 = -5 * 3600;

    #[test]
    fn each_country_reads_its_own_order() {
        let afternoon = 1_737_487_800;
        assert_eq!(date(Locale::Es, afternoon, PERU), "21/01/2025 14:30");
        assert_eq!(date(Locale::PtBr, afternoon, -3 * 3600), "21/01/2025 16:30");
        assert_eq!(date(Locale::En, afternoon, PERU), "01/21/2025 2:30 PM");
        assert_eq!(
            date(Locale::En, 1_737_435_600 + 300, PERU),
            "01/21/2025 12:05 AM"
        );
    }

    #[test]
    fn the_day_turns_at_local_midnight() {
        let new_year_in_utc = 1_735_689_600;
        assert_eq!(date(Locale::Es, new_year_in_utc, PERU), "31/12/2024 19:00");
        assert_eq!(date(Locale::Es, new_year_in_utc, 0), "01/01/2025 00:00");
        assert_eq!(date(Locale::Es, 1_709_208_000, 0), "29/02/2024 12:00");
        assert_eq!(date(Locale::Es, -1, 0), "31/12/1969 23:59");
    }
}
