//! Nouns no table has, taken by their place in the sentence.
//!
//! What is a noun, where its phrase begins and ends, and how sure its place makes it the object.

use super::compose::capitalised;
use super::fuel::{Fuel, OutOfFuel};
use super::grammar::{Ending, Grammar, Keyword};
use super::lexicon::Trait;
use super::object::{Gender, Kind, Mention, Object};
use super::phrases::{Class, Marked};
use super::words::{Gap, Word};
use crate::texts::Locale;

/// The most complements one noun phrase has.
const COMPLEMENTS_MAX: usize = 3;
/// The most words of a place between a noun and its predicate.
const PLACE_WORDS_MAX: usize = 5;

/// A noun no table has, taken by its place in the sentence.
pub(super) fn unknown_at(
    marked: &Marked,
    at: usize,
    fuel: &mut Fuel,
) -> Result<Option<Mention>, OutOfFuel> {
    fuel.spend(6)?;
    if !is_nounish(marked, at) {
        return Ok(None);
    }
    let words = &marked.words;
    let counted =
        at > 0 && words[at - 1].is(Trait::NUMBER.or(Trait::SERVICE)) && free_before(marked, at)
            || is_numeral(marked, at.wrapping_sub(1)) && free_before(marked, at);
    let start = start_of(marked, if counted { at - 1 } else { at });
    let end = complement_end(marked, at + 1);
    let determined = start < at;
    let before = if start == 0 {
        None
    } else {
        words.get(start - 1)
    };
    let behind_intro = start > 0
        && marked.class(start - 1) == Some(Class::Intro)
        && words[start - 1].says(Keyword::INTRO_LINK);
    let opens = marked.is_break(start) || marked.class(start - 1).is_some();
    let verb_follows = is_predicate(marked, behind_complements(marked, end))
        || (determined && opens && is_predicate(marked, behind_place(marked, end)));
    let ends = marked.is_break(end) || marked.class(end).is_some();
    let behind = |keywords| before.is_some_and(|word| word.says(keywords));
    let behind_verb = before.is_some_and(|word| {
        marked.class(start - 1).is_none()
            && word.gap <= Gap::Soft
            && takes_object(marked, start - 1)
    });
    let behind_preposition = behind(Keyword::NOUN_PREPOSITION);
    let possessed = determined && words[start].is(Trait::POSSESSIVE);
    let free = !behind_preposition;
    let named = words[at].proper;
    let entered = behind(Keyword::ENTER_PREPOSITION)
        && (named || determined || behind(Keyword::TO_THE))
        && enters(marked, start - 1);
    let wished = start > 0
        && marked.class(start - 1).is_none()
        && (words[start - 1].is(Trait::REQUEST) || words[start - 1].says(Keyword::ASKS_FOR));
    let grammar = &marked.lexicon.grammar;
    let action = grammar.ends(Ending::Action, &words[at].key);
    let deed = action && wished && !words[at].proper;
    let infinitive = grammar.ends(Ending::Infinitive, &words[at].key);
    if wished && !determined && infinitive && !words[at].proper {
        return Ok(None);
    }
    let trifle = is_diminutive(marked, at) && !(verb_follows && opens);
    if deed || trifle {
        return Ok(None);
    }
    let shown = before.is_some_and(|word| word.is(Trait::EXPERIENCED)) && !possessed;
    let subject = behind_intro || (determined && verb_follows && free);
    let likely = (possessed && free)
        || (determined && opens && end < words.len())
        || (opens && verb_follows && !determined && (named || at == 0))
        || (behind_verb && determined);
    let rank = match () {
        () if subject => 0,
        () if shown && behind_verb => 2,
        () if likely || wished => 1,
        () if (behind_verb && (named || ends)) || entered => 2,
        () if possessed || (determined && ends && free) => 3,
        () => return Ok(None),
    };
    // "schermata blu sul PC": the words of a symptom are no thing of their own.
    let symptom = marked
        .lexicon
        .symptoms
        .longest(words, at, Trait::NONE, fuel)?;
    let rank = rank
        + if symptom.is_some_and(|(_, length)| length > 1) {
            2
        } else {
            0
        };
    let head = words[at].key.as_str();
    let mut noun = marked.shown(at, end);
    if words[at].capital && !determined {
        noun = capitalised(&noun);
    }
    let object = Object {
        noun,
        gender: article_gender(&words[start]).unwrap_or_else(|| gender_by_ending(grammar, head)),
        plural: words[start].says(Keyword::PLURAL)
            || (!determined && head.ends_with('s') && head.len() > 5),
        kind: Kind::Other,
        known: false,
    };
    Ok(Some(Mention {
        object,
        start,
        end,
        rank,
    }))
}

