//! A text as words: keys to match and spellings to show.
//!
//! Punctuation survives only as the [`Gap`] before a word. Chat spellings ("xq", "tmb", "compu")
//! are written out while splitting, so that no later rule has to know them; a word keeps the
//! spelling a reader of the ticket expects: lower case, but names, codes and acronyms as typed.

use std::borrow::Cow;

use smol_str::{SmolStr, StrExt as _};

use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Keyword;
use super::lexicon::{Lexicon, Trait};
use super::spelling::fold;
use crate::texts::Locale;

/// How long words are at the least, on average over a text.
const LETTERS_OF_A_WORD: usize = 4;

/// What stands between a word and the one before it, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Only blanks or quotes.
    None,
    /// A comma, dash, bracket, colon or emoji.
    Soft,
    /// The end of a sentence or line.
    Hard,
}

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The folded form, as tables know it.
    pub key: SmolStr,
    /// The form to show in a ticket.
    pub shown: SmolStr,
    /// What separates it from the word before.
    pub gap: Gap,
    /// Whether the person wrote it as a name, with a capital letter inside a sentence.
    pub proper: bool,
    /// Whether it begins with a capital letter, for whatever reason.
    pub capital: bool,
    /// What tables say of the key, looked up once.
    pub traits: Trait,
    /// The names rules ask for that the key answers to, looked up once.
    pub keywords: Keyword,
}

impl Word {
    /// Whether tables give the word any of `traits`.
    pub(super) fn is(&self, traits: Trait) -> bool {
        self.traits.any(traits)
    }

    /// Whether the word answers to any name in `keywords`.
    pub(super) fn says(&self, keywords: Keyword) -> bool {
        self.keywords.any(keywords)
    }
}

/// Splits `text`, writing chat spellings out.
pub(super) fn split(
    text: &str,
    lexicon: &Lexicon,
    fuel: &mut Fuel,
) -> Result<Vec<Word>, OutOfFuel> {
    let raw = raw_words(text, fuel)?;
    let whole = |(word, gap)| (Cow::Borrowed(word), gap);
    let raw: Vec<(Cow<'_, str>, Gap)> = match lexicon.locale {
        Locale::It => elisions_apart(raw),
        _ => raw.into_iter().map(whole).collect(),
    };
    let shouted = is_shouted(text);
    let mut words = Vec::with_capacity(raw.len());
    for (index, (typed, gap)) in raw.iter().enumerate() {
        fuel.spend(2)?;
        let key = fold(typed);
        if let Some(meant) = lexicon
            .spelling(&key)
            .filter(|meant| is_chat(typed, &key, meant))
        {
            for (nth, shown) in meant.iter().enumerate() {
                let key = fold(shown);
                let gap = if nth == 0 { *gap } else { Gap::None };
                let (traits, keywords) = (lexicon.traits(&key), lexicon.grammar.keyword(&key));
                words.push(Word {
                    key,
                    shown: SmolStr::new(shown),
                    gap,
                    proper: false,
                    capital: false,
                    traits,
                    keywords,
                });
            }
            continue;
        }
        let (traits, keywords) = (lexicon.traits(&key), lexicon.grammar.keyword(&key));
        let gap = if *gap == Gap::Hard && words.last().is_some_and(is_abbreviation) {
            &Gap::None
        } else {
            gap
        };
        let capital = !shouted && typed.starts_with(char::is_uppercase);
        let inside = index > 0 && *gap != Gap::Hard;
        let named = !shouted && !traits.is_known() && is_named(typed, inside);
        let given = !shouted && traits == Trait::GIVEN_NAME && is_named(typed, inside);
        let shown = if named || given || has_digit(typed) {
            SmolStr::new(typed)
        } else {
            typed.to_lowercase_smolstr()
        };
        words.push(Word {
            key,
            shown,
            gap: *gap,
            proper: named,
            capital,
            traits,
            keywords,
        });
    }
    Ok(words)
}

/// Whether a chat spelling is meant: not by a single capital ("disco D"), and not where the person
/// has set accents and would have set the missing ones as well ("daño" is not "dañó").
fn is_chat(typed: &str, key: &str, meant: &[&str]) -> bool {
    let only_accents = meant.len() == 1 && fold(meant[0]) == *key;
    let letter = key.len() == 1 && typed.chars().all(char::is_uppercase);
    let careful = !typed.is_ascii() && typed.chars().all(char::is_lowercase);
    !(letter || (only_accents && careful))
}

/// Whether a full stop behind the word ends no sentence: "Ing. Paz", "dpto. de ventas".
fn is_abbreviation(word: &Word) -> bool {
    let short = word.key.len() <= 4;
    (word.is(Trait::TITLE) && short) || word.says(Keyword::ABBREVIATION)
}

