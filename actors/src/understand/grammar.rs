//! The closed-class words, endings and forms that rules ask for by name.
//!
//! Rules are written once for all languages; what "not", "of" or an infinitive's ending is in one of
//! them stands in its `grammar.tsv`. A name a language has no use for has no row there: the rule
//! then never fires. Rows are `word`, `ending`, `stem`, `form` or `accent`, a name and a list.

use super::lexicon::Map;
use super::spelling::fold;

/// A set of names that a word answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Keyword(u128);

impl Keyword {
    /// Both sets.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any name is in both sets.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

macro_rules! keywords {
    ($($name:ident $bit:literal $label:literal,)*) => {
        impl Keyword {
            $(pub(super) const $name: Self = Self(1 << $bit);)*
            fn named(label: &str) -> Option<Self> {
                match label { $($label => Some(Self::$name),)* _ => None }
            }
        }
    };
}

// Examples are Spanish unless they say otherwise.
keywords! {
    // Joints.
    AND 0 "and",                             // y
    OF 1 "of",                               // de, del
    OF_BARE 2 "of-bare",                     // de
    THE 3 "the",                             // la, behind "de"
    THAT 4 "that",                           // que
    IN 5 "in",
    WITH 6 "with",
    WITHOUT 7 "without",
    TO_THE 8 "to-the",                       // al
    // Denying and being.
    NO 9 "no",
    NEGATION 10 "negation",                  // no, nunca, ni
    NEGATION_LEAD 11 "negation-lead",        // ya no; English: does not
    NOTHING 12 "nothing",
    NOBODY 13 "nobody",
    THERE_IS 14 "there-is",                  // hay
    THIS_OR_IS 15 "this-or-is",              // esta
    IS 16 "is",                              // es, era, in "no, es la impresora"
    WAS 17 "was",
    BEING 18 "being",                        // es: says what, not how
    STATING 19 "stating",                    // está: says how, whatever follows
    STATE_LINK 20 "state-link",              // está en …, sin …
    STATE_NAMED 21 "state-named",            // en blanco
    AUX 22 "aux",                            // Italian: si è rotto
    // Persons.
    I 23 "i",                                // English: I, we
    ME 24 "me",                              // me, nos
    PRONOUN 25 "pronoun",                    // me, nos, le, les
    SE 26 "se",
    BEFORE_SE 27 "before-se",
    ARTICLE_PRONOUN 28 "article-pronoun",    // la, lo: article and pronoun
    // What may not stand before an anchor.
    SPLIT 29 "split",
    HELD 30 "held",
    HELD_VERB 31 "held-verb",
    // Verbs with a part of their own.
    LEFT_OFF 32 "left-off",                  // dejó de
    ASKS 33 "asks",                          // necesito
    ASKS_FOR 34 "asks-for",                  // pedir
    TOLD_IF_DENIED 35 "told-if-denied",      // no me deja
    TAKES_OBJECT 36 "takes-object",
    TRANSITIVE 37 "transitive",              // reconoce: what follows is not what fails
    PRESENTS 38 "presents",                  // no aparece el botón
    PRONOUN_STAYS 39 "pronoun-stays",        // no me deja
    DENIES 40 "denies",
    ANNOUNCES 41 "announces",                // hacer una consulta
    ANNOUNCES_NOT 42 "announces-not",
    // Around nouns.
    INTRO_LINK 43 "intro-link",              // problema con
    NOUN_PREPOSITION 44 "noun-preposition",
    ENTER_PREPOSITION 45 "enter-preposition",
    PREDICATE 46 "predicate",
    MASCULINE 47 "masculine",
    FEMININE 48 "feminine",
    PLURAL 49 "plural",
    PASSING 50 "passing",                    // en, desde: names a thing in passing
    TEAM 51 "team",                          // equipo de ventas: people
    TEAM_THING 52 "team-thing",              // equipo de cómputo: a thing
    TILL 53 "till",
    ADJECTIVAL 54 "adjectival",              // cámara web
    EXCUSE 55 "excuse",                      // con permiso
    ENDS 56 "ends",                          // no termina
    CRUX 57 "crux",                          // es clave
    // Time.
    SINCE 58 "since",                        // desde que
    TIME_SINCE 59 "time-since",
    DAY_PREPOSITION 60 "day-preposition",    // en la (tarde)
    DAY_ARTICLE 61 "day-article",
    THIS 62 "this",                          // esta (mañana)
    DAY_THE 63 "day-the",                    // el (lunes)
    ALL 64 "all",                            // todo (el día)
    TIME_WORD 65 "time-word",                // ayer
    TIME_TAIL 66 "time-tail",
    CLOCK 67 "clock",                        // a las (ocho)
    CLOCK_LEAD 68 "clock-lead",
    TIME_CLOSES 69 "time-closes",
    WHILE_LEAD 70 "while-lead",              // hace (poco)
    WHILE 71 "while",
    WEEKDAY 72 "weekday",
    PAST 73 "past",                          // (el mes) pasado
    SINCE_PREDICATE 74 "since-predicate",
    SINCE_TURNS 75 "since-turns",
    // Clauses and questions.
    CODE_LEAD 76 "code-lead",                // error: 0x…
    RUNS_ON 77 "runs-on",
    ASKS_HOW 78 "asks-how",                  // cómo hago para que
    KNOWS_NOT 79 "knows-not",                // no sé
    EXPLAINS 80 "explains",
    NOT_ASKED 81 "not-asked",
    HOW 82 "how",
    HOW_NOUN 83 "how-noun",
    WHERE 84 "where",
    HOW_MANY 85 "how-many",
    CLAUSE_JOINT 86 "clause-joint",
    CLAUSE_KEPT 87 "clause-kept",
    CLAUSE_SINCE 88 "clause-since",
    SAYS 89 "says",                          // small words that a description keeps
    OPENS_BEHIND 90 "opens-behind",
    COURTESY_WHOLE 91 "courtesy-whole",      // ¿qué hago?
    // Corrections and tickets.
    SORRY 92 "sorry",
    DENIED_LINK 93 "denied-link",            // no es (la laptop)
    TICKET 94 "ticket",
    TICKET_LINK 95 "ticket-link",
    TICKET_STATE 96 "ticket-state",
    // Names and areas.
    ABBREVIATION 97 "abbreviation",
    NAME_LEAD 98 "name-lead",
    NAME_END 99 "name-end",
    SURNAME 100 "surname",                   // de la Cruz
    LOW 101 "low",                           // small inside a name
    AREA_FOLLOWS 102 "area-follows",
    SELF 103 "self",
    SELF_BEGIN 104 "self-begin",
    WORKS 105 "works",
    REPORT_BEGINS 106 "report-begins",
    AREA_TAIL 107 "area-tail",
    AREA_SKIP 108 "area-skip",
    WORK 109 "work",
    AREA_NOUN 110 "area-noun",
    AREA_NOUN_OF 111 "area-noun-of",
    AREA_KEPT 112 "area-kept",               // gerencia de …
    WORKS_AT 113 "works-at",
    AT 114 "at",
    PART_OF 115 "part-of",                   // de parte de
    AREA_END 116 "area-end",
    AREA_LINK 117 "area-link",
    AREA_LINK_SHORT 118 "area-link-short",
    AREA_LEAD 119 "area-lead",
    AREA_ADJECTIVE 120 "area-adjective",
    AREA_BEHIND 121 "area-behind",           // English: accounting department
    NAME_LINK 122 "name-link",
    ACRONYM 123 "acronym",                   // shown in capitals
    BESIDE 124 "beside",                     // piso, sede: where a desk stands
    OF_ARTICLE 125 "of-article",             // Portuguese: da; seldom before a surname
    SUBJECT 126 "subject",                   // él, ella; English: it
    VERB_PARTICLE 127 "verb-particle",       // English: turned on
}

macro_rules! endings {
    ($($name:ident $label:literal,)*) => {
        /// What words of a kind end in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Ending { $($name,)* }

        const ENDINGS: &[(Ending, &str)] = &[$((Ending::$name, $label),)*];
    };
}

// `stem` rows, compared with the beginning of a word, stand in the same list.
endings! {
    Infinitive "infinitive",
    Infinitives "infinitives",               // with a pronoun: abrirlo
    InfinitiveMe "infinitive-me",            // abrirme
    InfinitiveSe "infinitive-se",            // abrirse
    ThirdPerson "third-person",
    We "we",
    Bids "bids",                             // instalen
    TakesObject "takes-object",
    Participle "participle",
    Verbal "verbal",                         // never a noun
    Action "action",                         // cambio, instalación
    Diminutive "diminutive",
    Adjective "adjective",
    AreaAdjective "area-adjective",
    Feminine "feminine",
    FeminineNot "feminine-not",
    Remedy "remedy",                         // cambié, reiniciamos
    RemedyDone "remedy-done",
    Enters "enters",                         // stem: entr-, acced-
    Broken "broken",                         // stem: malograd-
    Abstract "abstract",                     // stem: acceso, permiso
}

/// The grammar table of a language.
#[derive(Debug, Default)]
pub(super) struct Grammar {
    keywords: Map<Keyword>,
    endings: Vec<Vec<&'static str>>,
    accents: Map<&'static str>,
    /// How a denied verb is shown: "no" before it.
    pub denied: &'static str,
    /// How a reflexive verb is shown.
    pub reflexive: &'static str,
}

impl Grammar {
    /// Reads `grammar.tsv`; the row that does not fit is the error.
    pub(super) fn read(rows: impl Iterator<Item = &'static str>) -> Result<Self, &'static str> {
        let mut grammar = Self {
            endings: vec![Vec::new(); ENDINGS.len()],
            ..Self::default()
        };
        for row in rows {
            grammar.read_row(row).ok_or(row)?;
        }
        Ok(grammar)
    }

    fn read_row(&mut self, row: &'static str) -> Option<()> {
        let mut columns = row.split('\t');
        let (kind, name, items) = (columns.next()?, columns.next()?, columns.next()?);
        match kind {
            "word" => {
                let keyword = Keyword::named(name)?;
                for word in items.split_whitespace() {
                    let known = self.keywords.entry(fold(word)).or_default();
                    *known = known.or(keyword);
                }
            }
            "ending" | "stem" => {
                let (ending, _) = ENDINGS.iter().find(|(_, label)| *label == name)?;
                self.endings[*ending as usize].extend(items.split_whitespace());
            }
            "accent" => drop(self.accents.insert(fold(name), items)),
            "form" if name == "denied" => self.denied = items,
            "form" if name == "reflexive" => self.reflexive = items,
            _ => return None,
        }
        Some(())
    }

    /// The names a key answers to.
    pub(super) fn keyword(&self, key: &str) -> Keyword {
        self.keywords.get(key).copied().unwrap_or_default()
    }

    /// Whether a word ends as words of the kind do; `*` in the table stands for any ending.
    pub(super) fn ends(&self, ending: Ending, word: &str) -> bool {
        let mut tails = self.endings[ending as usize].iter();
        tails.any(|tail| *tail == "*" || word.ends_with(tail))
    }

    /// Whether a word begins with a stem of the kind.
    pub(super) fn begins(&self, stem: Ending, word: &str) -> bool {
        self.endings[stem as usize]
            .iter()
            .any(|stem| word.starts_with(stem))
    }

    /// The spelling with its accent of a word people type without: "está".
    pub(super) fn accented(&self, key: &str) -> Option<&'static str> {
        self.accents.get(key).copied()
    }
}
