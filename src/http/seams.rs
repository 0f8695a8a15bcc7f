//! What the edge asks of the core and of the directory, and nothing more.
//!
//! The composition root gives it the running system and the published directory; the edge's own
//! tests give it a core that refuses, or a directory with two tenants.

use std::pin::Pin;
use std::sync::Arc;

use actors::journal::{Desk, Entry, ReadError, Refused};
use actors::model::{GatewayId, InEvent, Key, Millis, Name, TenantId};
use serde_json::Value;

use super::auth::Reach;
use super::webhooks::meta::{AppSecret, Line};
use crate::config::Secret;

/// An answer that is awaited.
pub type Awaited<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The running system as the edge sees it.
pub trait Core: Send + Sync + 'static {
    /// Makes the events of one webhook body durable; when it returns `Ok` they are on disk.
    fn ingest(&self, events: Vec<InEvent>) -> Awaited<'_, Result<(), Refused>>;
    /// How journal, actors and gateways are, as JSON.
    fn health(&self) -> Awaited<'_, Value>;
    /// The records of an entity, oldest first.
    fn timeline(&self, key: Key) -> Awaited<'_, Result<Vec<Entry>, ReadError>>;
    /// What waits for an operator, at most `max` of each kind.
    fn desk(&self, max: usize) -> Awaited<'_, Result<Desk, ReadError>>;
}

/// The published directory as the edge sees it.
pub trait Directory: Send + Sync + 'static {
    /// The token with this SHA-256.
    fn token(&self, sha256: &[u8; 32]) -> Option<Token>;
    /// The tier of a tenant in requests a minute; `None` is no limit.
    fn requests_per_minute(&self, tenant: &TenantId) -> Option<u32>;
    /// The tenant that a gateway's connection belongs to.
    fn tenant_of(&self, gateway: &GatewayId) -> Option<TenantId>;
    /// What stands at the webhook address of the channel called `name`.
    fn meta_door(&self, name: &Name) -> Option<Arc<MetaDoor>>;
}

/// A bearer token as the directory holds it.
#[derive(Clone, Debug)]
pub struct Token {
    /// Whose data it opens.
    pub reach: Reach,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires: Option<Millis>,
}

/// What a webhook address of Meta needs to know of its channel.
#[derive(Debug)]
pub struct MetaDoor {
    /// Whose messages come here.
    pub line: Line,
    /// What they are signed with.
    pub app_secret: AppSecret,
    /// What both sides agreed on for the handshake.
    pub verify_token: Secret,
}
