//! The words of the domain as types: who, when, what came in, what was decided, what goes out.
//!
//! Nothing here does I/O or reads a clock. Every type that reaches the journal derives serde and is
//! stored with `postcard` behind a schema version, so fields and variants are only ever appended
//! together with a new [`SCHEMA`] version and a lift from the old one.

mod attempt;
mod command;
mod content;
mod delivery;
mod desk;
mod effect;
mod file;
mod identity;
mod ids;
mod inbound;
mod news;
mod phone;
mod rich;
mod step;
mod template;
mod ticket;
mod time;

pub use attempt::{Attempt, AttemptNo, Charge, Outcome, Reply, Shelf};
pub use command::{Command, Wish};
pub use content::{
    Card, Content, ITEMS_MAX, Location, Media, MediaKind, MessageContext, Order, OrderItem,
    Referral,
};
pub use delivery::{Billed, DeliveryRank, Receipt, Status, Trouble};
pub use desk::{
    About, By, Change, Found, Link, LinkedBy, Requester, Then, TicketChange, TicketQuestion,
    TicketUpdate, refusal,
};
pub use effect::{Button, Call, Class, Effect, Lane, Priority, Recipient, Row, TicketDraft};
pub use file::{Fetch, Kept, TicketFile};
pub use identity::{Identity, IdentityKey};
pub use ids::{
    ChannelId, ContactId, EffectId, EntityKind, GatewayId, IdHash, InSeq, Key, Name, ParseIdError,
    Partition, TenantId, Version,
};
pub use inbound::{
    Consent, ConsentLevel, ConsentNote, ConsentScope, InEvent, Inbound, Message, Report,
    TemplateChoice, TemplateOrder, Unplaced, WhyUnplaced,
};
pub use news::{
    DeskFile, Notice, Notices, Polled, ReadTicket, Release, TemplateTaken, TicketFact, TicketNews,
};
pub use phone::{InvalidPhone, Phone};
pub use rich::{Misfit, Rich, RichMessage, SentFile, kind_for};
pub use step::{Note, Step, Strike};
pub use template::{
    TemplateCategory, TemplateMedia, TemplateMessage, TemplatePlace, TemplateValue,
};
pub use ticket::{TicketLine, TicketState, TicketView, TicketWord};
pub use time::{Millis, Seconds};

/// Version of the serialised shapes of inputs, steps and attempts in this release.
pub const SCHEMA: u16 = 1;
