//! Gupshup's own shapes (Gupshup, session message). They never leave this folder.

use serde::{Deserialize, Serialize};

/// The JSON inside the form field `message`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Message<'a> {
    Text {
        text: &'a str,
        #[serde(rename = "previewUrl")]
        preview_url: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Context<'a>>,
    },
    Image {
        #[serde(rename = "originalUrl")]
        original_url: &'a str,
        #[serde(rename = "previewUrl")]
        preview_url: &'a str,
        #[serde(flatten)]
        more: More<'a>,
    },
    Video {
        url: &'a str,
        #[serde(flatten)]
        more: More<'a>,
    },
    Audio {
        url: &'a str,
        #[serde(flatten)]
        more: More<'a>,
    },
    File {
        url: &'a str,
        filename: &'a str,
        #[serde(flatten)]
        more: More<'a>,
    },
    Sticker {
        url: &'a str,
        #[serde(flatten)]
        more: More<'a>,
    },
    Location {
        latitude: f64,
        longitude: f64,
        /// Both are always given; people see an empty one as none.
        name: &'a str,
        address: &'a str,
        #[serde(flatten)]
        more: More<'a>,
    },
    Contact {
        contact: Contact<'a>,
        #[serde(flatten)]
        more: More<'a>,
    },
    Reaction {
        #[serde(rename = "msgId")]
        message: &'a str,
        /// Nothing takes it away.
        emoji: &'a str,
    },
    QuickReply {
        /// Ours; comes back as `payload.payload.id` of the reply.
        msgid: String,
        content: Content<'a>,
        options: Vec<Choice<'a>>,
    },
    List {
        /// Ours; comes back as `payload.payload.id` of the reply.
        msgid: String,
        /// Shown in bold above the body.
        title: &'a str,
        body: &'a str,
        /// The label that opens the list.
        #[serde(rename = "globalButtons")]
        buttons: [Label<'a>; 1],
        items: [Items<'a>; 1],
    },
}

/// What several kinds may have.
#[derive(Serialize)]
pub(super) struct More<'a> {
    /// Never null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Context<'a>>,
}

/// The message that is answered: WhatsApp's id of a person's.
#[derive(Serialize)]
pub(super) struct Context<'a> {
    #[serde(rename = "msgId")]
    pub message: &'a str,
}

#[derive(Serialize)]
pub(super) struct Contact<'a> {
    pub name: ContactName<'a>,
    pub phones: Vec<ContactPhone<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<ContactEmail<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<Organisation<'a>>,
}

#[derive(Serialize)]
pub(super) struct ContactName<'a> {
    #[serde(rename = "formattedName")]
    pub formatted_name: &'a str,
    #[serde(rename = "firstName")]
    pub first_name: &'a str,
}

#[derive(Serialize)]
pub(super) struct ContactPhone<'a> {
    pub phone: &'a str,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct ContactEmail<'a> {
    pub email: &'a str,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct Organisation<'a> {
    pub company: &'a str,
}

#[derive(Serialize)]
pub(super) struct Label<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'a str,
}

#[derive(Serialize)]
pub(super) struct Items<'a> {
    pub title: &'a str,
    pub options: Vec<Item<'a>>,
}

#[derive(Serialize)]
pub(super) struct Item<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'a str,
    #[serde(rename = "postbackText")]
    pub postback_text: &'a str,
}

/// The JSON inside the form field `template`.
#[derive(Serialize)]
pub(super) struct Template<'a> {
    pub id: &'a str,
    pub params: Vec<&'a str>,
}

/// The JSON beside it for a media header.
#[derive(Serialize)]
pub(super) struct TemplateMedia<'a> {
    #[serde(rename = "type")]
    pub kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Linked<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<Linked<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Linked<'a>>,
}

#[derive(Clone, Copy, Serialize)]
pub(super) struct Linked<'a> {
    pub link: &'a str,
}

#[derive(Serialize)]
pub(super) struct Content<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub text: &'a str,
}

#[derive(Serialize)]
pub(super) struct Choice<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'a str,
    #[serde(rename = "postbackText")]
    pub postback_text: &'a str,
}

/// Any answer: of a send, of a read mark, or an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Incoming {
    pub status: String,
    #[serde(rename = "messageId")]
    pub message_id: String,
    pub message: Option<Words>,
}

/// What is left in the wallet, in dollars (Gupshup, wallet and usage).
#[derive(Debug, Deserialize)]
pub(super) struct Wallet {
    pub balance: Option<f64>,
}

/// Why not; some pages nest it once more.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Words {
    Plain(String),
    Nested { message: String },
}

impl Words {
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Nested { message: text } => text,
        }
    }
}
