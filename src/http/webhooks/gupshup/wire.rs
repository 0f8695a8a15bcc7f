//! Gupshup's own shapes, read without copying and without insisting (Gupshup, v2 envelope; v3
//! events).
//!
//! What an item carries beside its kind stays raw JSON until its kind is known. Every field may be
//! missing, null or of another type: codes come as numbers and as texts, `billable` as a truth and
//! as a text.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::http::webhooks::meta::wire::{Error, Text};

/// A body of either version.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub app: Text<'a>,
    #[serde(borrow)]
    pub timestamp: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub payload: Option<&'a RawValue>,
    #[serde(borrow)]
    pub gs_app_id: Text<'a>,
    /// Only version 3 has it.
    #[serde(borrow)]
    pub entry: Option<Vec<Entry<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub source: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub payload: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sender: Option<Sender<'a>>,
    #[serde(borrow)]
    pub context: Option<&'a RawValue>,
    #[serde(borrow)]
    pub referral: Option<&'a RawValue>,
}

/// The message it answers.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Context<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, rename = "gsId")]
    pub gs_id: Text<'a>,
    pub forwarded: Option<bool>,
    pub frequently_forwarded: Option<bool>,
}

/// The inner payload of a file.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Media<'a> {
    #[serde(borrow)]
    pub url: Text<'a>,
    #[serde(borrow, rename = "contentType")]
    pub content_type: Text<'a>,
    /// Milliseconds.
    #[serde(borrow, rename = "urlExpiry")]
    pub url_expiry: Text<'a>,
    #[serde(borrow)]
    pub caption: Text<'a>,
    #[serde(borrow)]
    pub name: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Cards<'a> {
    #[serde(borrow)]
    pub contacts: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reaction<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, rename = "gsId")]
    pub gs_id: Text<'a>,
    #[serde(borrow)]
    pub emoji: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sender<'a> {
    #[serde(borrow)]
    pub phone: Text<'a>,
    #[serde(borrow)]
    pub name: Text<'a>,
    #[serde(borrow, rename = "userId")]
    pub user_id: Text<'a>,
}

/// The inner payload of a text, a button or a list row.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Said<'a> {
    #[serde(borrow)]
    pub text: Text<'a>,
    #[serde(borrow)]
    pub title: Text<'a>,
    #[serde(borrow, rename = "postbackText")]
    pub postback_text: Text<'a>,
    #[serde(borrow)]
    pub description: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, rename = "gsId")]
    pub gs_id: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub destination: Text<'a>,
    #[serde(borrow, rename = "userId")]
    pub user_id: Text<'a>,
    #[serde(borrow)]
    pub payload: Option<Told<'a>>,
}

/// The inner payload of a message event.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Told<'a> {
    #[serde(borrow)]
    pub ts: Text<'a>,
    #[serde(borrow)]
    pub code: Text<'a>,
    #[serde(borrow)]
    pub reason: Text<'a>,
    #[serde(borrow, rename = "whatsappMessageId")]
    pub whatsapp_message_id: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct UserEvent<'a> {
    #[serde(borrow)]
    pub phone: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
}

/// Of version 2 and, below `value.billing`, of version 3.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Billing<'a> {
    #[serde(borrow)]
    pub deductions: Option<Deductions<'a>>,
    #[serde(borrow)]
    pub references: Option<References<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Deductions<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub model: Text<'a>,
    #[serde(borrow)]
    pub category: Text<'a>,
    pub billable: Truth,
    /// Of the old model, whose `type` was the category.
    #[serde(borrow, alias = "conversationType")]
    pub conversation_type: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct References<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, alias = "gsId")]
    pub gs_id: Text<'a>,
    #[serde(borrow)]
    pub destination: Text<'a>,
    #[serde(borrow, alias = "conversationId")]
    pub conversation_id: Text<'a>,
}

/// A truth as JSON's or as a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Truth(pub bool);

impl<'de> Deserialize<'de> for Truth {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(matches!(raw.get(), "true" | "\"true\"")))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub changes: Option<Vec<&'a RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Change<'a> {
    #[serde(borrow)]
    pub field: Text<'a>,
    #[serde(borrow)]
    pub value: Option<Value<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Value<'a> {
    #[serde(borrow)]
    pub contacts: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub messages: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub statuses: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub billing: Option<&'a RawValue>,
}

/// A status of version 3: Meta's, Gupshup's id added, and a refusal's words beside it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub gs_id: Text<'a>,
    #[serde(borrow)]
    pub status: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub timestamp: Text<'a>,
    #[serde(borrow)]
    pub recipient_id: Text<'a>,
    #[serde(borrow)]
    pub recipient_user_id: Text<'a>,
    #[serde(borrow)]
    pub code: Text<'a>,
    #[serde(borrow)]
    pub reason: Text<'a>,
    #[serde(borrow)]
    pub errors: Option<Vec<Error<'a>>>,
}
