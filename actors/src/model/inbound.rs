//! What reaches an entity: provider facts translated at the door, and the entity's own echoes.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::command::Command;
use super::content::{Content, MessageContext};
use super::delivery::{Billed, Receipt, Status};
use super::{
    ChannelId, EffectId, IdHash, Identity, IdentityKey, InSeq, Key, Millis, Outcome, Phone, Polled,
    Seconds, TemplateTaken, TenantId, TicketNews,
};

/// One fact addressed to one entity, durable before anybody is told it was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InEvent {
    /// The entity that will consume it.
    pub key: Key,
    /// Hash of what makes it the same input when it comes again.
    pub id: IdHash,
    /// The provider's own time stamp, where it gives one.
    pub stamp: Option<Seconds>,
    /// When this server received it.
    pub received: Millis,
    /// The fact.
    pub body: Inbound,
}

/// The kinds of facts an entity consumes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Inbound {
    /// A person wrote.
    Message(Message),
    /// A provider reports how far one of our messages came.
    Status(Status),
    /// An effect whose outcome the entity asked to be told has ended.
    Report(Report),
    /// The entity's own wake came due.
    Woken {
        /// The second it had asked for.
        due: Seconds,
    },
    /// This contact turned out to be the same person as an older one, `into`; it hands over its
    /// state and from then on forwards what reaches it.
    Joined {
        /// The older contact.
        into: Key,
    },
    /// Another contact turned out to be the same person; `state` is its serialised state.
    Merged {
        /// The younger contact, drained for ever.
        from: Key,
        /// Its state as a snapshot body.
        state: Vec<u8>,
    },
    /// A webhook of this channel held an item that belongs to nobody here.
    Unplaced(Unplaced),
    /// A provider that does not echo effect ids reports how far one of our messages came.
    Receipt(Receipt),
    /// A provider tells whether a message is charged.
    Billed(Billed),
    /// A provider tells that the person gave or withdrew consent there.
    Consent(Consent),
    /// An operator has something done with the conversation.
    Operator(Command),
    /// An operator lets an input that had been set aside be consumed after all. Its old place is
    /// gone, because later inputs were consumed meanwhile: it stands where it was released, after
    /// everything accepted before that and before everything accepted later.
    Released {
        /// Where it stood when it was set aside.
        position: InSeq,
        /// When this server had received it.
        received: Millis,
        /// The fact itself; never a `Released` again.
        fact: Box<Inbound>,
    },
    /// Technicians changed a ticket of this contact's.
    TicketNews(Box<TicketNews>),
    /// A look at this gateway's help desk ended.
    Polled(Polled),
    /// The help desk itself tells this gateway that something changed.
    Nudged {
        /// The ticket, where it is told.
        ticket: Option<u64>,
    },
    /// A template is about to leave by the business number of this gateway.
    TemplateCounted(TemplateTaken),
    /// An operator, or the tenant's own system, has a template sent.
    TemplateOrdered(TemplateOrder),
    /// An operator notes what the person consents to.
    ConsentNoted(ConsentNote),
    /// The person is to be forgotten: everything known of them here goes, and a later message of
    /// theirs begins anew.
    Erased,
}

/// An item of a webhook that could be read but not given to a person; its channel keeps it for an
/// operator to look at.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unplaced {
    /// The organisation whose channel it came to.
    pub tenant: TenantId,
    /// Why it has no place.
    pub why: WhyUnplaced,
    /// How many items of its body it stands for; more than one when the body held too many to be
    /// kept one by one.
    pub items: u32,
    /// How long it was, in bytes.
    pub bytes: u32,
    /// Its text as it came, cut at [`Unplaced::RAW_BYTES_MAX`]. It holds personal data.
    pub raw: String,
}

impl Unplaced {
    /// Bytes kept of one item.
    pub const RAW_BYTES_MAX: usize = 16 * 1024;
}

impl fmt::Debug for Unplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unplaced")
            .field("why", &self.why)
            .field("items", &self.items)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// Why an item of a webhook has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WhyUnplaced {
    /// The traffic of another business number.
    OtherNumber,
    /// A message without id.
    NoId,
    /// A message without a sender that could be read.
    NoSender,
    /// A status of a message that does not carry an effect id.
    NotOurs,
    /// A status of an unknown kind.
    UnknownStatus,
    /// A change of a field that is not read, or without messages and statuses.
    UnknownField,
    /// JSON of another shape.
    UnknownShape,
}

