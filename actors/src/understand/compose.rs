//! The title and the description of a ticket, joined from several turns (R025, R032).

use super::Reading;
use super::object::Object;
use super::symptom::Symptom;

/// The title: "Computadora no enciende". Joined from object and symptom and capitalised; a symptom
/// with a subject of its own stands behind a colon unless it names the object itself.
pub fn summary(object: Option<&Object>, symptom: Option<&Symptom>) -> String {
    let joined = match (object, symptom) {
        (Some(object), Some(symptom)) if names(&symptom.text, &object.noun) => symptom.text.clone(),
        (Some(object), Some(symptom)) if symptom.of_object => {
            format!("{} {}", object.noun, symptom.text)
        }
        (Some(object), Some(symptom)) => format!("{}: {}", object.noun, symptom.text),
        (Some(object), None) => object.noun.clone(),
        (None, Some(symptom)) => symptom.text.clone(),
        (None, None) => String::new(),
    };
    capitalised(&joined)
}

/// The description: the summary with the time detail and the further symptoms told in any turn,
/// "Computadora no enciende desde esta mañana". A turn that was corrected since gives only what
/// the correction left: pass the object and symptom that hold now.
pub fn description(
    object: Option<&Object>,
    symptom: Option<&Symptom>,
    turns: &[Reading],
) -> String {
    let mut sentence = summary(object, symptom);
    if let Some(when) = turns.iter().rev().find_map(|turn| turn.when.as_deref()) {
        sentence = format!("{sentence} {when}");
    }
    let chosen = symptom.map(|symptom| symptom.text.as_str());
    let others = turns
        .iter()
        .filter_map(|turn| turn.symptom.as_ref())
        .map(|s| s.text.as_str());
    let details = turns
        .iter()
        .flat_map(|turn| turn.details.iter().map(String::as_str));
    let mut told: Vec<&str> = Vec::new();
    for detail in others.chain(details) {
        if Some(detail) != chosen && !told.contains(&detail) {
            told.push(detail);
            sentence = format!("{sentence}, {detail}");
        }
    }
    sentence.trim().to_owned()
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
