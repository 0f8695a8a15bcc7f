//! How the data tables of a language are read.
//!
//! A table is lines of columns parted by tabs; `#` begins a remark. Each table's first remark names
//! its columns. Reading stops at the first row that does not fit.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::category::{Category, CategoryHint};
use super::grammar::{Grammar, Keyword};
use super::lexicon::{KnownSymptom, Lexicon, Map, Noun, Trait, Verb};
use super::object::{Gender, Kind};
use super::patterns::{Builder, Patterns};
use super::phrases::{Class, Use};
use super::plural::{plural, plural_word};
use super::scene::Notions;
use super::spelling::{fold, sound};
use super::symptom::Severity;
use crate::texts::Locale;

/// Products that have the same name in every language.
const PRODUCTS: &str = include_str!("products.tsv");

/// Given names, which are at home in every language.
const GIVEN_NAMES: &str = include_str!("given_names.tsv");

/// The texts of the tables.
pub(super) struct Tables {
    pub spelling: &'static str,
    pub words: &'static str,
    pub verbs: &'static str,
    pub objects: &'static str,
    pub symptoms: &'static str,
    pub phrases: &'static str,
    pub cues: &'static str,
    pub areas: &'static str,
    pub grammar: &'static str,
    pub categories: &'static str,
    pub notions: &'static str,
}

macro_rules! embedded {
    ($tag:literal) => {
        Tables {
            spelling: include_str!(concat!($tag, "/spelling.tsv")),
            words: include_str!(concat!($tag, "/words.tsv")),
            verbs: include_str!(concat!($tag, "/verbs.tsv")),
            objects: include_str!(concat!($tag, "/objects.tsv")),
            symptoms: include_str!(concat!($tag, "/symptoms.tsv")),
            phrases: include_str!(concat!($tag, "/phrases.tsv")),
            cues: include_str!(concat!($tag, "/cues.tsv")),
            areas: include_str!(concat!($tag, "/areas.tsv")),
            grammar: include_str!(concat!($tag, "/grammar.tsv")),
            categories: include_str!(concat!($tag, "/categories.tsv")),
            notions: include_str!(concat!($tag, "/notions.tsv")),
        }
    };
}

/// The embedded tables of a language.
pub(super) fn of(locale: Locale) -> Tables {
    match locale {
        Locale::Es => embedded!("es"),
        Locale::PtBr => embedded!("pt-BR"),
        Locale::En => embedded!("en"),
        Locale::It => embedded!("it"),
    }
}

