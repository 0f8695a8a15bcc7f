//! From rows to a directory: indexes made, references followed, settings worked out.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use actors::model::{ChannelId, GatewayId, Millis, Name};
use actors::ports::{
    ChannelSettings, Fallback, GatewaySettings, Mode, People, SecondLine, Sending, TemplateLimits,
    UtcOffset, Watched,
};
use actors::templates::Catalogue;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use super::{Access, Directory, Entries, Reach, Token, people, templates};
use crate::config::{self, Channel, Config, GlpiConnection, Problems, Provider, Tenant};
use crate::providers::glpi::PREPARATION;

/// Time for writing a file behind its download.
const DISK_TIME: Duration = Duration::from_secs(10);

/// The part of the configuration that a directory's settings depend on.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Bounds and time-outs of providers.
    pub providers: config::Providers,
    /// Bounds of contacts.
    pub contacts: config::Contacts,
    /// Bounds of files.
    pub media: config::Media,
}

impl From<&Config> for Limits {
    fn from(config: &Config) -> Self {
        Self {
            providers: config.providers.clone(),
            contacts: config.contacts.clone(),
            media: config.media.clone(),
        }
    }
}

impl Directory {
    /// A directory of these rows.
    ///
    /// # Errors
    /// When rows name tenants or connections that are not there, or a time zone or digest
    /// is none.
    pub fn build(version: u64, entries: &Entries, limits: &Limits) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut directory = Self {
            version,
            ..Self::default()
        };
        directory.tenants = by(&entries.tenants, |tenant| tenant.id.clone());
        directory.glpi_connections = by(&entries.glpi_connections, |glpi| glpi.id.clone());
        directory.channels = by(&entries.channels, |channel| channel.id.clone());
        directory.queues = by(&entries.queues, |queue| {
            (queue.tenant.clone(), queue.id.clone())
        });
        for connection in &entries.glpi_connections {
            let settings = limits.glpi(connection);
            directory.watched.push(Watched {
                gateway: settings.id,
                every: Duration::from_millis(limits.providers.glpi.poll_interval_ms),
            });
            directory
                .gateway_settings
                .insert(settings.id, Arc::new(settings));
        }
        let catalogues = templates::catalogues(&entries.channels, &entries.templates);
        for channel in &entries.channels {
            let templates = catalogues.get(&channel.id).cloned().unwrap_or_default();
            directory.add(channel, entries, templates, limits, &mut problems);
        }
        for token in &entries.tokens {
            match hex::decode(&token.digest)
                .ok()
                .and_then(|digest| digest.try_into().ok())
            {
                Some(digest) => drop(directory.tokens.insert(digest, access(token))),
                None => problems.add("tokens", "a digest is not 64 hexadecimal digits"),
            }
        }
        problems.unless(Some(directory))
    }

    fn add(
        &mut self,
        channel: &Channel,
        entries: &Entries,
        templates: Arc<Catalogue>,
        limits: &Limits,
        problems: &mut Problems,
    ) {
        let place = format!("channels.{}", channel.id);
        let Some(tenant) = self.tenants.get(&channel.tenant) else {
            return problems.add(place, format!("no tenant has the id {}", channel.tenant));
        };
        let known = |id: &Name| self.glpi_connections.contains_key(id);
        if let Some(id) = channel.glpi.as_ref().filter(|id| !known(id)) {
            return problems.add(place, format!("no connection has the id {id}"));
        }
        let people = people::of(channel, tenant, entries);
        let settings = people.and_then(|people| limits.channel(channel, tenant, people, templates));
        let Some(settings) = settings else {
            let zone = &tenant.time_zone;
            return problems.add(place, format!("no time zone is named {zone}"));
        };
        self.channel_settings
            .insert(settings.id, Arc::new(settings));
        for provider in channel.providers() {
            for gateway in [
                limits.messages(channel, provider),
                limits.files(channel, provider),
            ] {
                self.gateway_settings.insert(gateway.id, Arc::new(gateway));
            }
            let number = (provider, channel.number_id(provider).to_owned());
            self.channel_of_number.insert(number, channel.id.clone());
        }
    }
}

impl Channel {
    /// The id of this channel in the journal.
    pub fn channel_id(&self) -> ChannelId {
        ChannelId::of(&self.tenant, &self.id)
    }

