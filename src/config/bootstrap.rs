//! What an empty data directory begins with: tenants, channels, connections and tokens.

mod check;

use actors::model::{Name, Notices};
use jiff::Timestamp;

pub(super) use check::web_address;

use super::Secret;
use super::people::{Cohort, Queue, Rule, UnknownNumbers};
use super::section::section;
use super::setting::choice;

section! {
    /// The first tenants and what belongs to them.
    pub struct Bootstrap {
        /// Tenants: the companies served.
        pub tenants: Vec<Tenant> = Vec::new(),
        /// Ticket systems of tenants.
        pub glpi_connections: Vec<GlpiConnection> = Vec::new(),
        /// Where people of tenants wait for operators.
        pub queues: Vec<Queue> = Vec::new(),
        /// WhatsApp numbers of tenants.
        pub channels: Vec<Channel> = Vec::new(),
        /// Who of a tenant's contacts gets the bot; everybody while there is none.
        pub cohorts: Vec<Cohort> = Vec::new(),
        /// What is answered without a dialogue.
        pub rules: Vec<Rule> = Vec::new(),
        /// Bearer tokens of the API. Only their SHA-256 is kept.
        pub api_tokens: Vec<ApiToken> = Vec::new(),
    }
}

section! {
    /// A paying organisation.
    pub struct Tenant {
        /// Short name in addresses and logs: small letters, digits, hyphens.
        pub id: Name,
        /// The name that people read.
        pub name: String,
        /// How many API and template requests a minute the tenant may make.
        pub tier: Tier = Tier::Basic,
        /// Language of its contacts until they show another.
        pub locale: String = "es".to_owned(),
        /// Time zone of its dates and ticket years.
        pub time_zone: String = "America/Lima".to_owned(),
        /// What contacts are told of their tickets.
        pub notices: Notices = Notices::ALL,
        /// Whether the bot is out of service on all of its channels; messages are kept and not
        /// answered.
        pub paused: bool = false,
        /// Domains of the company's e-mail addresses, such as empresa.pe. With one, contacts may
        /// join their number in the chat to the GLPI user who has their address; with none, only
        /// operators may.
        pub link_domains: Vec<String> = Vec::new(),
        /// Who answers for what the server had to give up on the tenant's behalf, a person or a
        /// team: named beside each dead letter and uncertain send.
        pub responsible: String = "operations".to_owned(),
    }
}

/// What a tenant has paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// 300 requests a minute.
    Basic,
    /// 1,500 requests a minute.
    Plus,
    /// No limit.
    Unlimited,
}

choice!(Tier { Basic = "basic", Plus = "plus", Unlimited = "unlimited" });

impl Tier {
    /// Requests a minute, `None` for no limit.
    pub fn requests_per_minute(self) -> Option<u32> {
        match self {
            Self::Basic => Some(300),
            Self::Plus => Some(1500),
            Self::Unlimited => None,
        }
    }
}

section! {
    /// A GLPI installation.
    pub struct GlpiConnection {
        /// Short name: small letters, digits, hyphens.
        pub id: Name,
        /// The tenant it belongs to.
        pub tenant: Name,
        /// Address of the legacy API, ending in apirest.php.
        pub url: String,
        /// App-Token of the API client.
        pub app_token: Option<Secret> = None,
        /// Token of the user in whose name calls are made; never a requester.
        pub user_token: Secret,
        /// Entity (its number in GLPI) for requesters that have none.
        pub fallback_entity: u32 = 0,
        /// Secret with which this GLPI, from release 11 on, signs its webhooks.
        pub webhook_secret: Option<Secret> = None,
        /// Whether calls to it wait, without any of them failing, until it is resumed.
        pub paused: bool = false,
    }
}

/// Who carries a channel's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Meta's WhatsApp Cloud API.
    Meta,
    /// Gupshup's self-serve WhatsApp API.
    Gupshup,
}

choice!(Provider { Meta = "meta", Gupshup = "gupshup" });

/// How a channel turns messages into tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The bot asks for what is missing and opens the ticket at once.
    Dialogue,
    /// Messages of one burst become one ticket without questions.
    Queue,
}

choice!(Mode { Dialogue = "dialogue", Queue = "queue" });

