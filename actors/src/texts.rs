//! Everything people read in the chat.
//!
//! Texts live in catalogue files, one a language (`texts/es.txt`, `pt-BR.txt`, `en.txt`, `it.txt`);
//! code names them by [`Key`] and hands over values for named placeholders. Tests hold each
//! catalogue against the keys: a missing text, an unused one, a wrong placeholder or one that
//! differs between languages fails. Dates, numbers and articles follow the language.

mod article;
mod catalogue;
mod date;
mod key;
mod number;
mod plain;

use serde::{Deserialize, Serialize};

pub use date::{date, time_of_day, year};
pub use key::Key;
pub use number::{TicketNumber, decimal, integer, ticket_number};
pub use plain::plain;

use crate::model::TicketState;
use crate::understand::{Category, Gender, Level, Object, Reason};

/// A language of contact-facing texts, with the customs of its main country.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Locale {
    /// Spanish as in Peru, `es`; the default.
    #[default]
    Es,
    /// Portuguese as in Brazil, `pt-BR`.
    PtBr,
    /// English as in the United States, `en`.
    En,
    /// Italian, `it`.
    It,
}

impl Locale {
    /// Every locale, the default first.
    pub const ALL: [Self; 4] = [Self::Es, Self::PtBr, Self::En, Self::It];

    /// The locale of a language tag; Spanish for a tag nobody wrote texts for.
    pub fn of_tag(tag: &str) -> Self {
        match tag.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("pt") => Self::PtBr,
            Some("en") => Self::En,
            Some("it") => Self::It,
            _ => Self::Es,
        }
    }

    /// The language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::PtBr => "pt-BR",
            Self::En => "en",
            Self::It => "it",
        }
    }
}

/// The text of a key with its placeholders filled from `values`.
///
/// Values are put in as they are and never read as templates. A placeholder without a value is
/// left out; a test that renders each key with its own placeholders keeps that from happening.
pub fn render(locale: Locale, key: Key, values: &[(&str, &str)]) -> String {
    let template = catalogue::text(locale, key);
    let mut rendered = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, placeholder, after)) = next_placeholder(rest) {
        rendered.push_str(before);
        let value = values.iter().find(|(name, _)| *name == placeholder);
        debug_assert!(value.is_some(), "text {} needs {placeholder}", key.name());
        rendered.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    rendered.push_str(rest);
    rendered
}

/// An object as the person's own: "tu computadora", "tus impresoras".
pub fn your(locale: Locale, object: &Object) -> String {
    let key = match (object.gender, object.plural) {
        (Gender::Masculine, false) => Key::YourMasculine,
        (Gender::Feminine, false) => Key::YourFeminine,
        (Gender::Masculine, true) => Key::YourMasculines,
        (Gender::Feminine, true) => Key::YourFeminines,
    };
    render(locale, key, &[("noun", &object.noun)])
}

/// An object with its article: "la computadora", "el correo".
pub fn the(locale: Locale, object: &Object) -> String {
    let key = match (object.gender, object.plural) {
        (Gender::Masculine, false) => Key::TheMasculine,
        (Gender::Feminine, false) => Key::TheFeminine,
        (Gender::Masculine, true) => Key::TheMasculines,
        (Gender::Feminine, true) => Key::TheFeminines,
    };
    article::fitted(locale, render(locale, key, &[("noun", &object.noun)]))
}

/// The short name of a day of the week, 0 for Monday to 6 for Sunday.
pub fn weekday(locale: Locale, day: u8) -> String {
    let key = match day % 7 {
        0 => Key::Monday,
        1 => Key::Tuesday,
        2 => Key::Wednesday,
        3 => Key::Thursday,
        4 => Key::Friday,
        5 => Key::Saturday,
        _ => Key::Sunday,
    };
    render(locale, key, &[])
}

/// The coloured mark of a level.
pub fn level_mark(locale: Locale, level: Level) -> String {
    let key = match level {
        Level::High => Key::LevelHighMark,
        Level::Medium => Key::LevelMediumMark,
        Level::Low => Key::LevelLowMark,
    };
    render(locale, key, &[])
}

/// The name of a level: "Alta".
pub fn level(locale: Locale, level: Level) -> String {
    let key = match level {
        Level::High => Key::LevelHigh,
        Level::Medium => Key::LevelMedium,
        Level::Low => Key::LevelLow,
    };
    render(locale, key, &[])
}

/// Why a ticket has its level: "por ser equipo de trabajo".
pub fn reason(locale: Locale, reason: Reason) -> String {
    let key = match reason {
        Reason::Security => Key::ReasonSecurity,
        Reason::Danger => Key::ReasonDanger,
        Reason::KeyPerson => Key::ReasonKeyPerson,
        Reason::Workaround => Key::ReasonWorkaround,
        Reason::DataLost => Key::ReasonDataLost,
        Reason::ManyPeople => Key::ReasonManyPeople,
        Reason::Customers => Key::ReasonCustomers,
        Reason::WorkBlocked => Key::ReasonWorkBlocked,
        Reason::SaidUrgent => Key::ReasonSaidUrgent,
        Reason::Deadline => Key::ReasonDeadline,
        Reason::WorkEquipment => Key::ReasonWorkEquipment,
        Reason::SharedService => Key::ReasonSharedService,
        Reason::SaidPatient => Key::ReasonSaidPatient,
        Reason::Request => Key::ReasonRequest,
        Reason::Minor => Key::ReasonMinor,
        Reason::Impaired => Key::ReasonImpaired,
        Reason::Unstated => Key::ReasonUnstated,
        Reason::Reviewed => Key::ReasonReviewed,
    };
    render(locale, key, &[])
}

