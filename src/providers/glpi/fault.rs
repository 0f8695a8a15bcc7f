//! What can go wrong with GLPI, sorted by what to do now.
//!
//! GLPI translates its messages to the API user's language and may repeat what was sent in them, so
//! only the code (element 0 of its error array) is read and no message text is kept. Whatever is no
//! JSON is a page of something in front of GLPI or of PHP itself: a server fault.

mod alert;
mod obstacle;

use std::time::Duration;

use actors::ports::Called;

use crate::providers::transport::Broken;

pub use alert::Alert;
pub use obstacle::Obstacle;

/// Why GLPI did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not a byte of the request left.
    #[error("GLPI is not reachable: {0}")]
    Unreachable(&'static str),
    /// The request left, or may have left, and no whole answer came back.
    #[error("GLPI did not answer: {0}")]
    Lost(&'static str),
    /// The answer is no JSON: a maintenance page, a proxy, a PHP failure.
    #[error(
        "GLPI answered HTTP {status} with a page instead of JSON: maintenance or wrong address"
    )]
    Page {
        /// The HTTP status.
        status: u16,
    },
    /// GLPI reports a failure of its own, or JSON of an unknown shape.
    #[error("GLPI failed with HTTP {status} ({code})")]
    Server {
        /// The HTTP status.
        status: u16,
        /// GLPI's code.
        code: String,
    },
    /// GLPI, or what stands before it, asks to slow down.
    #[error("GLPI asks to slow down")]
    Busy {
        /// How long to wait, when it says so.
        retry_after: Option<Duration>,
    },
    /// A set-up step is missing or was undone.
    #[error("GLPI set-up: {0}")]
    SetUp(Missing),
    /// No session could be opened, so the request itself was not made.
    #[error("no GLPI session: {0}")]
    NoSession(Box<Fault>),
    /// A coded refusal of this one request.
    #[error("GLPI refused {what} with HTTP {status} ({code})")]
    Refused {
        /// What was asked for.
        what: &'static str,
        /// The HTTP status.
        status: u16,
        /// GLPI's code.
        code: String,
    },
    /// Registering was refused and nobody has the login.
    #[error(
        "the requester can be neither registered nor found: let the integration user create users \
         and see the requester's entity, or restore the requester from the trash"
    )]
    RequesterHidden,
    /// Registering the person was refused for another reason than a login that is taken.
    #[error(
        "the requester could not be registered ({code}): give the integration user's profile the \
         right to create users, or add the user by hand with this phone"
    )]
    RequesterNotMade {
        /// GLPI's code.
        code: String,
    },
    /// The entity for the ticket is outside what the integration user sees.
    #[error(
        "tickets cannot be opened in entity {0}: give the integration user its profile in that \
         entity, or choose another fall-back entity"
    )]
    Entity(u32),
    /// The ticket is not in a state, or a place, that allows it.
    #[error("ticket {ticket}: {why}")]
    Ticket {
        /// The ticket's id.
        ticket: u32,
        /// What stands in the way.
        why: Obstacle,
    },
}

/// The set-up steps of a GLPI connection that can be missing, each with its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// `enable_api` is off.
    #[error("the REST API is disabled: enable it under Setup > General > API")]
    Api,
    /// No active API client covers our address.
    #[error(
        "no active API client allows this server's IP address: leave the range of the API client \
         blank or enter the address, and mark the client active"
    )]
    AllowedIp,
    /// The API client has a token and none was sent.
    #[error("the API client asks for an app token: copy it into the connection")]
    AppToken,
    /// The app token is of no active API client.
    #[error("the app token is wrong: regenerate it at the API client and copy it again")]
    RightAppToken,
    /// The user token belongs to nobody.
    #[error(
        "the user token is wrong, or its user is inactive or has a duplicate: regenerate the \
         integration user's API token and copy it again"
    )]
    UserToken,
    /// The credentials did not arrive.
    #[error(
        "the credentials did not reach GLPI: the web server drops the Authorization header (add a \
         rewrite rule), or logging in with tokens is switched off"
    )]
    Authorization,
    /// The address is no REST API.
    #[error("the address answers but is no GLPI REST API: it must end in /apirest.php")]
    Address,
    /// The integration user's profile does not allow something.
    #[error(
        "the integration user may not {0}: give it a profile with that right (Technician has it) \
         in the wanted entities"
    )]
    Right(&'static str),
}

impl Fault {
    /// Whether the request may have been carried out nevertheless.
    pub fn may_have_happened(&self) -> bool {
        matches!(
            self,
            Self::Lost(_) | Self::Page { .. } | Self::Server { .. }
        )
    }

    /// Whether the whole connection suffers from it, and not only this request.
    pub fn counts_against(&self) -> bool {
        match self {
            Self::NoSession(cause) => cause.counts_against(),
            Self::Busy { .. }
            | Self::Refused { .. }
            | Self::RequesterHidden
            | Self::RequesterNotMade { .. }
            | Self::Entity(_)
            | Self::Ticket { .. } => false,
            _ => true,
        }
    }

