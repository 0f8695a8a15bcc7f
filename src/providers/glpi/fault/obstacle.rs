//! What stands in the way of changing a ticket.

/// Why a ticket cannot be changed, found by reading it after GLPI refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// Nobody has a ticket of this id.
    #[error("it does not exist (any more)")]
    Gone,
    /// It lies in the trash.
    #[error("it is in the trash: restore it in GLPI or open a new one")]
    InTrash,
    /// It is closed; only its status can be changed.
    #[error("it is closed: reopen it first")]
    Closed,
    /// It is solved already, so it takes no second solution.
    #[error("it is solved already")]
    Solved,
    /// It lies in an entity that the integration user does not see.
    #[error("the integration user does not see its entity: give it its profile there")]
    Hidden,
    /// It is there and open, and GLPI gives no reason.
    #[error(
        "GLPI gives no reason; usually the integration user's profile lacks the right to {0}, or a \
         rule or template of GLPI asks for more"
    )]
    Unexplained(&'static str),
    /// What was asked cannot be asked of any ticket.
    #[error("{0}")]
    Senseless(&'static str),
}

impl Obstacle {
    /// Whether an operator can clear it, so that trying again makes sense.
    pub fn can_be_cleared(self) -> bool {
        matches!(self, Self::Hidden | Self::Unexplained(_))
    }
}
