//! What an empty data directory begins with: tenants, channels, connections and tokens.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Secret;
use super::problems::Problems;

section! {
    /// The first tenants and what belongs to them.
    pub struct Bootstrap {
        /// Tenants: the companies served.
        pub tenants: Vec<Tenant> = Vec::new(),
        /// Ticket systems of tenants.
        pub glpi_connections: Vec<GlpiConnection> = Vec::new(),
        /// WhatsApp numbers of tenants.
        pub channels: Vec<Channel> = Vec::new(),
        /// Bearer tokens of the API. Only their SHA-256 is kept.
        pub api_tokens: Vec<ApiToken> = Vec::new(),
    }
}

section! {
    /// A paying organisation.
    pub struct Tenant {
        /// Short name in addresses and logs: small letters, digits, hyphens.
        pub id: String,
        /// The name that people read.
        pub name: String,
        /// How many API and template requests a minute the tenant may make.
        pub tier: Tier = Tier::Basic,
        /// Language of its contacts until they show another.
        pub locale: String = "es".to_owned(),
        /// Time zone of its dates and ticket years.
        pub time_zone: String = "America/Lima".to_owned(),
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
        pub id: String,
        /// The tenant it belongs to.
        pub tenant: String,
        /// Address of the legacy API, ending in apirest.php.
        pub url: String,
        /// App-Token of the API client.
        pub app_token: Option<Secret> = None,
        /// Token of the user in whose name calls are made; never a requester.
        pub user_token: Secret,
        /// Entity (its number in GLPI) for requesters that have none.
        pub fallback_entity: u32 = 0,
    }
}

/// Who carries a channel's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Meta's WhatsApp Cloud API.
    Meta,
}

choice!(Provider { Meta = "meta" });

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
        pub id: String,
        /// The tenant it belongs to.
        pub tenant: String,
        /// Who carries its messages.
        pub provider: Provider = Provider::Meta,
        /// Meta's id of the number.
        pub phone_number_id: String,
        /// Meta's id of the WhatsApp business account.
        pub business_account_id: String,
        /// The number itself, digits with country code.
        pub number: String,
        /// Secret with which Meta signs webhooks.
        pub app_secret: Secret,
        /// Word with which Meta proves itself when the webhook is set up.
        pub verify_token: Secret,
        /// Token with which messages are sent.
        pub access_token: Secret,
        /// How messages become tickets.
        pub mode: Mode = Mode::Dialogue,
        /// In queue mode, how long a burst is awaited before its ticket, in milliseconds.
        #[within(15_000..=600_000)]
        pub merge_interval_ms: u32 = 15_000,
        /// The connection on which its tickets are opened.
        pub glpi: Option<String> = None,
    }
}

section! {
    /// A bearer token of the API.
    pub struct ApiToken {
        /// The token itself.
        pub token: Secret,
        /// The tenant whose data it opens. Either this or `platform`.
        pub tenant: Option<String> = None,
        /// Whether it belongs to the operators of the service and opens every tenant.
        pub platform: bool = false,
        /// What it may do, for example "health:read", "contacts:read", "effects:read".
        pub scopes: Vec<String> = Vec::new(),
        /// When it ends (RFC 3339); without it, never.
        pub expires_at: Option<String> = None,
    }
}

impl Bootstrap {
    /// Adds what no single value shows: references to nothing, ids given twice, a
    /// connection of another tenant.
    pub(super) fn check(&self, problems: &mut Problems) {
        let tenants = ids(
            "bootstrap.tenants",
            self.tenants.iter().map(|t| &t.id),
            problems,
        );
        ids(
            "bootstrap.glpi_connections",
            self.glpi_connections.iter().map(|c| &c.id),
            problems,
        );
        ids(
            "bootstrap.channels",
            self.channels.iter().map(|c| &c.id),
            problems,
        );
        for (index, tenant) in self.tenants.iter().enumerate() {
            tenant.check(&format!("bootstrap.tenants[{index}]"), problems);
        }
        for (index, connection) in self.glpi_connections.iter().enumerate() {
            let place = format!("bootstrap.glpi_connections[{index}]");
            known(&tenants, &connection.tenant, &place, problems);
            web_address(&connection.url, &format!("{place}.url"), problems);
        }
        let mut numbers = BTreeSet::new();
        for (index, channel) in self.channels.iter().enumerate() {
            let place = format!("bootstrap.channels[{index}]");
            known(&tenants, &channel.tenant, &place, problems);
            channel.check(&self.glpi_connections, &place, problems);
            if !numbers.insert((channel.provider, &channel.phone_number_id)) {
                problems.add(
                    format!("{place}.phone_number_id"),
                    "is given to another channel",
                );
            }
        }
        for (index, token) in self.api_tokens.iter().enumerate() {
            token.check(
                &tenants,
                &format!("bootstrap.api_tokens[{index}]"),
                problems,
            );
        }
    }
}

