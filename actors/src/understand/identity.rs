//! Who is writing: a name and an area of work from one line (R027).
//!
//! "Juan Pérez, área de contabilidad" in any order and with any marks between. The area is found
//! first (by its marker, by the table of areas, or as what follows a name); what is left and looks
//! like a name is the name. Either may be missing: the dialogue asks only for that.

use serde::{Deserialize, Serialize};

use super::fuel::{Fuel, OutOfFuel};
use super::lexicon::{Lexicon, Trait};
use super::phrases::Marked;
use super::words::{Gap, Word, split};

/// The most words of a name or an area.
const WORDS_MAX: usize = 6;

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
pub fn identity(text: &str) -> Result<Identity, OutOfFuel> {
    let mut fuel = Fuel::full();
    let words = split(text, &mut fuel)?;
    of_words(&words, &mut fuel)
}

/// Reads name and area from words.
pub(super) fn of_words(words: &[Word], fuel: &mut Fuel) -> Result<Identity, OutOfFuel> {
    let mut line = Line::of(words);
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
    let Some(lead) = lead_length(&marked.words, at) else {
        return Ok(None);
    };
    if at > 0
        && marked.words[at].gap == Gap::None
        && marked.class(at - 1).is_none()
        && marked.words[at - 1].key != "y"
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
    let told = of_words(&marked.words[at..end], fuel)?;
    Ok((!told.is_empty()).then_some(end - at))
}

/// Whether an introduction goes on with the word at `end`.
fn goes_on(words: &[Word], end: usize, begun: usize, word: &Word) -> bool {
    let next = words.get(end + 1).map_or("", |word| word.key.as_str());
    let area_follows = matches!(
        word.key.as_str(),
        "del" | "de" | "area" | "trabajo" | "departamento"
    );
    if word.gap == Gap::Hard || (word.gap == Gap::Soft && !area_follows && end > begun) {
        return false;
    }
    let joins = matches!(word.key.as_str(), "y" | "e")
        && matches!(next, "soy" | "trabajo" | "pertenezco" | "laboro" | "mi");
    let works = matches!(
        word.key.as_str(),
        "trabajo" | "soy" | "laboro" | "en" | "area" | "pertenezco"
    );
    let report = Trait::REQUEST
        .or(Trait::FIRST_PERSON)
        .or(Trait::POSSESSIVE)
        .or(Trait::CLITIC);
    let article = word.key == "la" && end > begun && words[end - 1].key == "de";
    joins
        || works
        || article
        || !(word.is(report)
            || matches!(
                word.key.as_str(),
                "y" | "no" | "tengo" | "que" | "le" | "les"
            ))
}

/// The length of "soy", "me llamo", "mi nombre es", …
fn lead_length(words: &[Word], at: usize) -> Option<usize> {
    let key = |n: usize| words.get(at + n).map_or("", |word| word.key.as_str());
    match (key(0), key(1), key(2)) {
        ("mi", "nombre", "es") | ("mi", "nombre", "completo") => Some(3),
        ("me", "llamo", _) | ("te" | "le" | "les", "escribe" | "habla" | "saluda", _) => Some(2),
        ("aqui", "escribe" | "habla", _) => Some(2),
        ("soy", _, _) | ("habla", _, _) => Some(1),
        _ => None,
    }
}

/// A word of the answer, taken once.
#[derive(Debug)]
struct Line<'a> {
    words: Vec<&'a Word>,
    /// Words still free.
    free: Vec<bool>,
}

impl<'a> Line<'a> {
    /// The words of an answer without greeting, labels, numbers and introductions.
    fn of(words: &'a [Word]) -> Self {
        let mut free = vec![true; words.len()];
        for at in 0..words.len() {
            if let Some(length) = lead_length(words, at) {
                free[at..at + length].fill(false);
            }
            let key = words[at].key.as_str();
            free[at] &= !(is_label(key) || key.chars().any(|c| c.is_ascii_digit() || c == '@'));
        }
        Self {
            words: words.iter().collect(),
            free,
        }
    }

