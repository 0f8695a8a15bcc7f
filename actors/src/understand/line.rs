//! The words of an answer, each taken once: first those of the area, then those of the name.

use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Keyword;
use super::identity::WORDS_MAX;
use super::lexicon::{Lexicon, Trait};
use super::words::{Gap, Word, joined};

/// An answer.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) lexicon: &'static Lexicon,
    pub(super) words: &'a [Word],
    /// Words still free.
    pub(super) free: Vec<bool>,
}

impl<'a> Line<'a> {
    /// The words of an answer without greeting, labels, numbers and introductions.
    pub(super) fn of(words: &'a [Word], lexicon: &'static Lexicon) -> Self {
        let mut free = vec![true; words.len()];
        for at in 0..words.len() {
            if let Some(length) = lexicon.leads.length(words, at) {
                free[at..at + length].fill(false);
            }
            let key = words[at].key.as_str();
            free[at] &= !(words[at].is(Trait::LABEL)
                || key.chars().any(|c| c.is_ascii_digit() || c == '@'));
        }
        Self {
            lexicon,
            words,
            free,
        }
    }

    pub(super) fn key(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.key.as_str())
    }

    pub(super) fn says(&self, at: usize, keywords: Keyword) -> bool {
        self.words.get(at).is_some_and(|word| word.says(keywords))
    }

    pub(super) fn is_break(&self, at: usize) -> bool {
        let initial = at > 0 && self.key(at - 1).len() == 1;
        at == 0 || at >= self.words.len() || (self.words[at].gap > Gap::None && !initial)
    }

    /// Takes the name out of what is left. Who says a short name and then the whole one is known by
    /// the whole one: "la señora Betty, Betty Salcedo Rojas".
    pub(super) fn take_name(&mut self, fuel: &mut Fuel) -> Result<Option<String>, OutOfFuel> {
        let Some((first, end)) = self.name_from(0, fuel)? else {
            return Ok(None);
        };
        if end - first == 1
            && let Some((again, whole)) = self.name_from(end, fuel)?
            && whole - again > 1
            && self.key(again) == self.key(first)
        {
            self.free[again..whole].fill(false);
            return Ok(Some(self.title(again, whole)));
        }
        Ok(Some(self.title(first, end)))
    }

    /// The first words from `at` on that are a name; they are taken.
    fn name_from(
        &mut self,
        mut at: usize,
        fuel: &mut Fuel,
    ) -> Result<Option<(usize, usize)>, OutOfFuel> {
        fuel.spend(self.words.len() * 2)?;
        while at < self.words.len() {
            let mut end = at;
            while end < self.words.len()
                && self.free[end]
                && (end == at || !self.is_break(end))
                && is_name_word(&self.words[end])
            {
                end += 1;
            }
            while end > at
                && self.words[end - 1].is(Trait::PARTICLE)
                && !self.words[end - 1].is(Trait::GIVEN_NAME)
            {
                end -= 1;
            }
            let mut from = at;
            while from < end
                && (self.words[from].is(Trait::TITLE.or(Trait::ROLE).or(Trait::PARTICLE))
                    || self.says(from, Keyword::NAME_LEAD))
            {
                self.free[from] = false;
                from += 1;
            }
            let behind_stop = at > 0 && self.free[at - 1] && !self.is_break(at);
            if from < end && end - from <= WORDS_MAX && !behind_stop && self.stands_alone(end) {
                let cut = self.area_inside(from, end);
                self.free[from..cut].fill(false);
                return Ok(Some((from, cut)));
            }
            at = end.max(at + 1);
        }
        Ok(None)
    }

    /// Whether a name is not followed by words that make it part of a sentence.
    fn stands_alone(&self, end: usize) -> bool {
        self.is_break(end)
            || !self.free[end]
            || self.says(end, Keyword::NAME_END)
            || self.words[end].is(Trait::PARTICLE)
    }

    /// Where a name ends that is followed by "de" and an area no table has: "Juan Pérez de
    /// Despensa", but not "Rosa de la Cruz".
    fn area_inside(&self, from: usize, end: usize) -> usize {
        let surname = |at: usize| self.says(at, Keyword::SURNAME);
        (from + 2..end)
            .find(|at| self.says(*at, Keyword::OF_BARE) && !surname(at + 1) && at + 1 < end)
            .unwrap_or(end)
    }

    /// Words in title case: particles low, acronyms high.
    pub(super) fn title(&self, from: usize, end: usize) -> String {
        let cased: Vec<String> = (from..end).map(|at| self.cased(at, at > from)).collect();
        joined(cased.iter().map(String::as_str))
    }

    /// A word in title case; a particle stays low inside a name.
    pub(super) fn cased(&self, at: usize, inside: bool) -> String {
        let word = &self.words[at];
        let low = word.says(Keyword::LOW);
        if low && inside && !(word.capital && word.key.len() == 1) {
            word.key.clone()
        } else {
            capitalised(word)
        }
    }
}

/// First letters high; an acronym as typed or as the table writes it.
fn capitalised(word: &Word) -> String {
    let letters = word.shown.chars().count();
    let acronym = letters <= 5 && word.proper && word.shown.chars().all(char::is_uppercase);
    let vowel = word.shown.chars().any(|c| "AEIOU".contains(c));
    if word.says(Keyword::ACRONYM) || (acronym && (!vowel || letters <= 3)) {
        return word.shown.to_uppercase();
    }
    let mut start = true;
    let mut shown = String::with_capacity(word.shown.len());
    for letter in word.shown.chars() {
        if start {
            shown.extend(letter.to_uppercase());
        } else {
            shown.extend(letter.to_lowercase());
        }
        start = matches!(letter, '-' | '\'' | '’');
    }
    shown
}

/// Words that never are part of a name.
fn is_name_word(word: &Word) -> bool {
    let never = Trait::REQUEST
        .or(Trait::FIRST_PERSON)
        .or(Trait::CLITIC)
        .or(Trait::COPULA)
        .or(Trait::VERB)
        .or(Trait::OBJECT)
        .or(Trait::STOP_NOUN)
        .or(Trait::ADVERB)
        .or(Trait::OTHER)
        .or(Trait::UNIT)
        .or(Trait::VAGUE);
    let titled = word.is(Trait::PARTICLE
        .or(Trait::TITLE)
        .or(Trait::ROLE)
        .or(Trait::GIVEN_NAME))
        || word.proper;
    let letters = word
        .key
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'));
    letters && (titled || !word.is(never))
}
