//! Webhook bodies as Meta sends them: the envelope, non-ASCII and slashes escaped, signed over
//! the exact bytes (WhatsApp Cloud API, webhook endpoint; statuses).

mod wire;

use std::sync::Arc;

use ring::hmac;
use serde_json::{Value, json};

use super::errors::status_error;
use super::settings::LineSettings;
use wire::{Change, Changed, Contact, Entry, Envelope, Fate, Messages, Pricing};

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
    /// The message.
    pub sent: Arc<Sent>,
    /// `sent`, `delivered`, `read` or `failed`.
    pub status: &'static str,
    /// Whether `pricing` comes with this status.
    pub priced: bool,
}

/// What every status of a message tells.
#[derive(Debug)]
pub struct Sent {
    /// Conversation it belongs to.
    pub who: String,
    /// Message id.
    pub id: String,
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
}

/// The body for a batch of updates.
pub fn body(settings: &LineSettings, updates: &[Update], now_s: i64) -> Vec<u8> {
    let (mut written, mut told) = (Messages::of(settings), Messages::of(settings));
    let mut others = Vec::new();
    for update in updates {
        match update {
            Update::Message {
                message,
                contact,
                errors,
                ..
            } => {
                written.messages.push(message);
                written.errors.extend(errors);
                written.meet(contact.as_ref().map(Contact::Writer));
            }
            Update::Status(status) => {
                told.statuses.push(status.fate(settings, now_s));
                told.meet(status.contact());
            }
            Update::Field { field, value } => others.push(Change {
                value: Changed::Other(value),
                field,
            }),
        }
    }
    let time = (!others.is_empty()).then_some(now_s);
    let mut changes = others;
    for value in [written, told] {
        if !value.messages.is_empty() || !value.statuses.is_empty() {
            changes.push(Change {
                value: Changed::Messages(Box::new(value)),
                field: "messages",
            });
        }
    }
    let envelope = Envelope {
        object: "whatsapp_business_account",
        entry: [Entry {
            id: &settings.waba_id,
            changes,
            time,
        }],
    };
    let json = serde_json::to_string(&envelope).expect("texts and numbers always serialise");
    escaped(&json)
}

/// `sha256=<hex>` over the exact bytes, keyed by the app secret.
pub fn signature(app_secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes());
    format!("sha256={}", hex::encode(hmac::sign(&key, body)))
}

impl Status {
    fn fate(&self, settings: &LineSettings, now_s: i64) -> Fate<'_> {
        let sent = &*self.sent;
        let failed = sent.error.is_some();
        let priced = self.priced && !failed;
        let free = sent.category == "service";
        Fate {
            id: &sent.id,
            status: self.status,
            timestamp: now_s.to_string(),
            recipient_id: sent.wa_id.as_deref(),
            // The user id of somebody addressed by number is not repeated on a failure.
            recipient_user_id: sent
                .user_id
                .as_deref()
                .filter(|_| !failed || sent.wa_id.is_none()),
            biz_opaque_callback_data: sent.callback_data.as_deref(),
            errors: sent
                .error
                .map(|(code, details)| [status_error(code, details)]),
            pricing: priced.then(|| Pricing {
                billable: !free,
                pricing_model: "PMP",
                r#type: if free {
                    "free_customer_service"
                } else {
                    "regular"
                },
                category: &sent.category,
            }),
            conversation: (priced && settings.has_conversation()).then(|| self.conversation(now_s)),
        }
    }

    fn conversation(&self, now_s: i64) -> Value {
        let sent = &*self.sent;
        let day = now_s.div_euclid(86_400);
        let digest = ring::digest::digest(
            &ring::digest::SHA256,
            format!("{} {} {day}", sent.who, sent.category).as_bytes(),
        );
        let id = hex::encode(&digest.as_ref()[..16]);
        let mut conversation = json!({"id": id, "origin": {"type": sent.category}});
        if self.status == "sent" {
            conversation["expiration_timestamp"] = ((day + 1) * 86_400).to_string().into();
        }
        conversation
    }

    /// `contacts` come with everything but failures, and only since there are user ids.
    fn contact(&self) -> Option<Contact<'_>> {
        let sent = &*self.sent;
        let user_id = sent.user_id.as_deref().filter(|_| sent.error.is_none())?;
        Some(Contact::Reader {
            user_id,
            wa_id: sent.wa_id.as_deref(),
        })
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
