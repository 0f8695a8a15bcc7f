//! Which language a person writes.
//!
//! Words, letters and endings that tell one of the four languages from the others weigh for it; a
//! word that several share weighs for none or for all of them alike. Nothing is switched lightly:
//! the first language needs evidence beyond doubt, a later one much more, so that a borrowed
//! "thanks" or "ciao" changes nothing. Only what people ask for ("in English, please") holds at
//! once. The tables are data: `<tag>/telling.tsv` and `switching.tsv`.

use std::sync::OnceLock;

use smol_str::{SmolStr, StrExt as _};

use super::fuel::Fuel;
use super::lexicon::Map;
use super::spelling::fold;
use super::words::{Gap, raw_words};
use crate::texts::Locale;

/// Words looked at; a text that does not tell its language within these says little with more.
const WORDS_MAX: usize = 120;
/// Weight a first language needs.
const FIRST: u16 = 2;
/// Lead over the language known that another one needs to take its place, from at least
/// [`SWITCH_WORDS`] different words.
const SWITCH: u16 = 4;
const SWITCH_WORDS: u16 = 2;

const COUNT: usize = Locale::ALL.len();

/// A language asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The language.
    pub locale: Locale,
    /// Whether the text asks for nothing else.
    pub alone: bool,
}

/// The language a text makes the one of the conversation, where `known` is what is known so far;
/// `None` if the text changes nothing.
pub fn heard(text: &str, known: Option<Locale>) -> Option<Locale> {
    let weighed = weigh(text);
    let at = |locale: Locale| weighed.weight[locale as usize];
    let best = *Locale::ALL.iter().max_by_key(|locale| at(**locale))?;
    let rival = Locale::ALL.iter().filter(|locale| **locale != best);
    let second = rival.map(|locale| at(*locale)).max().unwrap_or(0);
    match known {
        None => (at(best) >= FIRST && at(best) > second).then_some(best),
        Some(known) => {
            let leads = at(best) >= at(known) + SWITCH && at(best) > second;
            (best != known && leads && weighed.words[best as usize] >= SWITCH_WORDS).then_some(best)
        }
    }
}

/// The language a text asks for, in any of the four: "em português, por favor". Said beside a
/// report it counts only where it stands apart from it: "the keyboard is in English" asks nothing.
pub fn asked(text: &str) -> Option<Asked> {
    let words = raw_words(text, &mut Fuel::full()).ok()?;
    if words.len() > WORDS_MAX {
        return None;
    }
    let table = table();
    let keys: Vec<SmolStr> = words.iter().map(|(word, _)| fold(word)).collect();
    if !keys.iter().any(|key| table.names.contains_key(key)) {
        return None;
    }
    let (mut locale, mut alone, mut at) = (None, true, 0);
    while at < words.len() {
        let next = (at + 1..words.len()).find(|n| words[*n].1 > Gap::None);
        let end = next.unwrap_or(words.len());
        let clause = &keys[at..end];
        let named = clause
            .iter()
            .find_map(|word| table.names.get(word).copied());
        let mut known = clause
            .iter()
            .map(|word| table.names.contains_key(word) || table.beside.contains_key(word));
        let fits = known.all(|known| known);
        match named.filter(|_| fits && (end - at > 1 || words.len() == 1)) {
            Some(named) => locale = Some(named),
            None => alone &= fits,
        }
        at = end;
    }
    locale.map(|locale| Asked { locale, alone })
}

/// What a text weighs for each language, and how many different words do.
#[derive(Debug, Default)]
struct Weighed {
    weight: [u16; COUNT],
    words: [u16; COUNT],
}

fn weigh(text: &str) -> Weighed {
    let table = table();
    let mut weighed = Weighed::default();
    let mut fuel = Fuel::full();
    let Ok(words) = raw_words(text, &mut fuel) else {
        return weighed;
    };
    let mut seen: Vec<SmolStr> = Vec::with_capacity(words.len().min(WORDS_MAX));
    for (word, _) in words.iter().take(WORDS_MAX) {
        let mut typed = word.to_lowercase_smolstr();
        if typed.contains('’') {
            typed = typed.replace_smolstr("’", "'");
        }
        if seen.contains(&typed) {
            continue;
        }
        let folded = fold(&typed);
        let (before, behind) = folded.split_once('\'').unwrap_or((&folded, ""));
        let found = table
            .words
            .get(&typed)
            .or_else(|| table.words.get(&folded))
            .or_else(|| table.words.get(before).filter(|_| !behind.is_empty()));
        if let Some(weights) = found {
            for (at, weight) in weights.iter().enumerate() {
                weighed.weight[at] += u16::from(*weight);
                weighed.words[at] += u16::from(*weight > 0);
            }
        } else {
            for (ending, locale, weight) in &table.endings {
                if folded.len() > ending.len() + 1 && folded.ends_with(ending.as_str()) {
                    weighed.weight[*locale as usize] += u16::from(*weight);
                }
            }
        }
        seen.push(typed);
    }
    if text.is_ascii() {
        return weighed;
    }
    let accented = text.chars().take(TEXT_LETTERS);
    let accented: Vec<char> = accented.filter(|letter| !letter.is_ascii()).collect();
    for (letter, locale, weight) in &table.letters {
        if accented.contains(letter) {
            weighed.weight[*locale as usize] += u16::from(*weight);
        }
    }
    weighed
}

/// Letters looked at for those that only one language has, none of which is in ASCII.
const TEXT_LETTERS: usize = 600;

/// What tells a language.
#[derive(Debug, Default)]
struct Telling {
    words: Map<[u8; COUNT]>,
    letters: Vec<(char, Locale, u8)>,
    endings: Vec<(SmolStr, Locale, u8)>,
    names: Map<Locale>,
    beside: Map<()>,
}

