//! The one error type of the edge: what a caller is told when a request is not done.
//!
//! The code is part of the API and never changes its meaning; the message is for people. Neither
//! repeats a person's data. What the log must know is logged where the error is made.

use std::time::Duration;

use actors::journal::{CommitError, ReadError, Refused};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// No bearer token, an unknown one or one that has ended.
    #[error("send a valid token as `Authorization: Bearer …`")]
    Unauthenticated,
    /// The token is valid and lacks a scope.
    #[error("this token lacks the scope {scope}")]
    Forbidden {
        /// The scope that is needed.
        scope: &'static str,
    },
    /// There is no such thing for this caller; another tenant's things do not exist.
    #[error("there is no such {what}")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
    },
    /// A parameter cannot be read.
    #[error("{name} is not valid: expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What it should look like.
        expected: &'static str,
    },
    /// What was asked for cannot be done as things stand; nothing was changed.
    #[error("{reason}")]
    Refused {
        /// Stable code of the reason.
        code: &'static str,
        /// The reason in words, with the way out.
        reason: &'static str,
    },
    /// The body is larger than this address takes.
    #[error("the body is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit in bytes.
        max_bytes: u64,
    },
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// The body is not what this address takes.
    #[error("the body is not readable: {expected} expected")]
    Unreadable {
        /// What was expected.
        expected: &'static str,
    },
    /// The signature is absent or does not fit the body.
    #[error("the signature is missing or does not fit the body")]
    Signature,
    /// The verify token of a webhook's set-up is wrong.
    #[error("the verify token is wrong")]
    VerifyToken,
    /// More requests than the token or its tenant may make.
    #[error("too many requests: {limit} a minute are allowed")]
    TooMany {
        /// The limit that was reached, in requests a minute.
        limit: u32,
        /// When the next one will be taken.
        retry_after: Duration,
    },
    /// The server cannot take more just now.
    #[error("{reason}")]
    Busy {
        /// Stable code of the reason.
        code: &'static str,
        /// The reason in words.
        reason: &'static str,
        /// When to come again.
        retry_after: Duration,
    },
    /// It can be read, and may not be done.
    #[error("{reason}")]
    Unacceptable {
        /// Stable code of the reason.
        code: &'static str,
        /// The reason in words.
        reason: String,
    },
    /// Another system was asked and did not do its part.
    #[error("{reason}")]
    Elsewhere {
        /// The reason in words.
        reason: String,
    },
    /// Something failed here; the log knows more.
    #[error("the server failed; the log knows more")]
    Internal,
}

impl ApiError {
    /// The answer for a server at its bound of requests under way.
    pub const OVERLOADED: Self = Self::Busy {
        code: "overloaded",
        reason: "the server has as much work as it can take; come again shortly",
        retry_after: Duration::from_secs(1),
    };

    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated | Self::Signature => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } | Self::VerifyToken => StatusCode::FORBIDDEN,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Parameter { .. } | Self::Unreadable { .. } => StatusCode::BAD_REQUEST,
            Self::Refused { .. } => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unacceptable { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Elsewhere { .. } => StatusCode::BAD_GATEWAY,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound { .. } => "not_found",
            Self::Parameter { .. } => "invalid_parameter",
            Self::TooLarge { .. } => "body_too_large",
            Self::TooSlow => "body_too_slow",
            Self::Unreadable { .. } => "body_unreadable",
            Self::Signature => "signature_invalid",
            Self::VerifyToken => "verify_token_invalid",
            Self::TooMany { .. } => "too_many_requests",
            Self::Refused { code, .. }
            | Self::Busy { code, .. }
            | Self::Unacceptable { code, .. } => code,
            Self::Elsewhere { .. } => "provider_failed",
            Self::Internal => "internal",
        }
    }

    const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after, .. } | Self::Busy { retry_after, .. } => {
                Some(*retry_after)
            }
            _ => None,
        }
    }
}

impl From<CommitError> for ApiError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(refused) => refused.into(),
            CommitError::Moved { .. } => Self::Internal,
        }
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        let (code, reason, seconds) = match refused {
            Refused::Overloaded => return Self::OVERLOADED,
            Refused::Full => ("disk_full", "the disk is full; come again later", 10),
            Refused::Disk(_) => ("disk", "the disk refused a write; come again shortly", 1),
            Refused::Fenced(_) => ("fenced", "records here wait for an operator", 60),
            Refused::Closed => ("shutting_down", "the server is being restarted", 5),
        };
        Self::Busy {
            code,
            reason,
            retry_after: Duration::from_secs(seconds),
        }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "the journal could not be read for a request");
        Self::Internal
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(json!({"error": {"code": self.code(), "message": self.to_string()}}));
        let mut response = (self.status(), body).into_response();
        if let Some(after) = self.retry_after() {
            let seconds = after.as_millis().div_ceil(1000).max(1);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds as u64));
        }
        if self == Self::Unauthenticated {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
