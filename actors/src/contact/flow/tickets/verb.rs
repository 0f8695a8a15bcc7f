//! The ids of buttons and rows: a verb, a ticket, and sometimes a detail.

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

/// Details of a confirmation.
pub(super) const YES: &str = "yes";
pub(super) const NO: &str = "no";

/// What a person wants of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    /// Know how it stands.
    State,
    /// Add something to it.
    Comment,
    /// Say that it is solved.
    Accept,
    /// Say that it is not.
    Reject,
    /// Take it back.
    Cancel,
    /// Rate how it was handled.
    Rate,
}

impl Verb {
    const ALL: [Self; 6] = [
        Self::State,
        Self::Comment,
        Self::Accept,
        Self::Reject,
        Self::Cancel,
        Self::Rate,
    ];

    /// The verb in the id of a button or row.
    pub const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Comment => "comment",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Cancel => "cancel",
            Self::Rate => "rate",
        }
    }

    /// The id of the button or row for this verb and a ticket.
    pub fn id(self, ticket: u64) -> SmolStr {
        format_smolstr!("ticket.{}:{ticket}", self.word())
    }

    /// The same with a detail.
    pub(super) fn id_with(self, ticket: u64, detail: &str) -> SmolStr {
        format_smolstr!("ticket.{}:{ticket}:{detail}", self.word())
    }
}

/// The verb, ticket and detail of an id; `None` when it is no ticket's.
pub(super) fn pressed(id: &str) -> Option<(Verb, u64, &str)> {
    let (word, rest) = id.strip_prefix("ticket.")?.split_once(':')?;
    let (ticket, detail) = rest.split_once(':').unwrap_or((rest, ""));
    let verb = Verb::ALL.into_iter().find(|verb| verb.word() == word)?;
    Some((verb, ticket.parse().ok()?, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_was_made() {
        for verb in Verb::ALL {
            assert_eq!(pressed(&verb.id(1234)), Some((verb, 1234, "")));
        }
        let id = Verb::Rate.id_with(7, "5");
        assert_eq!(pressed(&id), Some((Verb::Rate, 7, "5")));
        for other in [
            "ticket.confirm",
            "ticket.cancel",
            "ticket.state:x",
            "menu.mine",
        ] {
            assert_eq!(pressed(other), None, "{other}");
        }
    }
}
