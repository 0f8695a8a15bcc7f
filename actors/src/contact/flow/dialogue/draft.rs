//! The ticket to be, while it is talked about.

use serde::{Deserialize, Serialize};

use crate::texts::Locale;
use crate::understand::{
    self, Category, CategoryHint, Cues, Level, Object, Reading, Symptom, TicketPriority,
};

/// Turns a draft keeps; what is said beyond them is in the timeline.
const TURNS: usize = 16;
/// Longest title made of a person's own words, in characters; GLPI cuts at 255.
const TITLE_CHARS: usize = 120;
/// Notes a draft keeps; further ones are in the timeline.
const NOTES: usize = 32;

/// What the dialogue waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Need {
    /// What is it about?
    #[default]
    Object,
    /// What is wrong with it?
    Symptom,
    /// Name and work area, or the one of them that is missing.
    Identity,
    /// A yes to the draft, from a person whose identity is known.
    Confirmation,
}

/// Something a person wrote about their problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// In their words.
    pub text: String,
    /// The language it was read in, in which it is read again.
    pub language: Locale,
}

/// What is known of the ticket to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// What the dialogue waits for.
    pub need: Need,
    /// How often the current question was asked.
    pub asked: u8,
    /// Whether the person refused what was shown: what they name from then on replaces it.
    pub refused: bool,
    /// Whether the person wants a ticket of its own, although a similar one is open.
    pub apart: bool,
    /// What the person wrote about the problem, in order, at most 16 turns.
    pub turns: Vec<Turn>,
    /// What it is about.
    pub object: Option<Object>,
    /// What is wrong with it.
    pub symptom: Option<Symptom>,
    /// Hints at priority of all turns.
    pub cues: Cues,
    /// The weightiest category that phrases of any turn told.
    pub category_hint: Option<CategoryHint>,
    /// The level an operator set.
    pub set_level: Option<Level>,
    /// The category an operator set.
    pub set_category: Option<Category>,
    /// Lines about files, places and cards, at most 32; they say nothing of the problem.
    pub notes: Vec<String>,
}

impl Draft {
    /// An empty draft that waits for the answer to a question just asked.
    pub fn asked_for(need: Need) -> Self {
        Self {
            need,
            asked: 1,
            ..Self::default()
        }
    }

    /// Whether the person has sent nothing that would belong to a ticket.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.notes.is_empty()
    }

    /// Whether nothing was understood of the problem yet, so that no question could name it.
    pub fn is_bare(&self) -> bool {
        self.object.is_none() && self.symptom.is_none()
    }

    /// Takes in another turn; what is known already stays.
    pub fn add(&mut self, turn: Turn, reading: &Reading) {
        self.object = self.object.take().or_else(|| reading.object.clone());
        self.symptom = self.symptom.take().or_else(|| reading.symptom.clone());
        self.keep(turn, reading);
    }

    /// Takes in a correction; what it names replaces what was known.
    pub fn correct(&mut self, turn: Turn, reading: &Reading) {
        if let (Some(_), Some(symptom)) = (&reading.object, &mut self.symptom) {
            symptom.subject = None;
        }
        if reading.object.is_some() {
            self.category_hint = None;
        }
        self.object = reading.object.clone().or_else(|| self.object.take());
        self.symptom = reading.symptom.clone().or_else(|| self.symptom.take());
        self.keep(turn, reading);
    }

    fn keep(&mut self, turn: Turn, reading: &Reading) {
        self.cues = self.cues.and(reading.cues);
        self.category_hint = CategoryHint::weightier(self.category_hint, reading.category_hint);
        if self.turns.len() < TURNS {
            self.turns.push(turn);
        }
    }

    /// Adds a line to the transcript that says nothing of the problem.
    pub fn note(&mut self, line: String) {
        if self.notes.len() < NOTES {
            self.notes.push(line);
        }
    }

    /// Counts a question.
    pub fn ask(&mut self, need: Need) {
        self.asked = if need == self.need {
            self.asked.saturating_add(1)
        } else {
            1
        };
        self.need = need;
    }

    /// What of the problem itself is not known yet.
    pub fn missing(&self) -> Option<Need> {
        match (&self.object, &self.symptom) {
            (None, None) => Some(Need::Object),
            // A symptom with a subject of its own says what it is about.
            (None, Some(symptom)) if symptom.of_object => Some(Need::Object),
            (Some(_), None) => Some(Need::Symptom),
            _ => None,
        }
    }

    /// The understood summary, else what was written last.
    pub fn title(&self) -> String {
        if self.symptom.is_some() {
            return understand::summary(self.object.as_ref(), self.symptom.as_ref());
        }
        let last = self.turns.last().map_or("", |turn| turn.text.trim());
        let said: String = last.chars().take(TITLE_CHARS).collect();
        match &self.object {
            Some(object) if !said.is_empty() => {
                format!("{}: {said}", understand::summary(Some(object), None))
            }
            _ => said,
        }
    }

    /// What the person wrote, in order, then what they sent.
    pub fn transcript(&self) -> Vec<String> {
        let mut lines = self.said();
        lines.extend(self.notes.iter().cloned());
        lines
    }

    fn said(&self) -> Vec<String> {
        self.turns.iter().map(|turn| turn.text.clone()).collect()
    }

    /// The full sentence with its time detail, in the language the problem was told in.
    pub fn description(&self) -> String {
        if self.symptom.is_none() {
            return self.said().join(". ");
        }
        let readings: Vec<Reading> = self
            .turns
            .iter()
            .filter_map(|turn| Reading::of(turn.language, &turn.text).ok())
            .collect();
        let (object, symptom) = (self.object.as_ref(), self.symptom.as_ref());
        let told_in = self.turns.first().map(|turn| turn.language);
        understand::description(told_in.unwrap_or_default(), object, symptom, &readings)
    }

    /// Which category of the help desk it belongs to.
    pub fn category(&self) -> Category {
        let (object, symptom) = (self.object.as_ref(), self.symptom.as_ref());
        let understood = understand::category(object, symptom, self.cues, self.category_hint);
        self.set_category.unwrap_or(understood)
    }

    /// How urgent it is, and why.
    pub fn priority(&self) -> TicketPriority {
        let (object, symptom) = (self.object.as_ref(), self.symptom.as_ref());
        self.set_level.map_or_else(
            || understand::priority(object, symptom, self.cues),
            TicketPriority::reviewed,
        )
    }
}
