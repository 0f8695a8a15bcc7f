//! What the words of a text say together: who waits, what is due, what was given away.
//!
//! A phrase list holds only for the wordings in it. Here each word or short phrase stands for a
//! [`Notion`] (`<tag>/notions.tsv`), and rules ask how notions stand to one another: people from
//! outside beside waiting, "cannot" before "enter" before a machine. The rules are the same for
//! every language; which words stand for a notion is data.

use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Keyword;
use super::lexicon::{Lexicon, Map, Trait};
use super::patterns::{Builder, Patterns};
use super::phrases::{Class, Marked};
use super::spelling::fold;
use super::words::{Gap, Word};

/// The fewest and most letters of a stem: "esper*".
const STEM: std::ops::RangeInclusive<usize> = 3..=12;
/// Farther apart than this, two notions have nothing to do with one another.
const FAR: u16 = u16::MAX;

macro_rules! notions {
    ($($name:ident $label:literal,)*) => {
        /// What a word or short phrase stands for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Notion { $($name,)* }

        impl Notion {
            const COUNT: usize = [$(Self::$name),*].len();

            /// The notion a table names.
            fn named(label: &str) -> Option<Self> {
                match label { $($label => Some(Self::$name),)* _ => None }
            }
        }
    };
}

// Examples are English unless they say otherwise.
notions! {
    Outsider "outsider",     // customers, patients, the truck
    Waiting "waiting",       // waiting, queueing, complaining
    Cannot "cannot",         // can't, unable
    Enter "enter",           // get in, log on
    Use "use",               // use, work with
    Machine "machine",       // computer, Windows
    Nothing "nothing",       // anything
    Today "today",           // today, in an hour, by noon
    Due "due",               // deadline, hearing, closes
    Must "must",             // have to
    Deliver "deliver",       // send, file, pay
    Whole "whole",           // all, the entire
    Group "group",           // team, branch
    Lost "lost",             // deleted, vanished
    Data "data",             // files, mails, photos
    Span "span",             // of the year, of months
    Give "give",             // entered, told
    Secret "secret",         // password, card number
    Fake "fake",             // fake, strange
    Link "link",             // link, page, call
    Foreign "foreign",       // from Russia, that was not me
    Login "login",           // signed in, session
    Account "account",       // my account, mailbox
    Someone "someone",       // somebody
    Asks "asks",             // what, when, how
    Fails "fails",           // not, error, broken
    When "when",             // when, if
    Letter "letter",         // I got a mail
    Demands "demands",       // asks for
    Useless "useless",       // cannot be used
    None "none",             // none of, not one
    Number "number",         // dozens; any number of more than one
    Former "former",         // an employee who left
    Still "still",           // still, can
    Payday "payday",         // payroll, taxes
    Mistake "mistake",       // by mistake
    Sent "sent",             // sent, shared
    Deny "deny",             // not
    Gone "gone",             // out of, used up
    Opened "opened",         // clicked, opened
    Do "do",                 // do, place, make
    Work "work",             // work
    Please "please",         // please
    Down "down",             // down, out of service
    System "system",         // the system, the server
    Dead "dead",             // does not boot
}

/// The words of one language that stand for notions.
#[derive(Debug)]
pub(super) struct Notions {
    phrases: Patterns<Notion>,
    stems: Map<Notion>,
}

impl Notions {
    /// Reads rows of a notion and its patterns; a pattern of one word that ends in `*` is a stem.
    /// Returns the row that does not fit.
    pub(super) fn read(rows: impl Iterator<Item = &'static str>) -> Result<Self, &'static str> {
        let (mut phrases, mut stems) = (Builder::new(), Map::default());
        for row in rows {
            let (label, patterns) = row.split_once('\t').ok_or(row)?;
            let notion = Notion::named(label).ok_or(row)?;
            for pattern in patterns.split(';').map(str::trim) {
                match pattern.strip_suffix('*') {
                    Some(stem) if STEM.contains(&stem.len()) => {
                        stems.entry(fold(stem)).or_insert(notion);
                    }
                    Some(_) => return Err(row),
                    None => phrases.insert(pattern, notion),
                }
            }
        }
        let phrases = phrases.build();
        Ok(Self { phrases, stems })
    }

    /// The notion that begins at `words[at]`, with the number of words it covers.
    fn at(
        &self,
        words: &[Word],
        at: usize,
        fuel: &mut Fuel,
    ) -> Result<Option<(Notion, usize)>, OutOfFuel> {
        if let Some(found) = self.phrases.longest(words, at, Trait::CLITIC, fuel)? {
            return Ok(Some(found));
        }
        let key = words[at].key.as_str();
        let longest = key.len().min(*STEM.end());
        for length in (*STEM.start()..=longest).rev() {
            fuel.spend(1)?;
            if let Some(notion) = key.get(..length).and_then(|stem| self.stems.get(stem)) {
                return Ok(Some((*notion, 1)));
            }
        }
        Ok(None)
    }
}

/// How near notions of a text stand to one another.
struct Scene {
    /// The fewest words from one notion to a later one.
    steps: [[u16; Notion::COUNT]; Notion::COUNT],
    /// Where each notion stood last.
    last: [Option<usize>; Notion::COUNT],
}

impl Scene {
    fn of(marked: &Marked, fuel: &mut Fuel) -> Result<Self, OutOfFuel> {
        let mut scene = Self {
            steps: [[FAR; Notion::COUNT]; Notion::COUNT],
            last: [None; Notion::COUNT],
        };
        let mut at = 0;
        while at < marked.words.len() {
            fuel.spend(2)?;
            if is_number(&marked.words[at]) {
                scene.add(Notion::Number, at, at);
            }
            at += match marked.lexicon.notions.at(&marked.words, at, fuel)? {
                Some((notion, length)) => {
                    fuel.spend(2)?;
                    scene.add(notion, at, at + length - 1);
                    length
                }
                None => 1,
            };
        }
        Ok(scene)
    }