/// Reads the tables, which the first text would otherwise do.
pub(super) fn prepare() {
    table();
}

fn table() -> &'static Telling {
    static TABLE: OnceLock<Telling> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut telling = Telling::default();
        for locale in Locale::ALL {
            telling
                .read(locale, file(locale))
                .expect("the embedded tables are read by the tests");
        }
        telling
            .read_switching(include_str!("switching.tsv"))
            .expect("the embedded table is read by the tests");
        telling
    })
}

fn file(locale: Locale) -> &'static str {
    match locale {
        Locale::Es => include_str!("es/telling.tsv"),
        Locale::PtBr => include_str!("pt-BR/telling.tsv"),
        Locale::En => include_str!("en/telling.tsv"),
        Locale::It => include_str!("it/telling.tsv"),
    }
}

fn rows(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
}

impl Telling {
    fn read(&mut self, locale: Locale, file: &'static str) -> Option<()> {
        for row in rows(file) {
            let mut columns = row.split('\t');
            let (kind, weight, items) = (columns.next()?, columns.next()?, columns.next()?);
            let weight: u8 = weight.parse().ok()?;
            match kind {
                "word" => items
                    .split(' ')
                    .for_each(|word| self.read_word(locale, weight, word)),
                "letter" => self
                    .letters
                    .extend(items.chars().map(|letter| (letter, locale, weight))),
                "ending" => self
                    .endings
                    .extend(items.split(' ').map(|end| (fold(end), locale, weight))),
                _ => return None,
            }
        }
        Some(())
    }

    /// A word as written and, unless it tells only with its accents, as people without them type
    /// it.
    fn read_word(&mut self, locale: Locale, weight: u8, word: &str) {
        let exact = word.strip_prefix('=');
        let mut keys = vec![SmolStr::new(exact.unwrap_or(word))];
        if exact.is_none() {
            keys.push(fold(word));
            keys.dedup();
        }
        for key in keys {
            let cell = &mut self.words.entry(key).or_default()[locale as usize];
            *cell = weight.max(*cell);
        }
    }

    fn read_switching(&mut self, file: &'static str) -> Option<()> {
        for row in rows(file) {
            let (label, words) = row.split_once('\t')?;
            let named = Locale::ALL.into_iter().find(|locale| locale.tag() == label);
            for word in words.split(' ') {
                match named {
                    Some(locale) => drop(self.names.insert(fold(word), locale)),
                    None => drop(self.beside.insert(fold(word), ())),
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Language, then a text that tells it.
    const TEXTS: &str = include_str!("corpus/languages.tsv");

    #[test]
    fn letters_that_tell_are_none_of_a_text_without_accents() {
        assert!(
            table()
                .letters
                .iter()
                .all(|(letter, ..)| !letter.is_ascii())
        );
    }

    #[test]
    fn a_first_text_tells_its_language() {
        let (mut wrong, mut count) = (Vec::new(), 0);
        for row in rows(TEXTS) {
            let (tag, text) = row.split_once('\t').unwrap();
            let meant = (tag != "-").then(|| Locale::of_tag(tag));
            count += 1;
            if heard(text, None) != meant {
                wrong.push(format!("{text}: {:?}, not {tag}", weigh(text)));
            }
        }
        assert!(count >= 80);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_two_languages_share_changes_nothing() {
        for known in Locale::ALL {
            for text in [
                "problema",
                "internet",
                "computador",
                "ok",
                "no",
                "thanks",
                "ciao",
                "Gracias",
                "obrigado",
                "Marketing",
                "Ana Souza, Financeiro",
                "Juan Pérez, contabilidad",
                "#TK-2025-001234",
                "🔥",
                "",
            ] {
                assert_eq!(heard(text, Some(known)), None, "{text} in {known:?}");
            }
        }
    }

    #[test]
    fn a_conversation_changes_its_language_with_the_person() {
        for (text, known, now) in [
            ("my printer doesn't work", Locale::Es, Locale::En),
            ("não consigo abrir o e-mail", Locale::Es, Locale::PtBr),
            ("la stampante non funziona", Locale::Es, Locale::It),
            ("no puedo abrir el correo", Locale::PtBr, Locale::Es),
            ("no tengo internet en mi oficina", Locale::En, Locale::Es),
        ] {
            assert_eq!(heard(text, Some(known)), Some(now), "{text}");
            assert_eq!(heard(text, Some(now)), None, "{text}");
        }
    }

    #[test]
    fn a_language_asked_for_is_obeyed() {
        for (text, locale, alone) in [
            ("in English please", Locale::En, true),
            ("English", Locale::En, true),
            ("Hola, en inglés por favor", Locale::En, true),
            ("em português", Locale::PtBr, true),
            ("pode falar em português?", Locale::PtBr, true),
            ("Can we speak Spanish?", Locale::Es, true),
            ("en español por favor", Locale::Es, true),
            ("in italiano per favore", Locale::It, true),
            ("possiamo parlare in italiano?", Locale::It, true),
            ("in English please, my laptop is slow", Locale::En, false),
            ("No hablo español. In English please", Locale::En, false),
        ] {
            assert_eq!(asked(text), Some(Asked { locale, alone }), "{text}");
        }
    }

    #[test]
    fn a_language_named_in_a_report_is_not_asked_for() {
        for text in [
            "the keyboard is in English",
            "el teclado está en inglés",
            "Windows aparece en inglés",
            "no hablo inglés",
            "I don't speak Spanish",
            "Ana Ruiz, inglés",
            "Laura Gómez, profesora de inglés",
            "o sistema está em inglês",
        ] {
            assert_eq!(asked(text), None, "{text}");
        }
    }
}
