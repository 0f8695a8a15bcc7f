//! Which category of the help desk a ticket belongs to (R048, R122).
//!
//! Asked in this order: a danger to security, a phrase that tells the category by itself
//! (`<tag>/categories.tsv`: "olvidé mi contraseña" is access, whatever the password is for), the
//! kind of the object, a phrase that tells it where the object does not (a code with `?`: "la luz"
//! is of the building, but not that of a printer). Where none tells, or a phrase says that it is
//! nothing for the help desk ("máquina de café"), the ticket is [`Category::Uncategorised`]: a
//! person sorts it, nothing is guessed.

use serde::{Deserialize, Serialize};

use super::object::{Kind, Object};
use super::symptom::{Severity, Symptom};
use super::{Cue, Cues};

/// A category of tickets. Its code is what a tenant's GLPI connection maps to an ITIL category.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Category {
    /// Computers and what is plugged into them.
    Hardware,
    /// Printers, copiers, scanners and what they use up.
    Printing,
    /// Internet, wifi, cables, VPN, servers.
    Network,
    /// Mailboxes and mail programs.
    Email,
    /// Passwords, accounts, permissions.
    Access,
    /// Programs, pages, their installation and licences.
    Software,
    /// Telephones and their lines.
    Telephony,
    /// Tills, card terminals, bar code readers, scales.
    PointOfSale,
    /// Folders, files, backups.
    Files,
    /// Somebody else may have got in, or something was stolen.
    Security,
    /// Doors, air conditioning, lifts, furniture: what a building has.
    Facilities,
    /// No rule tells.
    #[default]
    Uncategorised,
}

impl Category {
    /// Every category, the one without a rule last.
    pub const ALL: [Self; 12] = [
        Self::Hardware,
        Self::Printing,
        Self::Network,
        Self::Email,
        Self::Access,
        Self::Software,
        Self::Telephony,
        Self::PointOfSale,
        Self::Files,
        Self::Security,
        Self::Facilities,
        Self::Uncategorised,
    ];

    /// The name in tables and settings.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hardware => "hardware",
            Self::Printing => "printing",
            Self::Network => "network",
            Self::Email => "email",
            Self::Access => "access",
            Self::Software => "software",
            Self::Telephony => "telephony",
            Self::PointOfSale => "point-of-sale",
            Self::Files => "files",
            Self::Security => "security",
            Self::Facilities => "facilities",
            Self::Uncategorised => "uncategorised",
        }
    }

    /// The category of a code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.code() == code)
    }

    fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Computer | Kind::Peripheral => Self::Hardware,
            Kind::Printer | Kind::Consumable => Self::Printing,
            Kind::Network | Kind::Server => Self::Network,
            Kind::Mail => Self::Email,
            Kind::Phone => Self::Telephony,
            Kind::PointOfSale => Self::PointOfSale,
            Kind::System => Self::Software,
            Kind::Access => Self::Access,
            Kind::File => Self::Files,
            Kind::Other => Self::Uncategorised,
        }
    }
}

/// A category told by a phrase, with the row of its table: the first row outweighs later ones, and
/// any row one that holds only where the object tells nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CategoryHint {
    /// Whether it holds only where the object tells no category.
    weak: bool,
    row: u16,
    category: Category,
}

impl CategoryHint {
    pub(super) const fn new(row: u16, category: Category, weak: bool) -> Self {
        Self {
            row,
            category,
            weak,
        }
    }

    /// The one of two that outweighs the other.
    pub fn weightier(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

/// The category of a problem: `cues` and `told` are those of all turns joined.
pub fn category(
    object: Option<&Object>,
    symptom: Option<&Symptom>,
    cues: Cues,
    told: Option<CategoryHint>,
) -> Category {
    let severity = symptom.map_or(Severity::Unknown, |symptom| symptom.severity);
    if severity == Severity::Security || (cues.has(Cue::Security) && severity != Severity::Request)
    {
        return Category::Security;
    }
    let of_kind = object.map_or(Category::Uncategorised, |object| {
        Category::of_kind(object.kind)
    });
    match told {
        Some(told) if !told.weak || of_kind == Category::Uncategorised => told.category,
        _ => of_kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Locale;
    use crate::understand::{Level, Reading};

    /// Phrase, level and category, a file a language.
    const FITTED: [(Locale, &str); 4] = [
        (Locale::Es, include_str!("corpus/es/classified.tsv")),
        (Locale::PtBr, include_str!("corpus/pt-BR/classified.tsv")),
        (Locale::En, include_str!("corpus/en/classified.tsv")),
        (Locale::It, include_str!("corpus/it/classified.tsv")),
    ];

    #[test]
    fn fitted_phrases_have_their_priority_and_category() {
        let (mut wrong, mut count) = (Vec::new(), 0);
        for (locale, table) in FITTED {
            let rows = table
                .lines()
                .filter(|line| !line.starts_with('#') && !line.is_empty());
            for row in rows {
                count += 1;
                let (text, expected) = row.split_once('\t').unwrap();
                let reading = Reading::of(locale, text).unwrap();
                let level = match reading.priority().level {
                    Level::High => "high",
                    Level::Medium => "medium",
                    Level::Low => "low",
                };
                let found = format!("{level}\t{}", reading.category().code());
                if found != expected {
                    let noun = reading.object.map(|object| object.noun);
                    wrong.push(format!("{text}: {found}, not {expected}; {noun:?}"));
                }
            }
        }
        assert!(
            count >= 60,
            "R048 asks for 60 fitted phrases, {count} are there"
        );
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_code_names_its_category() {
        for category in Category::ALL {
            assert_eq!(Category::of_code(category.code()), Some(category));
        }
        assert_eq!(Category::of_code("other"), None);
    }

    #[test]
    fn outside_every_rule_a_ticket_is_uncategorised() {
        for (locale, text) in [
            (Locale::Es, "el torno hace un ruido raro"),
            (Locale::PtBr, "o torno faz um barulho estranho"),
            (Locale::En, "the lathe makes a strange noise"),
            (Locale::It, "il tornio fa un rumore strano"),
            (Locale::Es, "hola"),
        ] {
            let reading = Reading::of(locale, text).unwrap();
            assert_eq!(reading.category(), Category::Uncategorised, "{text}");
        }
    }
}
