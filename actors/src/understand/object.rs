//! The thing a problem is about.
//!
//! A noun of the table is known wherever it stands, also misspelt. Any other noun is taken by
//! grammar: "mi X", "el X" before a verb, "problema con X", "no abre X". Of several things the
//! one that stands free comes before one behind "en", "desde" or "de", since people name where it
//! happens that way; among equals the first.

use serde::{Deserialize, Serialize};

use super::compose::capitalised;
use super::fuel::{Fuel, OutOfFuel};
use super::lexicon::{Lexicon, Noun, Trait};
use super::phrases::{Class, Marked};
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
    let mut at = 0;
    while at < marked.words.len() {
        fuel.spend(2)?;
        let found = match marked.class(at) {
            None => match known_at(marked, at, fuel)? {
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
fn known_at(marked: &Marked, at: usize, fuel: &mut Fuel) -> Result<Option<Mention>, OutOfFuel> {
    let lexicon = Lexicon::spanish();
    let words = &marked.words;
    let (noun, length) = match lexicon.objects.longest(words, at, Trait::NONE, fuel)? {
        Some(found) => found,
        None => match lexicon.misspelt(&words[at], fuel)? {
            Some(noun) if !words[at].proper => (noun, 1),
            _ => return Ok(None),
        },
    };
    if is_something_else(marked, at, &noun) {
        return Ok(None);
    }
    let start = noun_phrase_start(marked, at);
    let end = if noun.genus {
        complement_end(marked, at + length)
    } else {
        at + length
    };
    let mut name = noun.noun.to_owned();
    if end > at + length {
        name = format!("{name} {}", marked.shown(at + length, end));
    }
    let article = words[start].key.as_str();
    let object = Object {
        noun: name,
        gender: article_gender(article).unwrap_or(noun.gender),
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

/// Whether a noun of the table stands for something else here: a team of people, an adjective, a
/// verb.
fn is_something_else(marked: &Marked, at: usize, noun: &Noun) -> bool {
    let key = |n: usize| marked.words.get(n).map_or("", |word| word.key.as_str());
    let before = if at == 0 { "" } else { key(at - 1) };
    match key(at) {
        "equipo" | "equipos" => key(at + 1) == "de" && key(at + 2) != "computo",
        "caja" | "red" | "redes" => matches!(before, "de") && noun.kind == Kind::PointOfSale,
        "web" | "interno" | "portatil" | "movil" => {
            at > 0 && marked.words[at - 1].is(Trait::OBJECT)
        }
        "permiso" => matches!(before, "con" | ""),
        "terminal" => matches!(before, "se" | "no"),
        "clave" => before == "es",
        _ => false,
    }
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
        rank += match marked.words[start - 1].key.as_str() {
            "en" | "desde" | "para" | "por" | "del" | "de" | "sin" | "sobre" | "hacia" | "como" => {
                1
            }
            _ => 0,
        };
    }
    let abstract_access = marked.words[end - 1].key.starts_with("acceso")
        || marked.words[end - 1].key.starts_with("permiso");
    if abstract_access {
        rank += 2;
    } else if kind == Kind::Consumable {
        rank += 1;
    }
    for from in start.saturating_sub(2)..=start {
        let lacks = marked.words[from].key == "sin";
        if marked.class(from).is_some() || !(from == start || lacks) {
            continue;
        }
        let symptom =
            Lexicon::spanish()
                .symptoms
                .longest(&marked.words, from, Trait::CLITIC, fuel)?;
        if symptom.is_some_and(|(_, length)| from + length >= end && from + length > start) {
            return Ok(rank + 2);
        }
    }
    Ok(rank)
}

/// A noun no table has, taken by its place in the sentence.
fn unknown_at(marked: &Marked, at: usize, fuel: &mut Fuel) -> Result<Option<Mention>, OutOfFuel> {
    fuel.spend(6)?;
    if !is_nounish(marked, at) {
        return Ok(None);
    }
    let words = &marked.words;
    let start = noun_phrase_start(marked, at);
    let end = complement_end(marked, at + 1);
    let determined = start < at;
    let before = if start == 0 {
        None
    } else {
        words.get(start - 1)
    };
    let behind_intro = start > 0
        && marked.class(start - 1) == Some(Class::Intro)
        && matches!(words[start - 1].key.as_str(), "con" | "en" | "de");
    let opens = marked.is_break(start) || marked.class(start - 1).is_some();
    let verb_follows = is_predicate(marked, end);
    let ends = marked.is_break(end) || marked.class(end).is_some();
    let before_key = before.map_or("", |word| word.key.as_str());
    let behind_verb = before.is_some_and(|word| {
        marked.class(start - 1).is_none()
            && word.gap <= Gap::Soft
            && takes_object(marked, start - 1)
    });
    let behind_preposition = matches!(
        before_key,
        "a" | "al" | "en" | "con" | "del" | "de" | "para" | "desde" | "por"
    );
    let possessed = determined && words[start].is(Trait::POSSESSIVE);
    let rank = if behind_intro || (determined && verb_follows && !behind_preposition) {
        0
    } else if possessed && !behind_preposition {
        1
    } else if determined && opens && end < words.len() {
        1
    } else if opens && verb_follows && !determined && (words[at].proper || opens && at == 0) {
        1
    } else if behind_verb && determined {
        1
    } else if behind_verb && (words[at].proper || ends) {
        2
    } else if matches!(before_key, "a" | "al" | "en" | "con")
        && (words[at].proper || determined || before_key == "al")
        && enters(marked, start - 1)
    {
        2
    } else if determined && ends && !behind_preposition {
        3
    } else if possessed {
        3
    } else {
        return Ok(None);
    };
    let article = words[start].key.as_str();
    let head = words[at].key.as_str();
    let mut noun = marked.shown(at, end);
    if words[at].capital && !determined {
        noun = capitalised(&noun);
    }
    let object = Object {
        noun,
        gender: article_gender(article).unwrap_or_else(|| gender_by_ending(head)),
        plural: is_plural_article(article)
            || (!determined && head.ends_with('s') && head.len() > 5),
        kind: Kind::Other,
        known: false,
    };
    Ok(Some(Mention {
        object,
        start,
        end,
        rank,
    }))
}

/// Whether a word can be the head of an unknown noun phrase.
fn is_nounish(marked: &Marked, at: usize) -> bool {
    let Some(word) = marked.words.get(at) else {
        return false;
    };
    let never = Trait::DETERMINER
        .or(Trait::PREPOSITION)
        .or(Trait::CLITIC)
        .or(Trait::ADVERB)
        .or(Trait::TIME)
        .or(Trait::NUMBER)
        .or(Trait::STOP_NOUN)
        .or(Trait::PLACE)
        .or(Trait::STATE)
        .or(Trait::FIRST_PERSON)
        .or(Trait::REQUEST)
        .or(Trait::COPULA)
        .or(Trait::VERB)
        .or(Trait::OTHER)
        .or(Trait::VAGUE)
        .or(Trait::OBJECT)
        .or(Trait::LINK)
        .or(Trait::ROLE)
        .or(Trait::UNIT)
        .or(Trait::TITLE)
        .or(Trait::SERVICE);
    let letters = word.key.chars().filter(|c| c.is_alphabetic()).count();
    let enough = letters >= 3 || (letters == 2 && word.proper);
    enough && !word.is(never) && !is_verbal(word) && marked.class(at).is_none()
}

/// Infinitives with a pronoun, gerunds and adverbs: never nouns.
fn is_verbal(word: &Word) -> bool {
    let ends = |tails: &[&str]| tails.iter().any(|tail| word.key.ends_with(tail));
    !word.proper
        && word.key.len() > 4
        && ends(&[
            "ando", "iendo", "yendo", "mente", "arme", "erme", "irme", "arse", "erse", "irse",
            "arlo", "arla", "erlo", "irlo", "amos", "emos", "imos", "aron", "ieron",
        ])
}

/// Where the noun phrase around a head begins: its article, if it has one.
fn noun_phrase_start(marked: &Marked, at: usize) -> usize {
    let mut start = at;
    while start > 0
        && at - start < 2
        && marked.words[start].gap == Gap::None
        && marked.class(start - 1).is_none()
        && marked.words[start - 1].is(Trait::DETERMINER)
    {
        start -= 1;
    }
    start
}

/// Where a noun phrase ends whose head ends at `end`: behind a name ("sistema Tango"), an
/// adjective ("balanza electrónica"), or a complement without article ("sistema de ventas").
fn complement_end(marked: &Marked, end: usize) -> usize {
    let mut end = end;
    let free = |at: usize| {
        marked
            .words
            .get(at)
            .is_some_and(|word| word.gap == Gap::None)
            && marked.class(at).is_none()
    };
    if free(end)
        && is_nounish(marked, end)
        && (marked.words[end].proper
            || is_adjective(&marked.words[end])
            || is_predicate(marked, end + 1))
    {
        end += 1;
    }
    let noun = |at: usize| {
        free(at)
            && (is_nounish(marked, at)
                || marked.words[at].is(Trait::STOP_NOUN.or(Trait::OBJECT).or(Trait::SERVICE)))
            && !marked.words[at].is(Trait::DETERMINER.or(Trait::STATE).or(Trait::LINK))
    };
    if free(end) && marked.words[end].key == "de" && noun(end + 1) {
        end += 2;
        if free(end) && is_nounish(marked, end) && is_adjective(&marked.words[end]) {
            end += 1;
        }
    }
    end
}

fn is_adjective(word: &Word) -> bool {
    const ENDINGS: [&str; 22] = [
        "ico", "ica", "icos", "icas", "al", "ales", "ble", "bles", "ivo", "iva", "oso", "osa",
        "ante", "ente", "ario", "aria", "ador", "adora", "ero", "era", "ado", "ada",
    ];
    word.key.len() > 4 && ENDINGS.iter().any(|ending| word.key.ends_with(ending))
}

/// Whether a predicate begins at `at`.
pub(super) fn is_predicate(marked: &Marked, at: usize) -> bool {
    let Some(word) = marked.words.get(at) else {
        return false;
    };
    let key = word.key.as_str();
    let clitic_and_verb = word.is(Trait::CLITIC) && !matches!(key, "la" | "lo" | "los" | "las");
    matches!(
        key,
        "no" | "ya" | "se" | "que" | "sin" | "nunca" | "tampoco" | "esta" | "sigue"
    ) || marked.class(at) == Some(Class::Vague)
        || word.is(Trait::COPULA.or(Trait::VERB).or(Trait::STATE))
        || clitic_and_verb
}

/// Whether the verb at `at` is followed by what it is about: "no abre X", "instalar X".
fn takes_object(marked: &Marked, at: usize) -> bool {
    let word = &marked.words[at];
    let infinitive = word.key.len() > 3
        && ["ar", "er", "ir", "arme", "en", "e"]
            .iter()
            .any(|end| word.key.ends_with(end));
    let denied = at > 0
        && matches!(
            marked.words[at - 1].key.as_str(),
            "no" | "me" | "se" | "nos"
        );
    let opens = marked.is_break(at) || marked.class(at - 1).is_some();
    word.is(Trait::VERB) && (denied || infinitive || opens || word.key == "falla")
        || word.is(Trait::SERVICE) && infinitive
        || word.is(Trait::COPULA.or(Trait::REQUEST)) && marked.class(at) != Some(Class::Intro)
        || matches!(
            word.key.as_str(),
            "es" | "era" | "hacer" | "usar" | "encuentro" | "tengo" | "uso"
        )
}

/// Whether the preposition at `at` belongs to a verb of entering: "entrar a X".
fn enters(marked: &Marked, at: usize) -> bool {
    at > 0 && {
        let key = marked.words[at - 1].key.as_str();
        ["entr", "acce", "ingres", "conect", "logue", "logea"]
            .iter()
            .any(|stem| key.starts_with(stem))
    }
}

fn article_gender(article: &str) -> Option<Gender> {
    match article {
        "el" | "los" | "un" | "unos" | "este" | "estos" | "ese" | "esos" | "nuestro"
        | "nuestros" => Some(Gender::Masculine),
        "la" | "las" | "una" | "unas" | "esta" | "estas" | "esa" | "esas" | "nuestra"
        | "nuestras" => Some(Gender::Feminine),
        _ => None,
    }
}

fn is_plural_article(article: &str) -> bool {
    matches!(
        article,
        "los"
            | "las"
            | "unos"
            | "unas"
            | "mis"
            | "estos"
            | "estas"
            | "esos"
            | "esas"
            | "nuestros"
            | "nuestras"
            | "sus"
            | "tus"
    )
}

fn gender_by_ending(head: &str) -> Gender {
    let feminine = ["a", "as", "cion", "sion", "dad", "tad", "tud", "umbre"];
    let masculine = ["ma", "mas"];
    let ends = |tails: &[&str]| tails.iter().any(|tail| head.ends_with(tail));
    if ends(&feminine) && !ends(&masculine) {
        Gender::Feminine
    } else {
        Gender::Masculine
    }
}
