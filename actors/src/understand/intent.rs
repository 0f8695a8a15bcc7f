//! What a message is for.
//!
//! A report outweighs the words around it: "gracias, pero sigue sin encender" is a problem. Only
//! where nothing is reported does a greeting, a thanks or a yes count.

use super::Intent;
use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Keyword;
use super::lexicon::Trait;
use super::object::Mention;
use super::phrases::{Class, Marked};
use super::words::Gap;
use crate::texts::TicketNumber;

/// What was found in a text, as far as intent depends on it.
pub(super) struct Found<'a> {
    pub marked: &'a Marked,
    pub object: Option<&'a Mention>,
    pub has_symptom: bool,
    /// Whether the symptom is only a wish ("quiero saber …").
    pub is_wish: bool,
    pub has_identity: bool,
    pub is_correction: bool,
}

/// Decides the intent.
pub(super) fn of(found: &Found, text: &str, fuel: &mut Fuel) -> Result<Intent, OutOfFuel> {
    let marked = found.marked;
    fuel.spend(marked.words.len() * 4)?;
    let bare = content_words(marked);
    let reports = found.object.is_some() || found.has_symptom;
    if let Some(number) = ticket_asked_for(marked, text, found.has_symptom && !found.is_wish) {
        return Ok(Intent::StatusQuery { number });
    }
    if found.is_correction {
        return Ok(Intent::Correction);
    }
    if marked.has(Class::Human) && !found.has_symptom {
        return Ok(Intent::HumanRequest);
    }
    if marked.has(Class::Cancel) && !reports && bare <= 3 {
        return Ok(Intent::Cancel);
    }
    if reports {
        return Ok(Intent::Problem);
    }
    if marked.has(Class::Complaint) {
        return Ok(Intent::Complaint);
    }
    if marked.has(Class::Intro) || marked.has(Class::Vague) {
        return Ok(Intent::Problem);
    }
    if found.has_identity {
        return Ok(Intent::Identity);
    }
    if asks_help(marked) {
        return Ok(Intent::Problem);
    }
    let answers = [
        (Class::No, Intent::No),
        (Class::Thanks, Intent::Thanks),
        (Class::Yes, Intent::Yes),
        (Class::Greeting, Intent::Greeting),
    ];
    let answer = answers
        .into_iter()
        .find(|(class, _)| marked.has(*class) && bare <= 2);
    if let Some((_, intent)) = answer {
        return Ok(intent);
    }
    Ok(Intent::Other)
}

/// Whether a courtesy asks for help, as "necesito ayuda" does and "por favor" does not.
fn asks_help(marked: &Marked) -> bool {
    let helps = |at: usize| marked.words[at].is(Trait::VAGUE);
    marked.spans.iter().any(|span| match span.class {
        Class::Urgent => true,
        Class::Courtesy => (span.start..span.end).any(helps),
        _ => false,
    })
}

/// Words that carry meaning and are covered by no phrase.
fn content_words(marked: &Marked) -> usize {
    marked
        .bare()
        .filter(|at| !marked.words[*at].is(Trait::LINK))
        .count()
}

/// Whether the text corrects an earlier one, and where the corrected thing begins.
pub(super) fn correction_at(marked: &Marked) -> Option<usize> {
    let says = |at: usize, keywords| marked.words.get(at).is_some_and(|word| word.says(keywords));
    if let Some(fix) = marked.first(Class::Fix) {
        return Some(fix.start);
    }
    let start = (0..marked.words.len()).find(|at| {
        !matches!(
            marked.class(*at),
            Some(Class::Greeting | Class::Courtesy | Class::Thanks)
        )
    })?;
    let regretted = (0..start).any(|at| says(at, Keyword::SORRY));
    let refused = marked.class(start) == Some(Class::No);
    let next = if refused { start + 1 } else { start };
    let names = |at: usize| {
        marked
            .words
            .get(at)
            .is_some_and(|w| w.is(Trait::DETERMINER) || w.is(Trait::OBJECT))
            && !marked
                .words
                .get(at)
                .is_some_and(|w| w.is(Trait::CLITIC) && marked.words.get(at + 1).is_none())
    };
    let short = marked.words.len() - start <= 6;
    let insists = says(next, Keyword::IS) && (refused || regretted || says(next, Keyword::WAS));
    let renames = (refused || regretted) && names(next) && short && !has_verb(marked, next);
    let self_named = refused && matches!(marked.class(next), Some(Class::Introduction));
    (insists || renames || self_named).then_some(next)
}

fn has_verb(marked: &Marked, from: usize) -> bool {
    marked.words[from..].iter().any(|word| {
        word.is(Trait::VERB.or(Trait::COPULA).or(Trait::REQUEST))
            && !(word.says(Keyword::IS) && word.says(Keyword::TAKES_OBJECT))
            || word.says(Keyword::NO.or(Keyword::SE))
    })
}

/// Whether a mention is what a correction denies: "no es [la laptop]", "la PC no [la laptop]".
pub(super) fn is_denied(marked: &Marked, mention: &Mention) -> bool {
    let mut at = mention.start;
    while at > 0
        && marked.words[at].gap == Gap::None
        && marked.words[at - 1].says(Keyword::DENIED_LINK)
    {
        at -= 1;
    }
    let sentence = at == mention.start || marked.words[mention.start].gap == Gap::None;
    at > 0
        && marked.words[at - 1].says(Keyword::NO)
        && marked.words[at].gap == Gap::None
        && sentence
}

/// The ticket a text asks about: `Some(None)` if it asks without a number.
fn ticket_asked_for(marked: &Marked, text: &str, has_symptom: bool) -> Option<Option<u64>> {
    let key = |at: usize| marked.words.get(at).map_or("", |word| word.key.as_str());
    let full = marked
        .words
        .iter()
        .find_map(|word| TicketNumber::parse(&word.shown));
    if let Some(number) = full.or_else(|| TicketNumber::parse(text)) {
        return (!has_symptom || marked.words.len() < 12).then_some(Some(number.id));
    }
    let says = |at: usize, keywords| marked.words[at].says(keywords);
    let (mut asked, mut asks) = (None, marked.has(Class::Status));
    for at in 0..marked.words.len() {
        if !says(at, Keyword::TICKET) {
            continue;
        }
        let near = (at + 1..marked.words.len().min(at + 6))
            .take_while(|n| says(*n, Keyword::TICKET_LINK) || is_number(key(*n)));
        asked = near
            .filter(|n| is_number(key(*n)))
            .find_map(|n| key(n).parse().ok())
            .or(asked);
        asks |= says(at, Keyword::TICKET_STATE) && marked.words.len() <= 4;
    }
    if asked.is_none() && asks {
        asked = (0..marked.words.len())
            .filter(|at| is_number(key(*at)))
            .find_map(|at| key(at).parse().ok());
    }
    match asked {
        Some(number) if !has_symptom || asks => Some(Some(number)),
        None if asks && !has_symptom => Some(None),
        _ => None,
    }
}

fn is_number(key: &str) -> bool {
    !key.is_empty() && key.len() <= 12 && key.bytes().all(|b| b.is_ascii_digit())
}
