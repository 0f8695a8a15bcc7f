//! The words of an answer, each taken once: first those of the area, then those of the name.

use super::grammar::Keyword;
use super::lexicon::{Lexicon, Trait};
use super::phrases::Class;
use super::words::{Gap, Word, joined};

/// An answer.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) lexicon: &'static Lexicon,
    pub(super) words: &'a [Word],
    /// Words still free.
    pub(super) free: Vec<bool>,
    /// What was announced where: "me llamo" before a name, "me dicen" before a nickname.
    pub(super) announced: Vec<(usize, Class)>,
}

impl<'a> Line<'a> {
    /// The words of an answer without greeting, labels, numbers, introductions and what only tells
    /// where a desk stands.
    pub(super) fn of(words: &'a [Word], lexicon: &'static Lexicon) -> Self {
        let mut free = vec![true; words.len()];
        let mut announced = Vec::new();
        for at in 0..words.len() {
            if let Some((class, length)) = lexicon.leads.found(words, at) {
                free[at..at + length].fill(false);
                announced.push((at + length, class));
            }
            let key = words[at].key.as_str();
            free[at] &= !(words[at].is(Trait::LABEL)
                || key.chars().any(|c| c.is_ascii_digit() || c == '@'));
        }
        let mut line = Self {
            lexicon,
            words,
            free,
            announced,
        };
        line.leave_out_places();
        line
    }

    /// Leaves out what tells where somebody sits and not what for: "3rd floor", "sede de Bérgamo",
    /// "London branch". A place behind an area belongs to its name: "production floor".
    fn leave_out_places(&mut self) {
        let mut at = 0;
        while at < self.words.len() {
            let place = self.says(at, Keyword::BESIDE) && self.free[at];
            let of_area = !self.is_break(at) && self.free[at - 1] && self.is_area_end(at - 1);
            if !place || of_area {
                at += 1;
                continue;
            }
            let mut start = at;
            while !self.is_break(start) && self.is_ordinal(start - 1) {
                start -= 1;
            }
            if start == at && self.is_named_place(at) {
                start = (0..=at).rev().find(|n| self.is_break(*n)).unwrap_or(at);
            }
            let mut end = at + 1;
            while !self.is_break(end) && self.lexicon.areas.length(self.words, end).is_none() {
                let leads = self.lexicon.leads.length(self.words, end).is_some();
                if leads || self.says(end, Keyword::AREA_NOUN) {
                    break;
                }
                end += 1;
            }
            self.free[start..end].fill(false);
            at = end;
        }
    }

    /// Whether an area of the table ends with the word at `at`.
    fn is_area_end(&self, at: usize) -> bool {
        let areas = &self.lexicon.areas;
        (at.saturating_sub(2)..=at)
            .any(|from| areas.length(self.words, from) == Some(at + 1 - from))
    }

    fn is_ordinal(&self, at: usize) -> bool {
        let word = &self.words[at];
        word.is(Trait::NUMBER.or(Trait::DETERMINER).or(Trait::TIME))
            || word.says(Keyword::AREA_LEAD)
            || word.key.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether the words before a place in its part of the line are its name: "Bob, London
    /// branch".
    fn is_named_place(&self, at: usize) -> bool {
        let begin = (0..=at).rev().find(|n| self.is_break(*n)).unwrap_or(at);
        begin > 0
            && begin < at
            && at - begin <= 2
            && (begin..at).all(|n| {
                self.free[n]
                    && !self.words[n].is(Trait::GIVEN_NAME)
                    && self.lexicon.areas.length(self.words, n).is_none()
            })
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
            word.key.to_string()
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
    let mut typed = word.shown.chars();
    let mixed = typed.next().is_some_and(char::is_uppercase)
        && typed.clone().any(char::is_uppercase)
        && typed.any(char::is_lowercase);
    if mixed {
        return word.shown.to_string();
    }
    let mut start = true;
    let mut shown = String::with_capacity(word.shown.len());
    for (at, letter) in word.shown.char_indices() {
        if start {
            shown.extend(letter.to_uppercase());
        } else {
            shown.extend(letter.to_lowercase());
        }
        // "O'Brien", "Anne-Marie", but "registrar's".
        let more = word.shown[at + letter.len_utf8()..].chars().count() > 1;
        start = letter == '-' || (matches!(letter, '\'' | '’') && more);
    }
    shown
}
