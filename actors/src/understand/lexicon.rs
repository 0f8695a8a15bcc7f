//! The tables of one language, read once.
//!
//! They are data files beside this module (`<tag>/*.tsv`), embedded in the binary: people who know
//! the language edit them without reading the rules. Lines that begin with `#` are remarks; the
//! columns of each table are named in its first remark. A malformed row is found by the tests,
//! which read every table.

use std::collections::HashMap;
use std::sync::OnceLock;

use smol_str::SmolStr;

use super::category::CategoryHint;
use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Grammar;
use super::object::{Gender, Kind};
use super::patterns::Patterns;
use super::phrases::Class;
use super::scene::Notions;
use super::spelling::{near, sound};
use super::symptom::Severity;
use super::tables;
use super::words::Word;
use crate::texts::Locale;

pub(super) use super::traits::Trait;

pub(super) type Map<V> = HashMap<SmolStr, V, foldhash::fast::FixedState>;

/// A noun of the object table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Noun {
    pub noun: &'static str,
    pub gender: Gender,
    pub plural: bool,
    pub kind: Kind,
    /// Whether the noun is a genus that a complement tells apart ("sistema de ventas").
    pub genus: bool,
}

/// A verb of the verb table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verb {
    /// The form shared by all spellings and synonyms, third person present.
    pub canonical: &'static str,
    /// How bad it is if the verb is denied ("no enciende").
    pub denied: Severity,
    /// How bad it is if it happens ("se congela"); `None` when that alone tells nothing.
    pub happens: Option<Severity>,
}

/// A row of the symptom table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KnownSymptom {
    pub normal: &'static str,
    pub severity: Severity,
}

/// All tables of a language.
#[derive(Debug)]
pub(super) struct Lexicon {
    pub locale: Locale,
    pub grammar: Grammar,
    pub spellings: Map<Vec<&'static str>>,
    pub traits: Map<Trait>,
    pub verbs: Map<Verb>,
    pub sounds: Map<Noun>,
    pub long_nouns: Map<Vec<(SmolStr, Noun)>>,
    /// Nouns for things people report.
    pub objects: Patterns<Noun>,
    /// Symptoms worded in a way of their own.
    pub symptoms: Patterns<KnownSymptom>,
    /// Phrases that are about the conversation, and cut out of what is reported.
    pub phrases: Patterns<Class>,
    /// How people introduce themselves: "me llamo".
    pub leads: Patterns<Class>,
    /// How a time detail begins: "desde", "a partir".
    pub time_leads: Patterns<Class>,
    /// What begins another clause: "pero", "por eso".
    pub turns: Patterns<Class>,
    /// What begins a purpose: "para que".
    pub purposes: Patterns<Class>,
    /// Whole answers: yes, no, cancel.
    pub answers: Patterns<Class>,
    /// Phrases that weigh on the priority and stay in the text.
    pub cues: Patterns<Class>,
    /// Phrases that tell a ticket's category.
    pub categories: Patterns<CategoryHint>,
    /// What words stand for when they are weighed together.
    pub notions: Notions,
    /// Areas of work, each with the name to show.
    pub areas: Patterns<&'static str>,
}

impl Lexicon {
    /// The tables of a language.
    pub(super) fn of(locale: Locale) -> &'static Self {
        static READ: [OnceLock<Lexicon>; Locale::ALL.len()] = [const { OnceLock::new() }; 4];
        READ[locale as usize].get_or_init(|| {
            tables::read(locale, &tables::of(locale))
                .expect("the embedded tables are read by the tests")
        })
    }

    /// The words a chat spelling stands for.
    pub(super) fn spelling(&self, key: &str) -> Option<&[&'static str]> {
        self.spellings.get(key).map(Vec::as_slice)
    }

    /// What is known of a word.
    pub(super) fn traits(&self, key: &str) -> Trait {
        self.traits.get(key).copied().unwrap_or_default()
    }

    /// The verb a form belongs to.
    pub(super) fn verb(&self, key: &str) -> Option<Verb> {
        self.verbs.get(key).copied()
    }

    /// The noun that an unknown word sounds like, or is a slip away from.
    pub(super) fn misspelt(&self, word: &Word, fuel: &mut Fuel) -> Result<Option<Noun>, OutOfFuel> {
        fuel.spend(word.key.len())?;
        if word.key.len() < 5 || word.traits.is_known() {
            return Ok(None);
        }
        if let Some(noun) = self.sounds.get(sound(&word.key).as_str()) {
            return Ok(Some(*noun));
        }
        let Some(first) = word.key.get(..1) else {
            return Ok(None);
        };
        let rivals = self.long_nouns.get(first).map_or(&[][..], Vec::as_slice);
        for (meant, noun) in rivals {
            fuel.spend(1)?;
            if meant.len().abs_diff(word.key.len()) > 2 {
                continue;
            }
            fuel.spend(meant.len())?;
            if near(&word.key, meant) {
                return Ok(Some(*noun));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_read() {
        for locale in Locale::ALL {
            let lexicon = Lexicon::of(locale);
            assert_eq!(lexicon.locale, locale);
            assert!(lexicon.verbs.len() > 100, "{locale:?}");
        }
        let lexicon = Lexicon::of(Locale::Es);
        assert!(
            lexicon
                .verb("prende")
                .is_some_and(|v| v.denied == Severity::Total)
        );
        assert!(lexicon.traits("desde").any(Trait::PREPOSITION));
        assert_eq!(lexicon.spelling("xfa"), Some(&["por", "favor"][..]));
    }
}
