//! The systems outside: where they are and how hard they may be worked.
//!
//! Credentials are not here: they belong to channels and connections, which live in the
//! database.

use super::bootstrap::web_address;
use super::problems::Problems;
use super::section::section;

section! {
    /// The providers.
    pub struct Providers {
        /// Meta's WhatsApp Cloud API.
        pub meta: Meta = Meta::default(),
        /// Gupshup's self-serve WhatsApp API.
        pub gupshup: Gupshup = Gupshup::default(),
        /// Message templates, whoever carries them.
        pub templates: Templates = Templates::default(),
        /// GLPI's legacy REST API. Its address belongs to each connection.
        pub glpi: Glpi = Glpi::default(),
    }
}

section! {
    /// Meta's WhatsApp Cloud API.
    pub struct Meta {
        /// Address in front of the version.
        pub base_url: String = "https://graph.facebook.com".to_owned(),
        /// Version of the Graph API.
        pub graph_version: String = "v25.0".to_owned(),
        /// How long one call may take, in milliseconds.
        #[within(100..=60_000)]
        pub timeout_ms: u64 = 3500,
        /// Calls under way at a time for one number.
        #[within(1..=1000)]
        pub calls_in_flight_max: u32 = 64,
        /// Messages a second of one number. Meta allows 80 and raises a large number to
        /// 1000 by itself.
        #[within(1..=1000)]
        pub messages_per_second: u32 = 80,
        /// Messages that one person may get in a burst, which is then paid back with 6 seconds
        /// of silence for each before the next one leaves. Meta allows 45.
        #[within(1..=45)]
        pub pair_burst: u32 = 10,
        /// Hosts at which Meta keeps the files that people send. Files are fetched from these,
        /// from hosts below them and from the host of `base_url`, and from nowhere else.
        pub media_hosts: Vec<String> =
            hosts(&["fbsbx.com", "facebook.com", "fbcdn.net", "whatsapp.net"]),
    }
}

section! {
    /// Gupshup's self-serve WhatsApp API.
    pub struct Gupshup {
        /// Address in front of /wa and /sm.
        pub base_url: String = "https://api.gupshup.io".to_owned(),
        /// How long one call may take, in milliseconds.
        #[within(100..=60_000)]
        pub timeout_ms: u64 = 3500,
        /// Calls under way at a time for one app.
        #[within(1..=1000)]
        pub calls_in_flight_max: u32 = 64,
        /// Messages a second of one app. Gupshup publishes no number; WhatsApp's own limit
        /// behind it is 80.
        #[within(1..=80)]
        pub messages_per_second: u32 = 20,
        /// Hosts at which Gupshup keeps the files that people send, as with Meta's; some of its
        /// events name files at Meta.
        pub media_hosts: Vec<String> =
            hosts(&["gupshup.io", "smsgupshup.com", "fbsbx.com", "whatsapp.net"]),
    }
}

section! {
    /// Message templates. WhatsApp gives each number a tier; beyond it messages fail and the
    /// number's quality suffers, so they are not sent.
    pub struct Templates {
        /// Notices (utility and authentication) of one number in 24 hours.
        #[within(1..=1_000_000)]
        pub notices_per_day: u32 = 1000,
        /// Marketing of one number in 24 hours.
        #[within(1..=1_000_000)]
        pub marketing_per_day: u32 = 1000,
    }
}

section! {
    /// GLPI.
    pub struct Glpi {
        /// How long one call may take, in milliseconds.
        #[within(100..=60_000)]
        pub timeout_ms: u64 = 3500,
        /// How long the creation of a ticket may take, in milliseconds.
        #[within(1000..=120_000)]
        pub create_timeout_ms: u64 = 30_000,
        /// How long after a creation without answer the ticket is looked for before it is
        /// created again, in milliseconds. Must exceed `create_timeout_ms`, because a slow
        /// creation can still succeed.
        #[within(1000..=600_000)]
        pub settle_ms: u64 = 35_000,
        /// Calls under way at a time for one connection.
        #[within(1..=100)]
        pub calls_in_flight_max: u32 = 4,
        /// Calls a second for one connection. GLPI itself sets no limit; a small
        /// installation serves a few tens.
        #[within(1..=1000)]
        pub calls_per_second: u32 = 20,
        /// How often a connection is asked what technicians changed, in milliseconds.
        #[within(500..=600_000)]
        pub poll_interval_ms: u64 = 10_000,
    }
}

fn hosts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Whether a text is a host's name of more than one label, which is what files may come from: a
/// bare word would let everything below a top-level domain in.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(legal)
    };
    text.contains('.') && text.split('.').all(label)
}

impl Providers {
    /// Adds what no single setting shows.
    pub(super) fn check(&self, problems: &mut Problems) {
        web_address(&self.meta.base_url, "providers.meta.base_url", problems);
        web_address(
            &self.gupshup.base_url,
            "providers.gupshup.base_url",
            problems,
        );
        let version = self
            .meta
            .graph_version
            .strip_prefix('v')
            .and_then(|v| v.split_once('.'));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !version.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
            problems.add(
                "providers.meta.graph_version",
                "must be a version such as v25.0",
            );
        }
        for (place, hosts) in [
            ("providers.meta.media_hosts", &self.meta.media_hosts),
            ("providers.gupshup.media_hosts", &self.gupshup.media_hosts),
        ] {
            for (index, _) in hosts.iter().enumerate().filter(|(_, host)| !is_host(host)) {
                let wanted = "must be a host such as fbsbx.com, in small letters";
                problems.add(format!("{place}[{index}]"), wanted);
            }
        }
        if self.glpi.settle_ms <= self.glpi.create_timeout_ms {
            let wanted = "must exceed providers.glpi.create_timeout_ms";
            problems.add("providers.glpi.settle_ms", wanted);
        }
    }
}