fn free_before(marked: &Marked, at: usize) -> bool {
    marked.class(at - 1).is_none() && marked.words[at].gap == Gap::None
}

/// Something small and unnamed, as "iconito": shown or broken, but not what a report is about.
fn is_diminutive(marked: &Marked, at: usize) -> bool {
    let key = &marked.words[at].key;
    key.len() > 5 && marked.lexicon.grammar.ends(Ending::Diminutive, key)
}

/// Whether a word can be the head of an unknown noun phrase.
fn is_nounish(marked: &Marked, at: usize) -> bool {
    let Some(word) = marked.words.get(at) else {
        return false;
    };
    let never = Trait::DETERMINER
        .or(Trait::PREPOSITION)
        .or(Trait::CLITIC)
        .or(Trait::ADVERB)
        .or(Trait::TIME)
        .or(Trait::NUMBER)
        .or(Trait::STOP_NOUN)
        .or(Trait::PLACE)
        .or(Trait::STATE)
        .or(Trait::FIRST_PERSON)
        .or(Trait::REQUEST)
        .or(Trait::COPULA)
        .or(Trait::VERB)
        .or(Trait::OTHER)
        .or(Trait::VAGUE)
        .or(Trait::OBJECT)
        .or(Trait::LINK)
        .or(Trait::ROLE)
        .or(Trait::UNIT)
        .or(Trait::TITLE)
        .or(Trait::SERVICE);
    let typed = marked.words.get(at + 1).is_some_and(|next| {
        next.gap == Gap::None && !next.traits.is_known() && is_adjective(marked, next)
    });
    if word.is(Trait::PLACE) && typed {
        return marked.class(at).is_none();
    }
    let letters = word.key.chars().filter(|c| c.is_alphabetic()).count();
    let enough = letters >= 3 || (letters == 2 && word.proper);
    enough && !word.is(never) && !is_verbal(marked, word) && marked.class(at).is_none()
}

/// Infinitives with a pronoun, gerunds and adverbs: never nouns.
fn is_verbal(marked: &Marked, word: &Word) -> bool {
    let ends = marked.lexicon.grammar.ends(Ending::Verbal, &word.key);
    !word.proper && word.key.len() > 4 && ends
}

/// Where the noun phrase around a head begins: its article, if it has one.
pub(super) fn start_of(marked: &Marked, at: usize) -> usize {
    let mut start = at;
    while start > 0
        && at - start < 2
        && marked.words[start].gap == Gap::None
        && marked.class(start - 1).is_none()
        && marked.words[start - 1].is(Trait::DETERMINER)
    {
        start -= 1;
    }
    start
}

/// Where a noun phrase ends whose head ends at `end`: behind a name ("sistema Tango"), an
/// adjective ("balanza electrónica"), or a complement without article ("sistema de ventas").
pub(super) fn complement_end(marked: &Marked, end: usize) -> usize {
    let mut end = end;
    let free = |at: usize| {
        marked
            .words
            .get(at)
            .is_some_and(|word| word.gap == Gap::None)
            && marked.class(at).is_none()
    };
    if free(end)
        && is_nounish(marked, end)
        && (marked.words[end].proper
            || is_adjective(marked, &marked.words[end])
            || marked.lexicon.locale == Locale::En
            || is_predicate(marked, end + 1))
    {
        end += 1;
    }
    let noun = |at: usize| {
        free(at)
            && (is_nounish(marked, at)
                || marked.words[at].is(Trait::STOP_NOUN.or(Trait::OBJECT).or(Trait::SERVICE)))
            && !marked.words[at].is(Trait::DETERMINER.or(Trait::STATE).or(Trait::LINK))
    };
    if free(end) && marked.words[end].says(Keyword::OF_BARE) && noun(end + 1) {
        end += 2;
        if free(end) && is_nounish(marked, end) && is_adjective(marked, &marked.words[end]) {
            end += 1;
        }
    }
    end
}

