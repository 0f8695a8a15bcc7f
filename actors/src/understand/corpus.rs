//! The rules measured on texts written for it, and bounded on texts nobody would write.
//!
//! `corpus/openings.tsv` and `corpus/identities.tsv` are the development corpus: a change of rule
//! or table shows there what it breaks.

mod languages;

use proptest::prelude::*;

use super::fuel::{Fuel, UNITS_PER_CHAR, UNITS_PER_TEXT};
use super::{Intent, Reading, TEXT_CHARS_MAX, description, identity, summary};
use crate::texts::Locale;

const OPENINGS: &str = include_str!("corpus/openings.tsv");
const IDENTITIES: &str = include_str!("corpus/identities.tsv");
/// Conversations of one turn or more, with what the ticket made of them has to say.
const DIALOGUES: &str = include_str!("corpus/dialogues.tsv");
/// Texts with their intent and, for corrections, the object.
const INTENTS: &str = include_str!("corpus/intents.tsv");

/// The least share of right answers, in percent: what the corpus reached when it was last tuned.
const RIGHT_MIN: usize = 97;

fn rows(table: &str) -> Vec<Vec<&str>> {
    let told = table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    told.map(|line| line.split('\t').collect()).collect()
}

fn fits(found: Option<&str>, expected: &str) -> bool {
    expected
        .split('|')
        .any(|choice| found.unwrap_or("-") == choice)
}

/// Prints what is wrong, and fails below [`RIGHT_MIN`].
fn measure(of: &str, total: usize, wrong: &[String]) {
    let right = total - wrong.len();
    println!("{of}: {right} of {total} right\n{}", wrong.join("\n"));
    assert!(
        right * 100 >= total * RIGHT_MIN,
        "{of}: only {right} of {total}\n{}",
        wrong.join("\n")
    );
}

#[test]
fn openings_are_understood() {
    let rows = rows(OPENINGS);
    assert!(rows.len() >= 150);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let reading = Reading::of(Locale::Es, row[0]).unwrap();
            let object = reading.object.as_ref().map(|object| object.noun.as_str());
            let symptom = reading
                .symptom
                .as_ref()
                .map(|symptom| symptom.text.as_str());
            let right = fits(object, row[1]) && fits(symptom, row[2]);
            (!right).then(|| format!("{}\n   {object:?} {symptom:?}, not {:?}", row[0], &row[1..]))
        })
        .collect();
    measure("openings", rows.len(), &wrong);
}

/// Joined as a draft does it: what is known already stays.
#[test]
fn nothing_reported_is_missing_from_the_ticket() {
    let rows = rows(DIALOGUES);
    let says = |text: &str, parts: &str| {
        let text = fold_all(text);
        parts.split(';').all(|part| {
            let fits = |choice: &str| choice == "-" || text.contains(&fold_all(choice));
            part.split('|').any(fits)
        })
    };
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let turns: Vec<Reading> = row[0]
                .split(" / ")
                .map(|turn| Reading::of(Locale::Es, turn).unwrap())
                .collect();
            let object = turns.iter().find_map(|turn| turn.object.as_ref());
            let symptom = turns.iter().find_map(|turn| turn.symptom.as_ref());
            let (title, whole) = (
                summary(object, symptom),
                description(Locale::Es, object, symptom, &turns),
            );
            let right = fits(object.map(|object| object.noun.as_str()), row[1])
                && says(&title, row[2])
                && says(&whole, row[3]);
            let told = format!("{:?}\n   {title}\n   {whole}", object.map(|o| &o.noun));
            (!right).then(|| format!("{}\n   {told}\n   not {:?}", row[0], &row[1..]))
        })
        .collect();
    measure("dialogues", rows.len(), &wrong);
}

fn fold_all(text: &str) -> String {
    let words: Vec<smol_str::SmolStr> =
        text.split_whitespace().map(super::spelling::fold).collect();
    words.join(" ")
}

#[test]
fn names_and_areas_are_understood() {
    let rows = rows(IDENTITIES);
    assert!(rows.len() >= 60);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let told = identity(Locale::Es, row[0]).unwrap();
            let right = fits(told.name.as_deref(), row[1]) && fits(told.area.as_deref(), row[2]);
            (!right).then(|| format!("{}\n   {told:?}, not {:?}", row[0], &row[1..]))
        })
        .collect();
    measure("identities", rows.len(), &wrong);
}

#[test]
fn intents_are_understood() {
    let rows = rows(INTENTS);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let reading = Reading::of(Locale::Es, row[0]).unwrap();
            let intent = match reading.intent {
                Intent::StatusQuery { number } => format!("Status {}", number.unwrap_or(0)),
                other => format!("{other:?}"),
            };
            let object = reading.object.as_ref().map(|object| object.noun.as_str());
            let right = intent == row[1] && row.get(2).is_none_or(|noun| fits(object, noun));
            (!right).then(|| format!("{}\n   {intent} {object:?}, not {:?}", row[0], &row[1..]))
        })
        .collect();
    measure("intents", rows.len(), &wrong);
}