    fn key(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.key.as_str())
    }

    fn is_break(&self, at: usize) -> bool {
        let initial = at > 0 && self.key(at - 1).len() == 1;
        at == 0 || at >= self.words.len() || (self.words[at].gap > Gap::None && !initial)
    }

    /// Takes the area out of the line.
    fn take_area(&mut self, fuel: &mut Fuel) -> Result<Option<String>, OutOfFuel> {
        fuel.spend(self.words.len() * 4)?;
        if let Some(area) = self.marked_area(fuel)? {
            return Ok(Some(area));
        }
        for at in 0..self.words.len() {
            if !self.free[at] {
                continue;
            }
            if let Some((shown, start, known_end)) = self.table_area(at, fuel)? {
                let end = self.extended(known_end);
                if let Some(begin) = self.longer_area(start) {
                    self.free[begin..end].fill(false);
                    return Ok(Some(self.title(begin, end)));
                }
                let area = format!("{shown}{}", self.rest(known_end, end));
                self.free[start..end].fill(false);
                return Ok(Some(area));
            }
        }
        Ok(None)
    }

    /// Where an area begins that the table knows only in part, alone between marks behind a name:
    /// "Juan Pérez, [centro de] distribución".
    fn longer_area(&self, start: usize) -> Option<usize> {
        let begin = (1..=start).rev().find(|at| self.is_break(*at))?;
        let plain = |at: usize| {
            self.free[at]
                && !self.words[at].is(Trait::ROLE.or(Trait::TITLE).or(Trait::GIVEN_NAME))
                && !matches!(self.key(begin), "de" | "del" | "en")
        };
        (begin < start && (begin..start).all(plain) && self.free[..begin].iter().any(|free| *free))
            .then_some(begin)
    }

    /// "área de X", "trabajo en X", "asistente de X", "gerencia de X".
    fn marked_area(&mut self, fuel: &mut Fuel) -> Result<Option<String>, OutOfFuel> {
        for at in 0..self.words.len() {
            let Some((keep, from)) = self.area_marker(at) else {
                continue;
            };
            let mut end = from;
            while end < self.words.len()
                && end - from < WORDS_MAX
                && (end == from || !self.is_break(end))
                && !self.ends_area(end)
            {
                end += 1;
            }
            while end > from && matches!(self.key(end - 1), "de" | "del" | "la" | "y" | "el" | "en")
            {
                end -= 1;
            }
            if end == from {
                continue;
            }
            let known = self.table_area(from, fuel)?;
            let end = known.map_or(end, |(_, _, known_end)| self.extended(known_end));
            let area = match known {
                _ if keep => self.title(at, end),
                Some((shown, _, known_end)) => format!("{shown}{}", self.rest(known_end, end)),
                None => self.title(from, end),
            };
            let start = self.without_link(at);
            self.free[start..end].fill(false);
            return Ok(Some(area));
        }
        Ok(None)
    }

    /// An area marker at `at`: whether its word belongs to the area's name, and where the area
    /// begins.
    fn area_marker(&self, at: usize) -> Option<(bool, usize)> {
        let skip = |from: usize| {
            let mut from = from;
            while matches!(
                self.key(from),
                "de" | "del"
                    | "la"
                    | "el"
                    | "los"
                    | "las"
                    | "es"
                    | "en"
                    | "al"
                    | "area"
                    | "departamento"
                    | "depto"
                    | "dpto"
                    | "seccion"
            ) || (self.key(from) == "trabajo" && from + 1 < self.words.len())
            {
                from += 1;
            }
            from
        };
        let word = self.words[at];
        let next = self.key(at + 1);
        let linked = matches!(next, "de" | "del");
        match self.key(at) {
            "area" | "areas" | "departamento" | "depto" | "dpto" | "dep" | "depa" | "seccion"
            | "sector" => Some((false, skip(at + 1))),
            "unidad" | "division" | "oficina" | "equipo" if linked => Some((false, skip(at + 1))),
            "gerencia" | "subgerencia" | "direccion" | "coordinacion" | "jefatura" if linked => {
                Some((true, skip(at + 1)))
            }
            "trabajo" | "laboro" | "estoy" | "pertenezco" | "labor" | "trabajando"
                if matches!(next, "en" | "para" | "a" | "al") =>
            {
                Some((false, skip(at + 2)))
            }
            "parte" | "lado" if linked => Some((false, skip(at + 1))),
            _ if word.is(Trait::ROLE) && linked && at > 0 => Some((false, skip(at + 1))),
            _ => None,
        }
    }

    fn ends_area(&self, at: usize) -> bool {
        let key = self.key(at);
        lead_length_at(&self.words, at)
            || matches!(
                key,
                "mi" | "soy"
                    | "me"
                    | "sede"
                    | "piso"
                    | "anexo"
                    | "ext"
                    | "y"
                    | "gracias"
                    | "saludos"
            ) && !(key == "y"
                && self
                    .words
                    .get(at + 1)
                    .is_some_and(|w| !matches!(w.key.as_str(), "mi" | "soy" | "me")))
            || is_label(key)
            || key.chars().any(|c| c.is_ascii_digit())
    }

    /// A row of the area table at `at`: the name to show and the words it takes, links included.
    fn table_area(
        &self,
        at: usize,
        fuel: &mut Fuel,
    ) -> Result<Option<(&'static str, usize, usize)>, OutOfFuel> {
        let words: Vec<Word> = self.words[at..self.words.len().min(at + 5)]
            .iter()
            .map(|w| (*w).clone())
            .collect();
        fuel.spend(words.len())?;
        let found = Lexicon::spanish()
            .areas
            .longest(&words, 0, Trait::NONE, fuel)?;
        Ok(found.map(|(shown, length)| (shown, self.without_link(at), at + length)))
    }

    /// An area of the table goes on with what its name adds: "Marketing Digital", "Ventas Sur",
    /// "Ventas y Marketing".
    fn extended(&self, end: usize) -> usize {
        let mut end = end;
        let plain = |at: usize| !self.is_break(at) && self.free[at] && !self.ends_area(at);
        if !self.is_break(end) && self.key(end) == "y" && plain(end + 1) {
            end += 2;
        }
        while end < self.words.len()
            && plain(end)
            && !self.words[end].is(Trait::GIVEN_NAME)
            && (is_area_adjective(self.key(end))
                || (matches!(self.key(end), "de" | "del") && plain(end + 1)))
        {
            end += if matches!(self.key(end), "de" | "del") {
                if self.key(end + 1) == "la" && plain(end + 2) {
                    3
                } else {
                    2
                }
            } else {
                1
            };
        }
        end.min(self.words.len())
    }

    /// Moves a start before "de", "del", "de la", "en", "el área".
    fn without_link(&self, at: usize) -> usize {
        let mut start = at;
        while start > 0
            && matches!(
                self.key(start - 1),
                "de" | "del" | "la" | "el" | "en" | "y" | "al" | "soy" | "desde" | "aqui"
            )
            && !self.is_break(start)
        {
            start -= 1;
        }
        start
    }

    /// What an area's name adds to the one of the table, with a blank before it.
    fn rest(&self, from: usize, end: usize) -> String {
        (from..end).fold(String::new(), |rest, at| {
            format!("{rest} {}", self.cased(at, true))
        })
    }

    /// Takes the name out of what is left.
    fn take_name(&mut self, fuel: &mut Fuel) -> Result<Option<String>, OutOfFuel> {
        fuel.spend(self.words.len() * 2)?;
        let mut at = 0;
        while at < self.words.len() {
            let mut end = at;
            while end < self.words.len()
                && self.free[end]
                && (end == at || !self.is_break(end))
                && is_name_word(self.words[end])
            {
                end += 1;
            }
            while end > at
                && self.words[end - 1].is(Trait::PARTICLE)
                && !self.words[end - 1].is(Trait::GIVEN_NAME)
            {
                end -= 1;
            }
            let mut from = at;
            while from < end
                && (self.words[from].is(Trait::TITLE.or(Trait::ROLE).or(Trait::PARTICLE))
                    || matches!(self.key(from), "el" | "la" | "y"))
            {
                self.free[from] = false;
                from += 1;
            }
            let behind_stop = at > 0 && self.free[at - 1] && !self.is_break(at);
            if from < end && end - from <= WORDS_MAX && !behind_stop && self.stands_alone(end) {
                let cut = self.area_inside(from, end);
                self.free[from..cut].fill(false);
                return Ok(Some(self.title(from, cut)));
            }
            at = end.max(at + 1);
        }
        Ok(None)
    }

    /// Whether a name is not followed by words that make it part of a sentence.
    fn stands_alone(&self, end: usize) -> bool {
        self.is_break(end)
            || !self.free[end]
            || matches!(self.key(end), "de" | "del" | "y" | "en" | "soy" | "trabajo")
            || self.words[end].is(Trait::PARTICLE)
    }

    /// Where a name ends that is followed by "de" and an area no table has: "Juan Pérez de
    /// Despensa", but not "Rosa de la Cruz".
    fn area_inside(&self, from: usize, end: usize) -> usize {
        let surname = |at: usize| {
            matches!(
                self.key(at),
                "la" | "los"
                    | "las"
                    | "leon"
                    | "souza"
                    | "jesus"
                    | "paz"
                    | "dios"
                    | "oliveira"
                    | "lima"
                    | "avila"
                    | "armas"
            )
        };
        (from + 2..end)
            .find(|at| self.key(*at) == "de" && !surname(at + 1) && at + 1 < end)
            .unwrap_or(end)
    }

    /// With a name but no known area, the next thing said is the area.
    fn area_behind_name(&self) -> Option<String> {
        let mut from =
            (0..self.words.len()).find(|at| self.free[*at] && !is_skipped(self.words[*at]))?;
        while matches!(self.key(from), "de" | "del" | "la" | "el" | "en")
            || self.words.get(from).is_some_and(|w| w.is(Trait::ROLE))
        {
            from += 1;
        }
        let mut end = from;
        while end < self.words.len()
            && self.free[end]
            && end - from < WORDS_MAX
            && (end == from || !self.is_break(end))
            && !self.ends_area(end)
        {
            end += 1;
        }
        let report = Trait::REQUEST.or(Trait::FIRST_PERSON).or(Trait::CLITIC);
        let sentence =
            (from..end).any(|at| self.words[at].is(report) && !self.words[at].is(Trait::PARTICLE));
        (from < end && !sentence).then(|| self.title(from, end))
    }

    /// Words in title case: particles low, acronyms high.
    fn title(&self, from: usize, end: usize) -> String {
        (from..end)
            .map(|at| self.cased(at, at > from))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// A word in title case; a particle stays low inside a name.
    fn cased(&self, at: usize, inside: bool) -> String {
        let word = self.words[at];
        let low = matches!(
            word.key.as_str(),
            "de" | "del"
                | "la"
                | "las"
                | "los"
                | "el"
                | "y"
                | "e"
                | "al"
                | "da"
                | "do"
                | "dos"
                | "von"
                | "van"
                | "en"
                | "a"
        );
        if low && inside && !(word.capital && word.key.len() == 1) {
            word.key.clone()
        } else {
            capitalised(word)
        }
    }
}

