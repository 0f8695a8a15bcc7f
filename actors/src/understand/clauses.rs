//! The clauses of what a text reports.
//!
//! A clause is a run of words no phrase covers, ended by a comma or full stop, a covered phrase,
//! or a word that begins a reason, a contrast or a consequence.

use std::ops::Range;

use super::grammar::{Ending, Keyword};
use super::lexicon::Trait;
use super::phrases::{Class, Marked};
use super::words::Gap;

/// The most words of a time detail a clause is looked on behind.
const TIME_WORDS_MAX: usize = 12;

/// The words `start..end` of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clause {
    pub start: usize,
    pub end: usize,
}

impl Clause {
    /// Number of words.
    pub(super) fn len(self) -> usize {
        self.end - self.start
    }

    /// The places of its words.
    pub(super) fn places(self) -> Range<usize> {
        self.start..self.end
    }
}

/// All clauses, in order.
pub(super) fn of(marked: &Marked) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for at in 0..marked.words.len() {
        let covered = marked.class(at).is_some() && !runs_on(marked, start, at);
        let apart = at > start && is_apart(marked, at);
        if covered || apart {
            clauses.push(Clause { start, end: at });
            start = if covered { at + 1 } else { at };
        }
    }
    clauses.push(Clause {
        start,
        end: marked.words.len(),
    });
    clauses.retain(|clause| clause.start < clause.end);
    clauses
}

/// Whether a word is set apart from the clause before it.
pub(super) fn is_apart(marked: &Marked, at: usize) -> bool {
    (marked.is_break(at) && !is_code(marked, at)) || begins_clause(marked, at)
}

/// Whether a word is the code announced by the word before it: "error: 0x80070035".
fn is_code(marked: &Marked, at: usize) -> bool {
    let word = |at: usize| marked.words.get(at);
    let announced = at
        .checked_sub(1)
        .and_then(word)
        .is_some_and(|before| before.says(Keyword::CODE_LEAD));
    let digits = |key: &str| key.chars().any(|c| c.is_ascii_digit());
    announced && word(at).is_some_and(|w| w.gap == Gap::Soft && digits(&w.key))
}

/// Whether a time inside a clause is followed by the verb's own complement: "no puedo (desde
/// ayer) abrir el correo", "no entro (hoy) al sistema".
fn runs_on(marked: &Marked, start: usize, at: usize) -> bool {
    if at <= start || marked.class(at) != Some(Class::Time) || marked.is_break(at) {
        return false;
    }
    let behind = |n: &usize| marked.class(*n) != Some(Class::Time);
    let Some(next) = (at..marked.words.len()).take(TIME_WORDS_MAX).find(behind) else {
        return false;
    };
    let word = &marked.words[next];
    let infinitive =
        word.key.len() > 3 && marked.lexicon.grammar.ends(Ending::InfinitiveMe, &word.key);
    let complement = word.says(Keyword::RUNS_ON) || infinitive;
    complement && marked.class(next).is_none() && word.gap == Gap::None
}

/// Whether a word turns to another clause.
fn begins_clause(marked: &Marked, at: usize) -> bool {
    let lexicon = marked.lexicon;
    let is = |n: usize, traits| marked.words.get(at + n).is_some_and(|w| w.is(traits));
    let says = |n: usize, keywords| marked.words.get(at + n).is_some_and(|w| w.says(keywords));
    let person = Trait::FIRST_PERSON.or(Trait::REQUEST);
    let joins_person =
        says(0, Keyword::AND) && (is(1, person) || says(1, Keyword::NO) && is(2, person));
    joins_person
        || lexicon.turns.length(&marked.words, at).is_some()
        || lexicon.purposes.length(&marked.words, at).is_some() && !asks_how(marked, at)
}

/// Whether a purpose is what a question asks for: "cómo hago [para que …]".
fn asks_how(marked: &Marked, at: usize) -> bool {
    at > 0 && marked.words[at - 1].says(Keyword::ASKS_HOW)
}
