//! What stands in the way of changing a ticket.

use actors::model::refusal;

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
    /// Whoever asks is none of its requesters, or there is no such ticket.
    #[error("it is none of this person's tickets")]
    NotTheirs,
    /// GLPI asks for no rating of it.
    #[error("GLPI asks for no rating of it: the entity has no survey, or its row is not made yet")]
    NoSurvey,
    /// Its survey takes no answer from the integration user.
    #[error(
        "its survey takes no answer (any more): it was answered more than 12 h ago, or the ticket \
         was written by another account than the integration user"
    )]
    SurveyOver,
    /// What was asked cannot be asked of any ticket.
    #[error("{0}")]
    Senseless(&'static str),
}

impl Obstacle {
    /// Whether an operator can clear it, so that trying again makes sense.
    pub fn can_be_cleared(self) -> bool {
        matches!(self, Self::Hidden | Self::Unexplained(_))
    }

    /// The code of the refusal, by which a conversation finds its words.
    pub(super) fn code(self) -> u32 {
        match self {
            Self::NotTheirs | Self::Gone | Self::InTrash => refusal::NOT_THEIRS,
            Self::Closed | Self::Solved => refusal::WRONG_STATE,
            Self::NoSurvey | Self::SurveyOver => refusal::NO_SURVEY,
            Self::Hidden | Self::Unexplained(_) | Self::Senseless(_) => 0,
        }
    }
}