fn lead_length_at(words: &[&Word], at: usize) -> bool {
    let key = |n: usize| words.get(at + n).map_or("", |word| word.key.as_str());
    matches!(
        (key(0), key(1)),
        ("me", "llamo") | ("mi", "nombre") | ("soy", _)
    )
}

/// First letters high; an acronym as typed or as the table writes it.
fn capitalised(word: &Word) -> String {
    const ACRONYMS: [&str; 16] = [
        "rrhh", "rh", "ti", "it", "sst", "ssoma", "hse", "qa", "erp", "crm", "bi", "pmo", "tic",
        "ugel", "uci", "cctv",
    ];
    let letters = word.shown.chars().count();
    let acronym = letters <= 5 && word.proper && word.shown.chars().all(char::is_uppercase);
    if ACRONYMS.contains(&word.key.as_str())
        || (acronym && !word.shown.chars().any(|c| "AEIOU".contains(c)) || acronym && letters <= 3)
    {
        return word.shown.to_uppercase();
    }
    let mut start = true;
    let mut shown = String::with_capacity(word.shown.len());
    for letter in word.shown.chars() {
        if start {
            shown.extend(letter.to_uppercase());
        } else {
            shown.extend(letter.to_lowercase());
        }
        start = matches!(letter, '-' | '\'' | '’');
    }
    shown
}

