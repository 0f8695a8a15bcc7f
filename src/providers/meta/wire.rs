//! The Cloud API's own shapes (WhatsApp Cloud API, sending). They never leave this folder.

use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(super) struct Outgoing<'a> {
    pub messaging_product: &'static str,
    pub recipient_type: &'static str,
    /// Digits of a phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<&'a str>,
    /// A business-scoped user id; used instead of `to`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<&'a str>,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Context<'a>>,
    #[serde(flatten)]
    pub body: Body<'a>,
    /// At most 512 characters; comes back in every status of this message.
    pub biz_opaque_callback_data: String,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Body<'a> {
    Text { text: Text<'a> },
    Interactive { interactive: Interactive<'a> },
    Template { template: Template<'a> },
    Image { image: Media<'a> },
    Video { video: Media<'a> },
    Audio { audio: Media<'a> },
    Document { document: Media<'a> },
    Sticker { sticker: Media<'a> },
    Location { location: Location<'a> },
    Contacts { contacts: [Contact<'a>; 1] },
    Reaction { reaction: Reaction<'a> },
}

#[derive(Serialize)]
pub(super) struct Context<'a> {
    pub message_id: &'a str,
}

/// A file by the id that its upload gave.
#[derive(Serialize)]
pub(super) struct Media<'a> {
    pub id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<&'a str>,
    /// Of documents only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<&'a str>,
    /// Of sounds only: shown as a voice note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<bool>,
}

#[derive(Serialize)]
pub(super) struct Location<'a> {
    pub latitude: f64,
    pub longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<&'a str>,
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
    pub formatted_name: &'a str,
    pub first_name: &'a str,
}

#[derive(Serialize)]
pub(super) struct ContactPhone<'a> {
    pub phone: &'a str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<&'a str>,
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
pub(super) struct Reaction<'a> {
    pub message_id: &'a str,
    /// Nothing takes it away.
    pub emoji: &'a str,
}

/// The answer of an upload.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Uploaded {
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub error: Option<Error>,
}

#[derive(Serialize)]
pub(super) struct Template<'a> {
    pub name: &'a str,
    pub language: Language<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component<'a>>,
}

#[derive(Serialize)]
pub(super) struct Language<'a> {
    pub code: &'a str,
}

#[derive(Serialize)]
pub(super) struct Component<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<&'static str>,
    /// A number as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    pub parameters: Vec<Parameter<'a>>,
}

#[derive(Serialize)]
pub(super) struct Parameter<'a> {
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// Only for templates with named variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
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
pub(super) struct Text<'a> {
    pub preview_url: bool,
    pub body: &'a str,
}

#[derive(Serialize)]
pub(super) struct Interactive<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub body: InteractiveBody<'a>,
    pub action: Action<'a>,
}

#[derive(Serialize)]
pub(super) struct InteractiveBody<'a> {
    pub text: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Action<'a> {
    Buttons {
        buttons: Vec<Button<'a>>,
    },
    List {
        button: &'a str,
        sections: [Section<'a>; 1],
    },
}

#[derive(Serialize)]
pub(super) struct Section<'a> {
    pub title: &'a str,
    pub rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
pub(super) struct Row<'a> {
    pub id: &'a str,
    pub title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'a str,
}

#[derive(Serialize)]
pub(super) struct Button<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub reply: ReplyButton<'a>,
}

#[derive(Serialize)]
pub(super) struct ReplyButton<'a> {
    pub id: &'a str,
    pub title: &'a str,
}

#[derive(Serialize)]
pub(super) struct ReadMark<'a> {
    pub messaging_product: &'static str,
    pub status: &'static str,
    pub message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typing_indicator: Option<Typing>,
}

#[derive(Serialize)]
pub(super) struct Typing {
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// Any answer: of a send, of a read mark, or an error.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Incoming {
    #[serde(default)]
    pub messages: Vec<Accepted>,
    #[serde(default)]
    pub success: bool,
    #[serde(default)]
    pub error: Option<Error>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Accepted {
    pub id: String,
}

/// Titles and messages are left out: they are being withdrawn and may repeat what was sent.
#[derive(Debug, Deserialize)]
pub(super) struct Error {
    #[serde(default)]
    pub code: Option<u32>,
    #[serde(default)]
    pub is_transient: bool,
    #[serde(default)]
    pub fbtrace_id: Option<String>,
}