/// Italian articles and prepositions that lost their vowel, as words of their own: "l' account".
fn elisions_apart(raw: Vec<(&str, Gap)>) -> Vec<(Cow<'_, str>, Gap)> {
    let mut apart = Vec::with_capacity(raw.len() + 4);
    for (word, gap) in raw {
        match word.find(['\'', '’']) {
            Some(at) if at > 0 && at < word.len() - 1 => {
                let (elided, rest) = word.split_at(at);
                apart.push((format!("{elided}'").into(), gap));
                apart.push((rest.trim_start_matches(['\'', '’']).into(), Gap::None));
            }
            _ => apart.push((word.into(), gap)),
        }
    }
    apart
}

/// Spellings joined by blanks, but none behind an elision: "dell'ufficio".
pub(super) fn joined<'a>(shown: impl Iterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for word in shown {
        if !joined.is_empty() && !joined.ends_with('\'') {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}

/// Words as typed, each with the gap before it.
pub(super) fn raw_words<'a>(
    text: &'a str,
    fuel: &mut Fuel,
) -> Result<Vec<(&'a str, Gap)>, OutOfFuel> {
    let mut words = Vec::with_capacity(text.len() / LETTERS_OF_A_WORD + 1);
    let mut start = 0;
    let mut gap = Gap::None;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        fuel.spend(1)?;
        if letter.is_alphanumeric() || is_combining(letter) {
            continue;
        }
        let word = &text[start..at];
        let next = letters.peek().map(|(_, next)| *next);
        let goes_on = !word.is_empty() && next.is_some_and(char::is_alphanumeric);
        if goes_on && joins(letter, word, next) {
            continue;
        }
        start = at + letter.len_utf8();
        if !word.is_empty() {
            words.push((word, gap));
            gap = Gap::None;
        }
        let blank = next.is_some_and(char::is_whitespace);
        if letter == '&' && blank && gap == Gap::None && !words.is_empty() {
            words.push((&text[at..start], gap));
            continue;
        }
        gap = gap.max(gap_of(letter));
    }
    if start < text.len() {
        words.push((&text[start..], gap));
    }
    Ok(words)
}

/// Whether a mark inside a word belongs to it, as in "wi-fi", "10:30", "ana@empresa.pe".
fn joins(mark: char, before: &str, next: Option<char>) -> bool {
    let digits = || {
        let digit = |letter: char| letter.is_ascii_digit();
        before.ends_with(digit) && next.is_some_and(digit)
    };
    match mark {
        '-' | '\'' | '’' | '_' | '@' | '&' => true,
        '.' => digits() || before.contains('@'),
        ':' => digits(),
        _ => false,
    }
}

fn gap_of(mark: char) -> Gap {
    match mark {
        '.' | '!' | '¡' | '?' | '¿' | ';' | '\n' | '\r' | '…' => Gap::Hard,
        '"' | '\'' | '“' | '”' | '‘' | '’' | '«' | '»' | '*' | '_' | '~' | '`' | '#' | '%'
        | '$' => Gap::None,
        blank if blank.is_whitespace() => Gap::None,
        '\u{200b}'..='\u{200f}' | '\u{fe0f}' | '\u{feff}' => Gap::None,
        _ => Gap::Soft,
    }
}

fn is_combining(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

fn has_digit(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit())
}

/// Whether the person typed the entire text in capitals, where they say nothing about names.
fn is_shouted(text: &str) -> bool {
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    capitals > 7 && text.chars().filter(|c| c.is_lowercase()).count() < capitals / 4
}

/// An acronym, a word with a capital inside, or one that begins with a capital where no sentence
/// begins.
fn is_named(typed: &str, inside: bool) -> bool {
    let mut letters = typed.chars();
    let first = letters.next().is_some_and(char::is_uppercase);
    let later = letters.any(char::is_uppercase);
    later || (first && inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_es(text: &str) -> Vec<Word> {
        split(text, Lexicon::of(Locale::Es), &mut Fuel::full()).unwrap()
    }

    fn shown(text: &str) -> String {
        joined(split_es(text).iter().map(|w| w.shown.as_str()))
    }

    #[test]
    fn chat_spellings_are_written_out() {
        assert_eq!(
            shown("xq no prende la compu?"),
            "porque no prende la computadora"
        );
        assert_eq!(shown("tmb la impre, xfa"), "también la impresora por favor");
        assert_eq!(
            shown("sin conexion desde la manana"),
            "sin conexión desde la mañana"
        );
    }

    #[test]
    fn names_and_codes_keep_their_spelling() {
        assert_eq!(
            shown("No abre Tango en Windows"),
            "no abre Tango en Windows"
        );
        assert_eq!(shown("sale error 0x80070005"), "sale error 0x80070005");
        assert_eq!(
            shown("NO ENCIENDE MI COMPUTADORA"),
            "no enciende mi computadora"
        );
    }

    #[test]
    fn punctuation_becomes_gaps() {
        let words = split_es("No, es la impresora. Gracias");
        let gaps: Vec<Gap> = words.iter().map(|w| w.gap).collect();
        assert_eq!(
            gaps,
            [Gap::None, Gap::Soft, Gap::None, Gap::None, Gap::Hard]
        );
        assert_eq!(
            shown("a las 10:30 en plug-in 😀 ok"),
            "a las 10:30 en plug-in ok"
        );
    }
}