    /// Its providers: the first, and the one that takes over where there is one.
    pub fn providers(&self) -> impl Iterator<Item = Provider> {
        let other = self.fallback.filter(|other| *other != self.provider);
        [Some(self.provider), other].into_iter().flatten()
    }

    /// Whether a provider carries its messages, always or at times.
    pub fn uses(&self, provider: Provider) -> bool {
        self.providers().any(|own| own == provider)
    }

    /// Whether a provider carries its messages only while the other is out.
    pub fn is_second(&self, provider: Provider) -> bool {
        provider != self.provider
    }

    /// A provider's id of its number: at Meta the phone number's, at Gupshup the app's.
    pub fn number_id(&self, provider: Provider) -> &str {
        match (provider, &self.gupshup) {
            (Provider::Gupshup, Some(app)) => &app.id,
            (Provider::Gupshup, None) => "",
            (Provider::Meta, _) => &self.phone_number_id,
        }
    }

    /// In which scope ids of messages are the same message: the first line's for both lines, since
    /// WhatsApp gives a message one id whichever provider tells of it.
    pub fn message_scope(&self) -> String {
        let first = self.provider;
        format!("{}/{}", first.as_str(), self.number_id(first))
    }

    /// The gateway that sends its messages through a provider.
    pub fn gateway_id(&self, provider: Provider) -> GatewayId {
        GatewayId::of(provider.as_str(), &self.tenant, &self.id)
    }

    /// The gateway that fetches the files people send to it by a provider.
    pub fn media_gateway_id(&self, provider: Provider) -> GatewayId {
        match self.is_second(provider) {
            false => GatewayId::of_media(&self.tenant, &self.id),
            true => GatewayId::of("second media", &self.tenant, &self.id),
        }
    }

    /// The gateways of the line that takes over.
    fn second_line(&self) -> Option<SecondLine> {
        let provider = self.providers().nth(1)?;
        Some(SecondLine {
            messages: self.gateway_id(provider),
            media: self.media_gateway_id(provider),
        })
    }

    /// Its line at Gupshup, where it has one.
    fn gupshup_line(&self) -> Option<GatewayId> {
        let uses = self.uses(Provider::Gupshup);
        uses.then(|| self.gateway_id(Provider::Gupshup))
    }

    /// The name of a line of its in health and metrics.
    fn line_name(&self, provider: Provider) -> Name {
        let own = || self.id.clone();
        match self.is_second(provider) {
            false => own(),
            true => Name::new(&format!("{}-fallback", self.id)).unwrap_or_else(|_| own()),
        }
    }
}

impl GlpiConnection {
    /// The gateway that speaks to it.
    pub fn gateway_id(&self) -> GatewayId {
        glpi_gateway(&self.tenant, &self.id)
    }
}

fn glpi_gateway(tenant: &Name, connection: &Name) -> GatewayId {
    GatewayId::of("glpi", tenant, connection)
}

impl Limits {
    fn channel(
        &self,
        channel: &Channel,
        tenant: &Tenant,
        people: People,
        templates: Arc<Catalogue>,
    ) -> Option<ChannelSettings> {
        Some(ChannelSettings {
            id: channel.channel_id(),
            name: channel.id.clone(),
            tenant: channel.tenant.clone(),
            tenant_name: tenant.name.clone(),
            locale: tenant.locale.clone(),
            utc_offset: utc_offset(&tenant.time_zone)?,
            mode: match channel.mode {
                config::Mode::Dialogue => Mode::Dialogue,
                config::Mode::Queue => Mode::Queue {
                    merge_interval_ms: channel.merge_interval_ms.into(),
                },
            },
            messages: channel.gateway_id(channel.provider),
            media: channel.media_gateway_id(channel.provider),
            second: channel.second_line(),
            own_ids: channel.gupshup_line(),
            help_desk: channel
                .glpi
                .as_ref()
                .map(|id| glpi_gateway(&channel.tenant, id)),
            ticket_prefix: channel.ticket_prefix.clone(),
            soft_limit_per_minute: self.contacts.messages_per_minute_soft,
            interim_after_ms: self.contacts.interim_after_ms,
            notices: tenant.notices,
            link_domains: tenant.link_domains.iter().map(SmolStr::from).collect(),
            people,
            sending: Sending {
                templates,
                tells_consent: channel.gupshup_line(),
            },
        })
    }

