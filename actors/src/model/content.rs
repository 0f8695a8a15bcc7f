//! What a person may send: every kind of both providers, as typed values.
//!
//! Providers' own shapes end at the door. What a kind has that nobody could use is left out there;
//! what this release does not act on is kept all the same, so that a later one, an operator or a
//! ticket can. Texts are cut at the door, lists have the bounds stated here.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Millis, Phone};

/// Cards, and items of an order, that are kept of one message.
pub const ITEMS_MAX: usize = 50;

/// The body of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// A reply button was pressed.
    Button {
        /// The id we gave the button.
        id: SmolStr,
        /// Its label.
        title: SmolStr,
    },
    /// A kind without a type of its own, or one that came without its body; the person is told so.
    Other {
        /// The provider's name of the kind.
        kind: SmolStr,
    },
    /// A row of a list was chosen.
    Row {
        /// The id we gave the row.
        id: SmolStr,
        /// Its label.
        title: SmolStr,
        /// Its second line.
        description: Option<SmolStr>,
    },
    /// A file.
    Media(Box<Media>),
    /// A place.
    Location(Box<Location>),
    /// Contact cards, at most [`ITEMS_MAX`].
    Cards(Vec<Card>),
    /// An emoji on a message; none takes it away.
    Reaction {
        /// The provider's id of the message.
        message: SmolStr,
        /// The emoji.
        emoji: Option<SmolStr>,
    },
    /// A message was written anew.
    Edited {
        /// The provider's id of the message.
        message: SmolStr,
        /// What it says now.
        content: Box<Content>,
    },
    /// A message was taken back.
    Revoked {
        /// The provider's id of the message.
        message: SmolStr,
    },
    /// Things from the catalogue.
    Order(Box<Order>),
    /// A form was filled in.
    Form {
        /// The form's name.
        name: SmolStr,
        /// The answers, JSON.
        answers: String,
    },
    /// The person's number or user id changed; their old and new names are the message's identities.
    Changed {
        /// The provider's word for what changed.
        what: SmolStr,
        /// The provider's sentence about it.
        words: String,
    },
    /// WhatsApp does not hand this kind on.
    Unsupported {
        /// What it was, where that is told: `poll`, …
        kind: Option<SmolStr>,
        /// WhatsApp's code, 0 when it gave none.
        code: u32,
    },
}

/// A file that a person sent. It is at the provider, for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// The provider's id, under which it is fetched.
    pub id: Option<SmolStr>,
    /// The provider's address, at which it is fetched.
    pub link: Option<String>,
    /// When the address ends.
    pub expires: Option<Millis>,
    /// Its media type, for example `audio/ogg; codecs=opus`.
    pub mime: SmolStr,
    /// Its SHA-256 as the provider writes it.
    pub digest: Option<SmolStr>,
    /// What the person wrote below it.
    pub caption: Option<String>,
    /// Its name on the person's side.
    pub file_name: Option<SmolStr>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound file.
    Audio,
    /// A voice note.
    Voice,
    /// Any other file.
    Document,
    /// A sticker.
    Sticker,
}

impl MediaKind {
    /// Its stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }
}

/// A place, in degrees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// North is positive.
    pub latitude: f64,
    /// East is positive.
    pub longitude: f64,
    /// What the place is called.
    pub name: Option<SmolStr>,
    /// Its address.
    pub address: Option<SmolStr>,
    /// A web page about it.
    pub link: Option<SmolStr>,
}

/// A contact card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The whole name.
    pub name: SmolStr,
    /// Phone numbers as written, at most [`ITEMS_MAX`].
    pub phones: Vec<SmolStr>,
    /// The number on WhatsApp, where it is told.
    pub whatsapp: Option<Phone>,
    /// E-mail addresses, at most [`ITEMS_MAX`].
    pub emails: Vec<SmolStr>,
    /// The company.
    pub company: Option<SmolStr>,
}

/// Things from a catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The catalogue.
    pub catalogue: SmolStr,
    /// What the person wrote with it.
    pub words: Option<String>,
    /// The things, at most [`ITEMS_MAX`].
    pub items: Vec<OrderItem>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The company's own id of the product.
    pub product: SmolStr,
    /// How many.
    pub quantity: u32,
    /// Price of one, as the provider writes the number.
    pub price: SmolStr,
    /// Its currency, ISO 4217.
    pub currency: SmolStr,
}

/// What a message stands in: what it answers, whether it was passed on, which ad led to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MessageContext {
    /// The ids of the message it answers, the one to look for first in front; at most three.
    pub answers: Vec<SmolStr>,
    /// It was passed on.
    pub forwarded: bool,
    /// It was passed on many times.
    pub forwarded_often: bool,
    /// The product it asks about.
    pub product: Option<SmolStr>,
    /// The ad or post that led to it.
    pub referral: Option<Referral>,
}

/// An ad or post that led a person here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Referral {
    /// `ad` or `post`.
    pub kind: SmolStr,
    /// Its id.
    pub id: SmolStr,
    /// Its address.
    pub link: SmolStr,
    /// Its headline.
    pub headline: SmolStr,
    /// Its text.
    pub text: String,
    /// The click's id, for reports to the ad network.
    pub click: Option<SmolStr>,
}

impl Content {
    /// The stable word of the kind.
    pub fn kind(&self) -> &str {
        match self {
            Self::Text(_) => "text",
            Self::Button { .. } => "button",
            Self::Other { kind } => kind,
            Self::Row { .. } => "row",
            Self::Media(media) => media.kind.name(),
            Self::Location(_) => "location",
            Self::Cards(_) => "cards",
            Self::Reaction { .. } => "reaction",
            Self::Edited { .. } => "edited",
            Self::Revoked { .. } => "revoked",
            Self::Order(_) => "order",
            Self::Form { .. } => "form",
            Self::Changed { .. } => "changed",
            Self::Unsupported { .. } => "unsupported",
        }
    }
}

impl MessageContext {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
