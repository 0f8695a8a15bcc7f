//! Phrases about the conversation: greeting, courtesy, thanks, "I want to report that".
//!
//! One pass from left to right lays a [`Class`] over the words such a phrase covers. What stays
//! bare is what the person reports. Where a phrase stands decides whether it counts: "sale" alone
//! is a yes, in "sale un error" it is not.

use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Keyword;
use super::identity;
use super::lexicon::{Lexicon, Trait};
use super::when;
use super::words::{Gap, Word, joined};

/// What a phrase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Greeting,
    Courtesy,
    Intro,
    Thanks,
    Yes,
    No,
    Cancel,
    Human,
    Complaint,
    Fix,
    Vague,
    Status,
    Time,
    TimeLead,
    Turn,
    Purpose,
    Introduction,
    /// Announces a name in an answer, but tells nothing in a report: "it's Priya".
    Answerer,
    Nickname,
    Urgent,
    Patient,
    Blocked,
    People,
    Customers,
    Security,
    Deadline,
    Minor,
    Danger,
    KeyPerson,
    Workaround,
    Loss,
    AtTimes,
    Asked,
    Works,
    DataLost,
    OnCondition,
    Question,
    HowTo,
    Nobody,
    DeadMachine,
    CarriesOn,
    Malfunction,
    Neutral,
}

impl Class {
    /// The class of a table row.
    pub(super) fn named(label: &str) -> Option<Self> {
        Some(match label {
            "greeting" => Self::Greeting,
            "courtesy" => Self::Courtesy,
            "intro" => Self::Intro,
            "thanks" => Self::Thanks,
            "yes" => Self::Yes,
            "no" => Self::No,
            "cancel" => Self::Cancel,
            "human" => Self::Human,
            "complaint" => Self::Complaint,
            "fix" => Self::Fix,
            "vague" => Self::Vague,
            "status" => Self::Status,
            "urgent" => Self::Urgent,
            "patient" => Self::Patient,
            "blocked" => Self::Blocked,
            "people" => Self::People,
            "customers" => Self::Customers,
            "security" => Self::Security,
            "deadline" => Self::Deadline,
            "minor" => Self::Minor,
            "danger" => Self::Danger,
            "key-person" => Self::KeyPerson,
            "workaround" => Self::Workaround,
            "loss" => Self::Loss,
            "at-times" => Self::AtTimes,
            "asked" => Self::Asked,
            "works" => Self::Works,
            "carries-on" => Self::CarriesOn,
            "data-lost" => Self::DataLost,
            "neutral" => Self::Neutral,
            "introduction" => Self::Introduction,
            "answerer" => Self::Answerer,
            "nickname" => Self::Nickname,
            "time" => Self::Time,
            "time-lead" => Self::TimeLead,
            "turn" => Self::Turn,
            "purpose" => Self::Purpose,
            _ => return None,
        })
    }

    /// What phrases of this class are looked up for.
    pub(super) fn lookup(self) -> Use {
        match self {
            Self::Yes | Self::No | Self::Cancel => Use::Answer,
            Self::Introduction | Self::Answerer | Self::Nickname => Use::Lead,
            Self::TimeLead => Use::TimeLead,
            Self::Turn => Use::Turn,
            Self::Purpose => Use::Purpose,
            _ => Use::Inside,
        }
    }

    /// Whether the phrase makes a report lighter, which "not" before it turns round.
    pub(super) fn is_relief(self) -> bool {
        matches!(
            self,
            Self::Workaround | Self::Works | Self::CarriesOn | Self::Asked
        )
    }

    /// Whether a report may begin right behind the phrase.
    fn opens(self) -> bool {
        !matches!(self, Self::Vague | Self::Status | Self::Complaint)
    }
}

/// What a table of phrases is looked up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Use {
    /// Laid over a text wherever it stands.
    Inside,
    /// Counts only as the whole of what is said.
    Answer,
    /// Begins an introduction.
    Lead,
    /// Begins a time detail.
    TimeLead,
    /// Begins another clause.
    Turn,
    /// Begins a purpose.
    Purpose,
}

/// A phrase found: the words `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub class: Class,
    pub start: usize,
    pub end: usize,
}

/// The words of a text with the phrases laid over them.
#[derive(Debug)]
pub(super) struct Marked {
    pub lexicon: &'static Lexicon,
    pub words: Vec<Word>,
    pub spans: Vec<Span>,
    cover: Vec<Option<Class>>,
}

impl Marked {
    /// Lays phrases over `words`.
    pub(super) fn of(
        words: Vec<Word>,
        lexicon: &'static Lexicon,
        fuel: &mut Fuel,
    ) -> Result<Self, OutOfFuel> {
        let mut marked = Self {
            lexicon,
            spans: Vec::new(),
            cover: vec![None; words.len()],
            words,
        };
        let mut at = 0;
        while at < marked.words.len() {
            at = match marked.phrase_at(at, fuel)? {
                Some(span) => {
                    marked.lay(span);
                    span.end
                }
                None => at + 1,
            };
        }
        Ok(marked)
    }

    /// The class laid over a word.
    pub(super) fn class(&self, at: usize) -> Option<Class> {
        self.cover.get(at).copied().flatten()
    }