impl Tenant {
    fn check(&self, place: &str, problems: &mut Problems) {
        if TimeZone::get(&self.time_zone).is_err() {
            let zone = &self.time_zone;
            problems.add(
                format!("{place}.time_zone"),
                format!("no time zone is named {zone}"),
            );
        }
        if !["es", "pt-BR", "en", "it"].contains(&self.locale.as_str()) {
            problems.add(
                format!("{place}.locale"),
                "must be one of es, pt-BR, en, it",
            );
        }
    }
}

impl Channel {
    fn check(&self, connections: &[GlpiConnection], place: &str, problems: &mut Problems) {
        for (key, text) in [
            ("number", &self.number),
            ("phone_number_id", &self.phone_number_id),
            ("business_account_id", &self.business_account_id),
        ] {
            if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                problems.add(format!("{place}.{key}"), "must be digits only");
            }
        }
        let Some(id) = &self.glpi else { return };
        match connections.iter().find(|connection| &connection.id == id) {
            None => problems.add(
                format!("{place}.glpi"),
                format!("no connection has the id {id}"),
            ),
            Some(found) if found.tenant != self.tenant => {
                problems.add(
                    format!("{place}.glpi"),
                    format!("connection {id} is another tenant's"),
                );
            }
            Some(_) => {}
        }
    }
}

impl ApiToken {
    /// When the token ends, in seconds since 1970.
    pub fn expires_at_seconds(&self) -> Option<i64> {
        let text = self.expires_at.as_ref()?;
        text.parse::<Timestamp>().ok().map(Timestamp::as_second)
    }

    fn check(&self, tenants: &BTreeSet<&str>, place: &str, problems: &mut Problems) {
        match (&self.tenant, self.platform) {
            (Some(tenant), false) => known(tenants, tenant, place, problems),
            (None, true) => {}
            _ => problems.add(place, "needs either a tenant or platform = true"),
        }
        if self.token.expose().len() < 12 {
            problems.add(format!("{place}.token"), "must have at least 12 characters");
        }
        if self.expires_at.is_some() && self.expires_at_seconds().is_none() {
            let wanted = "must be a moment such as 2027-01-31T00:00:00Z";
            problems.add(format!("{place}.expires_at"), wanted);
        }
    }
}

fn known(tenants: &BTreeSet<&str>, tenant: &str, place: &str, problems: &mut Problems) {
    if !tenants.contains(tenant) {
        problems.add(
            format!("{place}.tenant"),
            format!("no tenant has the id {tenant}"),
        );
    }
}

fn ids<'a>(
    place: &str,
    ids: impl Iterator<Item = &'a String>,
    problems: &mut Problems,
) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        let place = format!("{place}[{index}].id");
        if !is_slug(id) {
            let wanted =
                "must be 1 to 63 small letters, digits or hyphens, a letter or digit first";
            problems.add(&place, wanted);
        }
        if !seen.insert(id.as_str()) {
            problems.add(&place, format!("{id} is given twice"));
        }
    }
    seen
}

fn is_slug(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&id.len()) && id.bytes().all(allowed) && !id.starts_with('-')
}

pub(super) fn web_address(url: &str, place: &str, problems: &mut Problems) {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/') || host.contains(' ')) {
        problems.add(place, "must be a web address such as https://example.com");
    }
}
