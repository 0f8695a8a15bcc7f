//! The shape of a webhook's body (WhatsApp Cloud API, webhook endpoint; statuses). What there is none
//! of is left out.

use serde::Serialize;
use serde_json::Value;

use crate::simulators::meta::settings::LineSettings;

/// The envelope of every webhook.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    pub object: &'static str,
    pub entry: [Entry<'a>; 1],
}

/// What concerns one business account.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    pub id: &'a str,
    pub changes: Vec<Change<'a>>,
    /// Seconds since 1970; only changes of other fields than `messages` come with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
}

/// A field of the account, and what is new of it.
#[derive(Serialize)]
pub(super) struct Change<'a> {
    pub value: Changed<'a>,
    pub field: &'a str,
}

/// The value of a field.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Changed<'a> {
    Messages(Box<Messages<'a>>),
    Other(&'a Value),
}

/// The value of the field `messages`: what people write, or what became of what they were sent.
#[derive(Serialize)]
pub(super) struct Messages<'a> {
    messaging_product: &'static str,
    metadata: Metadata<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<&'a Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<&'a Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<Fate<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    display_phone_number: &'a str,
    phone_number_id: &'a str,
}

/// An element of `contacts[]`: of somebody who wrote, or to whom something was sent.
#[derive(PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Contact<'a> {
    Writer(&'a Value),
    Reader {
        user_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        wa_id: Option<&'a str>,
    },
}

/// An element of `statuses[]`.
#[derive(Serialize)]
pub(super) struct Fate<'a> {
    pub id: &'a str,
    pub status: &'static str,
    pub timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient_user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub biz_opaque_callback_data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<[Value; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Value>,
}

/// What a message costs.
#[derive(Serialize)]
pub(super) struct Pricing<'a> {
    pub billable: bool,
    pub pricing_model: &'static str,
    pub r#type: &'static str,
    pub category: &'a str,
}

impl<'a> Messages<'a> {
    /// Of this number, still empty.
    pub fn of(settings: &'a LineSettings) -> Self {
        Self {
            messaging_product: "whatsapp",
            metadata: Metadata {
                display_phone_number: &settings.display_phone_number,
                phone_number_id: &settings.phone_number_id,
            },
            contacts: Vec::new(),
            messages: Vec::new(),
            errors: Vec::new(),
            statuses: Vec::new(),
        }
    }

    /// Names a person once.
    pub fn meet(&mut self, contact: Option<Contact<'a>>) {
        self.contacts
            .extend(contact.filter(|contact| !self.contacts.contains(contact)));
    }
}
