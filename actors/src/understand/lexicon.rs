//! The tables of one language, read once.
//!
//! They are data files beside this module (`es/*.tsv`), embedded in the binary: people who know
//! the language edit them without reading the rules. Lines that begin with `#` are remarks; the
//! columns of each table are named in its first remark. A malformed row is found by the tests,
//! which read every table.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::fuel::{Fuel, OutOfFuel};
use super::object::{Gender, Kind};
use super::phrases::Class;
use super::spelling::{fold, near, sound};
use super::symptom::Severity;
use super::trie::Trie;
use super::words::Word;

type Map<V> = HashMap<String, V, foldhash::fast::FixedState>;

/// What tables know of a word's part in a sentence; a word can have several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Trait(u32);

macro_rules! traits {
    ($($name:ident $bit:literal $label:literal,)*) => {
        impl Trait {
            $(pub(super) const $name: Self = Self(1 << $bit);)*
            fn named(label: &str) -> Option<Self> {
                match label { $($label => Some(Self::$name),)* _ => None }
            }
        }
    };
}

traits! {
    DETERMINER 0 "determiner",
    POSSESSIVE 1 "possessive",
    PREPOSITION 2 "preposition",
    CLITIC 3 "clitic",
    LINK 4 "link",
    ADVERB 5 "adverb",
    TIME 6 "time",
    TIME_LINK 7 "time-link",
    STOP_NOUN 8 "stop-noun",
    STATE 9 "state",
    FIRST_PERSON 10 "first-person",
    REQUEST 11 "request",
    COPULA 12 "copula",
    NUMBER 13 "number",
    VERB 14 "verb",
    OBJECT 15 "object",
    PLACE 16 "place",
    VAGUE 17 "vague",
    PARTICLE 18 "particle",
    TITLE 19 "title",
    ROLE 20 "role",
    UNIT 21 "unit",
    OTHER 22 "other",
    EXPERIENCED 23 "experienced",
    GIVEN_NAME 24 "given-name",
    SERVICE 25 "service",
}

impl Trait {
    /// No part at all.
    pub(super) const NONE: Self = Self(0);

    /// Both sets of traits.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any trait is in both sets.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a table has the word.
    pub(super) const fn is_known(self) -> bool {
        self.0 != 0
    }
}

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
    spellings: Map<Vec<&'static str>>,
    traits: Map<Trait>,
    verbs: Map<Verb>,
    sounds: Map<Noun>,
    long_nouns: Map<Vec<(String, Noun)>>,
    /// Nouns for things people report.
    pub objects: Trie<Noun>,
    /// Symptoms worded in a way of their own.
    pub symptoms: Trie<KnownSymptom>,
    /// Phrases that are about the conversation, and cut out of what is reported.
    pub phrases: Trie<Class>,
    /// Whole answers: yes, no, cancel.
    pub answers: Trie<Class>,
    /// Phrases that weigh on the priority and stay in the text.
    pub cues: Trie<Class>,
    /// Areas of work, each with the name to show.
    pub areas: Trie<&'static str>,
}

