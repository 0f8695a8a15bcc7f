//! The shapes a symptom can have at one place of a clause.

use super::anchor::{Anchor, Shape};
use super::clauses::Clause;
use super::fuel::{Fuel, OutOfFuel};
use super::grammar::{Ending, Grammar, Keyword};
use super::lexicon::Trait;
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
        .or_else(|| place.coded())
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

    fn says(&self, offset: usize, keywords: Keyword) -> bool {
        self.word(offset).is_some_and(|word| word.says(keywords))
    }

    fn before_says(&self, keywords: Keyword) -> bool {
        self.before().is_some_and(|word| word.says(keywords))
    }

    fn grammar(&self) -> &'static Grammar {
        &self.marked.lexicon.grammar
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

    /// "ya no …", "todavía no …" begin with their adverb, "I do not …" with its subject.
    fn start_with_adverb(&self) -> usize {
        if !self.says(0, Keyword::NO) {
            return self.at;
        }
        let words = &self.marked.words[self.clause.start..self.at];
        let leads = words.iter().rev().take(2);
        self.at
            - leads
                .take_while(|word| word.says(Keyword::NEGATION_LEAD))
                .count()
    }

    /// A phrase of the symptom table.
    fn known(&self, fuel: &mut Fuel) -> Result<Option<Anchor>, OutOfFuel> {
        let skip = Trait::CLITIC.or(Trait::ADVERB);
        let symptoms = &self.marked.lexicon.symptoms;
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
            || (!owns
                && (1..length).any(|n| self.is(n, Trait::OBJECT))
                && !self.says(0, Keyword::WITHOUT));
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
        let nothing = self.says(0, Keyword::NOTHING)
            && self.is(1, Trait::VERB)
            && !self.before_is(Trait::DETERMINER);
        let nobody = self.says(0, Keyword::NOBODY);
        if nothing || (nobody && self.word(1).is_some()) {
            return Some(self.anchor(2, Shape::Person, Severity::Total));
        }
        if !self.says(0, Keyword::NEGATION) {
            return None;
        }
        let verb = (1..4).find(|n| !self.is(*n, Trait::CLITIC.or(Trait::ADVERB)))?;
        let word = self.word(verb)?;
        let nominal = Trait::DETERMINER
            .or(Trait::PREPOSITION)
            .or(Trait::OBJECT)
            .or(Trait::STOP_NOUN);
        let verbal = Trait::VERB.or(Trait::FIRST_PERSON);
        if word.is(nominal) && !word.is(verbal) && !word.says(Keyword::THIS_OR_IS) {
            return None;
        }
        let known = self.marked.lexicon.verb(&word.key);
        let start = self.start_with_adverb();
        let mut lead = self.marked.words[start..self.at].iter();
        if word.is(Trait::FIRST_PERSON)
            || self.grammar().ends(Ending::We, &word.key)
            || lead.any(|word| word.says(Keyword::I))
        {
            return Some(self.anchor(verb + 1, Shape::Person, Severity::Partial));
        }
        let severity = known.map_or(Severity::Partial, |verb| verb.denied);
        let shape = if word.says(Keyword::THERE_IS) {
            Shape::Person
        } else {
            Shape::Thing
        };
        let told = word.is(Trait::VERB) && word.says(Keyword::TOLD_IF_DENIED);
        let shape = if told && self.says(1, Keyword::ME) {
            Shape::Told
        } else {
            shape
        };
        let mut anchor = self.anchor(verb + 1, shape, severity);
        anchor.normal = known
            .map(|verb| format!("{} {}", self.grammar().denied, verb.canonical))
            .filter(|_| verb + 1 >= self.clause.end - self.at);
        Some(anchor)
    }

    /// "se" and a verb: "se congela", "se me apagó".
    fn reflexive(&self) -> Option<Anchor> {
        let clitic = if self.is(1, Trait::CLITIC) { 2 } else { 1 };
        let verb = clitic + usize::from(self.says(clitic, Keyword::AUX));
        let word = self.word(verb).filter(|_| self.says(0, Keyword::SE))?;
        if self.before_says(Keyword::BEFORE_SE) {
            return None;
        }
        let nominal = Trait::DETERMINER
            .or(Trait::PREPOSITION)
            .or(Trait::STOP_NOUN)
            .or(Trait::OTHER);
        if word.is(nominal) && !word.is(Trait::VERB) {
            return None;
        }
        let known = self.marked.lexicon.verb(&word.key);
        let severity = known
            .and_then(|verb| verb.happens)
            .unwrap_or(Severity::Partial);
        let mut anchor = self.anchor(verb + 1, Shape::Thing, severity);
        let reflexive = self.grammar().reflexive;
        anchor.normal = known.map(|verb| format!("{reflexive} {}", verb.canonical));
        Some(anchor)
    }

    /// "está lenta", "anda fallando", "quedó en blanco"; a bare state right behind its thing.
    fn state(&self, mentions: &[Mention]) -> Option<Anchor> {
        if self.is(0, Trait::COPULA) {
            let what = (1..4).find(|n| !self.is(*n, Trait::DEGREE))?;
            let word = self.word(what)?;
            let shown = self.says(what, Keyword::STATE_LINK);
            let placed = self.says(what, Keyword::IN) && !self.says(what + 1, Keyword::STATE_NAMED);
            let with = self.says(what, Keyword::WITH) && self.is(what + 1, Trait::VAGUE);
            let names = self.says(0, Keyword::THIS_OR_IS) && word.is(Trait::TIME.or(Trait::OBJECT));
            let being = self.says(0, Keyword::BEING) && !word.is(Trait::STATE);
            let stated = word.is(Trait::STATE)
                || self.is_participle(word)
                || (shown && !placed && !with)
                || (!word.traits.is_known() && !word.proper && self.says(0, Keyword::STATING));
            return (stated && !names && !being)
                .then(|| self.anchor(what + 1, Shape::Thing, Severity::Partial));
        }
        let behind_thing = mentions.iter().any(|mention| mention.end == self.at);
        let degree = usize::from(self.is(0, Trait::DEGREE));
        (behind_thing && self.is(degree, Trait::STATE)).then(|| {
            let word = self.word(degree).map_or("", |word| word.key.as_str());
            let total = self.grammar().begins(Ending::Broken, word);
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
        let pronoun = self.says(0, Keyword::PRONOUN);
        let verb = if self.is(1, Trait::CLITIC) { 2 } else { 1 };
        let unknown = self.word(verb).is_some_and(|word| !word.traits.is_known())
            && (self.before().is_none_or(|word| word.says(Keyword::AND))
                || mentions.iter().any(|mention| mention.end == self.at));
        let shows = unknown
            || self.is(verb, Trait::EXPERIENCED.or(Trait::VERB)) && !self.is(verb, Trait::REQUEST);
        let split = self.before_says(Keyword::SPLIT);
        let asked = self.is(verb, Trait::SERVICE.or(Trait::VAGUE));
        let known = self.marked.lexicon.verb(self.key(verb));
        (pronoun && shows && !asked && (!split || self.before_says(Keyword::THAT))).then(|| {
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
        let bids =
            opens && self.is(0, Trait::SERVICE) && self.grammar().ends(Ending::Bids, self.key(0));
        if bids && self.word(1).is_some() {
            return Some(self.anchor(1, Shape::Wish, Severity::Request));
        }
        let must = self.says(0, Keyword::THERE_IS) && self.says(1, Keyword::THAT);
        if !(self.is(0, Trait::REQUEST) || must) || self.before_says(Keyword::HELD) {
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
        if self.before_says(Keyword::ME) {
            anchor.start -= 1;
        }
        let asks = self.says(0, Keyword::ASKS);
        anchor.strength = if service || asks { 3 } else { 1 };
        Some(anchor)
    }

    /// A verb that says by itself what is wrong: "falla", "hace ruido", "tarda mucho".
    fn happening(&self) -> Option<Anchor> {
        let verb = self.marked.lexicon.verb(self.key(0))?;
        let left_off = self.says(0, Keyword::LEFT_OFF) && self.says(1, Keyword::OF_BARE);
        let severity = if left_off {
            Severity::Total
        } else {
            verb.happens?
        };
        let nominal = Trait::DETERMINER.or(Trait::PREPOSITION);
        let infinitive =
            self.key(0).len() > 3 && self.grammar().ends(Ending::InfinitiveSe, self.key(0));
        let held = self.before_is(nominal) || self.before_says(Keyword::HELD_VERB);
        if infinitive || held || self.is(0, Trait::FIRST_PERSON) {
            return None;
        }
        Some(self.anchor(if left_off { 2 } else { 1 }, Shape::Thing, severity))
    }

    /// An error with its number that opens the clause: "erro 404 ao abrir o portal".
    fn coded(&self) -> Option<Anchor> {
        let announced = self.says(0, Keyword::CODE_LEAD) && self.is(0, Trait::STOP_NOUN);
        let number = self.key(1).contains(|c: char| c.is_ascii_digit());
        (announced && number && self.before().is_none())
            .then(|| self.anchor(2, Shape::Own, Severity::Partial))
    }

    /// What the person did or has: "olvidé mi clave", "tengo la pantalla negra".
    fn deed(&self) -> Option<Anchor> {
        let done = self.is(0, Trait::FIRST_PERSON);
        if !done
            || self.before_is(Trait::DETERMINER.or(Trait::PREPOSITION))
            || self.before_says(Keyword::HELD)
        {
            return None;
        }
        // "olvidé mi clave" in one word, "ho dimenticato", "I forgot" in two.
        let past = self.is(0, Trait::DEED) || self.is(1, Trait::DEED);
        let more = self.clause.end - self.at > 1;
        more.then(|| {
            let mut anchor = self.anchor(1, Shape::Person, Severity::Partial);
            anchor.strength = if past { 3 } else { 1 };
            anchor
        })
    }

    fn is_participle(&self, word: &Word) -> bool {
        let ends = self.grammar().ends(Ending::Participle, &word.key);
        word.key.len() > 4 && ends && !word.is(Trait::OBJECT)
    }

    /// "sin sonido", where it is all the clause says of its thing.
    fn without(&self) -> Option<Anchor> {
        let next = self.word(1).filter(|_| self.says(0, Keyword::WITHOUT))?;
        let apart = self
            .before()
            .is_none_or(|w| w.is(Trait::OBJECT.or(Trait::COPULA).or(Trait::ADVERB)));
        (apart && !next.is(Trait::VAGUE)).then(|| self.anchor(2, Shape::Thing, Severity::Partial))
    }
}
