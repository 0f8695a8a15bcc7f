//! The title and the description of a ticket, joined from several turns (R025, R032).

use std::collections::HashSet;

use smol_str::SmolStr;

use super::grammar::Keyword;
use super::lexicon::{Lexicon, Trait};
use super::object::{Kind, Object};
use super::spelling::fold;
use super::symptom::Symptom;
use super::{Intent, Reading};
use crate::texts::Locale;

/// The length from which a description takes in no further clause, in characters: it is shown in
/// one message, and WhatsApp delivers no more than 4,096.
const DESCRIPTION_CHARS: usize = 1_200;

/// The title: "Computadora no enciende". Joined from object and symptom and capitalised; a symptom
/// with a subject of its own stands behind a colon unless it names the object itself.
pub fn summary(object: Option<&Object>, symptom: Option<&Symptom>) -> String {
    let joined = match (object, symptom) {
        (Some(object), Some(symptom)) if names(&symptom.text, &object.noun) => symptom.text.clone(),
        (Some(object), Some(symptom)) if symptom.of_object => match part(object, symptom) {
            Some(part) if names(part, &object.noun) => format!("{part} {}", symptom.text),
            Some(part) => format!("{}: {part} {}", object.noun, symptom.text),
            None => format!("{} {}", object.noun, symptom.text),
        },
        (Some(object), Some(symptom)) => format!("{}: {}", object.noun, symptom.text),
        (Some(object), None) => object.noun.clone(),
        (None, Some(symptom)) => symptom.text.clone(),
        (None, None) => String::new(),
    };
    capitalised(&joined)
}

/// The description: the summary with the time detail, and every further clause of any turn in the
/// person's words: "Computadora no enciende desde esta mañana". A turn that was corrected since
/// gives only what the correction left: pass the object and symptom that hold now. Cut behind the
/// clause that passes [`DESCRIPTION_CHARS`]; the turns themselves are in the ticket's transcript.
pub fn description(
    locale: Locale,
    object: Option<&Object>,
    symptom: Option<&Symptom>,
    turns: &[Reading],
) -> String {
    let lexicon = Lexicon::of(locale);
    let mut sentence = summary(object, symptom);
    let timed = turns.iter().rposition(|turn| turn.when.is_some());
    if let Some(when) = timed.and_then(|nth| turns[nth].when.as_deref()) {
        sentence = format!("{sentence} {when}");
    }
    let corrected = turns
        .iter()
        .rposition(|turn| turn.intent == Intent::Correction)
        .unwrap_or(0);
    let mut known = keys(lexicon, &sentence);
    for turn in &turns[..corrected] {
        known.extend(
            turn.object
                .iter()
                .flat_map(|thing| keys(lexicon, &thing.noun)),
        );
        known.extend(
            turn.symptom
                .iter()
                .flat_map(|told| keys(lexicon, &told.text)),
        );
    }
    let mut told: HashSet<SmolStr> = HashSet::new();
    for (nth, turn) in turns.iter().enumerate() {
        let when = turn.when.as_deref().filter(|_| timed != Some(nth));
        for clause in turn.details.iter().map(String::as_str).chain(when) {
            let Some(rest) = untold(lexicon, clause, &known).filter(|rest| told.insert(fold(rest)))
            else {
                continue;
            };
            if sentence.chars().count() > DESCRIPTION_CHARS {
                return sentence;
            }
            let joint = if sentence.is_empty() { "" } else { ", " };
            sentence = format!("{sentence}{joint}{rest}");
        }
    }
    sentence.chars().take(2 * DESCRIPTION_CHARS).collect()
}

/// What of a clause is not known: nothing, a complement ("de la sala"), or the entire clause.
fn untold(lexicon: &Lexicon, clause: &str, known: &HashSet<SmolStr>) -> Option<String> {
    let words: Vec<&str> = clause.split_whitespace().collect();
    let new = |word: &&str| says(lexicon, word) && !known.contains(&fold(word));
    let first = words.iter().position(new)?;
    let last = words.iter().rposition(new)?;
    let lead = (0..first)
        .rev()
        .take_while(|at| !says(lexicon, words[*at]))
        .last();
    let mut from = lead.unwrap_or(first);
    let of = lexicon.grammar.keyword(&fold(words[from]));
    if of.any(Keyword::OF) && from > 0 {
        from -= 1;
        return Some(words[from..=last].join(" "));
    }
    let traits = lexicon.traits(&fold(words[from]));
    let complement = from > 0 && from < first && traits.any(Trait::PREPOSITION);
    Some(if complement {
        words[from..=last].join(" ")
    } else {
        clause.to_owned()
    })
}

/// The words of a text that say something.
fn keys(lexicon: &Lexicon, text: &str) -> HashSet<SmolStr> {
    text.split_whitespace()
        .map(|word| word.trim_matches(':'))
        .filter(|word| says(lexicon, word))
        .map(fold)
        .collect()
}

/// Whether a word is more than a joint of the sentence.
fn says(lexicon: &Lexicon, word: &str) -> bool {
    let key = fold(word);
    let joint = Trait::LINK.or(Trait::DETERMINER).or(Trait::CLITIC);
    lexicon.grammar.keyword(&key).any(Keyword::SAYS) || !lexicon.traits(&key).any(joint)
}

/// The part an object has that the symptom is said of: "botón derecho", where the object is the
/// mouse. Two words for a computer, a printer or a telephone are taken for one and the same.
fn part<'a>(object: &Object, symptom: &'a Symptom) -> Option<&'a str> {
    let subject = symptom.subject.as_ref()?;
    let alike = subject.kind == object.kind
        && matches!(subject.kind, Kind::Computer | Kind::Printer | Kind::Phone);
    let begins = names(&subject.noun, &object.noun)
        && subject
            .noun
            .to_lowercase()
            .starts_with(&object.noun.to_lowercase());
    (!alike && !begins && !names(&object.noun, &subject.noun)).then_some(subject.noun.as_str())
}

/// Whether a text holds a noun as whole words.
fn names(text: &str, noun: &str) -> bool {
    let (text, noun) = (text.to_lowercase(), noun.to_lowercase());
    text.match_indices(&noun).any(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        edge(text[..at].chars().next_back()) && edge(text[at + noun.len()..].chars().next())
    })
}

/// The text with its first letter high, but for names that begin low on purpose ("iPhone").
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !text.starts_with("iP") && !text.starts_with("iM") => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
