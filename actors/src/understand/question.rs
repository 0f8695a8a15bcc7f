//! Questions about how to do something: "cómo hago para …", "cuántas …".
//!
//! What is asked is the report, to the end of its clause, whatever is denied or named inside.

use super::anchor::{Anchor, Shape};
use super::clauses::Clause;
use super::grammar::Keyword;
use super::lexicon::Trait;
use super::phrases::Marked;
use super::symptom::Severity;

/// The question that begins at `at`.
pub(super) fn anchor_at(marked: &Marked, clause: Clause, at: usize) -> Option<Anchor> {
    let says = |n: usize, keywords| {
        (clause.start..clause.end).contains(&n) && marked.words[n].says(keywords)
    };
    let unknowing = says(at, Keyword::NO) && says(at + 1, Keyword::KNOWS_NOT);
    let asks = if unknowing { at + 2 } else { at };
    let begins = asks == clause.start || unknowing || says(asks - 1, Keyword::EXPLAINS);
    let does = |n: usize| {
        let word = marked.words.get(n).filter(|_| n < clause.end);
        let nominal = Trait::DETERMINER.or(Trait::NUMBER).or(Trait::PREPOSITION);
        word.is_some_and(|word| {
            !word.says(Keyword::NOT_ASKED) && (!word.is(nominal) || word.is(Trait::CLITIC))
        })
    };
    let how = says(asks, Keyword::HOW) && !says(asks + 1, Keyword::HOW_NOUN);
    let asked =
        says(asks, Keyword::HOW_MANY) || (how || says(asks, Keyword::WHERE)) && does(asks + 1);
    let more = clause.end > asks + 2;
    (begins && asked && more).then(|| Anchor {
        start: at,
        end: asks + 2,
        shape: Shape::Wish,
        strength: 3,
        normal: None,
        severity: Severity::Request,
    })
}
