//! The people behind the channels: queues, who gets the bot, and what is answered by rule.

use actors::hours::{SPANS_MAX, Span};
use actors::model::{Name, Phone};
use jiff::tz::TimeZone;

use super::Problems;
use super::section::section;
use super::setting::choice;

section! {
    /// Where people wait for operators.
    pub struct Queue {
        /// Short name: small letters, digits, hyphens.
        pub id: Name,
        /// The tenant it belongs to.
        pub tenant: Name,
        /// The name that operators read.
        pub name: String,
        /// Who answers: the operators' names or addresses.
        pub members: Vec<String> = Vec::new(),
        /// When somebody is there, such as "mon-fri 09:00-18:00"; without a word, always.
        pub hours: Vec<String> = Vec::new(),
        /// Time zone of the hours; without it, the tenant's.
        pub time_zone: Option<String> = None,
        /// What people hear out of hours; without it, a text with the hours.
        pub out_of_hours_text: Option<String> = None,
        /// What the ticket system does for this queue: "create-ticket" and "query-tickets".
        pub integrations: Vec<String> = Vec::new(),
        /// Whether a transfer to this queue opens a ticket; it needs "create-ticket".
        pub start_on_transfer: bool = false,
        /// Whether the person is told the number of that ticket.
        pub tell_ticket_number: bool = true,
        /// Messages that follow each other within this time become one ticket, in milliseconds.
        #[within(15_000..=600_000)]
        pub merge_interval_ms: u32 = 15_000,
        /// How long nobody may say anything before the bot answers again, in seconds.
        #[within(60..=604_800)]
        pub idle_s: u32 = 28_800,
        /// Whether nobody is handed over to it any more; who waits there goes on waiting, and the bot
        /// answers as if its channels had no queue.
        pub paused: bool = false,
    }
}

/// What a ticket system does for a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integration {
    /// Opens tickets.
    CreateTicket,
    /// Tells those who wait the state of their tickets.
    QueryTickets,
}

choice!(Integration { CreateTicket = "create-ticket", QueryTickets = "query-tickets" });

section! {
    /// Contacts that get the bot. While a channel has any, everybody else goes to people.
    pub struct Cohort {
        /// Short name: small letters, digits, hyphens.
        pub id: Name,
        /// The tenant it belongs to.
        pub tenant: Name,
        /// The channels it holds for; without a word, all of the tenant's.
        pub channels: Vec<String> = Vec::new(),
        /// The group's numbers, digits with country code.
        pub numbers: Vec<String> = Vec::new(),
        /// Of all contacts, how many in a hundred; the same ones every time.
        #[within(0..=100)]
        pub percent: u32 = 0,
        /// Whether it is out of force.
        pub paused: bool = false,
    }
}

/// What becomes of a number that is not on a channel's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownNumbers {
    /// The bot answers it.
    Accept,
    /// People answer it.
    People,
    /// It hears a text, and nothing more is done.
    Refuse,
}

choice!(UnknownNumbers { Accept = "accept", People = "people", Refuse = "refuse" });

section! {
    /// Something answered without a dialogue.
    pub struct Rule {
        /// Short name: small letters, digits, hyphens.
        pub id: Name,
        /// The tenant it belongs to.
        pub tenant: Name,
        /// The channels it holds for; without a word, all of the tenant's.
        pub channels: Vec<String> = Vec::new(),
        /// Words or sentences that are the whole message; case, accents and marks do not count.
        pub keywords: Vec<String> = Vec::new(),
        /// Kinds of message: "image", "audio", "video", "document", "sticker", "location",
        /// "contacts" or "order".
        pub kinds: Vec<String> = Vec::new(),
        /// What is done.
        pub action: Action = Action::Text,
        /// What is said with it; an order's text may name {total} and {items}.
        pub text: Option<String> = None,
        /// The queue of a transfer; without it, the channel's.
        pub queue: Option<Name> = None,
        /// The name of the template that action "template" sends.
        pub template: Option<String> = None,
        /// The template's values in order; {name} is the person's name.
        pub values: Vec<String> = Vec::new(),
        /// Whether it is out of force.
        pub paused: bool = false,
    }
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Says its text.
    Text,
    /// Says when people are there.
    Hours,
    /// Says what the bot can do.
    Help,
    /// Hands the conversation over.
    Transfer,
    /// Shows the menu of tickets and people.
    Menu,
    /// Sends a template.
    Template,
}

choice!(Action {
    Text = "text",
    Hours = "hours",
    Help = "help",
    Transfer = "transfer",
    Menu = "menu",
    Template = "template",
});

/// Kinds of message a rule may name.
pub const KINDS: [&str; 8] = [
    "image", "audio", "video", "document", "sticker", "location", "contacts", "order",
];

impl Queue {
    /// The spans of its hours.
    ///
    /// # Errors
    /// The place and the span that cannot be read.
    pub fn spans(&self) -> Result<Vec<Span>, (usize, String)> {
        let spans = self.hours.iter().enumerate();
        spans
            .map(|(at, span)| Span::parse(span).map_err(|error| (at, error.to_string())))
            .collect()
    }

    /// Whether the ticket system does this for it.
    pub fn has(&self, integration: Integration) -> bool {
        let word = integration.as_str();
        self.integrations.iter().any(|has| has == word)
    }

    pub(crate) fn check(&self, place: &str, problems: &mut Problems) {
        if let Err((at, error)) = self.spans() {
            problems.add(format!("{place}hours[{at}]"), error);
        }
        if self.hours.len() > SPANS_MAX {
            problems.add(
                format!("{place}hours"),
                format!("at most {SPANS_MAX} spans"),
            );
        }
        if let Some(zone) = &self.time_zone
            && TimeZone::get(zone).is_err()
        {
            let wrong = format!("no time zone is named {zone}");
            problems.add(format!("{place}time_zone"), wrong);
        }
        for (at, word) in self.integrations.iter().enumerate() {
            if Integration::from_word(word).is_none() {
                let wrong = "must be create-ticket or query-tickets";
                problems.add(format!("{place}integrations[{at}]"), wrong);
            }
        }
        if self.start_on_transfer && !self.has(Integration::CreateTicket) {
            let wrong = "needs the integration create-ticket";
            problems.add(format!("{place}start_on_transfer"), wrong);
        }
    }
}

impl Cohort {
    pub(crate) fn check(&self, place: &str, problems: &mut Problems) {
        for (at, number) in self.numbers.iter().enumerate() {
            if Phone::parse(number).is_err() {
                let wrong = "must be a number with its country code, such as 51999888777";
                problems.add(format!("{place}numbers[{at}]"), wrong);
            }
        }
    }
}

impl Rule {
    pub(crate) fn check(&self, place: &str, problems: &mut Problems) {
        if self.keywords.is_empty() && self.kinds.is_empty() {
            problems.add(format!("{place}keywords"), "must be given, or kinds");
        }
        for (at, kind) in self.kinds.iter().enumerate() {
            if !KINDS.contains(&kind.as_str()) {
                let wrong = format!("must be one of {}", KINDS.join(", "));
                problems.add(format!("{place}kinds[{at}]"), wrong);
            }
        }
        let text = self.text.as_deref().unwrap_or_default();
        if self.action == Action::Text && text.trim().is_empty() {
            problems.add(format!("{place}text"), "must be given");
        }
        let template = self.template.as_deref().unwrap_or_default();
        if self.action == Action::Template && template.trim().is_empty() {
            problems.add(format!("{place}template"), "must be given");
        }
        if text.chars().count() > 4_096 {
            problems.add(format!("{place}text"), "has at most 4096 characters");
        }
    }
}
