//! Questions about how to do something: "cómo hago para …", "cuántas …".
//!
//! What is asked is the report, to the end of its clause, whatever is denied or named inside.

use super::anchor::{Anchor, Shape};
use super::clauses::Clause;
use super::lexicon::Trait;
use super::phrases::Marked;
use super::symptom::Severity;

/// The question that begins at `at`.
pub(super) fn anchor_at(marked: &Marked, clause: Clause, at: usize) -> Option<Anchor> {
    let key = |n: usize| match (clause.start..clause.end).contains(&n) {
        true => marked.words[n].key.as_str(),
        false => "",
    };
    let unknowing = key(at) == "no" && matches!(key(at + 1), "se" | "sabemos" | "entiendo");
    let asks = if unknowing { at + 2 } else { at };
    let begins = asks == clause.start
        || unknowing
        || matches!(
            key(asks - 1),
            "saber"
                | "sepa"
                | "sabe"
                | "saben"
                | "explicar"
                | "explicarme"
                | "explican"
                | "indicar"
                | "indicarme"
                | "indican"
                | "decir"
                | "decirme"
                | "dicen"
                | "ver"
                | "consultar"
                | "ensenar"
                | "ensenarme"
                | "aprender"
                | "duda"
                | "entiendo"
        );
    let does = |n: usize| {
        let word = marked.words.get(n).filter(|_| n < clause.end);
        let nominal = Trait::DETERMINER.or(Trait::NUMBER).or(Trait::PREPOSITION);
        word.is_some_and(|word| {
            !matches!(word.key.as_str(), "no" | "si" | "que" | "siempre" | "ya")
                && (!word.is(nominal) || word.is(Trait::CLITIC))
        })
    };
    let asked = match key(asks) {
        "como" => does(asks + 1) && !matches!(key(asks + 1), "mi" | "el" | "la" | "los" | "las"),
        "donde" => does(asks + 1),
        "cuanto" | "cuanta" | "cuantos" | "cuantas" | "cual" | "cuales" => true,
        _ => false,
    };
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
