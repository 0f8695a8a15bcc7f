//! How well people are understood in words that no rule was written for.
//!
//! The first two sets were written before the rules, the third and fourth after them by people who had
//! not seen them; none is among their data. What each set gave when it was first looked at is the
//! measure: 95 of 100 openings of the third, 36 of 40 lines of the fourth. An opening is right when
//! the object is one of the accepted nouns and the summary or the description holds the symptom's key
//! words. Accents, case and plurals do not count, and a noun may stand with a complement ("sistema de
//! ventas" for "sistema").

mod classified;

use actors::texts::Locale;
use actors::understand::{self, Cues, Level, Reading};
use serde::Deserialize;

#[derive(Deserialize)]
struct Opening {
    turns: Vec<String>,
    object: String,
    symptom: String,
    priority: String,
}

#[derive(Deserialize)]
struct Line {
    text: String,
    name: Option<String>,
    area: Option<String>,
}

fn lines<T: for<'a> Deserialize<'a>>(file: &str) -> Vec<T> {
    file.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

fn fold(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|c| match c {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            c => c,
        })
        .collect()
}

fn accepts(accepted: &str, found: &str) -> bool {
    accepted
        .split('|')
        .any(|one| fold(one.trim()) == fold(found.trim()))
}

/// Whether one noun names the other: equal up to plurals, or the other with a complement.
fn names(accepted: &str, found: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let singular = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
        fold(text).split_whitespace().map(singular).collect()
    };
    let found = words(found);
    accepted.split('|').map(words).any(|one| {
        let within = |long: &[String], short: &[String]| {
            !short.is_empty() && long.windows(short.len()).any(|part| part == short)
        };
        within(&found, &one) || within(&one, &found)
    })
}

#[test]
fn at_least_85_of_100_unlisted_openings_are_understood() {
    understood(include_str!("openings.jsonl"));
}

#[test]
fn at_least_85_of_a_second_100_unlisted_openings_are_understood() {
    understood(include_str!("openings_2.jsonl"));
}

#[test]
fn at_least_85_of_a_third_100_unlisted_openings_are_understood() {
    understood(include_str!("openings_3.jsonl"));
}

fn understood(file: &str) {
    let openings: Vec<Opening> = lines(file);
    assert_eq!(openings.len(), 100);
    let (mut right, mut priorities) = (0, 0);
    for opening in &openings {
        let readings: Vec<Reading> = opening
            .turns
            .iter()
            .map(|turn| Reading::of(Locale::Es, turn).expect("readable"))
            .collect();
        let object = readings.iter().find_map(|reading| reading.object.as_ref());
        let symptom = readings.iter().find_map(|reading| reading.symptom.as_ref());
        let cues = readings
            .iter()
            .fold(Cues::default(), |cues, reading| cues.and(reading.cues));
        let summary = understand::summary(object, symptom);
        let description = understand::description(Locale::Es, object, symptom, &readings);
        let level = match understand::priority(object, symptom, cues).level {
            Level::High => "alta",
            Level::Medium => "media",
            Level::Low => "baja",
        };
        let noun = object.map_or("", |object| object.noun.as_str());
        let said = fold(&format!("{summary} {description}"));
        let told = opening
            .symptom
            .split('|')
            .any(|symptom| said.contains(&fold(symptom.trim())));
        priorities += usize::from(level == opening.priority);
        if names(&opening.object, noun) && told {
            right += 1;
        } else {
            println!(
                "missed {:?}: {noun:?} / {summary:?}, {:?}",
                opening.turns, opening.symptom
            );
        }
    }
    println!(
        "openings understood: {right} of 100; priorities as a desk would: {priorities} of 100"
    );
    assert!(right >= 85, "only {right} of 100 openings understood");
}

#[test]
fn at_least_34_of_40_unlisted_name_and_area_lines_are_read() {
    read(include_str!("identities.jsonl"));
}

#[test]
fn at_least_34_of_a_second_40_unlisted_name_and_area_lines_are_read() {
    read(include_str!("identities_2.jsonl"));
}

#[test]
fn at_least_34_of_a_third_40_unlisted_name_and_area_lines_are_read() {
    read(include_str!("identities_3.jsonl"));
}

#[test]
fn at_least_34_of_a_fourth_40_unlisted_name_and_area_lines_are_read() {
    read(include_str!("identities_4.jsonl"));
}

fn read(file: &str) {
    let cases: Vec<Line> = lines(file);
    assert_eq!(cases.len(), 40);
    let same = |accepted: &Option<String>, found: &Option<String>| match (accepted, found) {
        (None, None) => true,
        (Some(accepted), Some(found)) => accepts(accepted, found),
        _ => false,
    };
    let mut right = 0;
    for case in &cases {
        let found = understand::identity(Locale::Es, &case.text).expect("readable");
        if same(&case.name, &found.name) && same(&case.area, &found.area) {
            right += 1;
        } else {
            println!("missed {:?}: {found:?}", case.text);
        }
    }
    println!("name and area lines read: {right} of 40");
    assert!(right >= 34, "only {right} of 40 lines read");
}
