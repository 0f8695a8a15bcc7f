//! Work at a help desk on tickets that exist: what is asked, what is changed, and what comes back.
//!
//! A person is named by what they write from, never by an id of the help desk: the gateway finds the
//! user and refuses what is not theirs, so that no conversation can reach somebody else's ticket.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Phone, TicketLine, TicketState, TicketView};

/// Codes of refusals that a conversation answers in words of its own.
pub mod refusal {
    /// The ticket does not exist, or is somebody else's, which are told in the same words.
    pub const NOT_THEIRS: u32 = 404;
    /// The ticket is in no state that allows it.
    pub const WRONG_STATE: u32 = 409;
    /// The help desk asks for no rating of this ticket, or no longer.
    pub const NO_SURVEY: u32 = 410;
    /// No user, or no active one, has the e-mail.
    pub const NO_USER: u32 = 1_404;
    /// The user with the e-mail has another phone.
    pub const OTHER_PHONE: u32 = 1_409;
    /// The phone is another user's.
    pub const OTHER_USER: u32 = 1_410;
    /// Only an operator may join them: the user has tickets, or several have the e-mail.
    pub const FOR_OPERATORS: u32 = 1_403;
}

/// A person as a help desk may know them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// The number they write from.
    pub phone: Option<Phone>,
    /// Their e-mail, when it is proved.
    pub email: Option<SmolStr>,
}

/// A question about a person's own tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketQuestion {
    /// Who asks.
    pub requester: Requester,
    /// Which of them.
    pub about: About,
}

/// Which tickets a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// All that are not closed, in a list; when it is only one, that one with everything.
    Open,
    /// The one with this id of the help desk's.
    Ticket(u64),
    /// None of them: only whether the help desk knows the person.
    Person,
}

/// A change of one ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketChange {
    /// The help desk's id of the ticket.
    pub ticket: u64,
    /// Who changes it.
    pub by: By,
    /// What.
    pub change: Change,
}

/// On whose word a ticket is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// Its requester; whoever is none of the ticket's requesters is refused.
    Requester(Requester),
    /// An operator of the tenant's, who was authorised before.
    Operator,
}

/// What is changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// A public word is added.
    Say {
        /// Plain text.
        text: String,
        /// What becomes of the ticket with it.
        then: Then,
    },
    /// A solution is proposed.
    Solve {
        /// Plain text.
        text: String,
    },
    /// What the ticket says of itself.
    Update(TicketUpdate),
    /// It is taken back: a public word, then closed.
    Cancel {
        /// Plain text.
        text: String,
    },
    /// It is put into the trash, where the help desk permits it.
    Delete,
    /// The help desk's own survey is answered.
    Rate {
        /// 1 (worst) to 5.
        stars: u8,
        /// A remark, may be empty.
        text: String,
    },
}

/// What becomes of a ticket with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Then {
    /// Its state stays, but one that waits for its requester goes on when they answer.
    Keep,
    /// The solution is accepted: it is closed.
    Close,
    /// The solution is refused: it is open again.
    Reopen,
}

/// New values of a ticket; `None` leaves one as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketUpdate {
    /// One line.
    pub title: Option<String>,
    /// Plain text that replaces the description.
    pub description: Option<String>,
    /// 1 very low to 5 very high.
    pub urgency: Option<u8>,
    /// The help desk's own id of a category.
    pub category: Option<u32>,
    /// Waiting for the requester, or no longer.
    pub pending: Option<bool>,
}

/// A phone to be joined to the help desk's user with an e-mail.
///
/// An e-mail typed in a chat proves nothing, so this is decided only where the tenant lets people
/// link themselves, or an operator orders it; the gateway links only a user who has no phone yet, and
/// for a person only one who has no tickets either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The number the person writes from.
    pub phone: Phone,
    /// The e-mail they say is theirs.
    pub email: SmolStr,
    /// Whose word it is.
    pub by: LinkedBy,
}

/// Whose word it is that a number and an e-mail are one person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkedBy {
    /// The person's own, in the chat; it proves nothing.
    Person,
    /// An operator's, who knows them.
    Operator,
}

/// What a help desk tells of tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    /// It knows nobody by what the person writes from.
    Stranger,
    /// The person's tickets that are not closed, the last changed first; may be empty.
    Open(Vec<TicketLine>),
    /// One of their tickets.
    Ticket(Box<TicketView>),
    /// No ticket of theirs has this id.
    NoTicket,
    /// How a ticket stands after a change.
    Changed {
        /// Its state.
        state: TicketState,
        /// Whether the help desk waits for the requester's rating.
        rating_asked: bool,
    },
    /// It knows the person by what they write from.
    Known,
    /// The ticket was opened for somebody the help desk knows only by the number they write from.
    Newcomer,
}
