//! Where in a clause a symptom begins.
//!
//! Every place of a clause is asked for each [`Shape`]; the strongest anchor wins, the first among
//! equals. Shapes are found by structure, so that verbs no table has work as well.

use super::clauses::Clause;
use super::fuel::{Fuel, OutOfFuel};
use super::grammar::{Ending, Keyword};
use super::lexicon::Trait;
use super::noun_phrase::{behind_place, is_predicate};
use super::object::Mention;
use super::phrases::{Class, Marked};
use super::place;
use super::question;
use super::symptom::Severity;
use super::words::Gap;

/// How a symptom is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Said of the thing: "no enciende", "se congela", "está lenta".
    Thing,
    /// What the person is shown: "me sale un error".
    Told,
    /// What the person can or did: "no puedo entrar", "olvidé la clave".
    Person,
    /// What the person wishes: "necesito instalar Zoom".
    Wish,
    /// With a subject of its own: "la letra sale borrosa".
    Own,
}

/// The beginning of a symptom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    pub start: usize,
    /// Words that belong to the anchor itself and are never trimmed.
    pub end: usize,
    pub shape: Shape,
    /// 3 tells what is wrong, 2 a wish for a service, 1 a guess.
    pub strength: u8,
    pub normal: Option<String>,
    pub severity: Severity,
}

impl Anchor {
    /// Whether the word is part of the anchor itself.
    pub(super) fn holds(&self, at: usize) -> bool {
        (self.start..self.end).contains(&at)
    }

    /// Whether an anchor without a subject in sight speaks of a thing.
    pub(super) fn is_of_thing(&self, marked: &Marked) -> bool {
        self.shape == Shape::Thing && !marked.words[self.start].says(Keyword::THERE_IS)
    }
}

/// The best anchor of a clause.
pub(super) fn in_clause(
    marked: &Marked,
    clause: Clause,
    mentions: &[Mention],
    object: Option<&Mention>,
    fuel: &mut Fuel,
) -> Result<Option<Anchor>, OutOfFuel> {
    let mut best: Option<Anchor> = None;
    for at in clause.places().filter(|at| marked.class(*at).is_none()) {
        let found = match question::anchor_at(marked, clause, at) {
            Some(asked) => Some(asked),
            None => place::anchor_at(marked, clause, at, mentions, fuel)?,
        };
        let Some(anchor) = found else {
            continue;
        };
        if best
            .as_ref()
            .is_none_or(|best| anchor.strength > best.strength)
        {
            best = Some(anchor);
        }
    }
    let mut best = best
        .or_else(|| predicate(marked, clause, mentions))
        .or_else(|| verb_first(marked, clause))
        .or_else(|| existing(marked, clause));
    if let Some(anchor) = &mut best {
        own_subject(marked, clause, anchor, object);
        grade(marked, clause, anchor, fuel)?;
        let blocked =
            marked
                .lexicon
                .cues
                .longest(&marked.words, anchor.start, Trait::CLITIC, fuel)?;
        if blocked.is_some_and(|(class, _)| class == Class::Blocked) {
            anchor.strength = 1;
        }
    }
    Ok(best)
}

/// An anchor found by structure takes normal form and severity of a known symptom told right
/// behind it: "tiene [pantalla azul]", "está [sin tinta]".
fn grade(
    marked: &Marked,
    clause: Clause,
    anchor: &mut Anchor,
    fuel: &mut Fuel,
) -> Result<(), OutOfFuel> {
    if anchor.normal.is_some() || anchor.shape == Shape::Wish {
        return Ok(());
    }
    for at in anchor.start + 1..clause.end.min(anchor.start + 4) {
        let known = marked
            .lexicon
            .symptoms
            .longest(&marked.words, at, Trait::NONE, fuel)?;
        if let Some((known, _)) = known {
            anchor.normal = Some(known.normal.to_owned());
            anchor.severity = known.severity;
            return Ok(());
        }
    }
    Ok(())
}

