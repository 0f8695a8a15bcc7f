//! The shapes a symptom can have at one place of a clause.

use super::anchor::{Anchor, Shape};
use super::clauses::Clause;
use super::fuel::{Fuel, OutOfFuel};
use super::lexicon::{Lexicon, Trait};
use super::object::Mention;
use super::phrases::Marked;
use super::symptom::Severity;
use super::words::Word;

/// The anchor that begins at `at`, of the first shape that fits.
pub(super) fn anchor_at(
    marked: &Marked,
    clause: Clause,
    at: usize,
    mentions: &[Mention],
    fuel: &mut Fuel,
) -> Result<Option<Anchor>, OutOfFuel> {
    let place = Place { marked, clause, at };
    if let Some(anchor) = place.known(fuel)? {
        return Ok(Some(anchor));
    }
    fuel.spend(4)?;
    Ok(place
        .denied()
        .or_else(|| place.reflexive())
        .or_else(|| place.state(mentions))
        .or_else(|| place.shown_to_person(mentions))
        .or_else(|| place.wish())
        .or_else(|| place.happening())
        .or_else(|| place.deed())
        .or_else(|| place.without()))
}

/// One place of a clause that may hold an anchor.
#[derive(Clone, Copy)]
struct Place<'a> {
    marked: &'a Marked,
    clause: Clause,
    at: usize,
}