impl WhyUnplaced {
    /// The reason as metrics and the API write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OtherNumber => "other_number",
            Self::NoId => "no_id",
            Self::NoSender => "no_sender",
            Self::NotOurs => "not_ours",
            Self::UnknownStatus => "unknown_status",
            Self::UnknownField => "unknown_field",
            Self::UnknownShape => "unknown_shape",
        }
    }
}

impl InEvent {
    /// What it is about: of a released input the fact that had been set aside.
    pub fn fact(&self) -> &Inbound {
        match &self.body {
            Inbound::Released { fact, .. } => fact,
            fact => fact,
        }
    }

    /// When this server received the fact; a release does not make it younger.
    pub const fn fact_received(&self) -> Millis {
        match &self.body {
            Inbound::Released { received, .. } => *received,
            _ => self.received,
        }
    }

    /// The input that lets `self`, set aside at `position`, be consumed after all. The same release
    /// is the same input however often it is ordered.
    pub fn released(self, position: InSeq, identity: &IdentityKey, now: Millis) -> Self {
        let name = format!("{}/{}", self.key, position.0);
        let received = self.fact_received();
        let fact = match self.body {
            Inbound::Released { fact, .. } => fact,
            fact => Box::new(fact),
        };
        Self {
            key: self.key,
            id: identity.id_hash(b"release", name.as_bytes()),
            stamp: self.stamp,
            received: now,
            body: Inbound::Released {
                position,
                received,
                fact,
            },
        }
    }
}

/// A message from a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The organisation whose channel was written to.
    pub tenant: TenantId,
    /// The channel written to.
    pub channel: ChannelId,
    /// Whether it came by the channel's second line.
    pub second_line: bool,
    /// The provider's message id, to mark it read and to reply to it.
    pub provider_id: SmolStr,
    /// The spelling to answer to, when a number is known.
    pub from: Option<Phone>,
    /// Every identity the provider named for this person.
    pub identities: Vec<Identity>,
    /// The display name the person chose.
    pub profile_name: Option<SmolStr>,
    /// What was written.
    pub content: Content,
    /// What it answers and which ad led to it, where either is told.
    pub context: Option<Box<MessageContext>>,
}

/// Consent as a provider keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// The channel it concerns.
    pub channel: ChannelId,
    /// Given, or withdrawn.
    pub given: bool,
    /// What it is about.
    pub scope: ConsentScope,
}

/// What a provider's word on consent is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentScope {
    /// Being written to at all (Gupshup, opt-in and opt-out).
    Everything,
    /// Marketing (WhatsApp Cloud API, user preferences).
    Marketing,
}

/// What a person lets a business send, beside answers to what they write.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ConsentLevel {
    /// Nothing.
    #[default]
    None,
    /// Notices about what they asked for.
    Transactional,
    /// Those, and marketing.
    Marketing,
}

/// What an operator notes about a person's consent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsentNote {
    /// The new level; `None` leaves it.
    pub level: Option<ConsentLevel>,
    /// Whether marketing is refused from now on whatever the level; `None` leaves it.
    pub marketing_refused: Option<bool>,
    /// Who notes it.
    pub by: SmolStr,
    /// Where the consent was given: a form, a contract, a call.
    pub proof: SmolStr,
}

/// A template that somebody has sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateOrder {
    /// The id that whoever ordered it made; the same id is the same order.
    pub client_id: SmolStr,
    /// Which.
    pub choice: TemplateChoice,
    /// Its values in order.
    pub values: Vec<String>,
    /// The address of the header's medium, where it has one.
    pub media: Option<SmolStr>,
}

/// How a template is chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TemplateChoice {
    /// By what the channel uses it for, in the person's language.
    Purpose(SmolStr),
    /// By its name, in this language or else in the person's.
    Named {
        /// The name.
        name: SmolStr,
        /// The language.
        language: Option<SmolStr>,
    },
}

impl ConsentLevel {
    /// The word for it in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Transactional => "transactional",
            Self::Marketing => "marketing",
        }
    }
}

/// The end of an effect, told to the entity that decided it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The effect.
    pub effect: EffectId,
    /// How it ended, or that it is late.
    pub outcome: Outcome,
}
