//! Who calls the API and what they may do.
//!
//! Everything under `/api` is denied unless this one extractor lets it through: it stands in front
//! of the whole of it, known and unknown addresses alike, so a handler cannot forget it. It reads
//! the bearer token, finds its SHA-256 in the directory, checks its end and takes a place in its
//! minute. What a handler may do is a second question, asked with [`Caller::may`].

use actors::model::TenantId;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request};
use ring::digest;

use super::Edge;
use super::error::ApiError;
use crate::directory::{Access, Reach};

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// See how actors, journal and gateways are.
    HealthRead,
    /// Read contacts and their timelines.
    ContactsRead,
    /// Have a person forgotten.
    ContactsErase,
    /// Read dead letters, uncertain sends and quarantined inputs.
    EffectsRead,
    /// Redrive and dismiss effects, release and dismiss quarantined inputs, unpark contacts.
    EffectsWrite,
    /// Answer people: write to them, take, hand back and close conversations.
    ConversationsWrite,
    /// Set up tenants, channels, queues, connections, cohorts, rules and templates, and read the
    /// audit.
    Setup,
    /// Read the catalogue of templates.
    TemplatesRead,
    /// Have the catalogue synchronised.
    TemplatesWrite,
    /// Write to people and note what they consent to.
    MessagesWrite,
}

impl Scope {
    /// The scope as it is written in the directory.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HealthRead => "health:read",
            Self::ContactsRead => "contacts:read",
            Self::ContactsErase => "contacts:erase",
            Self::EffectsRead => "effects:read",
            Self::EffectsWrite => "effects:write",
            Self::ConversationsWrite => "conversations:write",
            Self::Setup => "setup",
            Self::TemplatesRead => "templates:read",
            Self::TemplatesWrite => "templates:write",
            Self::MessagesWrite => "messages:write",
        }
    }
}

/// A caller whose token is valid and has requests left in its minute.
#[derive(Clone, Debug)]
pub struct Caller {
    access: Access,
    token: [u8; 4],
}

impl Caller {
    /// Proof that the caller may do what `scope` names.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] with the scope that is missing.
    pub fn may(&self, scope: Scope) -> Result<(), ApiError> {
        let allowed = self.access.allows(scope.as_str());
        allowed.then_some(()).ok_or(ApiError::Forbidden {
            scope: scope.as_str(),
        })
    }

    /// The caller as the audit names them: by the beginning of their token's digest.
    pub fn name(&self) -> String {
        let whose = match &self.access.reach {
            Reach::Platform => "service",
            Reach::Tenant(tenant) => tenant.as_str(),
        };
        format!("{whose}/{}", hex::encode(self.token))
    }

    /// Whose data the caller sees.
    pub const fn reach(&self) -> &Reach {
        &self.access.reach
    }

    /// Whether the caller sees what belongs to `tenant`; what belongs to nobody known is seen by
    /// the operators of the service alone.
    pub fn sees(&self, tenant: Option<&TenantId>) -> bool {
        match &self.access.reach {
            Reach::Platform => true,
            Reach::Tenant(own) => tenant == Some(own),
        }
    }
}

impl FromRequestParts<Edge> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut request::Parts,
        edge: &Edge,
    ) -> Result<Self, Self::Rejection> {
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let caller = admit(&parts.headers, edge)?;
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

fn admit(headers: &HeaderMap, edge: &Edge) -> Result<Caller, ApiError> {
    let token = bearer(headers).ok_or(ApiError::Unauthenticated)?;
    let now = edge.clock.now();
    let directory = edge.directory.current();
    let access = directory
        .access(token, now)
        .ok_or(ApiError::Unauthenticated)?;
    let tier = match &access.reach {
        Reach::Platform => None,
        Reach::Tenant(tenant) => directory
            .tenant(tenant)
            .and_then(|settings| settings.tier.requests_per_minute())
            .map(|limit| (tenant, limit)),
    };
    let digest = sha256(token.as_bytes());
    edge.minutes.take(digest, tier, now)?;
    let [a, b, c, d, ..] = digest;
    Ok(Caller {
        access: access.clone(),
        token: [a, b, c, d],
    })
}

/// The token of an `Authorization: Bearer …` header; the scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}
