//! Why no whole answer came back: whether the request may have left, and the words for it.

use std::error::Error;
use std::io;

/// Why no whole answer came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::providers) enum Broken {
    /// No connection came about: not a byte of the request left.
    #[error("no connection: {0}")]
    NotSent(&'static str),
    /// The request left, or may have left.
    #[error("{0}")]
    Lost(&'static str),
}

impl Broken {
    const UNBUILT: Self = Self::NotSent("the request could not be built");
    const UNRESOLVED: Self = Self::NotSent("the host name could not be resolved");
    const REFUSED: Self = Self::NotSent("the host refused it or TLS failed");
    pub(super) const UNANSWERED: Self = Self::NotSent("the host did not answer in time");
    pub(super) const CLOSED: Self = Self::NotSent("the host closed the connection at once");
    pub(super) const LATE: Self = Self::Lost("no answer in time");
    pub(super) const CUT_OFF: Self =
        Self::Lost("the connection broke before the whole answer came");
    /// See [`super::ANSWER_BYTES_MAX`].
    pub(super) const TOO_LARGE: Self = Self::Lost("the answer is larger than 4 MiB");

    /// What `reqwest` met before the head of an answer came.
    pub(super) fn before_answer(error: &reqwest::Error) -> Self {
        if error.is_builder() {
            Self::UNBUILT
        } else if error.is_dns() {
            Self::UNRESOLVED
        } else if error.is_connect() && error.is_timeout() {
            Self::UNANSWERED
        } else if error.is_connect() {
            Self::REFUSED
        } else {
            Self::within_answer(error)
        }
    }

    /// What `reqwest` met while it read an answer.
    pub(super) fn within_answer(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::LATE
        } else {
            Self::CUT_OFF
        }
    }

    /// What an attempt to connect met.
    pub(super) fn unconnected(error: &(dyn Error + Send + Sync + 'static)) -> Self {
        let mut source: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = source {
            // The connector's error has no other mark of a name that was not found.
            if error.to_string().starts_with("dns error") {
                return Self::UNRESOLVED;
            }
            let io = error.downcast_ref::<io::Error>();
            if io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) {
                return Self::UNANSWERED;
            }
            source = error.source();
        }
        Self::REFUSED
    }
}
