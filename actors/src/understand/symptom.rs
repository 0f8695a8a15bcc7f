//! What is wrong, cut cleanly out of a message.
//!
//! The words that no phrase covers fall into clauses. A clause tells a symptom where an anchor
//! stands: a phrase of the symptom table, a denied verb ("no enciende"), "se" and a verb, "está"
//! and a state, "me sale …", a wish ("necesito instalar …"). From the anchor to the end of its
//! clause is the symptom, less the object when that is its subject.

use serde::{Deserialize, Serialize};

use super::anchor::{self, Anchor, Shape};
use super::clauses::{self, Clause};
use super::fuel::{Fuel, OutOfFuel};
use super::grammar::{Ending, Keyword};
use super::lexicon::{Trait, Verb};
use super::noun_phrase::behind_complements;
use super::object::{Kind, Mention, Object};
use super::phrases::Marked;
use super::spelling::fold;
use super::words::joined;

/// The most words of a clause that are shown.
const WORDS_MAX: usize = 24;
/// The most words of a symptom's subject.
const SUBJECT_WORDS_MAX: usize = 7;

/// How bad a symptom is for the thing it befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// It cannot be used at all.
    Total,
    /// It can be used with trouble, or in part.
    Partial,
    /// Nothing is broken: something is wished for.
    Request,
    /// A trifle.
    Minor,
    /// Somebody else may have got in, or something may be stolen.
    Security,
    /// It cannot be told from the words.
    Unknown,
}

impl Severity {
    /// The severity a table names.
    pub(super) fn named(label: &str) -> Option<Self> {
        Some(match label {
            "total" => Self::Total,
            "partial" => Self::Partial,
            "request" => Self::Request,
            "minor" => Self::Minor,
            "security" => Self::Security,
            "unknown" => Self::Unknown,
            _ => return None,
        })
    }
}

/// A symptom told in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// In the person's words: "no prende".
    pub text: String,
    /// The form all its wordings share: "no enciende"; the text itself if no table has it.
    pub normal: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whether the object is what the text says it of, so that "Laptop no prende" is a sentence;
    /// otherwise the text has a subject of its own ("no puedo entrar al correo").
    pub of_object: bool,
    /// The thing the text says it of, where it is said of one: a part ("botón derecho") of what an
    /// earlier turn named is told apart from it in the summary.
    pub subject: Option<Object>,
}

/// The symptom of a text: of the strongest anchor, the first among equals.
pub(super) fn told(
    marked: &Marked,
    mentions: &[Mention],
    object: Option<&Mention>,
    fuel: &mut Fuel,
) -> Result<Option<Symptom>, OutOfFuel> {
    let mut found: Vec<(Anchor, Clause)> = Vec::new();
    for clause in clauses::of(marked) {
        fuel.spend(clause.len())?;
        if let Some(anchor) = anchor::in_clause(marked, clause, mentions, object, fuel)?
            && !announces(marked, clause, &anchor)
        {
            found.push((anchor, clause));
        }
    }
    let tells_of_object =
        |clause: Clause| object.is_some_and(|m| m.start >= clause.start && m.end <= clause.end);
    let best = found
        .iter()
        .enumerate()
        .max_by_key(|(at, (anchor, clause))| {
            (anchor.strength, tells_of_object(*clause), usize::MAX - at)
        });
    Ok(best
        .map(|(_, (anchor, clause))| worded(marked, anchor, *clause, object))
        .filter(|symptom| !symptom.text.is_empty()))
}

/// Whether a clause only says that something will be told: "tengo un requerimiento".
fn announces(marked: &Marked, clause: Clause, anchor: &Anchor) -> bool {
    let idle = Trait::FIRST_PERSON
        .or(Trait::REQUEST)
        .or(Trait::DETERMINER)
        .or(Trait::LINK)
        .or(Trait::STOP_NOUN)
        .or(Trait::VAGUE)
        .or(Trait::OTHER)
        .or(Trait::ADVERB)
        .or(Trait::DEGREE);
    matches!(anchor.shape, Shape::Person | Shape::Wish)
        && anchor.normal.is_none()
        && clause.places().all(|at| {
            let word = &marked.words[at];
            word.is(idle) && !word.says(Keyword::ANNOUNCES_NOT) || word.says(Keyword::ANNOUNCES)
        })
}

/// The words of a symptom.
fn worded(marked: &Marked, anchor: &Anchor, clause: Clause, object: Option<&Mention>) -> Symptom {
    let words = &marked.words;
    let mut end = clause.end.min(anchor.start + WORDS_MAX);
    while end > anchor.start + 1
        && words[end - 1].is(Trait::LINK)
        && !anchor.holds(end - 1)
        && !marked.is_verb_particle(end - 1)
    {
        end -= 1;
    }
    let inside = object.filter(|m| m.start >= anchor.start && m.end <= end);
    // "[it] scans black pages" is said of what an earlier turn named.
    let pointed = anchor.start > clause.start
        && words[anchor.start - 1].says(Keyword::SUBJECT)
        && matches!(anchor.shape, Shape::Thing | Shape::Told);
    let floated = inside.filter(|mention| !pointed && floats(marked, anchor, mention));
    let mut kept: Vec<usize> = (anchor.start..end)
        .filter(|at| marked.class(*at).is_none())
        .collect();
    if let Some(mention) = floated {
        let gone = mention.start..behind_complements(marked, mention.end).min(end);
        kept.retain(|at| !gone.contains(at));
    }
    let before = object.is_some_and(|m| m.end <= anchor.start);
    let of_object = match anchor.shape {
        Shape::Wish | Shape::Person | Shape::Own => false,
        _ => {
            pointed
                || floated.is_some()
                || (inside.is_none() && (before || anchor.is_of_thing(marked)))
        }
    };
    if floated.is_some() || (of_object && anchor.shape != Shape::Told) {
        drop_pronoun(marked, &mut kept);
    }
    let text = joined(kept.iter().map(|at| shown(marked, *at)));
    let normal = anchor.normal.clone().unwrap_or_else(|| text.clone());
    Symptom {
        text,
        normal,
        severity: anchor.severity,
        of_object,
        subject: object
            .filter(|_| of_object && !pointed)
            .map(|mention| subject(marked, mention, clause, anchor)),
    }
}

