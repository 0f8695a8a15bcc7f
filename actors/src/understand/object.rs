//! The thing a problem is about.
//!
//! A noun of the table is known wherever it stands, also misspelt. Any other noun is taken by
//! grammar: "mi X", "el X" before a verb, "problema con X", "no abre X". Of several things the
//! one that stands free comes before one behind "en", "desde" or "de", since people name where it
//! happens that way; among equals the first.

use serde::{Deserialize, Serialize};

use super::fuel::{Fuel, OutOfFuel};
use super::grammar::{Ending, Keyword};
use super::lexicon::{Lexicon, Noun, Trait};
use super::noun_phrase::{article_gender, complement_end, start_of, unknown_at};
use super::phrases::Marked;
use super::words::{Gap, Word};

/// Grammatical gender, which texts agree with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Gender {
    /// "el correo"
    Masculine,
    /// "la computadora"
    Feminine,
}

/// What kind of thing it is, as far as priority depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// What a person works at: computer, laptop, tablet.
    Computer,
    /// Printers and copiers.
    Printer,
    /// Internet, wifi, network, VPN.
    Network,
    /// Servers and data bases.
    Server,
    /// Mail and its programs.
    Mail,
    /// Telephones and their lines.
    Phone,
    /// What is plugged in: screen, mouse, camera.
    Peripheral,
    /// Tills, card terminals, bar code readers.
    PointOfSale,
    /// Programs and pages.
    System,
    /// Passwords, users, licences.
    Access,
    /// Folders and documents.
    File,
    /// Ink, toner, paper.
    Consumable,
    /// Anything else.
    Other,
}