section! {
    /// A WhatsApp number.
    pub struct Channel {
        /// Short name, part of the webhook's address: small letters, digits, hyphens.
        pub id: Name,
        /// The tenant it belongs to.
        pub tenant: Name,
        /// Who carries its messages.
        pub provider: Provider = Provider::Meta,
        /// Meta's id of the number. What is called Meta's here, and the token, are given when
        /// the provider is meta.
        pub phone_number_id: String = String::new(),
        /// Meta's id of the WhatsApp business account.
        pub business_account_id: String = String::new(),
        /// The number itself, digits with country code.
        pub number: String,
        /// Secret with which Meta signs webhooks.
        pub app_secret: Secret = Secret::default(),
        /// Word with which Meta proves itself when the webhook is set up.
        pub verify_token: Secret = Secret::default(),
        /// Token with which messages are sent.
        pub access_token: Secret = Secret::default(),
        /// The app that carries the number at Gupshup; given when the provider is gupshup.
        pub gupshup: Option<GupshupApp> = None,
        /// The other provider, where it carries the same number too: messages go by it while the
        /// first one is out. What it needs is given beside what the first one does.
        pub fallback: Option<Provider> = None,
        /// How long the first provider is out before messages go by the other, in milliseconds.
        #[within(1_000..=600_000)]
        pub fallback_after_ms: u32 = 10_000,
        /// How messages become tickets.
        pub mode: Mode = Mode::Dialogue,
        /// In queue mode, how long a burst is awaited before its ticket, in milliseconds.
        #[within(15_000..=600_000)]
        pub merge_interval_ms: u32 = 15_000,
        /// What stands before the year in its ticket numbers (#TK-2025-001234).
        pub ticket_prefix: String = "TK".to_owned(),
        /// The connection on which its tickets are opened.
        pub glpi: Option<Name> = None,
        /// What it uses its message templates for, where a template has another name than its
        /// purpose.
        pub template_purposes: Vec<TemplatePurpose> = Vec::new(),
        /// The queue of its conversations; without one the bot hands nothing over.
        pub queue: Option<Name> = None,
        /// Messages of a conversation, from either side, after which the person's next one is
        /// handed over while nothing came of it; 0 for never.
        #[within(0..=100)]
        pub messages_before_people: u32 = 6,
        /// Numbers the bot answers: whole ones, and beginnings with a * behind them. Without a
        /// word, every number.
        pub known_numbers: Vec<String> = Vec::new(),
        /// Whether a number that belongs to a user of its GLPI is known as well. GLPI is asked while
        /// nothing is open, and what the person writes waits for the answer.
        pub glpi_match: bool = false,
        /// How long it waits, in seconds.
        #[within(1..=60)]
        pub glpi_match_wait_s: u32 = 15,
        /// How long an answer of GLPI's holds, in hours.
        #[within(1..=720)]
        pub glpi_match_keep_h: u32 = 24,
        /// What becomes of a number while GLPI is silent.
        pub glpi_match_silent: UnknownNumbers = UnknownNumbers::Accept,
        /// What becomes of the other numbers.
        pub unknown_numbers: UnknownNumbers = UnknownNumbers::Accept,
        /// What a refused number hears; without it, a text of the catalogue.
        pub refusal_text: Option<String> = None,
        /// Whether the bot is out of service; messages are kept and not answered.
        pub paused: bool = false,
    }
}

section! {
    /// A message template with a purpose.
    pub struct TemplatePurpose {
        /// The purpose, for example "ticket_update".
        pub purpose: String,
        /// The template's name at the provider; it takes the values of the purpose in order.
        pub template: String,
    }
}

section! {
    /// An app at Gupshup: one app carries one WhatsApp number.
    pub struct GupshupApp {
        /// The app's name, in its exact spelling.
        pub name: String,
        /// The app's id.
        pub id: String,
        /// Key with which messages are sent.
        pub api_key: Secret,
        /// Last part of the webhook's address, since Gupshup signs nothing: letters, digits,
        /// hyphens, underscores.
        pub path_secret: Secret,
    }
}

section! {
    /// A bearer token of the API.
    pub struct ApiToken {
        /// The token itself.
        pub token: Secret,
        /// The tenant whose data it opens. Either this or `platform`.
        pub tenant: Option<Name> = None,
        /// Whether it belongs to the operators of the service and opens every tenant.
        pub platform: bool = false,
        /// What it may do, for example "health:read", "contacts:read", "effects:read".
        pub scopes: Vec<String> = Vec::new(),
        /// When it ends (RFC 3339); without it, never.
        pub expires_at: Option<String> = None,
    }
}

impl ApiToken {
    /// When the token ends, in seconds since 1970.
    pub fn expires_at_seconds(&self) -> Option<i64> {
        let text = self.expires_at.as_ref()?;
        text.parse::<Timestamp>().ok().map(Timestamp::as_second)
    }
}