/// A row of a table that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("table row has a wrong number of columns or an unknown label: {0}")]
pub(super) struct BadRow(&'static str);

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

/// Reads all tables of a language.
pub(super) fn read(locale: Locale, tables: &Tables) -> Result<Lexicon, BadRow> {
    let mut words = Words {
        locale,
        ..Words::default()
    };
    let mut objects = Builder::new();
    words.read_spellings(tables.spelling)?;
    words.read_parts(tables.words)?;
    words.read_parts(GIVEN_NAMES)?;
    for row in rows(tables.verbs) {
        words.add_verb(row)?;
    }
    for row in rows(tables.objects).chain(rows(PRODUCTS)) {
        words.add_object(row, &mut objects)?;
    }
    let mut phrases = phrases(tables.phrases)?;
    let mut taken = |use_| phrases.remove(&use_).unwrap_or_else(Builder::new).build();
    let grammar = Grammar::read(rows(tables.grammar)).map_err(BadRow)?;
    Ok(Lexicon {
        locale,
        spellings: words.spellings,
        traits: words.traits,
        verbs: words.verbs,
        sounds: words.sounds,
        long_nouns: words.long_nouns,
        objects: objects.build(),
        symptoms: symptoms(tables.symptoms)?,
        phrases: taken(Use::Inside),
        answers: taken(Use::Answer),
        leads: taken(Use::Lead),
        time_leads: taken(Use::TimeLead),
        turns: taken(Use::Turn),
        purposes: taken(Use::Purpose),
        cues: cues(tables.cues)?,
        areas: areas(tables.areas, &grammar)?,
        categories: categories(tables.categories)?,
        notions: Notions::read(rows(tables.notions)).map_err(BadRow)?,
        grammar,
    })
}

fn symptoms(table: &'static str) -> Result<Patterns<KnownSymptom>, BadRow> {
    let mut symptoms = Builder::new();
    for row in rows(table) {
        let [normal, severity, patterns] = columns(row)?;
        let severity = Severity::named(severity).ok_or(BadRow(row))?;
        let known = KnownSymptom { normal, severity };
        patterns
            .split(';')
            .for_each(|pattern| symptoms.insert(pattern, known));
    }
    Ok(symptoms.build())
}

/// Phrases by what they are looked up for.
fn phrases(table: &'static str) -> Result<HashMap<Use, Builder<Class>>, BadRow> {
    let mut phrases: HashMap<Use, Builder<Class>> = HashMap::new();
    for row in rows(table) {
        let (class, patterns) = classed(row)?;
        let builder = phrases.entry(class.lookup()).or_insert_with(Builder::new);
        patterns.for_each(|pattern| builder.insert(pattern, class));
    }
    Ok(phrases)
}

fn cues(table: &'static str) -> Result<Patterns<Class>, BadRow> {
    let mut cues = Builder::new();
    for row in rows(table) {
        let (class, patterns) = classed(row)?;
        patterns.for_each(|pattern| cues.insert(pattern, class));
    }
    Ok(cues.build())
}

fn categories(table: &'static str) -> Result<Patterns<CategoryHint>, BadRow> {
    let mut categories = Builder::new();
    let numbered: Vec<(u16, &'static str)> = (0..).zip(rows(table)).collect();
    // Of a phrase in several rows, the first that holds whatever the object is comes first.
    let (weak, strong): (Vec<_>, Vec<_>) = numbered.into_iter().partition(|(_, row)| {
        row.split('\t')
            .next()
            .is_some_and(|code| code.ends_with('?'))
    });
    for (nth, row) in strong.into_iter().chain(weak) {
        let [code, patterns] = columns(row)?;
        let weak = code.ends_with('?');
        let category = Category::of_code(code.trim_end_matches('?')).ok_or(BadRow(row))?;
        patterns
            .split(';')
            .for_each(|pattern| categories.insert(pattern, CategoryHint::new(nth, category, weak)));
    }
    Ok(categories.build())
}

/// Areas by their names; those of a row without a name to show are shown as they are written.
fn areas(table: &'static str, grammar: &Grammar) -> Result<Patterns<&'static str>, BadRow> {
    let mut areas = Builder::new();
    for row in rows(table) {
        let [shown, patterns] = columns(row)?;
        for pattern in patterns.split(';').map(str::trim) {
            let name = match shown {
                "=" => area_name(pattern, grammar),
                named => named,
            };
            areas.insert(pattern, name);
            if let Some((pattern, name)) = with_ampersand(pattern, name, grammar) {
                areas.insert(&pattern, name);
            }
        }
    }
    Ok(areas.build())
}

/// "Health & Safety" beside "Health and Safety".
fn with_ampersand(
    pattern: &str,
    name: &'static str,
    grammar: &Grammar,
) -> Option<(String, &'static str)> {
    let joint = |word: &&str| grammar.keyword(&fold(word)).any(Keyword::AND);
    let word = pattern.split(' ').find(joint)?;
    let swap = |text: &str| text.replacen(&format!(" {word} "), " & ", 1);
    Some((swap(pattern), Box::leak(swap(name).into_boxed_str())))
}

/// An area's name with capitals: "Contas a Pagar", "RH". It lives as long as its table.
fn area_name(pattern: &str, grammar: &Grammar) -> &'static str {
    let cased = pattern.split_whitespace().enumerate().map(|(at, word)| {
        let says = |keyword| grammar.keyword(&fold(word)).any(keyword);
        let mut letters = word.chars();
        match letters.next() {
            Some(_) if says(Keyword::ACRONYM) => word.to_uppercase(),
            Some(first) if at == 0 || !says(Keyword::LOW) => {
                first.to_uppercase().chain(letters).collect()
            }
            _ => word.to_owned(),
        }
    });
    Box::leak(cased.collect::<Vec<_>>().join(" ").into_boxed_str())
}

/// What tables say of single words, while they are read.
#[derive(Debug, Default)]
struct Words {
    locale: Locale,
    spellings: Map<Vec<&'static str>>,
    traits: Map<Trait>,
    verbs: Map<Verb>,
    sounds: Map<Noun>,
    long_nouns: Map<Vec<(SmolStr, Noun)>>,
}

impl Words {
    fn read_spellings(&mut self, table: &'static str) -> Result<(), BadRow> {
        for row in rows(table) {
            let [key, meant] = columns(row)?;
            self.spellings
                .insert(fold(key), meant.split_whitespace().collect());
        }
        Ok(())
    }

    fn read_parts(&mut self, table: &'static str) -> Result<(), BadRow> {
        for row in rows(table) {
            let [label, words] = columns(row)?;
            let part = Trait::named(label).ok_or(BadRow(row))?;
            for word in words.split_whitespace() {
                self.add_trait(word, part);
                if part == Trait::STATE && !word.ends_with('s') {
                    self.add_trait(&plural_word(self.locale, word), part);
                }
            }
        }
        Ok(())
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

    fn add_object(&mut self, row: &'static str, objects: &mut Builder<Noun>) -> Result<(), BadRow> {
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
        // Tables live as long as the process: a plural is made once and kept like its singular.
        let locale = self.locale;
        let many =
            |noun: &str| -> &'static str { Box::leak(plural(locale, noun).into_boxed_str()) };
        let nouns = many(noun);
        for form in std::iter::once(noun).chain(others.split(';').filter(|form| *form != "-")) {
            let (form, shown, shown_many) = match form.strip_prefix('=') {
                Some(form) => (form, form, many(form)),
                None => (form.trim(), noun, nouns),
            };
            let one = Noun {
                noun: shown,
                ..entry
            };
            objects.insert(form, one);
            self.add_noun(form, one);
            if !always_plural {
                let (form, noun) = (
                    plural(self.locale, form),
                    Noun {
                        noun: shown_many,
                        plural: true,
                        ..entry
                    },
                );
                objects.insert(&form, noun);
                self.add_noun(&form, noun);
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
        if form.contains(' ') {
            return;
        }
        let key = fold(form);
        self.add_trait(form, Trait::OBJECT);
        if key.len() >= 5 && self.locale == Locale::Es {
            self.sounds.entry(sound(&key).into()).or_insert(noun);
        }
        if let Some(first) = key.get(..1).filter(|_| key.len() >= 6) {
            self.long_nouns
                .entry(SmolStr::new(first))
                .or_default()
                .push((key, noun));
        }
    }
}