    fn add(&mut self, notion: Notion, start: usize, end: usize) {
        for (before, at) in self.last.iter().enumerate() {
            let apart = at.and_then(|at| u16::try_from(start - at).ok());
            let steps = &mut self.steps[before][notion as usize];
            *steps = apart.map_or(*steps, |apart| apart.min(*steps));
        }
        self.last[notion as usize] = Some(end);
    }

    fn has(&self, notion: Notion) -> bool {
        self.last[notion as usize].is_some()
    }

    /// Whether one notion stands before the other, at most `most` words away.
    fn before(&self, one: Notion, other: Notion, most: u16) -> bool {
        self.steps[one as usize][other as usize] <= most
    }

    /// Whether two notions stand at most `most` words apart, in any order.
    fn near(&self, one: Notion, other: Notion, most: u16) -> bool {
        self.before(one, other, most) || self.before(other, one, most)
    }

    /// Whether anything is said to fail, or denied.
    fn fails(&self) -> bool {
        [
            Notion::Fails,
            Notion::Deny,
            Notion::Cannot,
            Notion::Gone,
            Notion::Down,
        ]
        .into_iter()
        .any(|notion| self.has(notion))
    }

    fn outsiders_wait(&self) -> bool {
        self.near(Notion::Outsider, Notion::Waiting, 5)
            || self.before(Notion::Outsider, Notion::Cannot, 3)
            || self.before(Notion::None, Notion::Outsider, 2)
            || self.before(Notion::Number, Notion::Outsider, 1) && self.fails()
    }

    fn is_due(&self) -> bool {
        let owed = self.near(Notion::Must, Notion::Deliver, 4)
            && self.near(Notion::Deliver, Notion::Today, 9);
        owed || self.near(Notion::Due, Notion::Today, 5)
            || self.near(Notion::Payday, Notion::Today, 5)
    }

    fn hits_a_group(&self) -> bool {
        self.before(Notion::Whole, Notion::Group, 2)
            || self.before(Notion::Group, Notion::Whole, 1)
            || self.near(Notion::System, Notion::Down, 4)
            || self.fails_everywhere()
    }

    /// "None of the employees can": whatever could be read as a wish is none.
    fn hits_each_of_a_group(&self) -> bool {
        self.before(Notion::None, Notion::Group, 3)
    }

    /// "On none of the computers": the fault is not of one machine.
    fn fails_everywhere(&self) -> bool {
        self.fails()
            && (self.before(Notion::None, Notion::Machine, 2)
                || self.before(Notion::Machine, Notion::None, 1))
    }

    /// The person cannot get into the machine they work at, or into anything.
    fn is_shut_out(&self) -> bool {
        let stays_out = self.before(Notion::Cannot, Notion::Enter, 3)
            || self.before(Notion::Deny, Notion::Enter, 1);
        let enters = stays_out
            && (self.before(Notion::Enter, Notion::Machine, 4)
                || self.before(Notion::Enter, Notion::Nothing, 2));
        let uses = self.before(Notion::Cannot, Notion::Use, 3)
            && (self.near(Notion::Use, Notion::Machine, 4)
                || self.before(Notion::Use, Notion::Nothing, 2));
        let forgotten = stays_out && self.near(Notion::Secret, Notion::Machine, 3);
        let useless = self.has(Notion::Useless) && self.has(Notion::Machine);
        let does = self.before(Notion::Cannot, Notion::Do, 2)
            && (self.before(Notion::Do, Notion::None, 2)
                || self.before(Notion::Do, Notion::Nothing, 2));
        let works = self.before(Notion::Cannot, Notion::Work, 2);
        enters || uses || forgotten || useless || does || works
    }

