//! Webhook bodies as Meta sends them: the envelope, non-ASCII and slashes escaped, signed over
//! the exact bytes (WhatsApp Cloud API, webhook endpoint; statuses).

use ring::hmac;
use serde_json::{Map, Value, json};

use super::errors::status_error;
use super::settings::LineSettings;

/// One thing the receiver is told.
#[derive(Clone, Debug)]
pub enum Update {
    /// A message from a person, with its entry in `contacts`.
    Message {
        /// Conversation it belongs to.
        who: String,
        /// Element of `messages[]`.
        message: Value,
        /// Element of `contacts[]`; system messages have none.
        contact: Option<Value>,
        /// `value.errors[]`, for messages without their body.
        errors: Option<Value>,
    },
    /// The fate of a message to a person.
    Status(Status),
    /// Any other field of the envelope, as given.
    Field {
        /// `changes[].field`.
        field: String,
        /// `changes[].value`.
        value: Value,
    },
}

/// A delivery status.
#[derive(Clone, Debug)]
pub struct Status {
    /// Conversation it belongs to.
    pub who: String,
    /// Message id.
    pub id: String,
    /// `sent`, `delivered`, `read` or `failed`.
    pub status: &'static str,
    /// Number of the person; absent when the message went to a user id with hidden number.
    pub wa_id: Option<String>,
    /// Business-scoped user id.
    pub user_id: Option<String>,
    /// Echo of `biz_opaque_callback_data`.
    pub callback_data: Option<String>,
    /// Code and details of a failure.
    pub error: Option<(u32, &'static str)>,
    /// Template category in lower case, `service` for free-form messages.
    pub category: String,
    /// Whether `pricing` comes with this status.
    pub priced: bool,
}

/// The body for a batch of updates.
pub fn body(settings: &LineSettings, updates: &[Update], now_s: i64) -> Vec<u8> {
    let mut changes = Vec::new();
    let mut statuses = Vec::new();
    let (mut messages, mut errors, mut contacts) = (Vec::new(), Vec::new(), Contacts::default());
    let mut status_contacts = Contacts::default();
    let mut timed = false;
    for update in updates {
        match update {
            Update::Message {
                message,
                contact,
                errors: found,
                ..
            } => {
                messages.push(message.clone());
                contacts.add(contact.clone());
                errors.extend(found.clone());
            }
            Update::Status(status) => {
                statuses.push(status.render(settings, now_s));
                status_contacts.add(status.contact());
            }
            Update::Field { field, value } => {
                timed = true;
                changes.push(json!({"value": value, "field": field}));
            }
        }
    }
    if !messages.is_empty() {
        let mut value = value(settings, contacts);
        value.insert("messages".to_owned(), messages.into());
        if !errors.is_empty() {
            value.insert("errors".to_owned(), errors.into());
        }
        changes.push(json!({"value": value, "field": "messages"}));
    }
    if !statuses.is_empty() {
        let mut value = value(settings, status_contacts);
        value.insert("statuses".to_owned(), statuses.into());
        changes.push(json!({"value": value, "field": "messages"}));
    }
    let mut entry = json!({"id": settings.waba_id, "changes": changes});
    if timed {
        entry["time"] = now_s.into();
    }
    escaped(&json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string())
}

/// `sha256=<hex>` over the exact bytes, keyed by the app secret.
pub fn signature(app_secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes());
    format!("sha256={}", hex::encode(hmac::sign(&key, body)))
}

#[derive(Default)]
struct Contacts(Vec<Value>);

impl Contacts {
    fn add(&mut self, contact: Option<Value>) {
        if let Some(contact) = contact.filter(|contact| !self.0.contains(contact)) {
            self.0.push(contact);
        }
    }
}

fn value(settings: &LineSettings, contacts: Contacts) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("messaging_product".to_owned(), "whatsapp".into());
    let metadata = json!({
        "display_phone_number": settings.display_phone_number,
        "phone_number_id": settings.phone_number_id,
    });
    value.insert("metadata".to_owned(), metadata);
    if !contacts.0.is_empty() {
        value.insert("contacts".to_owned(), contacts.0.into());
    }
    value
}

impl Status {
    fn render(&self, settings: &LineSettings, now_s: i64) -> Value {
        let mut status = json!({
            "id": self.id,
            "status": self.status,
            "timestamp": now_s.to_string(),
        });
        let mut put = |key: &str, text: &Option<String>| {
            if let Some(text) = text {
                status[key] = text.as_str().into();
            }
        };
        put("recipient_id", &self.wa_id);
        put("biz_opaque_callback_data", &self.callback_data);
        if let Some((code, details)) = self.error {
            status["errors"] = json!([status_error(code, details)]);
            // The user id of somebody addressed by number is not repeated on a failure.
            if self.wa_id.is_none() {
                put_text(&mut status, "recipient_user_id", &self.user_id);
            }
            return status;
        }
        put_text(&mut status, "recipient_user_id", &self.user_id);
        if self.priced {
            let free = self.category == "service";
            status["pricing"] = json!({
                "billable": !free,
                "pricing_model": "PMP",
                "type": if free { "free_customer_service" } else { "regular" },
                "category": self.category,
            });
            if settings.has_conversation() {
                status["conversation"] = self.conversation(now_s);
            }
        }
        status
    }

    fn conversation(&self, now_s: i64) -> Value {
        let day = now_s.div_euclid(86_400);
        let digest = ring::digest::digest(
            &ring::digest::SHA256,
            format!("{} {} {day}", self.who, self.category).as_bytes(),
        );
        let id = hex::encode(&digest.as_ref()[..16]);
        let mut conversation = json!({"id": id, "origin": {"type": self.category}});
        if self.status == "sent" {
            conversation["expiration_timestamp"] = ((day + 1) * 86_400).to_string().into();
        }
        conversation
    }

    /// `contacts` come with everything but failures, and only since there are user ids.
    fn contact(&self) -> Option<Value> {
        let user_id = self.user_id.as_ref().filter(|_| self.error.is_none())?;
        let mut contact = json!({"user_id": user_id});
        put_text(&mut contact, "wa_id", &self.wa_id);
        Some(contact)
    }
}

fn put_text(object: &mut Value, key: &str, text: &Option<String>) {
    if let Some(text) = text {
        object[key] = text.as_str().into();
    }
}

/// JSON with non-ASCII characters as lower-case `\uXXXX` and slashes escaped. Both can only
/// stand inside strings, so the text may be rewritten without parsing it.
fn escaped(json: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() + json.len() / 8);
    let mut units = [0u16; 2];
    for character in json.chars() {
        match character {
            '/' => out.extend_from_slice(b"\\/"),
            ascii if ascii.is_ascii() => out.push(ascii as u8),
            other => {
                for unit in other.encode_utf16(&mut units) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_ascii_and_read_back_the_same() {
        let text = json!({"body": "ñandú 👍 https://a/b \"q\""}).to_string();
        let bytes = escaped(&text);
        assert!(bytes.is_ascii());
        let shown = String::from_utf8(bytes.clone()).expect("ascii");
        assert!(
            shown.contains("\\u00f1") && shown.contains("\\ud83d\\udc4d") && shown.contains("\\/")
        );
        let back: Value = serde_json::from_slice(&bytes).expect("json");
        assert_eq!(back.to_string(), text);
    }

    #[test]
    fn the_signature_is_the_published_hmac() {
        // RFC 4231, test case 2.
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