fn is_label(key: &str) -> bool {
    matches!(
        key,
        "nombre"
            | "nombres"
            | "apellido"
            | "apellidos"
            | "dni"
            | "rut"
            | "cedula"
            | "correo"
            | "celular"
            | "telefono"
            | "gracias"
            | "saludos"
            | "hola"
            | "buenas"
            | "buenos"
            | "dias"
            | "tardes"
            | "noches"
            | "claro"
            | "si"
            | "ok"
            | "por"
            | "favor"
            | "completo"
            | "seria"
            | "es"
            | "cargo"
            | "puesto"
            | "listo"
            | "bueno"
            | "dale"
            | "con"
            | "gusto"
            | "empresa"
            | "datos"
            | "ext"
            | "anexo"
            | "interno"
            | "mis"
            | "son"
            | "estos"
    )
}

/// Words that never are part of a name.
fn is_name_word(word: &Word) -> bool {
    let never = Trait::REQUEST
        .or(Trait::FIRST_PERSON)
        .or(Trait::CLITIC)
        .or(Trait::COPULA)
        .or(Trait::VERB)
        .or(Trait::OBJECT)
        .or(Trait::STOP_NOUN)
        .or(Trait::ADVERB)
        .or(Trait::OTHER)
        .or(Trait::UNIT)
        .or(Trait::VAGUE);
    let titled = word.is(Trait::PARTICLE
        .or(Trait::TITLE)
        .or(Trait::ROLE)
        .or(Trait::GIVEN_NAME))
        || word.proper;
    let letters = word
        .key
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'));
    letters && (titled || !word.is(never))
}

fn is_skipped(word: &Word) -> bool {
    word.is(Trait::TITLE) || matches!(word.key.as_str(), "y" | "de" | "del" | "la" | "el")
}

fn is_area_adjective(key: &str) -> bool {
    const ENDINGS: [&str; 12] = [
        "al", "ales", "ico", "ica", "icos", "icas", "iva", "ivo", "aria", "ario", "erna", "erno",
    ];
    matches!(
        key,
        "norte"
            | "sur"
            | "centro"
            | "este"
            | "oeste"
            | "lima"
            | "online"
            | "web"
            | "general"
            | "humanos"
            | "b2b"
    ) || key.len() > 4 && ENDINGS.iter().any(|ending| key.ends_with(ending))
}
