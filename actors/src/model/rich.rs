//! Messages to a person that are more than a text: files, places, cards, reactions, and answers to
//! one of their messages.

mod limits;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Card, ContactId, Location, MediaKind, Recipient};
pub use limits::{Misfit, kind_for};

/// A message that is more than a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RichMessage {
    /// Whom to.
    pub to: Recipient,
    /// The provider's id of the message it answers.
    pub answers: Option<SmolStr>,
    /// What it is.
    pub body: Rich,
}

/// What such a message is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rich {
    /// A text that answers a message.
    Text(String),
    /// A file of the store.
    File(Box<SentFile>),
    /// A place.
    Location(Box<Location>),
    /// One contact card.
    Card(Box<Card>),
    /// An emoji on one of the person's messages; none takes it away.
    Reaction {
        /// The provider's id of the message.
        message: SmolStr,
        /// The emoji.
        emoji: Option<SmolStr>,
    },
}

/// A file of the store on its way to a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SentFile {
    /// What the person sees it as.
    pub kind: MediaKind,
    /// Under whose key it lies.
    pub contact: ContactId,
    /// Its name in the store.
    pub name: SmolStr,
    /// Its media type.
    pub mime: SmolStr,
    /// Its length in bytes.
    pub size: u64,
    /// What stands below it, at most 1,024 characters; sounds and stickers have none.
    pub caption: Option<String>,
    /// What a document is called.
    pub file_name: Option<SmolStr>,
}

impl Rich {
    /// The stable word of the kind.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::File(file) => file.kind.name(),
            Self::Location(_) => "location",
            Self::Card(_) => "card",
            Self::Reaction { .. } => "reaction",
        }
    }

    /// What a person reads of it.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::File(file) => file.caption.as_deref(),
            Self::Reaction { emoji, .. } => emoji.as_deref(),
            Self::Location(_) | Self::Card(_) => None,
        }
    }
}
