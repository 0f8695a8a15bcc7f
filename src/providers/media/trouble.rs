//! Why a file is not where it should be, and whether another try may help.

use std::time::Duration;

use actors::journal::media::MediaError;
use actors::ports::Called;

use crate::providers::glpi::Fault;
use crate::providers::transport::Broken;

/// A try that failed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Another try may bring it.
    Later {
        reason: String,
        wish: Option<Duration>,
        /// Whether it says something about the provider's health.
        counts_against: bool,
    },
    /// No try will bring it. The codes are HTTP's for the same.
    Never { code: u32, reason: &'static str },
}

impl Trouble {
    /// Something here that may pass.
    pub(super) fn later(reason: impl ToString) -> Self {
        Self::Later {
            reason: reason.to_string(),
            wish: None,
            counts_against: false,
        }
    }

    /// Something at the provider that may pass.
    pub(super) fn there(reason: impl ToString, wish: Option<Duration>) -> Self {
        Self::Later {
            reason: reason.to_string(),
            wish,
            counts_against: true,
        }
    }

    pub(super) const fn never(code: u32, reason: &'static str) -> Self {
        Self::Never { code, reason }
    }

    /// What a help desk says, or that it says nothing.
    pub(super) fn of_desk(fault: &Fault) -> Self {
        Self::Later {
            reason: fault.to_string(),
            wish: fault.retry_after(),
            counts_against: fault.counts_against(),
        }
    }

    pub(super) fn called(self) -> Called {
        match self {
            Self::Later {
                reason,
                wish,
                counts_against,
            } => Called::NotDone {
                reason,
                retry_after: wish,
                counts_against,
            },
            Self::Never { code, reason } => Called::Refused {
                code,
                reason: reason.to_owned(),
            },
        }
    }
}

impl From<MediaError> for Trouble {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::TooLarge => Self::never(413, "the file is larger than 16 MiB"),
            MediaError::Altered => Self::never(410, "the kept file was altered"),
            // An operator gives room, raises the quota or restores a key; the file waits for it.
            MediaError::Quota | MediaError::Full | MediaError::Key(_) | MediaError::Io(_) => {
                Self::later(error)
            }
        }
    }
}

impl From<Broken> for Trouble {
    /// Reading twice is as good as once, so a lost answer is no doubt.
    fn from(broken: Broken) -> Self {
        Self::there(broken, None)
    }
}
