//! The clauses of what a text reports.
//!
//! A clause is a run of words no phrase covers, ended by a comma or full stop, a covered phrase,
//! or a word that begins a reason, a contrast or a consequence.

use std::ops::Range;

use super::lexicon::Trait;
use super::phrases::Marked;

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
        let covered = marked.class(at).is_some();
        let apart = at > start && (marked.is_break(at) || begins_clause(marked, at));
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

/// Whether a word turns to another clause.
fn begins_clause(marked: &Marked, at: usize) -> bool {
    let key = |n: usize| {
        marked
            .words
            .get(at + n)
            .map_or("", |word| word.key.as_str())
    };
    let is = |n: usize, traits: Trait| marked.words.get(at + n).is_some_and(|w| w.is(traits));
    match key(0) {
        "pero" | "porque" | "aunque" | "entonces" | "sino" | "pues" => true,
        "asi" | "ya" => key(1) == "que",
        "por" => matches!(key(1), "eso") || (key(1) == "lo" && key(2) == "que"),
        "para" => matches!(key(1), "que" | "poder"),
        "y" | "e" => {
            let person = Trait::FIRST_PERSON.or(Trait::REQUEST);
            is(1, person)
                || (key(1) == "no" && is(2, person))
                || matches!(key(1), "ya" | "ahora" | "ni" | "eso" | "por")
                || matches!(key(1), "me" | "nos")
        }
        _ => false,
    }
}