    fn messages(&self, channel: &Channel, provider: Provider) -> GatewaySettings {
        let (meta, gupshup) = (&self.providers.meta, &self.providers.gupshup);
        let (rate, concurrency, timeout_ms) = match provider {
            Provider::Meta => (
                meta.messages_per_second,
                meta.calls_in_flight_max,
                meta.timeout_ms,
            ),
            Provider::Gupshup => (
                gupshup.messages_per_second,
                gupshup.calls_in_flight_max,
                gupshup.timeout_ms,
            ),
        };
        GatewaySettings {
            id: channel.gateway_id(provider),
            provider: provider.as_str(),
            name: channel.line_name(provider),
            tenant: channel.tenant.clone(),
            rate_per_second: rate,
            // The pair limit is WhatsApp's own, whoever carries the message.
            pair_burst: Some(meta.pair_burst),
            concurrency: concurrency as usize,
            timeout: Duration::from_millis(timeout_ms),
            // A message cannot be looked up; its proof is a status.
            settle: Duration::ZERO,
            templates: Some(TemplateLimits {
                notices: self.providers.templates.notices_per_day,
                marketing: self.providers.templates.marketing_per_day,
            }),
            fallback: channel
                .second_line()
                .filter(|_| !channel.is_second(provider))
                .map(|second| Fallback {
                    line: second.messages,
                    after: Duration::from_millis(channel.fallback_after_ms.into()),
                    numbers_only: channel.fallback == Some(Provider::Gupshup),
                }),
            number_of: channel
                .is_second(provider)
                .then(|| channel.gateway_id(channel.provider)),
            paused: false,
        }
    }

    fn files(&self, channel: &Channel, provider: Provider) -> GatewaySettings {
        let media = &self.media;
        GatewaySettings {
            id: channel.media_gateway_id(provider),
            provider: "media",
            name: channel.line_name(provider),
            tenant: channel.tenant.clone(),
            rate_per_second: media.fetches_per_second,
            pair_burst: None,
            concurrency: media.fetches_in_flight_max as usize,
            // The whole download, and what the disk needs behind it.
            timeout: Duration::from_millis(media.fetch_timeout_ms) + DISK_TIME,
            // Fetching twice is as good as once; nothing is looked up.
            settle: Duration::ZERO,
            templates: None,
            fallback: None,
            number_of: None,
            paused: false,
        }
    }

    fn glpi(&self, connection: &GlpiConnection) -> GatewaySettings {
        let glpi = &self.providers.glpi;
        GatewaySettings {
            id: connection.gateway_id(),
            provider: "glpi",
            name: connection.id.clone(),
            tenant: connection.tenant.clone(),
            rate_per_second: glpi.calls_per_second,
            pair_burst: None,
            concurrency: glpi.calls_in_flight_max as usize,
            // Its effects are creations: preparation, the creating request, and up to three short
            // reads of what was made. A slow create can commit late, counted from its request,
            // which leaves at most one preparation after `Sending`.
            timeout: PREPARATION
                + Duration::from_millis(glpi.create_timeout_ms + 3 * glpi.timeout_ms),
            settle: PREPARATION + Duration::from_millis(glpi.settle_ms),
            templates: None,
            fallback: None,
            number_of: None,
            paused: connection.paused,
        }
    }
}

pub(super) fn utc_offset(zone: &str) -> Option<UtcOffset> {
    let zone = TimeZone::get(zone).ok()?;
    Some(UtcOffset(Arc::new(move |at: Millis| {
        let moment = Timestamp::from_millisecond(at.0.cast_signed()).unwrap_or_default();
        zone.to_offset(moment).seconds()
    })))
}

fn access(token: &Token) -> Access {
    Access {
        reach: token.tenant.clone().map_or(Reach::Platform, Reach::Tenant),
        scopes: token.scopes.clone(),
        expires_at: token
            .expires_at_s
            .map(|seconds| Millis(seconds.saturating_mul(1000))),
    }
}

fn by<K: Eq + Hash, V: Clone>(rows: &[V], key: impl Fn(&V) -> K) -> HashMap<K, Arc<V>> {
    rows.iter()
        .map(|row| (key(row), Arc::new(row.clone())))
        .collect()
}
