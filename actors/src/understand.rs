//! Deterministic understanding of what people write to support.
//!
//! A text becomes a [`Reading`]: what it is for, the object, the symptom, the time detail, the
//! cues for priority. The rules are structural (a denied verb, "mi X", "se" and a verb) over data
//! tables (`understand/<tag>/*.tsv`, one folder a language), so they hold for words nobody listed. Reading is pure, linear
//! in the text and bounded by [`OutOfFuel`]; it never calls out and never guesses at random, so a
//! recorded decision can always be explained.
//!
//! Order of work: split into words, lay phrases about the conversation over them, find the
//! objects named, cut the symptom out of the clauses that are left, decide the intent.

mod anchor;
mod area;
mod category;
mod clauses;
mod compose;
mod consent;
#[cfg(test)]
mod corpus;
mod email;
mod fuel;
mod grammar;
mod identity;
mod intent;
mod language;
mod lexicon;
mod likeness;
mod line;
mod name;
mod noun_phrase;
mod object;
mod patterns;
mod phrases;
mod place;
mod plural;
mod priority;
mod question;
mod spelling;
mod symptom;
mod tables;
mod told;
mod traits;
mod when;
mod wish;
mod words;

use serde::{Deserialize, Serialize};

pub use category::{Category, CategoryHint, category};
pub use compose::{description, summary};
pub use consent::{ConsentWord, consent_word};
pub use email::{email, is_domain};
pub use fuel::{OutOfFuel, TEXT_CHARS_MAX};
pub use identity::{Identity, identity};
pub use language::{Asked, asked, heard};
pub use likeness::{alike, names};
pub use object::{Gender, Kind, Object};
pub use priority::{Level, Reason, TicketPriority, priority};
pub use spelling::folded;
pub use symptom::{Severity, Symptom};
pub use wish::{Wish, leaves_aside, ticket_number, wish};

use crate::texts::Locale;
use fuel::Fuel;
use grammar::Keyword;
use lexicon::{Lexicon, Trait};
use phrases::{Class, Marked};

/// Reads the tables, which the first reading would otherwise do: some tens of milliseconds that
/// belong to the start of a process.
pub fn prepare() {
    for locale in Locale::ALL {
        Lexicon::of(locale);
    }
    language::prepare();
    wish::prepare();
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    /// Only a greeting.
    Greeting,
    /// Something is wrong or wished for; object and symptom may still be missing.
    Problem,
    /// A name, an area, or both.
    Identity,
    /// "No, es la impresora": object, symptom or identity of the reading replace earlier ones.
    /// Without a comma ("no es la impresora") the named object may also be the one denied: if it
    /// is the draft's own, ask anew.
    Correction,
    /// The person gives the flow up.
    Cancel,
    /// The person wants a human.
    HumanRequest,
    /// Displeasure without a report.
    Complaint,
    /// Thanks.
    Thanks,
    /// Consent.
    Yes,
    /// Refusal without saying what would be right.
    No,
    /// A question for a ticket's state; without number it means the last ticket.
    StatusQuery {
        /// The ticket's number in GLPI.
        number: Option<u64>,
    },
    /// Nothing the rules know.
    Other,
}

/// A hint at priority or mood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// "es urgente"
    Urgent,
    /// "cuando puedan"
    Patient,
    /// "no puedo trabajar"
    Blocked,
    /// "nadie puede entrar"
    People,
    /// "tengo clientes esperando"
    Customers,
    /// "me hackearon"
    Security,
    /// "cierre de mes"
    Deadline,
    /// "un detalle"
    Minor,
    /// "pésimo servicio"
    Complaint,
    /// "quiero hablar con una persona", beside a report
    Human,
    /// "sale humo"
    Danger,
    /// "la laptop del gerente general"
    KeyPerson,
    /// "mientras tanto uso otra"
    Workaround,
    /// "borré por error"
    Loss,
    /// "a cada rato"
    AtTimes,
    /// "dar de alta un usuario"
    Asked,
}

/// The cues of one or more texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cues(u16);

impl Cues {
    /// Whether the cue was given.
    pub fn has(self, cue: Cue) -> bool {
        self.0 & (1 << cue as u16) != 0
    }

    /// The cues of both.
    #[must_use]
    pub fn and(self, other: Cues) -> Cues {
        Cues(self.0 | other.0)
    }

    fn add(&mut self, class: Class) {
        let cue = match class {
            Class::Urgent => Cue::Urgent,
            Class::Patient => Cue::Patient,
            Class::Blocked => Cue::Blocked,
            Class::People => Cue::People,
            Class::Customers => Cue::Customers,
            Class::Security => Cue::Security,
            Class::Deadline => Cue::Deadline,
            Class::Minor => Cue::Minor,
            Class::Complaint => Cue::Complaint,
            Class::Human => Cue::Human,
            Class::Danger => Cue::Danger,
            Class::KeyPerson => Cue::KeyPerson,
            Class::Workaround => Cue::Workaround,
            Class::Loss => Cue::Loss,
            Class::AtTimes => Cue::AtTimes,
            Class::Asked => Cue::Asked,
            _ => return,
        };
        self.0 |= 1 << cue as u16;
    }
}

/// A text understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What the text is for.
    pub intent: Intent,
    /// The thing it is about.
    pub object: Option<Object>,
    /// What is wrong or wished for.
    pub symptom: Option<Symptom>,
    /// Every clause of the report, the symptom's included, in the person's words and order.
    pub details: Vec<String>,
    /// Since when or when: "desde esta mañana".
    pub when: Option<String>,
    /// Who writes, where the text says so ("soy Ana de ventas").
    pub identity: Option<Identity>,
    /// Hints at priority and mood.
    pub cues: Cues,
    /// A category told by a phrase, whatever the object is.
    pub category_hint: Option<CategoryHint>,
}

