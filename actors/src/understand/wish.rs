//! What a person wants of the bot itself or of tickets that exist: the menu, their tickets, a word
//! added to one, one taken back, their number joined to their user.
//!
//! A wish is a phrase of a table (`<tag>/wishes.tsv`) with which a text begins, or which is all of
//! it but courtesies. Nothing here reads a report: a text that begins otherwise is none.

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use foldhash::{HashMap, HashSet};
use smol_str::SmolStr;

use super::spelling::fold;
use crate::texts::{Locale, TicketNumber};

/// Words of the longest phrase looked up.
const PHRASE_WORDS: usize = 10;
/// Digits of the longest number that is taken for a ticket's.
const NUMBER_DIGITS: usize = 12;

/// What a person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To see what the bot can do.
    Menu,
    /// To see their open tickets.
    Mine,
    /// To add something to a ticket.
    Comment {
        /// Which.
        number: Option<u64>,
        /// What, in their own words.
        words: Option<String>,
    },
    /// To say that what was solved is solved.
    Accept,
    /// To say that it is not.
    Reject,
    /// To take a ticket back.
    Cancel {
        /// Which.
        number: Option<u64>,
    },
    /// To rate how a ticket was handled.
    Rate {
        /// Which.
        number: Option<u64>,
    },
    /// To add to the ticket that is open.
    Same,
    /// A ticket of its own.
    Apart,
    /// To join their number to their user at the help desk.
    Account {
        /// The words that name the e-mail, when the wish does.
        words: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Menu,
    Mine,
    Comment,
    Accept,
    Reject,
    Cancel,
    Rate,
    Same,
    Apart,
    Account,
}

/// The wish of a text, if it is one.
pub fn wish(locale: Locale, text: &str) -> Option<Wish> {
    let table = table(locale);
    let tokens = tokens(text).skip_while(|token| table.is_courtesy(token));
    let mut tokens = tokens.peekable();
    // Most texts are no wish, which the first word tells.
    let begins = |first: &&Token<'_>| table.begins.contains(&first.key);
    tokens.peek().filter(begins)?;
    let tokens: Vec<Token<'_>> = tokens.collect();
    let (label, length) = table.longest(&tokens)?;
    let rest = &tokens[length..];
    let nothing_more = rest.iter().all(|token| table.is_courtesy(token));
    match label {
        Label::Menu => nothing_more.then_some(Wish::Menu),
        Label::Mine => nothing_more.then_some(Wish::Mine),
        Label::Accept => nothing_more.then_some(Wish::Accept),
        Label::Reject => nothing_more.then_some(Wish::Reject),
        Label::Same => nothing_more.then_some(Wish::Same),
        Label::Apart => nothing_more.then_some(Wish::Apart),
        Label::Account => addressed(table, text, rest),
        Label::Comment | Label::Cancel | Label::Rate => named(table, label, text, rest),
    }
}

/// The number of the ticket a text names, in whatever spelling, when it says nothing else.
pub fn ticket_number(locale: Locale, text: &str) -> Option<u64> {
    let table = table(locale);
    let mut found = None;
    for token in tokens(text) {
        match number(token.typed) {
            Some(number) if found.is_none() => found = Some(number),
            _ if table.links.contains(&token.key) || table.is_courtesy(&token) => {}
            _ => return None,
        }
    }
    found
}

/// Whether a text leaves a question aside, in other words than no.
pub fn leaves_aside(locale: Locale, text: &str) -> bool {
    let table = table(locale);
    let words = tokens(text).filter(|token| !table.is_courtesy(token));
    let keys: Vec<SmolStr> = words.map(|token| token.key).collect();
    keys.len() <= PHRASE_WORDS && table.skips.contains(keys.join(" ").as_str())
}

