//! Who answers when the bot does not: what a conversation knows of a channel's people.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::hours::Hours;
use crate::model::{ContactId, Millis, Name, Phone};

/// A queue that says nothing else keeps the bot silent so long after the last word.
pub const IDLE_MS: u64 = 8 * 3_600_000;

/// The people behind a channel, and when the bot makes way for them. The default has none, so that
/// the bot answers everything.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// The queue of this channel's conversations; must be one of `queues`. Without one nothing is
    /// handed over unless an operator takes it.
    pub queue: Option<Name>,
    /// The tenant's queues.
    pub queues: Arc<[Arc<Queue>]>,
    /// Messages of a conversation, from either side, after which the next one of the person is
    /// handed over while nothing came of it; 0 for never.
    pub messages_max: u16,
    /// The tenant's rules, in the order in which they are tried.
    pub rules: Arc<[Rule]>,
    /// Who gets the bot; everybody while there is none.
    pub cohorts: Arc<[Cohort]>,
    /// Numbers that the bot answers; every number while there is none.
    pub known_numbers: Arc<[String]>,
    /// Whether a number that is not among them is looked for at the help desk, and how.
    pub help_desk_match: Option<HelpDeskMatch>,
    /// What becomes of the others.
    pub unknown_numbers: UnknownNumbers,
    /// What a refused number hears; without it a text of the catalogue.
    pub refusal_text: Option<String>,
    /// Whether the bot is out of service: messages are kept and not answered.
    pub paused: bool,
}

impl People {
    /// A queue of the tenant by its name.
    pub fn queue(&self, name: &Name) -> Option<&Arc<Queue>> {
        self.queues.iter().find(|queue| queue.name == *name)
    }

    /// The queue of this channel's conversations.
    pub fn default_queue(&self) -> Option<&Arc<Queue>> {
        self.queue(self.queue.as_ref()?)
    }
}

/// Where people wait for operators.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name at set-up.
    pub name: Name,
    /// When its members are there; without it, always.
    pub hours: Option<Hours>,
    /// What people hear out of hours; without it a text with the hours.
    pub closed_text: Option<String>,
    /// How long the bot stays silent after the last word of either side, in milliseconds.
    pub idle_ms: u64,
    /// The ticket a transfer to this queue opens.
    pub opens: Option<Opens>,
    /// Whether somebody who waits is still told the state of their tickets by the bot.
    pub tells_tickets: bool,
}

/// A ticket opened by a transfer, without anybody's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opens {
    /// Silence that ends the burst it is made of, in milliseconds; at least 15,000.
    pub merge_interval_ms: u64,
    /// Whether the person is told its number.
    pub number_told: bool,
}

impl Queue {
    /// Whether its members are there at this instant.
    pub fn is_open(&self, at: Millis) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.is_open(at))
    }
}

impl People {
    /// Whether the bot answers this number without asking anybody: it is on the list, or there is
    /// neither a list nor a help desk to ask. A list names whole numbers, and beginnings of numbers
    /// with a `*` behind them.
    pub fn knows(&self, number: Option<&Phone>) -> bool {
        let spellings = number.map(Phone::variants).unwrap_or_default();
        let fits = |pattern: &str, digits: &str| match pattern.strip_suffix('*') {
            Some(beginning) => digits.starts_with(beginning),
            None => digits == pattern,
        };
        let mut patterns = self.known_numbers.iter();
        let listed = |pattern: &String| {
            let mut spellings = spellings.iter();
            spellings.any(|spelling| fits(pattern, spelling.digits()))
        };
        let everybody = self.known_numbers.is_empty() && self.help_desk_match.is_none();
        everybody || patterns.any(listed)
    }

    /// Whether the bot answers this contact: it is in a cohort, or there is none.
    pub fn is_in_cohort(&self, contact: ContactId, number: Option<&Phone>) -> bool {
        let mut cohorts = self.cohorts.iter();
        self.cohorts.is_empty() || cohorts.any(|cohort| cohort.holds(contact, number))
    }
}

/// Contacts that get the bot: a group of numbers, and a part of everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cohort {
    /// The group's numbers, digits only.
    pub numbers: Vec<String>,
    /// Of all contacts, how many in a hundred.
    pub percent: u8,
}

impl Cohort {
    /// Whether it holds this contact. A contact that is in at one percentage stays in at every
    /// greater one.
    pub fn holds(&self, contact: ContactId, number: Option<&Phone>) -> bool {
        let spellings = number.map(Phone::variants).unwrap_or_default();
        let own = |spelling: &Phone| self.numbers.iter().any(|own| own == spelling.digits());
        let listed = spellings.iter().any(own);
        // The id is an HMAC, so its last bytes are a stable hash of the person; the first ones
        // choose the partition.
        let [.., a, b, c, d] = contact.0;
        listed || u32::from_be_bytes([a, b, c, d]) % 100 < u32::from(self.percent)
    }
}

/// What becomes of a number that is not on the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownNumbers {
    /// The bot answers it.
    #[default]
    Accept,
    /// People answer it.
    People,
    /// It hears a text.
    Refuse,
}

/// How the help desk is asked whether a number belongs to one of its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelpDeskMatch {
    /// How long what the person wrote waits for the answer, in milliseconds.
    pub wait_ms: u64,
    /// How long an answer holds, in milliseconds.
    pub keep_ms: u64,
    /// What becomes of a number while there is no answer.
    pub silent: UnknownNumbers,
}

/// Something answered without a dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whole messages, folded by [`crate::understand::folded`].
    pub keywords: Vec<String>,
    /// Kinds of message: the words of media kinds, `location`, `contacts`, `order`.
    pub kinds: Vec<String>,
    /// What is done.
    pub does: Does,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// Says this text; an order's may name `{items}` and `{total}`.
    Say(String),
    /// Says when people are there.
    TellHours,
    /// Says what the bot can do.
    Help,
    /// Shows what can be chosen from.
    Menu,
    /// Sends a template in the person's language.
    Template {
        /// Its name.
        name: SmolStr,
        /// Its values in order; `{name}` is the person's name.
        values: Vec<String>,
    },
    /// Hands the conversation over.
    Transfer {
        /// To this queue; without it to the channel's.
        queue: Option<Name>,
        /// What is said instead of the usual.
        text: Option<String>,
    },
}
