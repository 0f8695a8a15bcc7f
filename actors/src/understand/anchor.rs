//! Where in a clause a symptom begins.
//!
//! Every place of a clause is asked for each [`Shape`]; the strongest anchor wins, the first among
//! equals. Shapes are found by structure, so that verbs no table has work as well.

use super::clauses::Clause;
use super::fuel::{Fuel, OutOfFuel};
use super::lexicon::{Lexicon, Trait};
use super::noun_phrase::is_predicate;
use super::object::Mention;
use super::phrases::{Class, Marked};
use super::place;
use super::symptom::Severity;

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
        self.shape == Shape::Thing && marked.words[self.start].key != "hay"
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
    for at in clause.places() {
        let Some(anchor) = place::anchor_at(marked, clause, at, mentions, fuel)? else {
            continue;
        };
        if best
            .as_ref()
            .is_none_or(|best| anchor.strength > best.strength)
        {
            best = Some(anchor);
        }
    }
    let mut best = best.or_else(|| predicate(marked, clause, mentions));
    if let Some(anchor) = &mut best {
        own_subject(marked, clause, anchor, object);
        grade(marked, clause, anchor, fuel)?;
        let blocked =
            Lexicon::spanish()
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
        let known = Lexicon::spanish()
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
            before.is(Trait::PREPOSITION) && !matches!(before.key.as_str(), "de" | "del")
        }
    };
    let mention = mentions
        .iter()
        .filter(|m| m.start >= clause.start && m.end < clause.end)
        .find(|m| {
            let word = &marked.words[m.end];
            !word.is(idle) && !word.proper && !behind(m)
        })?;
    let word = &marked.words[mention.end];
    let lone = clause.end - mention.end == 1 && !is_predicate(marked, mention.end);
    (!lone || word.key.len() > 4).then(|| Anchor {
        start: mention.end,
        end: mention.end + 1,
        shape: Shape::Thing,
        strength: 1,
        normal: None,
        severity: Severity::Unknown,
    })
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