/// The thing a symptom is said of, with all that is said of it before the symptom: "botón derecho
/// del control".
fn subject(marked: &Marked, mention: &Mention, clause: Clause, anchor: &Anchor) -> Object {
    let mut subject = mention.object.clone();
    let (first, last) = (mention.start.max(clause.start), anchor.start);
    let beside = mention.start >= clause.start
        && mention.end < last
        && last - mention.start <= SUBJECT_WORDS_MAX
        && (first..last).all(|at| marked.class(at).is_none());
    if beside {
        let head = (first..mention.end).find(|at| !marked.words[*at].is(Trait::DETERMINER));
        subject.noun = marked.shown(head.unwrap_or(first), last);
    }
    subject
}

/// The spelling of a word inside a symptom, where "esta" is a verb unless a noun follows.
pub(super) fn shown(marked: &Marked, at: usize) -> &str {
    let word = &marked.words[at];
    let noun = marked
        .words
        .get(at + 1)
        .is_some_and(|next| next.is(Trait::TIME.or(Trait::OBJECT)));
    let accented = marked.lexicon.grammar.accented(&word.key);
    accented
        .filter(|_| !(noun && word.says(Keyword::THIS_OR_IS)))
        .unwrap_or(&word.shown)
}

/// Whether the object, named behind its verb, is what the symptom is said of: "no enciende mi
/// computadora", but not "no reconoce mi teclado".
fn floats(marked: &Marked, anchor: &Anchor, mention: &Mention) -> bool {
    let shown = anchor.shape == Shape::Told && !marked.words[anchor.start].says(Keyword::NO);
    let apart = matches!(anchor.shape, Shape::Wish | Shape::Person | Shape::Own);
    if shown || apart || mention.start == anchor.start {
        return false;
    }
    let before = &marked.words[mention.start - 1];
    let lexicon = marked.lexicon;
    let says = |verb: Verb, keywords| lexicon.grammar.keyword(&fold(verb.canonical)).any(keywords);
    let transitive = lexicon
        .verb(&before.key)
        .is_some_and(|verb| says(verb, Keyword::TRANSITIVE));
    let infinitive = before.key.len() > 3 && lexicon.grammar.ends(Ending::Infinitive, &before.key);
    let verbal = before.is(Trait::VERB
        .or(Trait::STATE)
        .or(Trait::COPULA)
        .or(Trait::ADVERB));
    // "no aparece el botón" tells of a thing that should be there, "no gira el torno" of the object.
    let complement = !mention.object.known
        && !marked.words[mention.start].is(Trait::POSSESSIVE)
        && lexicon
            .verb(&before.key)
            .is_none_or(|verb| verb.denied != Severity::Total && says(verb, Keyword::PRESENTS));
    if complement {
        return false;
    }
    // "non prende la carta": what runs out is what a thing takes and not what fails.
    let taken = mention.object.kind == Kind::Consumable
        && lexicon
            .verb(&before.key)
            .is_none_or(|verb| !says(verb, Keyword::PRESENTS));
    if taken && !marked.words[mention.start].is(Trait::POSSESSIVE) {
        return false;
    }
    let unknown_verb = mention.start >= anchor.start + 2 && !before.traits.is_known();
    let noun = before.is(Trait::STOP_NOUN.or(Trait::OBJECT));
    let behind_noun = noun && marked.words[mention.start].is(Trait::DETERMINER);
    (verbal || unknown_verb || behind_noun)
        && !transitive
        && !infinitive
        && !before.is(Trait::PREPOSITION)
}

/// "no me enciende" said of a thing is "no enciende".
fn drop_pronoun(marked: &Marked, kept: &mut Vec<usize>) {
    let says = |at: usize, keywords| marked.words[at].says(keywords);
    let leads = Keyword::NO.or(Keyword::SE);
    let Some(lead) = kept.iter().position(|at| says(*at, leads)) else {
        return;
    };
    let (Some(second), third) = (kept.get(lead + 1), kept.get(lead + 2)) else {
        return;
    };
    let pronoun = says(*second, Keyword::PRONOUN);
    let lexicon = marked.lexicon;
    let verb = third.and_then(|at| lexicon.verb(&marked.words[*at].key));
    let alone = verb.is_none_or(|verb| {
        let canonical = lexicon.grammar.keyword(&fold(verb.canonical));
        !canonical.any(Keyword::PRONOUN_STAYS)
    });
    if pronoun && third.is_some() && alone {
        kept.remove(lead + 1);
    }
}
