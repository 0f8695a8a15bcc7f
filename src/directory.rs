//! The directory: tenants, channels, connections and tokens as the server uses them.
//!
//! They are edited in Postgres and published as one sealed file in the data directory; the
//! server starts from that file, so the door never waits for the database. A [`Directory`]
//! is an immutable value; [`Published`] holds the current one and replaces it as a whole.

mod build;
mod file;
mod keep;
mod people;
mod published;
mod templates;

use std::collections::HashMap;
use std::sync::Arc;

use actors::model::{ChannelId, GatewayId, Millis, Name, TenantId};
use actors::ports::{ChannelSettings, GatewaySettings, Watched};

use crate::config::section::section;
use crate::config::{Channel, Cohort, GlpiConnection, Provider, Queue, Rule, Tenant};

pub use build::Limits;
pub use file::FileError;
pub use keep::{follow, prepare, publish_now};
pub use published::{PublishError, Published};
pub use templates::TemplateRow;

section! {
    /// What the directory file holds: the rows of the database, secrets opened.
    pub struct Entries {
        /// Tenants.
        pub tenants: Vec<Tenant> = Vec::new(),
        /// Ticket systems.
        pub glpi_connections: Vec<GlpiConnection> = Vec::new(),
        /// Where people wait for operators.
        pub queues: Vec<Queue> = Vec::new(),
        /// WhatsApp numbers.
        pub channels: Vec<Channel> = Vec::new(),
        /// Who gets the bot.
        pub cohorts: Vec<Cohort> = Vec::new(),
        /// What is answered without a dialogue.
        pub rules: Vec<Rule> = Vec::new(),
        /// Bearer tokens.
        pub tokens: Vec<Token> = Vec::new(),
        /// Message templates.
        pub templates: Vec<TemplateRow> = Vec::new(),
    }
}

section! {
    /// A bearer token, as far as it is known.
    pub struct Token {
        /// SHA-256 of the token, hexadecimal.
        pub digest: String,
        /// The tenant whose data it opens; none for the operators of the service.
        pub tenant: Option<Name> = None,
        /// What it may do.
        pub scopes: Vec<String> = Vec::new(),
        /// When it ends, in seconds since 1970; none for never.
        pub expires_at_s: Option<u64> = None,
    }
}

/// Whose data a caller may touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// One tenant's.
    Tenant(TenantId),
    /// Every tenant's.
    Platform,
}

/// What a bearer token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Whose data.
    pub reach: Reach,
    scopes: Vec<String>,
    expires_at: Option<Millis>,
}

impl Access {
    /// Whether this may be done.
    pub fn allows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|allowed| allowed == scope)
    }
}

/// Everything the hot path needs to know of tenants, as of one version.
#[derive(Debug, Default)]
pub struct Directory {
    version: u64,
    tenants: HashMap<TenantId, Arc<Tenant>>,
    channels: HashMap<Name, Arc<Channel>>,
    channel_of_number: HashMap<(Provider, String), Name>,
    glpi_connections: HashMap<Name, Arc<GlpiConnection>>,
    tokens: HashMap<[u8; 32], Access>,
    queues: HashMap<(TenantId, Name), Arc<Queue>>,
    channel_settings: HashMap<ChannelId, Arc<ChannelSettings>>,
    gateway_settings: HashMap<GatewayId, Arc<GatewaySettings>>,
    watched: Vec<Watched>,
}

impl Directory {
    /// Which version of the database this is. 0 is the empty directory before the first.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// A tenant by its id.
    pub fn tenant(&self, id: &TenantId) -> Option<&Arc<Tenant>> {
        self.tenants.get(id)
    }

    /// A channel by the name in its webhook's address.
    pub fn channel(&self, name: &Name) -> Option<&Arc<Channel>> {
        self.channels.get(name)
    }

    /// The channel of a provider's number id.
    pub fn channel_of_number(&self, provider: Provider, number_id: &str) -> Option<&Arc<Channel>> {
        self.channels.get(
            self.channel_of_number
                .get(&(provider, number_id.to_owned()))?,
        )
    }

    /// A connection by its name.
    pub fn glpi_connection(&self, name: &Name) -> Option<&Arc<GlpiConnection>> {
        self.glpi_connections.get(name)
    }

    /// A tenant's queue by its name.
    pub fn queue(&self, tenant: &TenantId, id: &Name) -> Option<&Arc<Queue>> {
        self.queues.get(&(tenant.clone(), id.clone()))
    }

    /// All channels, in no order.
    pub fn channels(&self) -> impl Iterator<Item = &Arc<Channel>> {
        self.channels.values()
    }

    /// All connections, in no order.
    pub fn glpi_connections(&self) -> impl Iterator<Item = &Arc<GlpiConnection>> {
        self.glpi_connections.values()
    }

    /// What a bearer token allows at this moment; `None` for an unknown or ended one. Only
    /// its digest is compared, so the time taken says nothing about the token.
    pub fn access(&self, bearer: &str, now: Millis) -> Option<&Access> {
        let access = self.tokens.get(&digest(bearer))?;
        access
            .expires_at
            .is_none_or(|end| now < end)
            .then_some(access)
    }

    /// The settings of a channel's conversations.
    pub fn channel_settings(&self, id: &ChannelId) -> Option<&Arc<ChannelSettings>> {
        self.channel_settings.get(id)
    }

    /// The limits of a gateway.
    pub fn gateway_settings(&self, id: &GatewayId) -> Option<&Arc<GatewaySettings>> {
        self.gateway_settings.get(id)
    }

    /// The help desks whose changes people are told.
    pub fn watched(&self) -> &[Watched] {
        &self.watched
    }

    /// Every gateway there should be: one for each channel's sending, one for each
    /// connection.
    pub fn gateways(&self) -> impl Iterator<Item = &Arc<GatewaySettings>> {
        self.gateway_settings.values()
    }
}

/// SHA-256 of a bearer token.
pub(crate) fn digest(bearer: &str) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bearer.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}