impl Kind {
    /// The kind a table names.
    pub(super) fn named(label: &str) -> Option<Self> {
        Some(match label {
            "computer" => Self::Computer,
            "printer" => Self::Printer,
            "network" => Self::Network,
            "server" => Self::Server,
            "mail" => Self::Mail,
            "phone" => Self::Phone,
            "peripheral" => Self::Peripheral,
            "pos" => Self::PointOfSale,
            "system" => Self::System,
            "access" => Self::Access,
            "file" => Self::File,
            "consumable" => Self::Consumable,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// How many words no table has are compared with those of the table, from the first on: a long
/// text names its object early, and each comparison costs as much as reading a line.
const MISSPELT_MAX: usize = 32;

/// A thing named in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// The noun as it stands inside a sentence, without article: "computadora", "Excel".
    pub noun: String,
    /// Its gender.
    pub gender: Gender,
    /// Whether several are meant.
    pub plural: bool,
    /// Its kind; [`Kind::Other`] for a noun that no table has.
    pub kind: Kind,
    /// Whether a table has the noun.
    pub known: bool,
}

/// Where a text names an object: the words `start..end`, the article included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub object: Object,
    pub start: usize,
    pub end: usize,
    /// 0 for a thing that stands free; more for one named in passing.
    pub rank: u8,
}

/// The object of a text: the mention of least rank, the first among equals.
pub(super) fn chosen(mentions: &[Mention]) -> Option<&Mention> {
    mentions
        .iter()
        .min_by_key(|mention| (mention.rank, mention.start))
}

/// Every object a text names, in order.
pub(super) fn mentions(marked: &Marked, fuel: &mut Fuel) -> Result<Vec<Mention>, OutOfFuel> {
    let mut mentions = Vec::new();
    let mut misspelt_left = MISSPELT_MAX;
    let mut at = 0;
    while at < marked.words.len() {
        fuel.spend(2)?;
        let found = match marked.class(at) {
            None => match known_at(marked, at, &mut misspelt_left, fuel)? {
                Some(mention) => Some(mention),
                None => unknown_at(marked, at, fuel)?,
            },
            Some(_) => None,
        };
        at = match found {
            Some(mention) => {
                let end = mention.end;
                mentions.push(mention);
                end
            }
            None => at + 1,
        };
    }
    Ok(mentions)
}

/// A noun of the table at `at`, correctly spelt or not.
fn known_at(
    marked: &Marked,
    at: usize,
    misspelt_left: &mut usize,
    fuel: &mut Fuel,
) -> Result<Option<Mention>, OutOfFuel> {
    let lexicon = marked.lexicon;
    let words = &marked.words;
    let (noun, length) = match lexicon.objects.longest(words, at, Trait::NONE, fuel)? {
        Some(found) => found,
        None => match misspelt(lexicon, &words[at], misspelt_left, fuel)? {
            Some(noun) => (noun, 1),
            None => return Ok(None),
        },
    };
    if is_something_else(marked, at, &noun) {
        return Ok(None);
    }
    let start = start_of(marked, at);
    let end = if noun.genus {
        complement_end(marked, at + length)
    } else {
        at + length
    };
    let mut name = noun.noun.to_owned();
    if end > at + length {
        name = format!("{name} {}", marked.shown(at + length, end));
    }
    let object = Object {
        noun: name,
        gender: article_gender(&words[start]).unwrap_or(noun.gender),
        plural: noun.plural,
        kind: noun.kind,
        known: true,
    };
    let rank = rank(marked, start, end, noun.kind, fuel)?;
    Ok(Some(Mention {
        object,
        start,
        end,
        rank,
    }))
}

/// The noun an unknown word is meant for, while comparisons are left.
fn misspelt(
    lexicon: &Lexicon,
    word: &Word,
    left: &mut usize,
    fuel: &mut Fuel,
) -> Result<Option<Noun>, OutOfFuel> {
    let owner = word.key.contains('\'');
    if word.traits.is_known() || word.proper || owner || word.key.len() < 5 || *left == 0 {
        return Ok(None);
    }
    if lexicon.grammar.ends(Ending::Infinitives, &word.key) {
        return Ok(None);
    }
    *left -= 1;
    lexicon.misspelt(word, fuel)
}

/// Whether a noun of the table stands for something else here: a team of people, an adjective, a
/// verb.
fn is_something_else(marked: &Marked, at: usize, noun: &Noun) -> bool {
    let says = |n: usize, keywords| marked.words.get(n).is_some_and(|word| word.says(keywords));
    let before = |keywords| at > 0 && says(at - 1, keywords);
    if says(at, Keyword::TEAM) {
        says(at + 1, Keyword::OF_BARE) && !says(at + 2, Keyword::TEAM_THING)
    } else if says(at, Keyword::TILL) {
        before(Keyword::OF_BARE) && noun.kind == Kind::PointOfSale
    } else if says(at, Keyword::ADJECTIVAL) {
        at > 0 && marked.words[at - 1].is(Trait::OBJECT)
    } else {
        says(at, Keyword::EXCUSE) && (at == 0 || before(Keyword::WITH))
            || says(at, Keyword::ENDS) && before(Keyword::NO.or(Keyword::SE))
            || says(at, Keyword::CRUX) && before(Keyword::BEING)
    }
}

/// Whether the verb at `at` tells what the person has tried: "ya cambié [el cable]".
fn is_remedy(marked: &Marked, at: usize) -> bool {
    let word = &marked.words[at];
    let grammar = &marked.lexicon.grammar;
    let past = word.key.len() > 4 && grammar.ends(Ending::Remedy, &word.shown);
    let done = word.is(Trait::FIRST_PERSON)
        && grammar.ends(Ending::RemedyDone, &word.key)
        && word.key.len() > 4;
    marked.class(at).is_none() && (past && !word.traits.is_known() || done) && !word.is(Trait::DEED)
}

/// How far a thing stands from being the subject of the report.
fn rank(
    marked: &Marked,
    start: usize,
    end: usize,
    kind: Kind,
    fuel: &mut Fuel,
) -> Result<u8, OutOfFuel> {
    let mut rank = 0;
    if start > 0 && marked.class(start - 1).is_none() && marked.words[start].gap == Gap::None {
        rank += u8::from(marked.words[start - 1].says(Keyword::PASSING));
    }
    if start > 0 && is_remedy(marked, start - 1) {
        rank += 1;
    }
    let last = &marked.words[end - 1].key;
    if marked.lexicon.grammar.begins(Ending::Abstract, last) {
        rank += 2;
    } else if kind == Kind::Consumable {
        rank += 1;
    }
    for from in start.saturating_sub(2)..=start {
        let lacks = marked.words[from].says(Keyword::WITHOUT);
        let coloured = from + 1 == start && marked.words[from].is(Trait::STATE);
        if marked.class(from).is_some() || !(from == start || lacks || coloured) {
            continue;
        }
        let symptom = marked
            .lexicon
            .symptoms
            .longest(&marked.words, from, Trait::CLITIC, fuel)?;
        if symptom.is_some_and(|(_, length)| from + length >= end && from + length > start) {
            return Ok(rank + 2);
        }
    }
    Ok(rank)
}
