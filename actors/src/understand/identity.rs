//! Who is writing: a name and an area of work from one line (R027).
//!
//! "Juan Pérez, área de contabilidad" in any order and with any marks between. The area is found
//! first (by its marker, by the table of areas, or as what follows a name); what is left and looks
//! like a name is the name. Either may be missing: the dialogue asks only for that.

use serde::{Deserialize, Serialize};

use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Keyword;
use super::lexicon::{Lexicon, Trait};
use super::line::Line;
use super::phrases::{Class, Marked};
use super::words::{Gap, Word, split};
use crate::texts::Locale;

/// The most words of a name or an area.
pub(super) const WORDS_MAX: usize = 6;

/// What a line tells of its writer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// "Juan Pérez"; without title.
    pub name: Option<String>,
    /// "Contabilidad"; without "área de".
    pub area: Option<String>,
}

impl Identity {
    /// Whether nothing was told.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.area.is_none()
    }

    /// Fills what is missing here from a later answer.
    #[must_use]
    pub fn or(self, later: Identity) -> Identity {
        Identity {
            name: self.name.or(later.name),
            area: self.area.or(later.area),
        }
    }
}

/// Reads name and area from an answer to the question for them.
pub fn identity(locale: Locale, text: &str) -> Result<Identity, OutOfFuel> {
    let (lexicon, mut fuel) = (Lexicon::of(locale), Fuel::full());
    let words = split(text, lexicon, &mut fuel)?;
    of_words(&words, lexicon, &mut fuel)
}

/// Reads name and area from words.
pub(super) fn of_words(
    words: &[Word],
    lexicon: &'static Lexicon,
    fuel: &mut Fuel,
) -> Result<Identity, OutOfFuel> {
    let mut line = Line::of(words, lexicon);
    let area = line.take_area(fuel)?;
    let name = line.take_name(fuel)?;
    let area = match area {
        None if name.is_some() => line.area_behind_name(),
        found => found,
    };
    Ok(Identity { name, area })
}

/// How many words from `at` introduce the writer inside a report: "soy Ana de ventas". Nothing
/// is covered when no name or area comes of it ("soy nuevo").
pub(super) fn introduction_at(
    marked: &Marked,
    at: usize,
    fuel: &mut Fuel,
) -> Result<Option<usize>, OutOfFuel> {
    let lexicon = marked.lexicon;
    let announced = lexicon.leads.found(&marked.words, at);
    let Some((_, lead)) = announced.filter(|(class, _)| *class == Class::Introduction) else {
        return Ok(None);
    };
    if at > 0
        && marked.words[at].gap == Gap::None
        && marked.class(at - 1).is_none()
        && !marked.words[at - 1].says(Keyword::AND)
    {
        return Ok(None);
    }
    let mut end = at + lead;
    while marked
        .words
        .get(end)
        .is_some_and(|word| end - at < 12 && goes_on(&marked.words, end, at + lead, word))
    {
        end += 1;
    }
    fuel.spend(end - at)?;
    let told = of_words(&marked.words[at..end], lexicon, fuel)?;
    // "I'm stuck", "sono fermo": only Spanish has a verb that says who and never how one is.
    let first = &marked.words[(at + lead).min(end - 1)];
    let named = first.capital || first.is(Trait::GIVEN_NAME.or(Trait::TITLE));
    let how = told.name.is_some() && !named && lexicon.locale != Locale::Es;
    Ok((!told.is_empty() && !how).then_some(end - at))
}

/// Whether an introduction goes on with the word at `end`.
fn goes_on(words: &[Word], end: usize, begun: usize, word: &Word) -> bool {
    let next = |keyword| words.get(end + 1).is_some_and(|word| word.says(keyword));
    let area_follows = word.says(Keyword::AREA_FOLLOWS);
    if word.gap == Gap::Hard || (word.gap == Gap::Soft && !area_follows && end > begun) {
        return false;
    }
    let joins = word.says(Keyword::AND) && next(Keyword::SELF);
    let works = word.says(Keyword::WORKS);
    let report = Trait::REQUEST
        .or(Trait::FIRST_PERSON)
        .or(Trait::POSSESSIVE)
        .or(Trait::CLITIC);
    let article = word.says(Keyword::THE) && end > begun && words[end - 1].says(Keyword::OF_BARE);
    joins || works || article || !(word.is(report) || word.says(Keyword::REPORT_BEGINS))
}
