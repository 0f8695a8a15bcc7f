//! Numbers as people of a country write them, and ticket numbers as everybody reads them:
//! `#TK-2025-001234` (R029).

use super::Locale;

/// The digits a ticket id is filled up to; longer ids stay whole.
const DIGITS: usize = 6;

/// A ticket number in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketNumber {
    /// The tenant's prefix, in capitals: `TK`.
    pub prefix: String,
    /// The year of creation in the tenant's time zone.
    pub year: u16,
    /// The ticket's id in GLPI.
    pub id: u64,
}

impl TicketNumber {
    /// Reads a number as [`ticket_number`] writes it; `#`, case and outer blanks do not matter,
    /// and a blank may stand for a hyphen.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('#');
        let mut parts = text.split(['-', ' ']);
        let (prefix, year, id) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let named = !prefix.is_empty()
            && prefix.len() <= 8
            && prefix.bytes().all(|b| b.is_ascii_alphabetic());
        if parts.next().is_some()
            || !named
            || year.len() != 4
            || !digits(year)
            || !digits(id)
            || id.is_empty()
        {
            return None;
        }
        Some(Self {
            prefix: prefix.to_ascii_uppercase(),
            year: year.parse().ok()?,
            id: id.parse().ok()?,
        })
    }
}

/// Writes a ticket number from the tenant's prefix, the year of creation and the GLPI id.
pub fn ticket_number(prefix: &str, year: i64, id: u64) -> String {
    format!("#{prefix}-{year:04}-{id:0DIGITS$}")
}

/// A whole number with its thousands set apart: `12,345`; in Brazil and Italy `12.345`. Four
/// digits stand together in Spanish, as its Academy wants it: `4096`.
pub fn integer(locale: Locale, number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let least = if locale == Locale::Es { 5 } else { 4 };
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        grouped.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len() >= least && (digits.len() - at).is_multiple_of(3) {
            grouped.push(marks(locale).0);
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of hundredths with two decimals: `1,234.50`; in Brazil and Italy `1.234,50`.
pub fn decimal(locale: Locale, hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, part) = (
        hundredths.unsigned_abs() / 100,
        hundredths.unsigned_abs() % 100,
    );
    let whole = integer(locale, i64::try_from(whole).unwrap_or(i64::MAX));
    format!("{sign}{whole}{}{part:02}", marks(locale).1)
}

/// What stands between thousands and before decimals. Spanish as in Peru and Mexico (Unicode CLDR,
/// es-419).
fn marks(locale: Locale) -> (char, char) {
    match locale {
        Locale::Es | Locale::En => (',', '.'),
        Locale::PtBr | Locale::It => ('.', ','),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_reads_its_own_marks() {
        for (locale, whole, short, broken) in [
            (Locale::Es, "1,234,567", "4096", "-12,345.05"),
            (Locale::PtBr, "1.234.567", "4.096", "-12.345,05"),
            (Locale::En, "1,234,567", "4,096", "-12,345.05"),
            (Locale::It, "1.234.567", "4.096", "-12.345,05"),
        ] {
            assert_eq!(integer(locale, 1_234_567), whole);
            assert_eq!(integer(locale, 4_096), short);
            assert_eq!(decimal(locale, -1_234_505), broken);
            assert_eq!(integer(locale, 0), "0");
            assert_eq!(
                integer(locale, i64::MIN).matches(marks(locale).0).count(),
                6
            );
        }
    }

    #[test]
    fn a_number_is_read_back_as_it_was_written() {
        for id in [1, 1234, 999_999, 1_000_000, 12_345_678] {
            let read = TicketNumber::parse(&ticket_number("TK", 2025, id)).unwrap();
            assert_eq!((read.prefix.as_str(), read.year, read.id), ("TK", 2025, id));
        }
        assert_eq!(ticket_number("TK", 2025, 1234), "#TK-2025-001234");
        assert_eq!(ticket_number("TK", 2025, 1_234_567), "#TK-2025-1234567");
    }

    #[test]
    fn other_spellings_are_read_and_other_things_are_not() {
        assert_eq!(
            TicketNumber::parse(" tk-2025-1234 ").map(|n| n.id),
            Some(1234)
        );
        assert_eq!(
            TicketNumber::parse("TK 2025 001234").map(|n| n.id),
            Some(1234)
        );
        for other in [
            "",
            "2025-01-21",
            "TK-25-1",
            "TK-2025-",
            "TK-2025-1-2",
            "TK-2025-x",
            "wi-fi",
        ] {
            assert_eq!(TicketNumber::parse(other), None, "{other}");
        }
    }
}
