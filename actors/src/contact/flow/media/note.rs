//! Places and cards as lines of a transcript.

use std::fmt::Write as _;

use crate::model::{Card, Location};

/// Longest line, in bytes.
const LINE_BYTES: usize = 1_024;
/// Cards that are written out; the others are counted.
const CARDS: usize = 10;

/// A place: its name and address, its coordinates.
pub(in crate::contact::flow) fn of_place(place: &Location) -> String {
    let words = [place.name.as_deref(), place.address.as_deref()];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    let (latitude, longitude) = (place.latitude, place.longitude);
    let line = match words.is_empty() {
        true => format!("📍 {latitude:.6}, {longitude:.6}"),
        false => format!("📍 {} ({latitude:.6}, {longitude:.6})", words.join(", ")),
    };
    super::super::cut(&line, LINE_BYTES).to_owned()
}

/// Contact cards: their names, numbers and e-mail addresses.
pub(in crate::contact::flow) fn of_cards(cards: &[Card]) -> String {
    let mut line = String::from("👤 ");
    for (index, card) in cards.iter().take(CARDS).enumerate() {
        if index > 0 {
            line.push_str("; ");
        }
        let reached: Vec<&str> = card
            .phones
            .iter()
            .chain(&card.emails)
            .map(|s| &**s)
            .collect();
        line.push_str(&card.name);
        if !reached.is_empty() {
            let _ = write!(line, " ({})", reached.join(", "));
        }
    }
    if cards.len() > CARDS {
        let _ = write!(line, " (+{})", cards.len() - CARDS);
    }
    super::super::cut(&line, LINE_BYTES).to_owned()
}
