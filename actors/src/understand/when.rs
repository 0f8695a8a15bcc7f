//! Time details: "desde esta mañana", "hace dos días", "desde que cambié de oficina".
//!
//! They belong to the description of a problem (R032), not to its title, so they are cut out
//! first. A phrase is a lead word followed by the longest run of words that speak of time.

use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Keyword;
use super::lexicon::{Lexicon, Trait};
use super::phrases::{Class, Marked, Span};
use super::words::{Gap, Word};

/// The longest run a time phrase can be, in words.
const RUN_MAX: usize = 10;
/// The longest "desde que …", in words.
const SINCE_CLAUSE_MAX: usize = 8;

/// How many words from `at` are a time detail.
pub(super) fn length_at(
    words: &[Word],
    lexicon: &Lexicon,
    at: usize,
    fuel: &mut Fuel,
) -> Result<Option<usize>, OutOfFuel> {
    fuel.spend(RUN_MAX)?;
    let says = |n: usize, keywords| words.get(at + n).is_some_and(|word| word.says(keywords));
    let lead = lexicon.time_leads.length(words, at);
    let named = Keyword::THIS.or(Keyword::DAY_THE).or(Keyword::ALL);
    Ok(match lead {
        _ if says(0, Keyword::SINCE) && says(1, Keyword::THAT) => Some(since_clause(words, at)),
        Some(lead) => run(words, at, lead),
        None if says(0, Keyword::DAY_PREPOSITION) && says(1, Keyword::DAY_ARTICLE) => {
            run(words, at, 1)
        }
        None if says(0, named) => {
            run(words, at, 1).filter(|length| names_a_time(&words[at..at + length]))
        }
        // Italian "l'ora" is a noun, "ora" is now.
        None if says(0, Keyword::TIME_WORD) && !(at > 0 && words[at - 1].is(Trait::DETERMINER)) => {
            Some(run(words, at, 1).unwrap_or(1))
        }
        None => None,
    })
}

/// The time detail to show.
pub(super) fn detail(marked: &Marked) -> Option<String> {
    chosen(marked).map(|span| marked.shown(span.start, span.end))
}

/// Where the time detail to show stands: one with "desde" or "hace" first, else the first.
pub(super) fn chosen(marked: &Marked) -> Option<Span> {
    let times = || marked.spans.iter().filter(|span| span.class == Class::Time);
    let leads = |start: usize| marked.words[start].says(Keyword::TIME_SINCE);
    times()
        .find(|span| leads(span.start))
        .or_else(|| times().next())
        .copied()
}

/// The run of time words that begins `lead` words behind `at`; `None` if none of them is a noun
/// of time.
fn run(words: &[Word], at: usize, lead: usize) -> Option<usize> {
    let speaks = Trait::TIME.or(Trait::TIME_LINK).or(Trait::NUMBER);
    let mut end = at + lead;
    while let Some(word) = words.get(end) {
        let number = word.key.starts_with(|c: char| c.is_ascii_digit());
        if end - at >= RUN_MAX || word.gap > Gap::None || !(word.is(speaks) || number) {
            break;
        }
        end += 1;
    }
    let tail = |word: &Word| {
        word.is(Trait::TIME)
            || word.key.starts_with(|c: char| c.is_ascii_digit())
            || word.says(Keyword::TIME_TAIL)
    };
    while end > at + lead && !tail(&words[end - 1]) {
        end -= 1;
    }
    let told = words[at + lead..end]
        .iter()
        .any(|word| word.is(Trait::TIME));
    let clocked = |word: &Word| word.says(Keyword::CLOCK);
    let clock = words[at + lead..end].iter().any(clocked) && end > at + lead + 1
        || lead == 1 && words[at].says(Keyword::CLOCK_LEAD) && end > at + 2;
    let closes = words
        .get(end)
        .is_none_or(|next| next.gap > Gap::None || next.says(Keyword::TIME_CLOSES));
    (told || clock || (closes && is_while(&words[at..end]))).then_some(end - at)
}

/// "desde hace poco", "hace mucho": without a noun of time, but about time.
fn is_while(words: &[Word]) -> bool {
    words.len() >= 2
        && words.iter().any(|word| word.says(Keyword::WHILE_LEAD))
        && words.last().is_some_and(|word| word.says(Keyword::WHILE))
}

/// Whether a phrase without a lead word names a time all by itself, as "el lunes" and "esta
/// mañana" do, while "el día" does not.
fn names_a_time(words: &[Word]) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    if first.says(Keyword::THIS) {
        words.len() > 1 && words[1..].iter().any(|word| word.is(Trait::TIME))
    } else if first.says(Keyword::ALL) {
        words.len() > 1
    } else {
        last.says(Keyword::PAST) || words.iter().any(|word| word.says(Keyword::WEEKDAY))
    }
}

/// "desde que …" up to the next clause: the end of the sentence, or a word that begins what is
/// wrong since then.
fn since_clause(words: &[Word], at: usize) -> usize {
    let mut end = at + 3;
    while let Some(word) = words.get(end) {
        let article_and_thing = word.is(Trait::DETERMINER)
            && words
                .get(end + 1)
                .is_some_and(|next| next.is(Trait::OBJECT))
            && words.get(end + 2).is_some_and(|next| {
                next.says(Keyword::SINCE_PREDICATE) || next.is(Trait::COPULA.or(Trait::VERB))
            });
        let turns = word.says(Keyword::SINCE_TURNS) && end > at + 3;
        if word.gap > Gap::None || end - at >= SINCE_CLAUSE_MAX || article_and_thing || turns {
            break;
        }
        end += 1;
    }
    end.min(words.len()) - at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Locale;
    use crate::understand::words::split;

    fn detail_of(text: &str) -> Option<String> {
        let mut fuel = Fuel::full();
        let lexicon = Lexicon::of(Locale::Es);
        let words = split(text, lexicon, &mut fuel).unwrap();
        detail(&Marked::of(words, lexicon, &mut fuel).unwrap())
    }

    #[test]
    fn time_details_are_found_wherever_they_stand() {
        for (text, time) in [
            ("No enciende desde esta mañana", "desde esta mañana"),
            (
                "desde ayer en la tarde no imprime",
                "desde ayer en la tarde",
            ),
            ("hace dos días no tengo internet", "hace dos días"),
            (
                "no abre desde hace 3 horas más o menos",
                "desde hace 3 horas",
            ),
            ("está lenta desde el lunes", "desde el lunes"),
            ("no prende desde las 8 am", "desde las 8 am"),
            ("desde q se actualizó, no abre", "desde que se actualizó"),
            ("Hoy no me abre el correo", "hoy"),
            ("esta mañana se apagó", "esta mañana"),
        ] {
            assert_eq!(detail_of(text).as_deref(), Some(time), "{text}");
        }
    }

    #[test]
    fn places_and_sounds_are_no_time() {
        for text in [
            "no entro desde mi celular",
            "hace un ruido raro",
            "está lenta",
            "el equipo",
        ] {
            assert_eq!(detail_of(text), None, "{text}");
        }
    }
}