    /// Whether any phrase of the class was found.
    pub(super) fn has(&self, class: Class) -> bool {
        self.spans.iter().any(|span| span.class == class)
    }

    /// The first phrase of the class.
    pub(super) fn first(&self, class: Class) -> Option<Span> {
        self.spans.iter().find(|span| span.class == class).copied()
    }

    /// Whether the word is set apart from the one before it.
    pub(super) fn is_break(&self, at: usize) -> bool {
        at == 0 || at >= self.words.len() || self.words[at].gap > Gap::None
    }

    /// Whether the word belongs to the verb before it: "has not turned on".
    pub(super) fn is_verb_particle(&self, at: usize) -> bool {
        let verbal = |word: &Word| word.is(Trait::VERB.or(Trait::SERVICE));
        let pronoun = at > 1 && self.words[at - 1].is(Trait::CLITIC);
        let verb = if pronoun {
            at.checked_sub(2)
        } else {
            at.checked_sub(1)
        };
        self.words[at].says(Keyword::VERB_PARTICLE)
            && self.words[at].gap == Gap::None
            && verb.is_some_and(|verb| verbal(&self.words[verb]))
    }

    /// Words not covered by any phrase.
    pub(super) fn bare(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.words.len()).filter(|at| self.cover[*at].is_none())
    }

    /// The spellings of `start..end`, joined by blanks.
    pub(super) fn shown(&self, start: usize, end: usize) -> String {
        joined(self.words[start..end].iter().map(|w| w.shown.as_str()))
    }

    fn lay(&mut self, span: Span) {
        self.cover[span.start..span.end].fill(Some(span.class));
        self.spans.push(span);
    }

    fn phrase_at(&self, at: usize, fuel: &mut Fuel) -> Result<Option<Span>, OutOfFuel> {
        let lexicon = self.lexicon;
        let span = |class, length| {
            Some(Span {
                class,
                start: at,
                end: at + length,
            })
        };
        if let Some(length) = identity::introduction_at(self, at, fuel)? {
            return Ok(span(Class::Introduction, length));
        }
        let answer = lexicon
            .answers
            .longest(&self.words, at, Trait::NONE, fuel)?;
        if let Some((class, length)) = answer
            && self.answers(at, length, fuel)?
        {
            return Ok(span(class, length));
        }
        let phrase = lexicon
            .phrases
            .longest(&self.words, at, Trait::NONE, fuel)?;
        if let Some((class, length)) = phrase.filter(|(class, n)| self.counts(*class, at, *n)) {
            return Ok(span(class, length));
        }
        Ok(when::length_at(&self.words, lexicon, at, fuel)?
            .and_then(|length| span(Class::Time, length)))
    }

    /// Whether a phrase of this class counts at this place.
    fn counts(&self, class: Class, at: usize, length: usize) -> bool {
        match class {
            Class::Greeting => self.only_greeted_before(at) || self.is_whole(at, length),
            Class::Intro => self.opens_at(at),
            Class::Fix => self.only_greeted_before(at),
            Class::Human if length == 1 => self.is_whole(at, length),
            Class::Urgent if length == 1 => at == 0 || !self.words[at - 1].is(Trait::DETERMINER),
            Class::Courtesy if self.words[at].says(Keyword::COURTESY_WHOLE) => {
                self.is_break(at + length)
            }
            Class::Courtesy if length == 1 => !self.after_link(at),
            _ => true,
        }
    }

    /// Whether an answer is all that is said, courtesy aside: "cancela por favor".
    fn answers(&self, at: usize, length: usize, fuel: &mut Fuel) -> Result<bool, OutOfFuel> {
        if self.is_whole(at, length) {
            return Ok(true);
        }
        let begins = self.is_break(at) || self.class(at - 1).is_some();
        let next = self
            .lexicon
            .phrases
            .longest(&self.words, at + length, Trait::NONE, fuel)?;
        Ok(begins
            && next.is_some_and(|(class, _)| matches!(class, Class::Courtesy | Class::Thanks)))
    }

    fn is_whole(&self, at: usize, length: usize) -> bool {
        let begins = self.is_break(at) || self.class(at - 1).is_some();
        begins && self.is_break(at + length)
    }

    fn only_greeted_before(&self, at: usize) -> bool {
        let polite = |class| {
            matches!(
                class,
                Some(Class::Greeting | Class::Courtesy | Class::No | Class::Thanks | Class::Fix)
            )
        };
        (0..at).all(|before| polite(self.class(before)))
    }

    /// Whether a sentence, a clause or a report begins here.
    fn opens_at(&self, at: usize) -> bool {
        self.is_break(at)
            || self.class(at - 1).is_some_and(Class::opens)
            || self.words[at - 1].says(Keyword::OPENS_BEHIND)
    }

    fn after_link(&self, at: usize) -> bool {
        let held = Trait::DETERMINER
            .or(Trait::PREPOSITION)
            .or(Trait::FIRST_PERSON)
            .or(Trait::REQUEST);
        at > 0
            && self.class(at - 1).is_none()
            && self.words[at].gap == Gap::None
            && self.words[at - 1].is(held)
    }
}
