//! The same measures for the other languages, on corpora of their own.

use proptest::prelude::*;

use super::{fits, measure, rows};
use crate::texts::Locale;
use crate::understand::fuel::{Fuel, UNITS_PER_CHAR, UNITS_PER_TEXT};
use crate::understand::{Intent, Reading, TEXT_CHARS_MAX, identity};

macro_rules! corpora {
    ($file:literal) => {
        [
            (Locale::PtBr, include_str!(concat!("pt-BR/", $file))),
            (Locale::En, include_str!(concat!("en/", $file))),
            (Locale::It, include_str!(concat!("it/", $file))),
        ]
    };
}

#[test]
fn openings_are_understood_in_every_language() {
    for (locale, table) in corpora!("openings.tsv") {
        let rows = rows(table);
        assert!(rows.len() >= 30);
        let wrong: Vec<String> = rows
            .iter()
            .filter_map(|row| {
                let reading = Reading::of(locale, row[0]).unwrap();
                let object = reading.object.as_ref().map(|object| object.noun.as_str());
                let symptom = reading.symptom.as_ref().map(|told| told.text.as_str());
                let right = fits(object, row[1]) && fits(symptom, row[2]);
                (!right).then(|| format!("{}\n   {object:?} {symptom:?}, not {row:?}", row[0]))
            })
            .collect();
        measure(&format!("{} openings", locale.tag()), rows.len(), &wrong);
    }
}

#[test]
fn names_and_areas_are_understood_in_every_language() {
    for (locale, table) in corpora!("identities.tsv") {
        let rows = rows(table);
        let wrong: Vec<String> = rows
            .iter()
            .filter_map(|row| {
                let told = identity(locale, row[0]).unwrap();
                let right =
                    fits(told.name.as_deref(), row[1]) && fits(told.area.as_deref(), row[2]);
                (!right).then(|| format!("{}\n   {told:?}, not {row:?}", row[0]))
            })
            .collect();
        measure(&format!("{} identities", locale.tag()), rows.len(), &wrong);
    }
}

#[test]
fn intents_are_understood_in_every_language() {
    for (locale, table) in corpora!("intents.tsv") {
        let rows = rows(table);
        let wrong: Vec<String> = rows
            .iter()
            .filter_map(|row| {
                let reading = Reading::of(locale, row[0]).unwrap();
                let intent = match reading.intent {
                    Intent::StatusQuery { number } => format!("Status {}", number.unwrap_or(0)),
                    other => format!("{other:?}"),
                };
                let object = reading.object.as_ref().map(|object| object.noun.as_str());
                let right = intent == row[1] && row.get(2).is_none_or(|noun| fits(object, noun));
                (!right).then(|| format!("{}\n   {intent} {object:?}, not {row:?}", row[0]))
            })
            .collect();
        measure(&format!("{} intents", locale.tag()), rows.len(), &wrong);
    }
}

fn any_locale() -> impl Strategy<Value = Locale> {
    prop::sample::select(Locale::ALL.to_vec())
}

/// Words that begin rules in any of the languages, in any order.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "não",
        "doesn't",
        "non",
        "I",
        "si",
        "è",
        "é",
        "l'account",
        "my",
        "the",
        "mio",
        "meu",
        "computer",
        "impressora",
        "stampante",
        "since",
        "for",
        "da",
        "há",
        "ago",
        "due",
        "giorni",
        "fa",
        "two",
        "days",
        "turn",
        "on",
        "liga",
        "accende",
        "I'm",
        "sou",
        "sono",
        "from",
        "department",
        "reparto",
        "setor",
        "de",
        "di",
        "of",
        ",",
        ".",
        "please",
        "ticket",
        "12",
        "printrr",
        "stampnte",
        "impresora",
        "keeps",
        "is",
        "está",
        "because",
        "perché",
        "porque",
    ]);
    prop::collection::vec(pieces, 0..400).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_read_in_linear_time_in_every_language(
        locale in any_locale(),
        text in prop_oneof![".{0,300}", texts()],
    ) {
        let mut fuel = Fuel::full();
        Reading::with_fuel(locale, &text, &mut fuel).unwrap();
        identity(locale, &text).unwrap();
        let chars = u32::try_from(text.chars().count()).unwrap();
        let most = UNITS_PER_CHAR * chars + UNITS_PER_TEXT;
        prop_assert!(fuel.spent() <= most, "{} units for {chars} characters", fuel.spent());
    }

    #[test]
    fn any_piece_repeated_to_the_longest_message_is_read_in_every_language(
        locale in any_locale(),
        piece in texts(),
    ) {
        let text: String = piece.chars().cycle().take(TEXT_CHARS_MAX).collect();
        prop_assert!(Reading::of(locale, &text).is_ok());
        prop_assert!(identity(locale, &text).is_ok());
    }
}