    /// The verdict when nothing can have been created by the failed request.
    pub(super) fn not_done(&self) -> Called {
        Called::NotDone {
            reason: self.told(),
            retry_after: self.retry_after(),
            counts_against: self.counts_against(),
        }
    }

    /// The verdict when the failed request was the one that creates.
    pub(super) fn of_creation(&self) -> Called {
        if self.may_have_happened() {
            Called::Unknown {
                reason: self.told(),
            }
        } else {
            self.not_done()
        }
    }

    /// The verdict when the failed request was the one that changes a ticket: as for a creation,
    /// but what no operator can clear is refused for good.
    pub(super) fn of_write(&self) -> Called {
        match self {
            Self::Ticket { why, .. } if !why.can_be_cleared() => Called::Refused {
                code: why.code(),
                reason: self.told(),
            },
            _ => self.of_creation(),
        }
    }

    /// The verdict when nothing of a change was sent yet.
    pub(super) fn before_write(&self) -> Called {
        match self {
            Self::Ticket { .. } => self.of_write(),
            _ => self.not_done(),
        }
    }

    /// How long GLPI asks to wait.
    pub(in crate::providers) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after } => *retry_after,
            Self::NoSession(cause) => cause.retry_after(),
            _ => None,
        }
    }

    /// What a coded refusal of a request other than log-in means.
    pub(super) fn coded(status: u16, code: &str, what: &'static str) -> Self {
        if let Some(missing) = set_up(code) {
            return Self::SetUp(missing);
        }
        match (status, code) {
            (403, _) | (_, "ERROR_RIGHT_MISSING") => Self::SetUp(Missing::Right(what)),
            (500.., _) => Self::Server {
                status,
                code: code.into(),
            },
            _ => Self::Refused {
                what,
                status,
                code: code.into(),
            },
        }
    }

    /// What a fault of `initSession` means there.
    pub(super) fn at_log_in(self) -> Self {
        let missing = match &self {
            // The generic code has no other cause at log-in, where nothing but credentials is sent.
            Self::Refused { code, .. } => match code.as_str() {
                "ERROR" => Missing::Api,
                "ERROR_LOGIN_PARAMETERS_MISSING" => Missing::Authorization,
                "ERROR_LOGIN_WITH_CREDENTIALS_DISABLED" => Missing::Authorization,
                "ERROR_GLPI_LOGIN" | "ERROR_GLPI_LOGIN_USER_TOKEN" => Missing::UserToken,
                _ => return self,
            },
            Self::Page {
                status: 200..=299 | 301..=308 | 404,
            } => Missing::Address,
            _ => return self,
        };
        Self::SetUp(missing)
    }
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::NotSent(why) => Self::Unreachable(why),
            Broken::Lost(why) => Self::Lost(why),
        }
    }
}

/// Refusals that come before any request is looked at.
fn set_up(code: &str) -> Option<Missing> {
    Some(match code {
        "ERROR_NOT_ALLOWED_IP" => Missing::AllowedIp,
        "ERROR_APP_TOKEN_PARAMETERS_MISSING" => Missing::AppToken,
        "ERROR_WRONG_APP_TOKEN_PARAMETER" => Missing::RightAppToken,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maintenance_page_is_in_doubt_for_a_creation_and_not_done_before_it() {
        for status in [200, 500, 502, 504] {
            let page = Fault::Page { status };
            assert!(matches!(page.of_creation(), Called::Unknown { .. }));
            assert!(matches!(
                page.not_done(),
                Called::NotDone {
                    counts_against: true,
                    ..
                }
            ));
        }
    }

    #[test]
    fn a_lost_log_in_is_never_a_doubt_about_the_ticket() {
        let fault = Fault::NoSession(Box::new(Fault::Lost("no answer in time")));
        assert!(matches!(
            fault.of_creation(),
            Called::NotDone {
                counts_against: true,
                ..
            }
        ));
    }

    #[test]
    fn log_in_errors_name_the_missing_step() {
        let at_log_in = |status, code| Fault::coded(status, code, "log in").at_log_in();
        for (status, code, missing) in [
            (400, "ERROR", Missing::Api),
            (400, "ERROR_NOT_ALLOWED_IP", Missing::AllowedIp),
            (400, "ERROR_APP_TOKEN_PARAMETERS_MISSING", Missing::AppToken),
            (
                400,
                "ERROR_WRONG_APP_TOKEN_PARAMETER",
                Missing::RightAppToken,
            ),
            (
                400,
                "ERROR_LOGIN_PARAMETERS_MISSING",
                Missing::Authorization,
            ),
            (401, "ERROR_GLPI_LOGIN_USER_TOKEN", Missing::UserToken),
            (401, "ERROR_GLPI_LOGIN", Missing::UserToken),
            (403, "ERROR_RIGHT_MISSING", Missing::Right("log in")),
        ] {
            assert_eq!(at_log_in(status, code), Fault::SetUp(missing), "{code}");
        }
        let page = Fault::Page { status: 404 }.at_log_in();
        assert_eq!(page, Fault::SetUp(Missing::Address));
    }
}
