//! Time details: "desde esta mañana", "hace dos días", "desde que cambié de oficina".
//!
//! They belong to the description of a problem (R032), not to its title, so they are cut out
//! first. A phrase is a lead word followed by the longest run of words that speak of time.

use super::fuel::{Fuel, OutOfFuel};
use super::lexicon::Trait;
use super::phrases::{Class, Marked, Span};
use super::words::{Gap, Word};

/// The longest run a time phrase can be, in words.
const RUN_MAX: usize = 10;
/// The longest "desde que …", in words.
const SINCE_CLAUSE_MAX: usize = 8;

/// How many words from `at` are a time detail.
pub(super) fn length_at(
    words: &[Word],
    at: usize,
    fuel: &mut Fuel,
) -> Result<Option<usize>, OutOfFuel> {
    fuel.spend(RUN_MAX)?;
    let key = |n: usize| words.get(at + n).map_or("", |word| word.key.as_str());
    Ok(match (key(0), key(1)) {
        ("desde", "que") => Some(since_clause(words, at)),
        ("cada" | "a", "vez" | "cada") if key(1) == "vez" || key(2) == "rato" => {
            if key(0) == "a" {
                Some(3)
            } else {
                None
            }
        }
        ("cada", _) => run(words, at, 1),
        ("desde" | "hace" | "hasta" | "apartir", _) => run(words, at, 1),
        ("a", "partir" | "eso") | ("como", "desde") => run(words, at, 2),
        ("ya", "hace") => run(words, at, 2),
        ("en" | "por" | "a", "la" | "las" | "el" | "horas" | "mediodia") => run(words, at, 1),
        ("esta" | "este" | "estos" | "estas" | "el" | "los" | "la" | "todo" | "toda", _) => {
            run(words, at, 1).filter(|length| names_a_time(&words[at..at + length]))
        }
        ("ayer" | "hoy" | "anoche" | "antier" | "anteayer" | "antenoche" | "recien", _) => {
            Some(run(words, at, 1).unwrap_or(1))
        }
        _ => None,
    })
}

/// The time detail to show.
pub(super) fn detail(marked: &Marked) -> Option<String> {
    chosen(marked).map(|span| marked.shown(span.start, span.end))
}

/// Where the time detail to show stands: one with "desde" or "hace" first, else the first.
pub(super) fn chosen(marked: &Marked) -> Option<Span> {
    let times = || marked.spans.iter().filter(|span| span.class == Class::Time);
    let leads = |start: usize| {
        matches!(
            marked.words[start].key.as_str(),
            "desde" | "hace" | "ya" | "apartir" | "como"
        )
    };
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
            || matches!(
                word.key.as_str(),
                "pasado" | "pasada" | "poco" | "mucho" | "media" | "medio" | "cuarto"
            )
    };
    while end > at + lead && !tail(&words[end - 1]) {
        end -= 1;
    }
    let told = words[at + lead..end]
        .iter()
        .any(|word| word.is(Trait::TIME));
    let clock = words[at + lead..end].iter().any(|w| w.key == "las") && end > at + lead + 1
        || lead == 1 && matches!(words[at].key.as_str(), "a") && end > at + 2;
    let closes = words.get(end).is_none_or(|next| {
        next.gap > Gap::None || matches!(next.key.as_str(), "que" | "no" | "se")
    });
    (told || clock || (closes && is_while(&words[at..end]))).then_some(end - at)
}

/// "desde hace poco", "hace mucho": without a noun of time, but about time.
fn is_while(words: &[Word]) -> bool {
    let last = words.last().map_or("", |word| word.key.as_str());
    words.len() >= 2
        && words.iter().any(|w| w.key == "hace" || w.key == "desde")
        && matches!(last, "poco" | "mucho")
}

/// Whether a phrase without a lead word names a time all by itself, as "el lunes" and "esta
/// mañana" do, while "el día" does not.
fn names_a_time(words: &[Word]) -> bool {
    let first = words.first().map_or("", |word| word.key.as_str());
    let last = words.last().map_or("", |word| word.key.as_str());
    let weekday = |key: &str| {
        matches!(
            key,
            "lunes" | "martes" | "miercoles" | "jueves" | "viernes" | "sabado" | "domingo"
        )
    };
    match first {
        "esta" | "este" | "estos" | "estas" => {
            words.len() > 1 && words[1..].iter().any(|w| w.is(Trait::TIME))
        }
        "todo" | "toda" => words.len() > 1,
        _ => {
            weekday(last)
                || words.iter().any(|w| weekday(&w.key))
                || matches!(last, "pasado" | "pasada")
        }
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
                matches!(next.key.as_str(), "no" | "se" | "ya" | "me")
                    || next.is(Trait::COPULA.or(Trait::VERB))
            });
        let turns = matches!(word.key.as_str(), "no" | "ya" | "mi" | "se") && end > at + 3;
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
    use crate::understand::words::split;

    fn detail_of(text: &str) -> Option<String> {
        let mut fuel = Fuel::full();
        let words = split(text, &mut fuel).unwrap();
        detail(&Marked::of(words, &mut fuel).unwrap())
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