impl Reading {
    /// Reads a text in its language. Texts up to [`TEXT_CHARS_MAX`] characters are always read.
    pub fn of(locale: Locale, text: &str) -> Result<Self, OutOfFuel> {
        Self::with_fuel(locale, text, &mut Fuel::full())
    }

    fn with_fuel(locale: Locale, text: &str, fuel: &mut Fuel) -> Result<Self, OutOfFuel> {
        let lexicon = Lexicon::of(locale);
        let words = words::split(text, lexicon, fuel)?;
        let marked = Marked::of(words, lexicon, fuel)?;
        let identity = told_identity(&marked, fuel)?;
        let mut mentions = object::mentions(&marked, fuel)?;
        let correction = intent::correction_at(&marked);
        if correction.is_some() {
            mentions.retain(|mention| !intent::is_denied(&marked, mention));
        }
        let chosen = object::chosen(&mentions);
        let symptom = symptom::told(&marked, &mentions, chosen, fuel)?;
        let corrects = correction.is_some()
            && (chosen.is_some()
                || symptom.is_some()
                || identity.is_some()
                || marked.has(Class::Fix));
        let named = if chosen.is_none() && symptom.is_none() && identity.is_none() {
            bare_identity(&marked, fuel)?
        } else {
            None
        };
        let found = intent::Found {
            marked: &marked,
            object: chosen,
            has_symptom: symptom.is_some(),
            is_wish: symptom
                .as_ref()
                .is_some_and(|s| s.severity == Severity::Request),
            has_identity: identity.is_some() || named.is_some(),
            is_correction: corrects,
        };
        let intent = intent::of(&found, text, fuel)?;
        let identity = identity.or(named.filter(|_| intent == Intent::Identity));
        let reports = match intent {
            Intent::Problem | Intent::Other => true,
            // "no, es la impresora" replaces an object and reports nothing else.
            _ => symptom.is_some(),
        };
        let details = if reports {
            told::clauses(&marked, fuel)?
        } else {
            Vec::new()
        };
        Ok(Self {
            intent,
            object: chosen.map(|mention| mention.object.clone()),
            symptom,
            details,
            when: when::detail(&marked),
            identity,
            cues: cues(&marked, fuel)?,
            category_hint: category_hint(&marked, fuel)?,
        })
    }

    /// The priority this reading alone would give.
    pub fn priority(&self) -> TicketPriority {
        priority(self.object.as_ref(), self.symptom.as_ref(), self.cues)
    }

    /// The category this reading alone would give.
    pub fn category(&self) -> Category {
        let (object, symptom) = (self.object.as_ref(), self.symptom.as_ref());
        category(object, symptom, self.cues, self.category_hint)
    }
}

/// Name and area where the writer introduces themself.
fn told_identity(marked: &Marked, fuel: &mut Fuel) -> Result<Option<Identity>, OutOfFuel> {
    let mut told = Identity::default();
    for span in marked
        .spans
        .iter()
        .filter(|span| span.class == Class::Introduction)
    {
        told = told.or(identity::of_words(
            &marked.words[span.start..span.end],
            marked.lexicon,
            fuel,
        )?);
    }
    Ok((!told.is_empty()).then_some(told))
}

/// Name and area of a text that is nothing else, as "Juan Pérez, contabilidad".
fn bare_identity(marked: &Marked, fuel: &mut Fuel) -> Result<Option<Identity>, OutOfFuel> {
    let bare: Vec<usize> = marked.bare().collect();
    let told = marked.spans.iter().any(|s| {
        !matches!(
            s.class,
            Class::Greeting | Class::Courtesy | Class::Thanks | Class::Yes
        )
    });
    if bare.len() < 2 || bare.len() > 14 || told {
        return Ok(None);
    }
    let words: Vec<words::Word> = bare.iter().map(|at| marked.words[*at].clone()).collect();
    let sentence = words.iter().any(|w| {
        w.is(Trait::REQUEST.or(Trait::FIRST_PERSON))
            || w.says(Keyword::NO.or(Keyword::SE).or(Keyword::THAT))
    });
    let identity = identity::of_words(&words, marked.lexicon, fuel)?;
    let both = identity.name.is_some() && identity.area.is_some();
    let given = words[0].is(Trait::GIVEN_NAME)
        || words.iter().skip(1).any(|w| w.proper)
        || words[0].is(Trait::TITLE);
    let marked_area = identity.area.is_some() && words.iter().any(|w| w.is(Trait::UNIT));
    Ok(
        (!sentence && (both || marked_area || (identity.name.is_some() && given)))
            .then_some(identity),
    )
}

/// The cues of a text: those of covered phrases and those that stay in the report.
fn cues(marked: &Marked, fuel: &mut Fuel) -> Result<Cues, OutOfFuel> {
    let mut cues = Cues::default();
    marked.spans.iter().for_each(|span| cues.add(span.class));
    for at in 0..marked.words.len() {
        let cue = marked
            .lexicon
            .cues
            .longest(&marked.words, at, Trait::CLITIC, fuel)?;
        if let Some((class, _)) = cue {
            cues.add(class);
        }
    }
    Ok(cues)
}

/// The weightiest category that phrases of a text tell.
fn category_hint(marked: &Marked, fuel: &mut Fuel) -> Result<Option<CategoryHint>, OutOfFuel> {
    let mut hint = None;
    for at in 0..marked.words.len() {
        let told = marked
            .lexicon
            .categories
            .longest(&marked.words, at, Trait::NONE, fuel)?;
        hint = CategoryHint::weightier(hint, told.map(|(told, _)| told));
    }
    Ok(hint)
}
