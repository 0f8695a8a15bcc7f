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
