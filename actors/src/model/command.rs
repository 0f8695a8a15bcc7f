//! What an operator has done with a conversation: commands, which may be refused.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Change, Name, Rich, TenantId};
use crate::understand::{Category, Level};

/// A command of an operator to one contact. Its input's id is made of the id its client chose, so
/// that the same command given again is the same command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The organisation whose conversation it is.
    pub tenant: TenantId,
    /// The operator, as the client names them.
    pub by: SmolStr,
    /// What is to be done.
    pub wish: Wish,
}

/// The kinds of commands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Wish {
    /// Send the person a text; a conversation that the bot holds is taken over with it.
    Say {
        /// The text, 1 to 12,288 characters; it leaves in as many messages as it takes.
        text: String,
    },
    /// Hand the conversation over to people.
    HandOver {
        /// To this queue; without it to the channel's.
        queue: Option<Name>,
    },
    /// Give the conversation back to the bot.
    HandBack,
    /// Put the conversation into somebody's hands.
    Take {
        /// Whose.
        operator: SmolStr,
    },
    /// End the conversation without a word.
    Close,
    /// Keep a remark that the person does not see.
    Note {
        /// The remark.
        text: String,
    },
    /// Correct what the bot understood of the ticket to be.
    Classify {
        /// How urgent it is.
        level: Option<Level>,
        /// Where it belongs.
        category: Option<Category>,
    },
    /// Change a ticket at the help desk.
    Ticket {
        /// The help desk's id of it.
        ticket: u64,
        /// What.
        change: Change,
    },
    /// Join the number the person writes from to the help desk's user with this e-mail. The operator
    /// answers for it being theirs.
    Link {
        /// The user's e-mail.
        email: SmolStr,
    },
    /// Send the person something that is more than a text, or a text that answers one of their
    /// messages; a conversation that the bot holds is taken over with it.
    Send {
        /// The provider's id of the message it answers.
        answers: Option<SmolStr>,
        /// What is sent, in order.
        bodies: Vec<Rich>,
    },
}

impl Wish {
    /// The command's name in the API and the timeline.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Say { .. } | Self::Send { .. } => "message",
            Self::HandOver { .. } => "hand_over",
            Self::HandBack => "hand_back",
            Self::Take { .. } => "take",
            Self::Close => "close",
            Self::Note { .. } => "note",
            Self::Classify { .. } => "classify",
            Self::Ticket { .. } => "ticket",
            Self::Link { .. } => "link",
        }
    }
}
