//! What an operator is told of a fault, and can do about it: wrong entity, person not found, creation
//! refused, each apart.

use super::{Fault, Obstacle};

/// The alert that a fault raises: one for each thing an operator can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alert {
    /// The ticket's entity is missing or out of sight.
    WrongEntity,
    /// The person is known to GLPI but cannot be found by the integration user.
    ClientNotFound,
    /// GLPI refuses to register the person.
    ClientNotCreated,
    /// GLPI refuses to open or change the ticket.
    TicketRefused,
    /// A set-up step is missing.
    SetUp,
    /// GLPI is down, slow or silent.
    Unavailable,
}

impl Alert {
    /// Its stable name, for records and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongEntity => "wrong_entity",
            Self::ClientNotFound => "client_not_found",
            Self::ClientNotCreated => "client_not_created",
            Self::TicketRefused => "ticket_refused",
            Self::SetUp => "set_up",
            Self::Unavailable => "unavailable",
        }
    }

    /// What an operator does before the work is tried again.
    pub const fn repair(self) -> &'static str {
        match self {
            Self::WrongEntity => {
                "give the integration user access to the entity or change the fall-back entity, \
                 then redrive"
            }
            Self::ClientNotFound => {
                "restore the user from GLPI's trash or move it into a visible entity, then redrive"
            }
            Self::ClientNotCreated => {
                "add the user by hand with this phone, or allow creating users, then redrive"
            }
            Self::TicketRefused => "look at the ticket's template and rules in GLPI, then redrive",
            Self::SetUp => "run the connection check, do the step it names, then redrive",
            Self::Unavailable => "nothing: it is tried again when GLPI answers",
        }
    }
}

impl Alert {
    const ALL: [Self; 6] = [
        Self::WrongEntity,
        Self::ClientNotFound,
        Self::ClientNotCreated,
        Self::TicketRefused,
        Self::SetUp,
        Self::Unavailable,
    ];

    /// The alert whose name a recorded reason begins with.
    pub fn of_reason(reason: &str) -> Option<Self> {
        let (name, _) = reason.strip_prefix('[')?.split_once(']')?;
        Self::ALL.into_iter().find(|alert| alert.name() == name)
    }
}

impl Fault {
    /// What is recorded of it: its alert's name in brackets, then its words. Counted as
    /// `chasqui_glpi_alerts_total` by alert.
    pub(super) fn told(&self) -> String {
        let alert = self.alert().name();
        metrics::counter!("chasqui_glpi_alerts_total", "alert" => alert).increment(1);
        format!("[{alert}] {self}")
    }

    /// The alert it raises.
    pub fn alert(&self) -> Alert {
        match self {
            Self::Entity(_) => Alert::WrongEntity,
            Self::RequesterHidden => Alert::ClientNotFound,
            Self::RequesterNotMade { .. } => Alert::ClientNotCreated,
            Self::Refused { .. } => Alert::TicketRefused,
            Self::Ticket { why, .. } => match why {
                Obstacle::Hidden => Alert::WrongEntity,
                _ => Alert::TicketRefused,
            },
            Self::SetUp(_) => Alert::SetUp,
            Self::NoSession(cause) => cause.alert(),
            Self::Unreachable(_)
            | Self::Lost(_)
            | Self::Page { .. }
            | Self::Server { .. }
            | Self::Busy { .. } => Alert::Unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Missing;
    use super::*;

    #[test]
    fn a_reason_of_somebody_else_names_no_alert() {
        for reason in ["refused", "[", "[x] refused", "[unavailable"] {
            assert_eq!(Alert::of_reason(reason), None, "{reason}");
        }
    }

    #[test]
    fn each_failure_mode_has_an_alert_of_its_own() {
        let not_made = Fault::RequesterNotMade { code: "x".into() };
        let hidden = Fault::Ticket {
            ticket: 7,
            why: Obstacle::Hidden,
        };
        let set_up = Fault::NoSession(Box::new(Fault::SetUp(Missing::Api)));
        for (fault, alert) in [
            (Fault::Entity(3), Alert::WrongEntity),
            (hidden, Alert::WrongEntity),
            (Fault::RequesterHidden, Alert::ClientNotFound),
            (not_made, Alert::ClientNotCreated),
            (set_up, Alert::SetUp),
            (Fault::Lost("x"), Alert::Unavailable),
        ] {
            assert_eq!(fault.alert(), alert, "{fault}");
            assert_eq!(Alert::of_reason(&fault.told()), Some(alert));
            assert!(!alert.repair().is_empty() && !alert.name().is_empty());
        }
    }
}