    fn is_intruded(&self) -> bool {
        let given = self.near(Notion::Give, Notion::Secret, 5)
            && (self.has(Notion::Fake) || self.near(Notion::Link, Notion::Secret, 9));
        let asked = self.before(Notion::Letter, Notion::Demands, 7)
            && self.before(Notion::Demands, Notion::Secret, 4);
        let abroad = self.near(Notion::Foreign, Notion::Login, 7)
            || self.near(Notion::Foreign, Notion::Account, 7)
            || self.near(Notion::Foreign, Notion::Secret, 12);
        let entered = self.before(Notion::Someone, Notion::Login, 4)
            || self.before(Notion::Someone, Notion::Enter, 4)
            || self.before(Notion::Someone, Notion::Use, 4);
        let theirs = self.before(Notion::Someone, Notion::Account, 9)
            || self.before(Notion::Someone, Notion::Machine, 9);
        let lured =
            self.near(Notion::Fake, Notion::Link, 1) && self.near(Notion::Opened, Notion::Link, 4);
        let still_enters = self.near(Notion::Still, Notion::Enter, 3)
            || self.near(Notion::Still, Notion::Login, 3);
        let former = still_enters && self.before(Notion::Former, Notion::Still, 4);
        let leaked = self.near(Notion::Sent, Notion::Mistake, 9)
            && (self.near(Notion::Sent, Notion::Outsider, 12)
                || self.near(Notion::Sent, Notion::Payday, 5));
        given || asked || lured || former || leaked || abroad || (entered && theirs)
    }

    fn loses_much(&self) -> bool {
        self.near(Notion::Lost, Notion::Data, 5)
            && (self.near(Notion::Whole, Notion::Data, 3)
                || self.before(Notion::Whole, Notion::Lost, 3)
                || self.before(Notion::Data, Notion::Span, 5))
    }
}

/// Whether a word is a number of several things: "30".
fn is_number(word: &Word) -> bool {
    word.key.parse::<u32>().is_ok_and(|number| number > 1)
}

/// The cues that the words of a text give together.
pub(super) fn cues(marked: &Marked, text: &str, fuel: &mut Fuel) -> Result<Vec<Class>, OutOfFuel> {
    let scene = Scene::of(marked, fuel)?;
    let asks =
        !scene.fails() && (text.contains('?') || scene.has(Notion::Please) || asks(marked, fuel)?);
    let happens = !marked.words.iter().any(|word| word.says(Keyword::NO));
    let found = [
        (scene.outsiders_wait(), Class::Customers),
        (scene.is_due(), Class::Deadline),
        (scene.hits_a_group(), Class::People),
        (scene.hits_each_of_a_group(), Class::Nobody),
        (
            scene.near(Notion::Dead, Notion::Machine, 9),
            Class::DeadMachine,
        ),
        (scene.is_shut_out(), Class::Blocked),
        (scene.is_intruded(), Class::Security),
        (scene.loses_much(), Class::DataLost),
        (happens && scene.has(Notion::When), Class::OnCondition),
        (asks, Class::Question),
        (is_how_to(marked), Class::HowTo),
        (
            scene.fails() && !scene.has(Notion::Gone),
            Class::Malfunction,
        ),
    ];
    Ok(found
        .into_iter()
        .filter_map(|(holds, class)| holds.then_some(class))
        .collect())
}

/// Whether a word asks how something is done.
fn is_how(marked: &Marked, at: usize) -> bool {
    let behind = marked.words.get(at + 1);
    marked.words[at].says(Keyword::HOW) && behind.is_some_and(|word| !word.says(Keyword::HOW_NOUN))
}

/// Whether the text begins by asking how something is done.
fn is_how_to(marked: &Marked) -> bool {
    marked.bare().next().is_some_and(|at| is_how(marked, at))
}

/// Whether a sentence or clause asks something, or bids a service: "when do we …", "install …".
fn asks(marked: &Marked, fuel: &mut Fuel) -> Result<bool, OutOfFuel> {
    let lexicon: &Lexicon = marked.lexicon;
    for (at, word) in marked.words.iter().enumerate() {
        fuel.spend(1)?;
        let begins = at == 0 || word.gap > Gap::None || marked.class(at - 1).is_some();
        if !begins {
            continue;
        }
        let notion = lexicon.notions.at(&marked.words, at, fuel)?;
        let first = at == 0 || word.gap == Gap::Hard || marked.class(at - 1).is_some();
        if notion.is_some_and(|(notion, _)| notion == Notion::Asks)
            || is_how(marked, at)
            || first && word.is(Trait::SERVICE) && !word.says(Keyword::NO)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
