//! Ticket numbers as people read them: `#TK-2025-001234` (R029).

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

#[cfg(test)]
mod tests {
    use super::*;

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