/// Where the complements of a noun phrase end, those with an article included: "la silla [de mi
/// escritorio] ya no sube".
pub(super) fn behind_complements(marked: &Marked, end: usize) -> usize {
    let mut end = end;
    for _ in 0..COMPLEMENTS_MAX {
        let is = |at: usize, traits: Trait| {
            marked.class(at).is_none()
                && marked
                    .words
                    .get(at)
                    .is_some_and(|word| word.gap == Gap::None && word.is(traits))
        };
        let of = marked
            .words
            .get(end)
            .is_some_and(|word| word.says(Keyword::OF));
        if !of || !is(end, Trait::PREPOSITION) {
            break;
        }
        let mut noun = end + 1;
        while noun < end + 4 && is(noun, Trait::DETERMINER.or(Trait::NUMBER)) {
            noun += 1;
        }
        let verbal = Trait::COPULA.or(Trait::CLITIC).or(Trait::PREPOSITION);
        let open = marked.words.get(noun).is_some_and(|w| w.gap == Gap::None);
        if !open || marked.class(noun).is_some() || is(noun, verbal) {
            break;
        }
        end = noun + 1;
        let typed = marked
            .words
            .get(end)
            .is_some_and(|word| word.gap == Gap::None && is_adjective(marked, word));
        if marked.class(end).is_none()
            && (typed && is_nounish(marked, end) || is_numeral(marked, end))
        {
            end += 1;
        }
    }
    end
}

/// Where the complements of a noun phrase end, with the place that stands before its predicate:
/// "the projector [in room 4] has …".
pub(super) fn behind_place(marked: &Marked, end: usize) -> usize {
    let end = behind_complements(marked, end);
    let inside = |at: usize| {
        marked.class(at).is_none()
            && marked
                .words
                .get(at)
                .is_some_and(|word| word.gap == Gap::None)
    };
    let placed = inside(end)
        && marked.words[end].is(Trait::PREPOSITION)
        && !marked.words[end].says(Keyword::WITHOUT);
    if !placed {
        return end;
    }
    (end + 1..=end + PLACE_WORDS_MAX)
        .take_while(|at| inside(*at))
        .find(|at| *at > end + 1 && is_predicate(marked, *at))
        .unwrap_or(end)
}

/// A number behind a noun: "la caja 3".
fn is_numeral(marked: &Marked, at: usize) -> bool {
    marked.words.get(at).is_some_and(|word| {
        word.gap == Gap::None && word.key.len() < 4 && word.key.bytes().all(|b| b.is_ascii_digit())
    })
}

fn is_adjective(marked: &Marked, word: &Word) -> bool {
    word.key.len() > 4 && marked.lexicon.grammar.ends(Ending::Adjective, &word.key)
}

/// Whether a predicate begins at `at`.
pub(super) fn is_predicate(marked: &Marked, at: usize) -> bool {
    let Some(word) = marked.words.get(at) else {
        return false;
    };
    let clitic_and_verb = word.is(Trait::CLITIC) && !word.says(Keyword::ARTICLE_PRONOUN);
    word.says(Keyword::PREDICATE)
        || marked.class(at) == Some(Class::Vague)
        || word.is(Trait::COPULA.or(Trait::VERB))
        || (word.is(Trait::STATE) && !(word.capital && word.is(Trait::GIVEN_NAME)))
        || clitic_and_verb
}

/// Whether the verb at `at` is followed by what it is about: "no abre X", "instalar X".
fn takes_object(marked: &Marked, at: usize) -> bool {
    let word = &marked.words[at];
    let grammar = &marked.lexicon.grammar;
    let infinitive = word.key.len() > 3 && grammar.ends(Ending::TakesObject, &word.key);
    let denied = at > 0 && marked.words[at - 1].says(Keyword::DENIES);
    let opens = marked.is_break(at) || marked.class(at - 1).is_some();
    word.is(Trait::VERB) && (denied || infinitive || opens)
        || word.is(Trait::SERVICE) && infinitive
        || word.is(Trait::COPULA.or(Trait::REQUEST)) && marked.class(at) != Some(Class::Intro)
        || word.says(Keyword::TAKES_OBJECT)
}

/// Whether the preposition at `at` belongs to a verb of entering: "entrar a X".
fn enters(marked: &Marked, at: usize) -> bool {
    at > 0 && {
        let grammar = &marked.lexicon.grammar;
        grammar.begins(Ending::Enters, &marked.words[at - 1].key)
    }
}

/// The gender an article tells.
pub(super) fn article_gender(article: &Word) -> Option<Gender> {
    if article.says(Keyword::MASCULINE) {
        Some(Gender::Masculine)
    } else {
        article.says(Keyword::FEMININE).then_some(Gender::Feminine)
    }
}

fn gender_by_ending(grammar: &Grammar, head: &str) -> Gender {
    let feminine = grammar.ends(Ending::Feminine, head);
    if feminine && !grammar.ends(Ending::FeminineNot, head) {
        Gender::Feminine
    } else {
        Gender::Masculine
    }
}