/// A wish that goes on with a ticket and, for a comment, with words.
fn named(table: &Table, label: Label, text: &str, rest: &[Token<'_>]) -> Option<Wish> {
    let is_link = |token: &&Token<'_>| table.links.contains(&token.key);
    let links = rest.iter().take_while(is_link).count();
    let found = rest.get(links).and_then(|token| number(token.typed));
    let after = match found {
        Some(_) => &rest[links + 1..],
        None => rest,
    };
    let nothing_more = after.iter().all(|token| table.is_courtesy(token));
    Some(match label {
        Label::Comment => {
            let is_joint = |token: &&Token<'_>| table.joints.contains(&token.key);
            let joints = usize::from(after.first().is_some_and(|token| is_joint(&token)));
            let words = after.get(joints).map(|token| text[token.at..].trim());
            Wish::Comment {
                number: found,
                words: words.map(str::to_owned).filter(|_| !nothing_more),
            }
        }
        Label::Cancel if nothing_more => Wish::Cancel { number: found },
        Label::Rate if nothing_more => Wish::Rate { number: found },
        _ => return None,
    })
}

/// A wish that names an e-mail, or ends.
fn addressed(table: &Table, text: &str, rest: &[Token<'_>]) -> Option<Wish> {
    let is_address = |token: &&Token<'_>| token.typed.contains('@');
    let is_joint = |token: &Token<'_>| table.links.contains(&token.key) || table.is_courtesy(token);
    let (addresses, more): (Vec<&Token<'_>>, Vec<_>) = rest.iter().partition(is_address);
    let nothing_more = more.iter().all(|token| is_joint(token));
    let words = addresses.first().map(|token| text[token.at..].to_owned());
    nothing_more.then_some(Wish::Account { words })
}

/// One word of a text, where it stands, and its folded form without the marks around it.
struct Token<'a> {
    at: usize,
    typed: &'a str,
    key: SmolStr,
}

fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let pieces = text.split_inclusive(char::is_whitespace);
    let placed = pieces.scan(0, |next, piece| {
        let at = *next;
        *next += piece.len();
        Some((at, piece.trim_end()))
    });
    placed.filter_map(|(at, typed)| {
        let word = typed.trim_matches(is_mark);
        let key = (!word.is_empty()).then(|| fold(word))?;
        Some(Token { at, typed, key })
    })
}

fn is_mark(letter: char) -> bool {
    !letter.is_alphanumeric()
}

fn number(typed: &str) -> Option<u64> {
    let typed = typed.trim_matches(is_mark);
    if let Some(number) = TicketNumber::parse(typed) {
        return Some(number.id);
    }
    let digits = typed.len() <= NUMBER_DIGITS && typed.bytes().all(|b| b.is_ascii_digit());
    typed.parse().ok().filter(|_| digits)
}

/// The phrases of one language.
#[derive(Debug, Default)]
struct Table {
    phrases: HashMap<SmolStr, Label>,
    /// The words with which phrases begin.
    begins: HashSet<SmolStr>,
    courtesies: HashSet<SmolStr>,
    links: HashSet<SmolStr>,
    joints: HashSet<SmolStr>,
    skips: HashSet<SmolStr>,
}

impl Table {
    fn is_courtesy(&self, token: &Token<'_>) -> bool {
        self.courtesies.contains(&token.key)
    }

    /// The longest phrase with which the words begin.
    fn longest(&self, tokens: &[Token<'_>]) -> Option<(Label, usize)> {
        let mut phrase = String::new();
        let mut ends = [0; PHRASE_WORDS];
        for (token, end) in tokens.iter().zip(&mut ends) {
            if !phrase.is_empty() {
                phrase.push(' ');
            }
            phrase.push_str(&token.key);
            *end = phrase.len();
        }
        let most = tokens.len().min(PHRASE_WORDS);
        (1..=most).rev().find_map(|length| {
            let label = self.phrases.get(&phrase[..ends[length - 1]])?;
            Some((*label, length))
        })
    }

    fn read(file: &str) -> Option<Self> {
        let mut table = Self::default();
        let rows = file.lines();
        for row in rows.filter(|row| !row.starts_with('#') && !row.trim().is_empty()) {
            let (label, phrases) = row.split_once('\t')?;
            let phrases = phrases.split(';').flat_map(spelled).map(SmolStr::from);
            let label = match label {
                "courtesy" => {
                    table.courtesies.extend(phrases);
                    continue;
                }
                "link" => {
                    table.links.extend(phrases);
                    continue;
                }
                "skip" => {
                    table.skips.extend(phrases);
                    continue;
                }
                "joint" => {
                    table.joints.extend(phrases);
                    continue;
                }
                "menu" => Label::Menu,
                "mine" => Label::Mine,
                "comment" => Label::Comment,
                "accept" => Label::Accept,
                "reject" => Label::Reject,
                "cancel" => Label::Cancel,
                "rate" => Label::Rate,
                "same" => Label::Same,
                "apart" => Label::Apart,
                "account" => Label::Account,
                _ => return None,
            };
            for phrase in phrases {
                let first = phrase.split(' ').next().unwrap_or_default();
                table.begins.insert(SmolStr::new(first));
                table.phrases.entry(phrase).or_insert(label);
            }
        }
        Some(table)
    }
}

/// Every phrase a pattern stands for: words, and groups of alternatives that may be empty.
fn spelled(pattern: &str) -> Vec<String> {
    let mut phrases = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, group)) = rest.split_once('(') {
        let (choices, after) = group.split_once(')').unwrap_or((group, ""));
        phrases = phrases
            .iter()
            .flat_map(|begun| choices.split('|').map(move |choice| (begun, choice)))
            .map(|(begun, choice)| format!("{begun} {before} {choice}"))
            .collect();
        rest = after;
    }
    let whole = phrases.iter().map(|begun| format!("{begun} {rest}"));
    whole
        .map(|phrase| {
            let words: Vec<SmolStr> = phrase.split_whitespace().map(fold).collect();
            words.join(" ")
        })
        .filter(|phrase| !phrase.is_empty())
        .collect()
}

/// Reads the tables, which the first text would otherwise do.
pub(super) fn prepare() {
    for locale in Locale::ALL {
        table(locale);
    }
}

fn table(locale: Locale) -> &'static Table {
    static READ: [OnceLock<Table>; Locale::ALL.len()] = [const { OnceLock::new() }; 4];
    READ[locale as usize].get_or_init(|| {
        let file = match locale {
            Locale::Es => include_str!("es/wishes.tsv"),
            Locale::PtBr => include_str!("pt-BR/wishes.tsv"),
            Locale::En => include_str!("en/wishes.tsv"),
            Locale::It => include_str!("it/wishes.tsv"),
        };
        Table::read(file).expect("the embedded tables are read by the tests")
    })
}
