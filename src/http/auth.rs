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

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// See how actors, journal and gateways are.
    HealthRead,
    /// Read contacts and their timelines.
    ContactsRead,
    /// Read dead letters, uncertain sends and quarantined inputs.
    EffectsRead,
}

impl Scope {
    /// The scope as it is written in the directory.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HealthRead => "health:read",
            Self::ContactsRead => "contacts:read",
            Self::EffectsRead => "effects:read",
        }
    }
}

/// Whose data a token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every tenant's: the operators of the service.
    Platform,
    /// One tenant's.
    Tenant(TenantId),
}

/// A caller whose token is valid and has requests left in its minute.
#[derive(Clone, Debug)]
pub struct Caller {
    reach: Reach,
    scopes: Vec<String>,
}

impl Caller {
    /// Proof that the caller may do what `scope` names.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] with the scope that is missing.
    pub fn may(&self, scope: Scope) -> Result<(), ApiError> {
        let granted = self.scopes.iter().any(|granted| granted == scope.as_str());
        granted.then_some(()).ok_or(ApiError::Forbidden {
            scope: scope.as_str(),
        })
    }

    /// Whose data the caller sees.
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether the caller sees what belongs to `tenant`; what belongs to nobody known is seen by
    /// the operators of the service alone.
    pub fn sees(&self, tenant: Option<&TenantId>) -> bool {
        match &self.reach {
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
    let digest = bearer(headers).map(|token| sha256(token.as_bytes()));
    let digest = digest.ok_or(ApiError::Unauthenticated)?;
    let now = edge.clock.now();
    let token = edge
        .directory
        .token(&digest)
        .ok_or(ApiError::Unauthenticated)?;
    if token.expires.is_some_and(|end| end <= now) {
        return Err(ApiError::Unauthenticated);
    }
    let tenant = match &token.reach {
        Reach::Platform => None,
        Reach::Tenant(tenant) => edge
            .directory
            .requests_per_minute(tenant)
            .map(|limit| (tenant, limit)),
    };
    edge.minutes.take(digest, tenant, now)?;
    Ok(Caller {
        reach: token.reach,
        scopes: token.scopes,
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

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}
