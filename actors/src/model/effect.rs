//! Effects: what an entity wants done outside, as data, fully rendered when decided.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{
    ChannelId, EffectId, Fetch, GatewayId, Inbound, Key, Link, Millis, Phone, Rich, RichMessage,
    TemplateMessage, TenantId, TicketChange, TicketFile, TicketQuestion,
};
use crate::understand::Category;

/// For 16 MiB over a slow line; less than the 120 s for which the head of a lane holds it.
const BRINGING_TIME: Duration = Duration::from_secs(45);

/// One thing to do outside, with everything needed to do it again byte for byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Kept through every attempt.
    pub id: EffectId,
    /// The queue in which it keeps its order.
    pub lane: Lane,
    /// Which waiting effect of a lane goes first.
    pub priority: Priority,
    /// What an unknown outcome means.
    pub class: Class,
    /// Who carries it out. `None` for [`Call::Tell`], which the relay does itself.
    pub gateway: Option<GatewayId>,
    /// Drop it unsent after this instant, where lateness makes it worthless.
    pub expires: Option<Millis>,
    /// Whether its end comes back to the entity as [`Inbound::Report`].
    pub report: bool,
    /// What to do.
    pub call: Call,
}

/// Effects of one lane leave one at a time in order of decision within a priority.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lane {
    /// Everything the person sees, whatever provider carries it.
    Person,
    /// Writes to one ticket; 0 is the ticket that is being opened.
    Ticket(u64),
    /// What one channel's CRM chat shows of this contact.
    Chat(ChannelId),
    /// Movements of money.
    Wallet,
    /// Read marks and typing: no order, dropped after 10 s.
    Free,
    /// What a provider is told of the person's consent.
    Consent,
}

/// Classes of urgency, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// Complaints and urgent matters.
    Urgent,
    /// Answers in a conversation.
    Reply,
    /// Notices the person waits for.
    Notification,
    /// Everything with consent only.
    Marketing,
}

/// What to do when the outcome of an attempt is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Class {
    /// The target deduplicates or can be searched: look up, then repeat with the same id.
    Searchable,
    /// A conversation reply: wait 30 s for a status, repeat once marked, then the desk.
    Reply,
    /// Paid or promotional: never again by itself; the desk after 120 s.
    Once,
    /// Worthless when late: never repeated, never listed.
    Disposable,
    /// It may be done twice as well as once: an unknown outcome is the same as not done. Tried,
    /// ever more rarely, until it expires.
    Repeatable,
}

/// Whom a message goes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Recipient {
    /// A phone number in the spelling the person wrote from.
    Phone(Phone),
    /// A business-scoped user id.
    UserId(SmolStr),
}

/// A reply button: id at most 256 bytes, title at most 20 characters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Button {
    /// Comes back when pressed.
    pub id: SmolStr,
    /// The label.
    pub title: SmolStr,
}

/// A row of a list: id at most 200 bytes, title at most 24 characters, description at most 72.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Comes back when chosen.
    pub id: SmolStr,
    /// The label.
    pub title: SmolStr,
    /// Smaller, below the label; may be empty.
    pub description: SmolStr,
}

/// The ticket to open, as the help desk gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketDraft {
    /// Short summary.
    pub title: String,
    /// Full sentence with its time detail.
    pub description: String,
    /// What the person wrote, in order.
    pub transcript: Vec<String>,
    /// Urgency 1 (very low) to 5 (very high), as GLPI counts.
    pub urgency: u8,
    /// The category; the help desk's own id of it is the connection's to know.
    pub category: Category,
    /// The requester's name as given.
    pub requester_name: String,
    /// The requester's area as given.
    pub requester_area: String,
    /// The requester's phone, when known.
    pub phone: Option<Phone>,
    /// The requester's e-mail, when known.
    pub email: Option<SmolStr>,
}

