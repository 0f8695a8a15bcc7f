//! What tables know of a word's part in a sentence.

/// What tables know of a word's part in a sentence; a word can have several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Trait(u32);

macro_rules! traits {
    ($($name:ident $bit:literal $label:literal,)*) => {
        impl Trait {
            $(pub(super) const $name: Self = Self(1 << $bit);)*
            /// The trait a table names.
            pub(super) fn named(label: &str) -> Option<Self> {
                match label { $($label => Some(Self::$name),)* _ => None }
            }
        }
    };
}

traits! {
    DETERMINER 0 "determiner",
    POSSESSIVE 1 "possessive",
    PREPOSITION 2 "preposition",
    CLITIC 3 "clitic",
    LINK 4 "link",
    ADVERB 5 "adverb",
    TIME 6 "time",
    TIME_LINK 7 "time-link",
    STOP_NOUN 8 "stop-noun",
    STATE 9 "state",
    FIRST_PERSON 10 "first-person",
    REQUEST 11 "request",
    COPULA 12 "copula",
    NUMBER 13 "number",
    VERB 14 "verb",
    OBJECT 15 "object",
    PLACE 16 "place",
    VAGUE 17 "vague",
    PARTICLE 18 "particle",
    TITLE 19 "title",
    ROLE 20 "role",
    UNIT 21 "unit",
    OTHER 22 "other",
    EXPERIENCED 23 "experienced",
    GIVEN_NAME 24 "given-name",
    SERVICE 25 "service",
    DEGREE 26 "degree",
    DEED 27 "deed",
    LABEL 28 "label",
}

impl Trait {
    /// No part at all.
    pub(super) const NONE: Self = Self(0);

    /// Both sets of traits.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any trait is in both sets.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a table has the word.
    pub(super) const fn is_known(self) -> bool {
        self.0 != 0
    }
}