impl Lexicon {
    /// The Spanish tables.
    pub(super) fn spanish() -> &'static Self {
        static SPANISH: OnceLock<Lexicon> = OnceLock::new();
        SPANISH.get_or_init(|| {
            Self::read(&Tables {
                spelling: include_str!("es/spelling.tsv"),
                words: include_str!("es/words.tsv"),
                verbs: include_str!("es/verbs.tsv"),
                objects: include_str!("es/objects.tsv"),
                symptoms: include_str!("es/symptoms.tsv"),
                phrases: include_str!("es/phrases.tsv"),
                cues: include_str!("es/cues.tsv"),
                areas: include_str!("es/areas.tsv"),
            })
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
        if let Some(noun) = self.sounds.get(&sound(&word.key)) {
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

    fn read(tables: &Tables) -> Result<Self, BadRow> {
        let mut lexicon = Self {
            spellings: Map::default(),
            traits: Map::default(),
            verbs: Map::default(),
            sounds: Map::default(),
            long_nouns: Map::default(),
            objects: Trie::new(),
            symptoms: Trie::new(),
            phrases: Trie::new(),
            answers: Trie::new(),
            cues: Trie::new(),
            areas: Trie::new(),
        };
        for row in rows(tables.spelling) {
            let [key, meant] = columns(row)?;
            lexicon
                .spellings
                .insert(fold(key), meant.split_whitespace().collect());
        }
        for row in rows(tables.words) {
            let [label, words] = columns(row)?;
            let part = Trait::named(label).ok_or(BadRow(row))?;
            for word in words.split_whitespace() {
                lexicon.add_trait(word, part);
                if part == Trait::STATE && !word.ends_with('s') {
                    lexicon.add_trait(&plural_word(word), part);
                }
            }
        }
        for row in rows(tables.verbs) {
            lexicon.add_verb(row)?;
        }
        for row in rows(tables.objects) {
            lexicon.add_object(row)?;
        }
        for row in rows(tables.symptoms) {
            let [normal, severity, patterns] = columns(row)?;
            let severity = Severity::named(severity).ok_or(BadRow(row))?;
            for pattern in patterns.split(';') {
                lexicon
                    .symptoms
                    .insert(pattern, KnownSymptom { normal, severity });
            }
        }
        for row in rows(tables.phrases) {
            let (class, patterns) = classed(row)?;
            let trie = if class.is_answer() {
                &mut lexicon.answers
            } else {
                &mut lexicon.phrases
            };
            patterns.for_each(|pattern| trie.insert(pattern, class));
        }
        for row in rows(tables.cues) {
            let (class, patterns) = classed(row)?;
            patterns.for_each(|pattern| lexicon.cues.insert(pattern, class));
        }
        for row in rows(tables.areas) {
            let [shown, patterns] = columns(row)?;
            patterns
                .split(';')
                .for_each(|pattern| lexicon.areas.insert(pattern, shown));
        }
        Ok(lexicon)
    }

    fn add_trait(&mut self, word: &str, part: Trait) {
        let known = self.traits.entry(fold(word)).or_default();
        *known = known.or(part);
    }

    fn add_verb(&mut self, row: &'static str) -> Result<(), BadRow> {
        let [canonical, denied, happens, forms] = columns(row)?;
        let denied = Severity::named(denied).ok_or(BadRow(row))?;
        let happens = match happens {
            "-" => None,
            named => Some(Severity::named(named).ok_or(BadRow(row))?),
        };
        for form in std::iter::once(canonical).chain(forms.split_whitespace()) {
            self.verbs.entry(fold(form)).or_insert(Verb {
                canonical,
                denied,
                happens,
            });
            self.add_trait(form, Trait::VERB);
        }
        Ok(())
    }

    fn add_object(&mut self, row: &'static str) -> Result<(), BadRow> {
        let [noun, gender, kind, others] = columns(row)?;
        let (gender, always_plural) = match gender {
            "m" => (Gender::Masculine, false),
            "f" => (Gender::Feminine, false),
            "mp" => (Gender::Masculine, true),
            "fp" => (Gender::Feminine, true),
            _ => return Err(BadRow(row)),
        };
        let genus = kind.ends_with('+');
        let kind = Kind::named(kind.trim_end_matches('+')).ok_or(BadRow(row))?;
        let entry = Noun {
            noun,
            gender,
            plural: always_plural,
            kind,
            genus,
        };
        let many: &'static str = Box::leak(plural(noun).into_boxed_str());
        for form in std::iter::once(noun).chain(others.split(';').filter(|form| *form != "-")) {
            self.add_noun(form.trim(), entry);
            if !always_plural {
                self.add_noun(
                    &plural(form.trim()),
                    Noun {
                        noun: many,
                        plural: true,
                        ..entry
                    },
                );
            }
        }
        if noun.chars().any(char::is_uppercase) && !noun.contains(' ') {
            self.spellings
                .entry(fold(noun))
                .or_insert_with(|| vec![noun]);
        }
        Ok(())
    }

    fn add_noun(&mut self, form: &str, noun: Noun) {
        self.objects.insert(form, noun);
        if form.contains(' ') {
            return;
        }
        let key = fold(form);
        self.add_trait(form, Trait::OBJECT);
        if key.len() >= 5 {
            self.sounds.entry(sound(&key)).or_insert(noun);
        }
        if let Some(first) = key.get(..1).filter(|_| key.len() >= 6) {
            self.long_nouns
                .entry(first.to_owned())
                .or_default()
                .push((key, noun));
        }
    }
}

/// The texts of the tables.
struct Tables {
    spelling: &'static str,
    words: &'static str,
    verbs: &'static str,
    objects: &'static str,
    symptoms: &'static str,
    phrases: &'static str,
    cues: &'static str,
    areas: &'static str,
}

/// A row of a table that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("table row has a wrong number of columns or an unknown label: {0}")]
struct BadRow(&'static str);

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

fn columns<const N: usize>(row: &'static str) -> Result<[&'static str; N], BadRow> {
    let parts: Vec<&'static str> = row.split('\t').map(str::trim).collect();
    parts.try_into().map_err(|_| BadRow(row))
}

fn classed(row: &'static str) -> Result<(Class, std::str::Split<'static, char>), BadRow> {
    let [class, patterns] = columns(row)?;
    Ok((Class::named(class).ok_or(BadRow(row))?, patterns.split(';')))
}

/// The Spanish plural of a noun phrase: its head takes the ending ("discos duros" aside, an
/// adjective right behind it agrees when it ends in a vowel).
pub(super) fn plural(noun: &str) -> String {
    let mut words: Vec<String> = noun.split(' ').map(str::to_owned).collect();
    let agreeing = if words
        .get(1)
        .is_some_and(|w| w != "de" && w.ends_with(['a', 'o']))
    {
        2
    } else {
        1
    };
    for word in words.iter_mut().take(agreeing) {
        *word = plural_word(word);
    }
    words.join(" ")
}

fn plural_word(word: &str) -> String {
    match word.chars().last() {
        Some('a' | 'e' | 'o' | 'i' | 'u' | 'é') => format!("{word}s"),
        Some('z') => format!("{}ces", &word[..word.len() - 1]),
        Some('s' | 'x') | None => word.to_owned(),
        _ if word.ends_with("ón") => format!("{}ones", &word[..word.len() - "ón".len()]),
        _ if word.chars().any(char::is_uppercase)
            || ["mouse", "modem", "software", "router", "laptop", "notebook"].contains(&word) =>
        {
            format!("{word}s")
        }
        _ if word.ends_with(['k', 't', 'p', 'b', 'm', 'g', 'c']) => format!("{word}s"),
        _ => format!("{word}es"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_read() {
        let lexicon = Lexicon::spanish();
        assert!(
            lexicon
                .verb("prende")
                .is_some_and(|v| v.denied == Severity::Total)
        );
        assert!(lexicon.traits("desde").any(Trait::PREPOSITION));
        assert_eq!(lexicon.spelling("xfa"), Some(&["por", "favor"][..]));
    }

    #[test]
    fn plurals_follow_the_ending() {
        for (one, many) in [
            ("impresora", "impresoras"),
            ("monitor", "monitores"),
            ("mouse", "mouses"),
            ("disco duro", "discos duros"),
            ("conexión", "conexiones"),
            ("lector de huellas", "lectores de huellas"),
            ("laptop", "laptops"),
            ("PC", "PCs"),
        ] {
            assert_eq!(plural(one), many);
        }
    }
}