/// The kinds of work a gateway or the relay does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Call {
    /// Send a text to a person, at most 4,096 characters.
    SendText {
        /// Whom to.
        to: Recipient,
        /// The rendered text.
        text: String,
    },
    /// Send a text with one to three reply buttons, at most 1,024 characters.
    SendButtons {
        /// Whom to.
        to: Recipient,
        /// The rendered text.
        text: String,
        /// The buttons.
        buttons: Vec<Button>,
    },
    /// Mark a person's message read and show the typing sign.
    MarkRead {
        /// The provider's id of the message.
        message: SmolStr,
        /// Whether to show that an answer is being written.
        typing: bool,
    },
    /// Open a ticket in the name of its requester.
    OpenTicket(Box<TicketDraft>),
    /// Fetch a file that a person sent into the store.
    FetchMedia(Box<Fetch>),
    /// Put a file of the store onto a ticket, or a note about it where the kind is not taken.
    AttachFile(Box<TicketFile>),
    /// Give another entity an input, deduplicated by the effect id.
    Tell {
        /// The other entity.
        to: Key,
        /// What it is told.
        input: Box<Inbound>,
    },
    /// Send a text that WhatsApp approved beforehand; the only one that may leave outside the
    /// service window.
    SendTemplate(Box<TemplateMessage>),
    /// Tell a provider that keeps a list of its own that the person may be written to.
    ReportConsent {
        /// Who consented.
        to: Recipient,
    },
    /// Send a text with a list of one to ten rows, at most 1,024 characters.
    SendList {
        /// Whom to.
        to: Recipient,
        /// The rendered text.
        text: String,
        /// The label of the button that opens the list, at most 20 characters.
        button: SmolStr,
        /// The rows.
        rows: Vec<Row>,
    },
    /// Ask about tickets of one person; the answer comes in [`super::Reply::found`].
    AskTickets(Box<TicketQuestion>),
    /// Change one ticket.
    ChangeTicket(Box<TicketChange>),
    /// Join a phone to a user of the help desk.
    LinkRequester(Box<Link>),
    /// Send what is more than a text.
    SendRich(Box<RichMessage>),
}

impl Call {
    /// The tenant-independent name of the work, for logs and metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SendText { .. } => "send_text",
            Self::SendButtons { .. } => "send_buttons",
            Self::MarkRead { .. } => "mark_read",
            Self::OpenTicket(_) => "open_ticket",
            Self::FetchMedia(_) => "fetch_media",
            Self::AttachFile(_) => "attach_file",
            Self::Tell { .. } => "tell",
            Self::SendTemplate(_) => "send_template",
            Self::ReportConsent { .. } => "report_consent",
            Self::SendList { .. } => "send_list",
            Self::AskTickets(_) => "ask_tickets",
            Self::ChangeTicket(_) => "change_ticket",
            Self::LinkRequester(_) => "link_requester",
            Self::SendRich(_) => "send_rich",
        }
    }

    /// Whom it writes to; `None` for what no person sees.
    pub const fn recipient(&self) -> Option<&Recipient> {
        match self {
            Self::SendText { to, .. }
            | Self::SendButtons { to, .. }
            | Self::SendList { to, .. } => Some(to),
            Self::SendTemplate(template) => Some(&template.to),
            Self::SendRich(message) => Some(&message.to),
            Self::MarkRead { .. }
            | Self::OpenTicket(_)
            | Self::FetchMedia(_)
            | Self::AttachFile(_)
            | Self::AskTickets(_)
            | Self::ChangeTicket(_)
            | Self::LinkRequester(_)
            | Self::Tell { .. }
            | Self::ReportConsent { .. } => None,
        }
    }

    /// What a person reads of it.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::SendText { text, .. }
            | Self::SendButtons { text, .. }
            | Self::SendList { text, .. } => Some(text),
            Self::SendRich(message) => message.body.text(),
            _ => None,
        }
    }

    /// Time that preparing it may take beside the call itself: a file is brought to the provider
    /// before the message that shows it is sent.
    pub fn preparation(&self) -> Duration {
        match self {
            Self::SendRich(message) if matches!(message.body, Rich::File(_)) => BRINGING_TIME,
            _ => Duration::ZERO,
        }
    }

    /// Whether a person waits for its end and is told when it takes long.
    pub const fn is_awaited(&self) -> bool {
        matches!(
            self,
            Self::OpenTicket(_)
                | Self::AskTickets(_)
                | Self::ChangeTicket(_)
                | Self::LinkRequester(_)
        )
    }
}

impl GatewayId {
    /// The gateway that sends through a channel's own WhatsApp number.
    pub fn of_channel(provider: &str, tenant: &TenantId, channel: &super::Name) -> Self {
        Self::of(provider, tenant, channel)
    }

    /// The gateway that fetches the files people sent to a channel. It is one of its own, so that a
    /// slow download never holds up an answer.
    pub fn of_media(tenant: &TenantId, channel: &super::Name) -> Self {
        Self::of("media", tenant, channel)
    }
}