#[test]
fn the_example_dialogue_is_read() {
    let first = Reading::of(Locale::Es, "Hola, tengo un problema con mi computadora").unwrap();
    let second = Reading::of(Locale::Es, "No enciende desde esta mañana").unwrap();
    assert_eq!(
        (first.intent, second.intent),
        (Intent::Problem, Intent::Problem)
    );
    assert_eq!(first.symptom, None);
    assert_eq!(second.when.as_deref(), Some("desde esta mañana"));
    let (object, symptom) = (first.object.as_ref(), second.symptom.as_ref());
    assert_eq!(summary(object, symptom), "Computadora no enciende");
    assert_eq!(
        description(
            Locale::Es,
            object,
            symptom,
            &[first.clone(), second.clone()]
        ),
        "Computadora no enciende desde esta mañana"
    );
    let third = Reading::of(Locale::Es, "Juan Pérez, área de contabilidad").unwrap();
    assert_eq!(third.intent, Intent::Identity);
    let who = third.identity.unwrap();
    assert_eq!(
        (who.name.as_deref(), who.area.as_deref()),
        (Some("Juan Pérez"), Some("Contabilidad"))
    );
}

#[test]
fn titles_read_as_sentences() {
    for (text, title, whole) in [
        (
            "se apaga sola mi laptop desde ayer",
            "Laptop se apaga sola",
            "Laptop se apaga sola desde ayer",
        ),
        (
            "no puedo entrar al correo",
            "No puedo entrar al correo",
            "No puedo entrar al correo",
        ),
        (
            "mi correo no puedo abrirlo",
            "Correo: no puedo abrirlo",
            "Correo: no puedo abrirlo",
        ),
        (
            "la impresora no imprime desde ayer, sale una luz roja",
            "Impresora no imprime",
            "Impresora no imprime desde ayer, sale una luz roja",
        ),
        ("tengo un problema con el iPhone", "iPhone", "iPhone"),
    ] {
        let reading = Reading::of(Locale::Es, text).unwrap();
        let (object, symptom) = (reading.object.as_ref(), reading.symptom.as_ref());
        assert_eq!(summary(object, symptom), title);
        assert_eq!(
            description(Locale::Es, object, symptom, std::slice::from_ref(&reading)),
            whole
        );
    }
}

/// Texts made of what the rules look for, as well as of anything at all.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "no",
        "se",
        "está",
        "mi",
        "la",
        "el",
        "computadora",
        "desde",
        "hace",
        "que",
        "con",
        "de",
        "es",
        "perdón",
        "imprsora",
        "soy",
        "área",
        "ticket",
        "12",
        ",",
        ".",
        "\n",
        "👋",
        "tengo",
        "un",
        "problema",
        "xq",
        "ñ",
        "É",
        "necesito",
        "muy",
        "lenta",
        "sin",
        "e\u{301}",
        "Zentrix",
        "y",
        "por",
        "favor",
        "me",
        "sale",
        "#TK-2025-1",
    ]);
    prop_oneof![
        ".{0,300}",
        "\\PC{0,300}",
        prop::collection::vec(pieces, 0..400).prop_map(|words| words.join(" ")),
    ]
}

proptest! {
    #[test]
    fn any_text_is_read_in_linear_time(text in texts()) {
        let mut fuel = Fuel::full();
        Reading::with_fuel(Locale::Es, &text, &mut fuel).unwrap();
        identity(Locale::Es, &text).unwrap();
        let chars = u32::try_from(text.chars().count()).unwrap();
        let most = UNITS_PER_CHAR * chars + UNITS_PER_TEXT;
        prop_assert!(fuel.spent() <= most, "{} units for {chars} characters", fuel.spent());
    }

    #[test]
    fn any_piece_repeated_to_the_longest_message_is_read(piece in texts()) {
        let text: String = piece.chars().cycle().take(TEXT_CHARS_MAX).collect();
        prop_assert!(Reading::of(Locale::Es, &text).is_ok());
        prop_assert!(identity(Locale::Es, &text).is_ok());
    }
}

/// The dearest texts known: words that nearly are nouns, introductions that come to nothing, and
/// the shortest words there are, to the full length of a message.
#[test]
fn dear_texts_stay_within_their_fuel() {
    for piece in [
        "contrxsenz ",
        "impresorz ",
        "soy ",
        "a ",
        "no ",
        "mi soy no se ",
        "desde ",
        "que me ",
        "área de ",
    ] {
        let text: String = piece.chars().cycle().take(TEXT_CHARS_MAX).collect();
        let mut fuel = Fuel::full();
        assert!(
            Reading::with_fuel(Locale::Es, &text, &mut fuel).is_ok(),
            "{piece}"
        );
        let per_char = fuel.spent() / u32::try_from(TEXT_CHARS_MAX).unwrap();
        println!("{piece}: {per_char} units a character");
        assert!(identity(Locale::Es, &text).is_ok(), "{piece}");
    }
}

#[test]
fn a_text_beyond_any_message_is_refused() {
    let text = "mi computadora no enciende ".repeat(40_000);
    assert!(Reading::of(Locale::Es, &text).is_err());
    assert!(identity(Locale::Es, &text).is_err());
}