impl<'a> Place<'a> {
    fn word(&self, offset: usize) -> Option<&'a Word> {
        let at = self.at + offset;
        (at < self.clause.end).then(|| &self.marked.words[at])
    }

    fn key(&self, offset: usize) -> &'a str {
        self.word(offset).map_or("", |word| word.key.as_str())
    }

    fn is(&self, offset: usize, traits: Trait) -> bool {
        self.word(offset).is_some_and(|word| word.is(traits))
    }

    fn before(&self) -> Option<&'a Word> {
        (self.at > self.clause.start).then(|| &self.marked.words[self.at - 1])
    }

    fn before_is(&self, traits: Trait) -> bool {
        self.before().is_some_and(|word| word.is(traits))
    }

    fn anchor(&self, length: usize, shape: Shape, severity: Severity) -> Anchor {
        let start = self.start_with_adverb();
        let end = (self.at + length).min(self.clause.end);
        Anchor {
            start,
            end,
            shape,
            strength: 3,
            normal: None,
            severity,
        }
    }

    /// "ya no …", "todavía no …" begin with their adverb.
    fn start_with_adverb(&self) -> usize {
        let adverb = |word: &Word| matches!(word.key.as_str(), "ya" | "todavia" | "aun" | "casi");
        if self.key(0) == "no" && self.before().is_some_and(adverb) {
            self.at - 1
        } else {
            self.at
        }
    }

    /// A phrase of the symptom table.
    fn known(&self, fuel: &mut Fuel) -> Result<Option<Anchor>, OutOfFuel> {
        let skip = Trait::CLITIC.or(Trait::ADVERB);
        let symptoms = &Lexicon::spanish().symptoms;
        let found = symptoms.longest(&self.marked.words, self.at, skip, fuel)?;
        let Some((known, length)) = found else {
            return Ok(None);
        };
        let fits = self.at + length <= self.clause.end;
        let bare_state = length == 1 && self.before_is(Trait::DETERMINER.or(Trait::PREPOSITION));
        if !fits || bare_state {
            return Ok(None);
        }
        let person = (0..length).any(|n| self.is(n, Trait::FIRST_PERSON));
        let owns = self.is(0, Trait::OBJECT) && length > 1;
        let person = person
            || (!owns && (1..length).any(|n| self.is(n, Trait::OBJECT)) && self.key(0) != "sin");
        let shape = if person {
            Shape::Person
        } else if owns {
            Shape::Own
        } else {
            Shape::Thing
        };
        let mut anchor = self.anchor(length, shape, known.severity);
        anchor.normal = Some(known.normal.to_owned());
        Ok(Some(anchor))
    }

    /// "no", "nunca", "ni" and a verb.
    fn denied(&self) -> Option<Anchor> {
        let nothing =
            self.key(0) == "nada" && self.is(1, Trait::VERB) && !self.before_is(Trait::DETERMINER);
        let nobody = matches!(self.key(0), "nadie" | "ninguno" | "ninguna");
        if nothing || (nobody && self.word(1).is_some()) {
            return Some(self.anchor(2, Shape::Person, Severity::Total));
        }
        if !matches!(self.key(0), "no" | "nunca" | "tampoco" | "ni") {
            return None;
        }
        let verb = (1..4).find(|n| !self.is(*n, Trait::CLITIC.or(Trait::ADVERB)))?;
        let word = self.word(verb)?;
        let nominal = Trait::DETERMINER
            .or(Trait::PREPOSITION)
            .or(Trait::OBJECT)
            .or(Trait::STOP_NOUN);
        if word.is(nominal) && !word.is(Trait::VERB.or(Trait::FIRST_PERSON)) {
            return None;
        }
        let known = Lexicon::spanish().verb(&word.key);
        if word.is(Trait::FIRST_PERSON) || word.key.ends_with("mos") {
            return Some(self.anchor(verb + 1, Shape::Person, Severity::Partial));
        }
        let severity = known.map_or(Severity::Partial, |verb| verb.denied);
        let shape = if matches!(word.key.as_str(), "hay") {
            Shape::Person
        } else {
            Shape::Thing
        };
        let told = word.is(Trait::VERB)
            && matches!(
                word.key.as_str(),
                "deja" | "permite" | "llega" | "llegan" | "aparece" | "sale"
            );
        let shape = if told && self.key(1) == "me" {
            Shape::Told
        } else {
            shape
        };
        let mut anchor = self.anchor(verb + 1, shape, severity);
        anchor.normal = known
            .map(|verb| format!("no {}", verb.canonical))
            .filter(|_| verb + 1 >= self.clause.end - self.at);
        Some(anchor)
    }

    /// "se" and a verb: "se congela", "se me apagó".
    fn reflexive(&self) -> Option<Anchor> {
        let verb = if self.is(1, Trait::CLITIC) { 2 } else { 1 };
        let word = self.word(verb).filter(|_| self.key(0) == "se")?;
        if self
            .before()
            .is_some_and(|w| matches!(w.key.as_str(), "no" | "lo" | "yo"))
        {
            return None;
        }
        let nominal = Trait::DETERMINER
            .or(Trait::PREPOSITION)
            .or(Trait::STOP_NOUN)
            .or(Trait::OTHER);
        if word.is(nominal) && !word.is(Trait::VERB) {
            return None;
        }
        let known = Lexicon::spanish().verb(&word.key);
        let severity = known
            .and_then(|verb| verb.happens)
            .unwrap_or(Severity::Partial);
        let mut anchor = self.anchor(verb + 1, Shape::Thing, severity);
        anchor.normal = known.map(|verb| format!("se {}", verb.canonical));
        Some(anchor)
    }

    /// "está lenta", "anda fallando", "quedó en blanco"; a bare state right behind its thing.
    fn state(&self, mentions: &[Mention]) -> Option<Anchor> {
        if self.is(0, Trait::COPULA) {
            let what = (1..4).find(|n| !self.is(*n, Trait::DEGREE))?;
            let word = self.word(what)?;
            let shown = matches!(
                self.key(what),
                "en" | "como" | "sin" | "con" | "fuera" | "a"
            );
            let placed = self.key(what) == "en"
                && !matches!(
                    self.key(what + 1),
                    "blanco" | "negro" | "rojo" | "cero" | "ingles" | "otro"
                );
            let with = self.key(what) == "con" && self.is(what + 1, Trait::VAGUE);
            let names = self.is(0, Trait::COPULA)
                && self.key(0) == "esta"
                && word.is(Trait::TIME.or(Trait::OBJECT));
            let being =
                matches!(self.key(0), "es" | "son" | "era" | "eran") && !word.is(Trait::STATE);
            let stated = word.is(Trait::STATE)
                || is_participle(word)
                || (shown && !placed && !with)
                || (!word.traits.is_known()
                    && matches!(self.key(0), "esta" | "estan" | "quedo" | "sigue" | "anda"));
            return (stated && !names && !being)
                .then(|| self.anchor(what + 1, Shape::Thing, Severity::Partial));
        }
        let behind_thing = mentions.iter().any(|mention| mention.end == self.at);
        let degree = usize::from(self.is(0, Trait::DEGREE));
        (behind_thing && self.is(degree, Trait::STATE)).then(|| {
            let word = self.word(degree).map_or("", |word| word.key.as_str());
            let broken = [
                "rot",
                "malograd",
                "danad",
                "quemad",
                "muert",
                "descompuest",
                "caid",
            ];
            let total = broken.iter().any(|stem| word.starts_with(stem));
            self.anchor(
                degree + 1,
                Shape::Thing,
                if total {
                    Severity::Total
                } else {
                    Severity::Partial
                },
            )
        })
    }

    /// "me sale un error", "nos pide clave".
    fn shown_to_person(&self, mentions: &[Mention]) -> Option<Anchor> {
        let pronoun = matches!(self.key(0), "me" | "nos" | "le" | "les");
        let verb = if self.is(1, Trait::CLITIC) { 2 } else { 1 };
        let unknown = self.word(verb).is_some_and(|word| !word.traits.is_known())
            && (self.before().is_none_or(|word| word.key == "y")
                || mentions.iter().any(|mention| mention.end == self.at));
        let shows = unknown
            || self.is(verb, Trait::EXPERIENCED.or(Trait::VERB)) && !self.is(verb, Trait::REQUEST);
        let split = self
            .before()
            .is_some_and(|w| matches!(w.key.as_str(), "no" | "se" | "ni" | "que"));
        let asked = self.is(verb, Trait::SERVICE.or(Trait::VAGUE));
        let known = Lexicon::spanish().verb(self.key(verb));
        (pronoun && shows && !asked && (!split || self.before().is_some_and(|w| w.key == "que")))
            .then(|| {
                let severity = known
                    .and_then(|verb| verb.happens)
                    .unwrap_or(Severity::Partial);
                let told = unknown || self.is(verb, Trait::EXPERIENCED);
                self.anchor(
                    verb + 1,
                    if told { Shape::Told } else { Shape::Thing },
                    severity,
                )
            })
    }

    /// "necesito instalar …", "me pueden dar acceso …".
    fn wish(&self) -> Option<Anchor> {
        let opens = self.before().is_none();
        let bids = opens
            && self.is(0, Trait::SERVICE)
            && ["en", "ar", "er", "ir"]
                .iter()
                .any(|tail| self.key(0).ends_with(tail));
        if bids && self.word(1).is_some() {
            return Some(self.anchor(1, Shape::Wish, Severity::Request));
        }
        let hay_que = self.key(0) == "hay" && self.key(1) == "que";
        if !(self.is(0, Trait::REQUEST) || hay_que)
            || self
                .before()
                .is_some_and(|w| matches!(w.key.as_str(), "cuando" | "si" | "al" | "no" | "que"))
        {
            return None;
        }
        let rest = (1..self.clause.end - self.at).filter_map(|n| self.word(n));
        let content = rest.filter(|w| {
            !w.is(Trait::LINK
                .or(Trait::VAGUE)
                .or(Trait::CLITIC)
                .or(Trait::DETERMINER)
                .or(Trait::PREPOSITION)
                .or(Trait::REQUEST))
        });
        let (mut told, mut service) = (0, false);
        for word in content {
            told += usize::from(!word.is(Trait::OBJECT));
            service |= word.is(Trait::SERVICE);
        }
        let vague = (1..4).any(|n| self.is(n, Trait::VAGUE)) && !service;
        let things = (1..self.clause.end - self.at).any(|n| self.is(n, Trait::OBJECT));
        if vague || (told == 0 && !things && !service) {
            return None;
        }
        let mut anchor = self.anchor(1, Shape::Wish, Severity::Request);
        if self
            .before()
            .is_some_and(|w| matches!(w.key.as_str(), "me" | "nos"))
        {
            anchor.start -= 1;
        }
        let asks = matches!(
            self.key(0),
            "necesito" | "requiero" | "solicito" | "necesitamos" | "requerimos" | "solicitamos"
        );
        anchor.strength = if service || asks { 3 } else { 1 };
        Some(anchor)
    }

    /// A verb that says by itself what is wrong: "falla", "hace ruido", "tarda mucho".
    fn happening(&self) -> Option<Anchor> {
        let verb = Lexicon::spanish().verb(self.key(0))?;
        let left_off = self.key(0) == "dejo" && self.key(1) == "de";
        let severity = if left_off {
            Severity::Total
        } else {
            verb.happens?
        };
        let nominal = Trait::DETERMINER.or(Trait::PREPOSITION);
        let infinitive = self.key(0).len() > 3
            && ["ar", "er", "ir", "rse"]
                .iter()
                .any(|end| self.key(0).ends_with(end));
        let held = self.before().is_some_and(|w| {
            w.is(nominal) || matches!(w.key.as_str(), "no" | "se" | "cuando" | "al")
        });
        if infinitive || held || self.is(0, Trait::FIRST_PERSON) {
            return None;
        }
        Some(self.anchor(if left_off { 2 } else { 1 }, Shape::Thing, severity))
    }

    /// What the person did or has: "olvidé mi clave", "tengo la pantalla negra".
    fn deed(&self) -> Option<Anchor> {
        let done = self.is(0, Trait::FIRST_PERSON);
        if !done
            || self.before_is(Trait::DETERMINER.or(Trait::PREPOSITION))
            || self
                .before()
                .is_some_and(|w| matches!(w.key.as_str(), "no" | "que" | "cuando" | "si" | "al"))
        {
            return None;
        }
        let past = self.is(0, Trait::DEED);
        let more = self.clause.end - self.at > 1;
        more.then(|| {
            let mut anchor = self.anchor(1, Shape::Person, Severity::Partial);
            anchor.strength = if past { 3 } else { 1 };
            anchor
        })
    }

    /// "sin sonido", where it is all the clause says of its thing.
    fn without(&self) -> Option<Anchor> {
        let next = self.word(1).filter(|_| self.key(0) == "sin")?;
        let apart = self
            .before()
            .is_none_or(|w| w.is(Trait::OBJECT.or(Trait::COPULA).or(Trait::ADVERB)));
        (apart && !next.is(Trait::VAGUE)).then(|| self.anchor(2, Shape::Thing, Severity::Partial))
    }
}

fn is_participle(word: &Word) -> bool {
    let tails = [
        "ando", "endo", "ado", "ada", "ados", "adas", "ido", "ida", "idos", "idas", "isimo",
        "isima",
    ];
    word.key.len() > 4
        && tails.iter().any(|tail| word.key.ends_with(tail))
        && !word.is(Trait::OBJECT)
}
