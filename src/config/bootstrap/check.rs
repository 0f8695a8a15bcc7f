//! What no single setting of the bootstrap part shows.

use std::collections::BTreeSet;

use actors::model::Name;
use actors::understand::is_domain;
use jiff::tz::TimeZone;

use super::{ApiToken, Bootstrap, Channel, GlpiConnection, Provider, Queue, Tenant};
use crate::config::problems::Problems;

/// Domains of one tenant's addresses; the chat names them all in one message.
const LINK_DOMAINS_MAX: usize = 8;

/// Where anybody can have an e-mail address.
const EVERYBODYS: [&str; 14] = [
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.es",
    "outlook.com",
    "outlook.es",
    "live.com",
    "msn.com",
    "yahoo.com",
    "yahoo.es",
    "yahoo.com.br",
    "icloud.com",
    "proton.me",
    "libero.it",
];

impl Bootstrap {
    /// Adds what no single value shows: references to nothing, ids given twice, a
    /// connection of another tenant.
    pub(in crate::config) fn check(&self, problems: &mut Problems) {
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
            connection.check(&place, problems);
        }
        self.check_people(&tenants, problems);
        let mut numbers = BTreeSet::new();
        for (index, channel) in self.channels.iter().enumerate() {
            let place = format!("bootstrap.channels[{index}]");
            known(&tenants, &channel.tenant, &place, problems);
            channel.check(&self.glpi_connections, &place, problems);
            channel.check_people(&self.queues, &place, problems);
            for provider in channel.providers() {
                if !numbers.insert((provider, channel.number_id(provider))) {
                    let key = match provider {
                        Provider::Meta => "phone_number_id",
                        Provider::Gupshup => "gupshup.id",
                    };
                    problems.add(format!("{place}.{key}"), "is given to another channel");
                }
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

impl Bootstrap {
    fn check_people(&self, tenants: &BTreeSet<&Name>, problems: &mut Problems) {
        // These names are a tenant's own, so two tenants may use the same.
        let mut names = BTreeSet::new();
        for (index, queue) in self.queues.iter().enumerate() {
            let place = format!("bootstrap.queues[{index}]");
            known(tenants, &queue.tenant, &place, problems);
            queue.check(&format!("{place}."), problems);
            if !names.insert((&queue.tenant, &queue.id)) {
                problems.add(
                    format!("{place}.id"),
                    format!("{} is given twice", queue.id),
                );
            }
        }
        names.clear();
        for (index, cohort) in self.cohorts.iter().enumerate() {
            let place = format!("bootstrap.cohorts[{index}]");
            known(tenants, &cohort.tenant, &place, problems);
            cohort.check(&format!("{place}."), problems);
            if !names.insert((&cohort.tenant, &cohort.id)) {
                problems.add(
                    format!("{place}.id"),
                    format!("{} is given twice", cohort.id),
                );
            }
        }
        names.clear();
        for (index, rule) in self.rules.iter().enumerate() {
            let place = format!("bootstrap.rules[{index}]");
            known(tenants, &rule.tenant, &place, problems);
            rule.check(&format!("{place}."), problems);
            if !names.insert((&rule.tenant, &rule.id)) {
                problems.add(format!("{place}.id"), format!("{} is given twice", rule.id));
            }
        }
    }
}

impl Tenant {
    pub(crate) fn check(&self, place: &str, problems: &mut Problems) {
        if TimeZone::get(&self.time_zone).is_err() {
            let zone = &self.time_zone;
            problems.add(
                at(place, "time_zone"),
                format!("no time zone is named {zone}"),
            );
        }
        if !["es", "pt-BR", "en", "it"].contains(&self.locale.as_str()) {
            problems.add(at(place, "locale"), "must be one of es, pt-BR, en, it");
        }
        for (index, domain) in self.link_domains.iter().enumerate() {
            let place = at(place, &format!("link_domains[{index}]"));
            if !is_domain(domain) {
                problems.add(
                    place,
                    "must be a domain in small letters, such as empresa.pe",
                );
            } else if EVERYBODYS.contains(&domain.as_str()) {
                let wrong = "everybody can have an address there; name the company's own domain";
                problems.add(place, wrong);
            }
        }
        if self.responsible.trim().is_empty() {
            problems.add(at(place, "responsible"), "must name a person or a team");
        }
        if self.link_domains.len() > LINK_DOMAINS_MAX {
            let wrong = format!("must be at most {LINK_DOMAINS_MAX} domains");
            problems.add(at(place, "link_domains"), wrong);
        }
    }
}

impl GlpiConnection {
    pub(crate) fn check(&self, place: &str, problems: &mut Problems) {
        let place = at(place, "url");
        web_address(&self.url, &place, problems);
        if !self.url.ends_with("/apirest.php") {
            problems.add(place, "must end in /apirest.php, with no slash behind it");
        }
    }
}

/// The place of a field; a row alone has no place in front of it.
fn at(place: &str, field: &str) -> String {
    match place {
        "" => field.to_owned(),
        place => format!("{place}.{field}"),
    }
}

impl Channel {
    pub(crate) fn check(
        &self,
        connections: &[GlpiConnection],
        place: &str,
        problems: &mut Problems,
    ) {
        for (key, text) in [
            ("number", &self.number),
            ("phone_number_id", &self.phone_number_id),
            ("business_account_id", &self.business_account_id),
        ] {
            if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                problems.add(at(place, key), "must be digits only");
            }
        }
        if self.fallback == Some(self.provider) {
            let wrong = "must be another provider than the channel's: what takes one line of a \
                         provider down takes its other down too";
            problems.add(at(place, "fallback"), wrong);
        }
        self.check_meta(place, problems);
        self.check_gupshup(place, problems);
        let Some(id) = &self.glpi else { return };
        match connections.iter().find(|connection| &connection.id == id) {
            None => problems.add(at(place, "glpi"), format!("no connection has the id {id}")),
            Some(found) if found.tenant != self.tenant => {
                problems.add(
                    at(place, "glpi"),
                    format!("connection {id} is another tenant's"),
                );
            }
            Some(_) => {}
        }
    }

    pub(crate) fn check_people(&self, queues: &[Queue], place: &str, problems: &mut Problems) {
        self.check_numbers(place, problems);
        let Some(id) = &self.queue else { return };
        let own = |queue: &&Queue| queue.id == *id && queue.tenant == self.tenant;
        if !queues.iter().any(|queue| own(&queue)) {
            let wrong = format!("the tenant has no queue with the id {id}");
            problems.add(at(place, "queue"), wrong);
        }
    }

    pub(crate) fn check_numbers(&self, place: &str, problems: &mut Problems) {
        if self.glpi_match && self.glpi.is_none() {
            problems.add(at(place, "glpi_match"), "needs a connection to ask (glpi)");
        }
        for (index, pattern) in self.known_numbers.iter().enumerate() {
            let digits = pattern.strip_suffix('*').unwrap_or(pattern);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                let wrong = "must be digits, or their beginning with a * behind it";
                problems.add(at(place, &format!("known_numbers[{index}]")), wrong);
            }
        }
    }

    fn check_meta(&self, place: &str, problems: &mut Problems) {
        if !self.uses(Provider::Meta) {
            if !self.phone_number_id.is_empty() {
                let wanted = "belongs to channels whose provider or fallback is meta";
                problems.add(at(place, "phone_number_id"), wanted);
            }
            return;
        }
        for (key, is_missing) in [
            ("phone_number_id", self.phone_number_id.is_empty()),
            ("business_account_id", self.business_account_id.is_empty()),
            ("app_secret", self.app_secret.is_empty()),
            ("verify_token", self.verify_token.is_empty()),
            ("access_token", self.access_token.is_empty()),
        ] {
            if is_missing {
                problems.add(at(place, key), "must be given");
            }
        }
    }

    fn check_gupshup(&self, place: &str, problems: &mut Problems) {
        if !self.uses(Provider::Gupshup) {
            if self.gupshup.is_some() {
                let wanted = "belongs to channels whose provider or fallback is gupshup";
                problems.add(at(place, "gupshup"), wanted);
            }
            return;
        }
        let Some(app) = &self.gupshup else {
            return problems.add(at(place, "gupshup"), "must be given");
        };
        if !legal(&app.id) {
            let wanted = "must be letters, digits, hyphens and underscores";
            problems.add(at(place, "gupshup.id"), wanted);
        }
        let secret = app.path_secret.expose();
        if secret.len() < PATH_SECRET_MIN || !legal(secret) {
            let wanted = "must be at least 8 letters, digits, hyphens and underscores";
            problems.add(at(place, "gupshup.path_secret"), wanted);
        }
    }
}

/// Characters of a path secret at least.
const PATH_SECRET_MIN: usize = 8;

/// Whether a text can stand in an address as it is.
fn legal(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !text.is_empty() && text.bytes().all(legal)
}

impl ApiToken {
    fn check(&self, tenants: &BTreeSet<&Name>, place: &str, problems: &mut Problems) {
        match (&self.tenant, self.platform) {
            (Some(tenant), false) => known(tenants, tenant, place, problems),
            (None, true) => {}
            _ => problems.add(place, "needs either a tenant or platform = true"),
        }
        if self.token.expose().len() < 12 {
            problems.add(at(place, "token"), "must have at least 12 characters");
        }
        if self.expires_at.is_some() && self.expires_at_seconds().is_none() {
            let wanted = "must be a moment such as 2027-01-31T00:00:00Z";
            problems.add(at(place, "expires_at"), wanted);
        }
    }
}

fn known(tenants: &BTreeSet<&Name>, tenant: &Name, place: &str, problems: &mut Problems) {
    if !tenants.contains(tenant) {
        problems.add(
            at(place, "tenant"),
            format!("no tenant has the id {tenant}"),
        );
    }
}

fn ids<'a>(
    place: &str,
    ids: impl Iterator<Item = &'a Name>,
    problems: &mut Problems,
) -> BTreeSet<&'a Name> {
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        if !seen.insert(id) {
            problems.add(
                format!("{place}[{index}].id"),
                format!("{id} is given twice"),
            );
        }
    }
    seen
}

pub(in crate::config) fn web_address(url: &str, place: &str, problems: &mut Problems) {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/') || host.contains(' ')) {
        problems.add(place, "must be a web address such as https://example.com");
    }
}