/// What is left: a clause that names its thing first and then says something of it.
fn predicate(marked: &Marked, clause: Clause, mentions: &[Mention]) -> Option<Anchor> {
    let idle = Trait::PREPOSITION
        .or(Trait::DETERMINER)
        .or(Trait::LINK)
        .or(Trait::OBJECT)
        .or(Trait::PLACE)
        .or(Trait::ROLE)
        .or(Trait::STOP_NOUN)
        .or(Trait::VAGUE)
        .or(Trait::NUMBER);
    let behind = |m: &Mention| {
        m.start > clause.start && {
            let before = &marked.words[m.start - 1];
            before.is(Trait::PREPOSITION) && !before.says(Keyword::OF)
        }
    };
    let mention = mentions
        .iter()
        .filter(|m| m.start >= clause.start && m.end < clause.end)
        .filter(|m| !behind(m))
        .map(|m| behind_place(marked, m.end))
        .find(|at| {
            let word = marked.words.get(*at).filter(|_| *at < clause.end);
            word.is_some_and(|word| !word.is(idle) && !word.proper)
        })?;
    let word = &marked.words[mention];
    let lone = clause.end - mention == 1 && !is_predicate(marked, mention);
    (!lone || word.key.len() > 4).then(|| guess(mention))
}

/// A clause that begins with what its thing does, the thing being known from before: "saca hojas
/// manchadas". A verb no table has is taken only before an article or an adverb.
fn verb_first(marked: &Marked, clause: Clause) -> Option<Anchor> {
    // "[It] scans black pages": the thing is known and only pointed at.
    let subject = clause.len() > 2 && marked.words[clause.start].says(Keyword::SUBJECT);
    let at = (clause.start + usize::from(subject)..clause.end)
        .find(|at| !marked.words[*at].is(Trait::ADVERB) || marked.words[*at].is(Trait::VERB))?;
    let (word, next) = (&marked.words[at], marked.words.get(at + 1)?);
    let grammar = &marked.lexicon.grammar;
    let infinitive = grammar.ends(Ending::Infinitive, &word.key);
    let third_person = grammar.ends(Ending::ThirdPerson, &word.key);
    let known = word.is(Trait::VERB) && !word.is(Trait::OBJECT.or(Trait::FIRST_PERSON));
    let followed = next.is(Trait::DETERMINER.or(Trait::ADVERB).or(Trait::DEGREE))
        && next.gap == Gap::None
        && !word.traits.is_known()
        && !word.proper
        && word.key.len() > 3;
    let finite = third_person && !infinitive && at + 1 < clause.end;
    (finite && (known || followed)).then(|| guess(at))
}

/// What there is and should not be: "there's smoke coming out of it".
fn existing(marked: &Marked, clause: Clause) -> Option<Anchor> {
    let word = |n: usize| (n < clause.end).then(|| &marked.words[n]);
    let is_there = word(clause.start)?.says(Keyword::THERE_IS);
    let idle = Trait::DETERMINER.or(Trait::NUMBER).or(Trait::DEGREE);
    let what = (clause.start + 1..clause.end).find_map(|n| word(n).filter(|w| !w.is(idle)))?;
    let told = !what.is(Trait::VAGUE.or(Trait::OTHER));
    (is_there && told).then(|| Anchor {
        shape: Shape::Person,
        ..guess(clause.start)
    })
}

fn guess(at: usize) -> Anchor {
    Anchor {
        start: at,
        end: at + 1,
        shape: Shape::Thing,
        strength: 1,
        normal: None,
        severity: Severity::Unknown,
    }
}

/// Takes in a subject that is not the object: "[la letra] sale borrosa".
fn own_subject(marked: &Marked, clause: Clause, anchor: &mut Anchor, object: Option<&Mention>) {
    if anchor.shape != Shape::Thing || anchor.start < clause.start + 2 {
        return;
    }
    let (article, noun) = (anchor.start - 2, anchor.start - 1);
    let is_object = object.is_some_and(|m| m.start < anchor.start && m.end > article);
    let behind = article > clause.start && marked.words[article - 1].is(Trait::PREPOSITION);
    let word = &marked.words[noun];
    let verbal = Trait::VERB
        .or(Trait::COPULA)
        .or(Trait::CLITIC)
        .or(Trait::OTHER)
        .or(Trait::PLACE);
    if marked.words[article].is(Trait::DETERMINER)
        && !is_object
        && !behind
        && !word.is(verbal)
        && object.is_some()
    {
        anchor.start = article;
        anchor.shape = Shape::Own;
    }
}
