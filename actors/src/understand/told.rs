//! All a text reports, clause by clause.
//!
//! The symptom is one clause cut clean; a ticket's description must not lose the others. A clause
//! here is what the person wrote, less the phrases about the conversation and the time detail the
//! reading keeps apart.

use super::clauses;
use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Keyword;
use super::lexicon::Trait;
use super::phrases::{Class, Marked};
use super::symptom::shown;
use super::when;
use super::words::joined;

/// Every clause that says something, in order and in the person's words.
pub(super) fn clauses(marked: &Marked, fuel: &mut Fuel) -> Result<Vec<String>, OutOfFuel> {
    fuel.spend(marked.words.len() * 2)?;
    let when = when::chosen(marked);
    let mut told = Vec::new();
    let mut clause = Vec::new();
    for at in 0..marked.words.len() {
        let gone = marked.class(at).is_some_and(|class| class != Class::Time);
        if gone || clauses::is_apart(marked, at) {
            told.extend(worded(marked, &clause));
            clause.clear();
        }
        let timed = when.is_some_and(|span| (span.start..span.end).contains(&at));
        if !gone && !timed {
            clause.push(at);
        }
    }
    told.extend(worded(marked, &clause));
    Ok(told)
}

/// The words of a clause without what joined it to others; `None` if they say nothing.
fn worded(marked: &Marked, clause: &[usize]) -> Option<String> {
    let says_any = |at: usize, keywords| marked.words[at].says(keywords);
    let from = clause
        .iter()
        .position(|at| !says_any(*at, Keyword::CLAUSE_JOINT))?;
    let joins = |at: usize| {
        let kept = says_any(at, Keyword::CLAUSE_KEPT) || marked.is_verb_particle(at);
        marked.words[at].is(Trait::LINK) && !kept
    };
    let end = clause.iter().rposition(|at| !joins(*at))? + 1;
    let clause = clause.get(from..end)?;
    let idle = Trait::LINK
        .or(Trait::DETERMINER)
        .or(Trait::CLITIC)
        .or(Trait::ADVERB)
        .or(Trait::OTHER)
        .or(Trait::VAGUE);
    let says = |at: &usize| !marked.words[*at].is(idle) || marked.words[*at].is(Trait::VERB);
    let told = clause
        .iter()
        .any(|at| says(at) && marked.class(*at).is_none());
    let since = clause
        .first()
        .is_some_and(|at| says_any(*at, Keyword::CLAUSE_SINCE));
    (told || since).then(|| joined(clause.iter().map(|at| shown(marked, *at))))
}
