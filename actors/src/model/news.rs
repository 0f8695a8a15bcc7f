//! News of a ticket: what technicians did to it since the last look, and which of it people are told.
//!
//! A help desk has no ids of changes. It has ids of what was written and of who was assigned, which
//! grow, and for each stay in a state something that tells it from every other stay. A contact that
//! keeps these tells each change once, however often it is found.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{GatewayId, Millis, TenantId, TicketLine, TicketState, TicketWord};

/// What happened to one ticket, as its requester's contact gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketNews {
    /// The organisation whose help desk it is.
    pub tenant: TenantId,
    /// The help desk's gateway.
    pub gateway: GatewayId,
    /// The ticket, as it was when it was read.
    pub line: TicketLine,
    /// Whether a survey waits for the requester's answer.
    pub survey: bool,
    /// The changes, oldest first; some may have been told before.
    pub changes: Vec<TicketFact>,
}

impl TicketNews {
    /// Changes of one input; a ticket with more becomes several.
    pub const CHANGES_MAX: usize = 16;
    /// Bytes kept of one text.
    pub const WORDS_BYTES_MAX: usize = 3_000;
}

/// One change of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketFact {
    /// A technician or a group has it.
    Assigned {
        /// Whether it is a group.
        group: bool,
        /// The help desk's id of the assignment; those of technicians and of groups are counted each
        /// on their own.
        id: u64,
        /// Whether it surely came since the last look. Help desks keep no date of an assignment.
        fresh: bool,
    },
    /// A technician wrote in public or proposed a solution.
    Word(TicketWord),
    /// A technician put a file in front of the requester: onto the ticket, or into something public
    /// they wrote.
    File(DeskFile),
    /// It is in a state.
    Stay {
        /// The state.
        state: TicketState,
        /// Tells this stay from every other one of the ticket.
        stay: SmolStr,
    },
}

/// A file of the help desk's, on a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskFile {
    /// The help desk's id of its being there, which grows.
    pub id: u64,
    /// The help desk's id of the file itself, under which it is fetched.
    pub document: u64,
    /// What it is called.
    pub name: SmolStr,
    /// Its media type as the help desk tells it.
    pub mime: SmolStr,
}

/// The kinds of notices, each of which a tenant may switch off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Notice {
    /// Somebody works on the ticket.
    Assigned,
    /// A technician wrote in public.
    FollowUp,
    /// The ticket waits, usually for the requester.
    Pending,
    /// A solution is proposed.
    Solved,
    /// The ticket is closed.
    Closed,
}

impl Notice {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Assigned,
        Self::FollowUp,
        Self::Pending,
        Self::Solved,
        Self::Closed,
    ];

    /// Its stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::FollowUp => "followup",
            Self::Pending => "pending",
            Self::Solved => "solved",
            Self::Closed => "closed",
        }
    }
}

/// A set of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notices(u8);

impl Notices {
    /// Every kind.
    pub const ALL: Self = Self(0b1_1111);
    /// None.
    pub const NONE: Self = Self(0);

    /// Whether people are told of this kind.
    pub const fn holds(self, notice: Notice) -> bool {
        self.0 & (1 << notice as u8) != 0
    }
}

impl FromIterator<Notice> for Notices {
    fn from_iter<I: IntoIterator<Item = Notice>>(notices: I) -> Self {
        let bits = notices.into_iter();
        Self(bits.fold(0, |bits, notice| bits | (1 << notice as u8)))
    }
}

/// What one look at a help desk came to; the help desk's gateway entity keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polled {
    /// The help desk's own date of the last change read.
    pub mark: SmolStr,
    /// The date after which the next look begins: some changes are found again on purpose.
    pub from: SmolStr,
    /// What was read and need not be read again, although it will be found again.
    pub read: Vec<ReadTicket>,
    /// How many contacts were given news.
    pub given: u32,
}

/// One template in the count of a business number's rolling day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateTaken {
    /// When it was counted.
    pub at: Millis,
    /// Whether it is marketing.
    pub marketing: bool,
    /// It surely did not leave, and is counted no longer.
    pub back: bool,
}

/// A ticket as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReadTicket {
    /// Its id.
    pub ticket: u64,
    /// The help desk's own date of its last change.
    pub changed: SmolStr,
}

/// The product's release at a help desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Release {
    /// As the help desk tells it.
    pub version: SmolStr,
    /// Whether this server knows how to speak with it.
    pub supported: bool,
    /// What an operator should know of it.
    pub remark: String,
    /// When it was asked.
    pub asked: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_it_was_made_of() {
        let some: Notices = [Notice::Pending, Notice::Closed].into_iter().collect();
        for notice in Notice::ALL {
            let held = matches!(notice, Notice::Pending | Notice::Closed);
            assert_eq!(some.holds(notice), held, "{}", notice.name());
            assert!(Notices::ALL.holds(notice) && !Notices::NONE.holds(notice));
        }
    }
}