/// A ticket's state in words: "en proceso".
pub fn ticket_state(locale: Locale, state: TicketState) -> String {
    let key = match state {
        TicketState::New => Key::StateNew,
        TicketState::Assigned => Key::StateAssigned,
        TicketState::Planned => Key::StatePlanned,
        TicketState::Pending => Key::StatePending,
        TicketState::Solved => Key::StateSolved,
        TicketState::Closed => Key::StateClosed,
        TicketState::Other(_) => Key::StateOther,
    };
    render(locale, key, &[])
}

/// The name of a category: "Impresión".
pub fn category(locale: Locale, category: Category) -> String {
    let key = match category {
        Category::Hardware => Key::CategoryHardware,
        Category::Printing => Key::CategoryPrinting,
        Category::Network => Key::CategoryNetwork,
        Category::Email => Key::CategoryEmail,
        Category::Access => Key::CategoryAccess,
        Category::Software => Key::CategorySoftware,
        Category::Telephony => Key::CategoryTelephony,
        Category::PointOfSale => Key::CategoryPointOfSale,
        Category::Files => Key::CategoryFiles,
        Category::Security => Key::CategorySecurity,
        Category::Facilities => Key::CategoryFacilities,
        Category::Uncategorised => Key::CategoryUncategorised,
    };
    render(locale, key, &[])
}

/// The text before a placeholder, its name, and the text behind it.
fn next_placeholder(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = template.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::{Reading, description, priority, summary};

    fn object(text: &str) -> Object {
        Reading::of(Locale::Es, text).unwrap().object.unwrap()
    }

    #[test]
    fn the_example_dialogue_is_told_word_for_word() {
        let es = Locale::Es;
        let first = Reading::of(Locale::Es, "Hola, tengo un problema con mi computadora").unwrap();
        let second = Reading::of(Locale::Es, "No enciende desde esta mañana").unwrap();
        let (object, symptom) = (first.object.as_ref(), second.symptom.as_ref());
        let your_object = your(es, object.unwrap());
        assert_eq!(
            render(
                es,
                Key::GreetObject,
                &[("tenant", "IT Green Peru"), ("your_object", &your_object)]
            ),
            "¡Hola! 👋 Soy el asistente de soporte de IT Green Peru.\n\
             Te ayudo a crear un ticket para resolver tu problema.\n\n\
             ¿Podrías describir qué está pasando con tu computadora?"
        );
        let found = priority(object, symptom, first.cues.and(second.cues));
        let (mark, name) = (level_mark(es, found.level), level(es, found.level));
        let (title, why) = (summary(object, symptom), reason(es, found.reason));
        let values = [
            ("summary", &*title),
            ("mark", &mark),
            ("level", &name),
            ("reason", &why),
        ];
        assert_eq!(
            render(es, Key::Draft, &values),
            "Entiendo. Para ayudarte mejor, necesito algunos datos:\n\n\
             📋 Información del Ticket\n\
             - Problema: Computadora no enciende\n\
             - Prioridad: 🔴 Alta (por ser equipo de trabajo)\n\n\
             ¿Podrías confirmar tu nombre completo y área de trabajo?"
        );
        let who = crate::understand::identity(es, "Juan Pérez, área de contabilidad").unwrap();
        let values = [
            ("number", &*ticket_number("TK", 2025, 1234)),
            ("name", who.name.as_deref().unwrap()),
            ("area", who.area.as_deref().unwrap()),
            ("mark", &mark),
            ("level", &name),
            (
                "description",
                &description(es, object, symptom, &[first.clone(), second.clone()]),
            ),
            ("created", &date(es, 1_737_487_800, -5 * 3600)),
        ];
        assert_eq!(
            render(es, Key::Created, &values),
            "✅ Ticket creado exitosamente\n\
             📋 Número: #TK-2025-001234\n\
             👤 Solicitante: Juan Pérez - Contabilidad\n\
             🔴 Prioridad: Alta\n\
             📝 Descripción: Computadora no enciende desde esta mañana\n\
             📅 Creado: 21/01/2025 14:30\n\n\
             Un técnico se pondrá en contacto contigo pronto.\n\
             Te notificaré cualquier actualización por este chat."
        );
    }

    #[test]
    fn articles_agree_with_the_noun() {
        for (text, owned, named) in [
            (
                "mi computadora no prende",
                "tu computadora",
                "la computadora",
            ),
            ("el correo no abre", "tu correo", "el correo"),
            (
                "las impresoras no imprimen",
                "tus impresoras",
                "las impresoras",
            ),
            ("el torno no gira", "tu torno", "el torno"),
        ] {
            let object = object(text);
            assert_eq!(your(Locale::Es, &object), owned);
            assert_eq!(the(Locale::Es, &object), named);
        }
    }

    #[test]
    fn a_value_is_never_read_as_a_template() {
        let text = render(Locale::Es, Key::TheFeminine, &[("noun", "{noun} {x}")]);
        assert_eq!(text, "la {noun} {x}");
    }

    #[test]
    fn a_locale_is_known_by_its_tag() {
        for locale in Locale::ALL {
            assert_eq!(Locale::of_tag(locale.tag()), locale);
        }
        assert_eq!(Locale::of_tag("es-MX"), Locale::Es);
        assert_eq!(Locale::of_tag("é"), Locale::Es);
    }
}
