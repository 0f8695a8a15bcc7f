//! Inbound webhooks as Meta and Gupshup would send them, rendered as one finished HTTP request:
//! Meta's signed (WhatsApp Cloud API, webhook endpoint; inbound messages), Gupshup's at an address
//! that ends in a secret (Gupshup, v2 envelope; v3 events).

use std::fmt::Write as _;

use ring::hmac;

use crate::world::{Carrier, Channel};

/// What one message of a webhook carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A text, already escaped for JSON as Meta does it (non-ASCII as `\uXXXX`).
    Text(&'a str),
    /// A picture, as the parts of an album arrive.
    Picture,
}

/// One message of a webhook.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// Distinguishes it from every other message of the run.
    pub number: u64,
    /// Seconds since 1970.
    pub stamp: i64,
    /// What it carries.
    pub content: Content<'a>,
}

/// Writes the webhooks of one channel.
#[derive(Debug)]
pub struct Writer {
    head: String,
    carrier: Written,
    run: u64,
}

/// How a carrier writes.
#[derive(Debug)]
enum Written {
    Meta { key: hmac::Key, envelope: String },
    Gupshup { app: String, app_id: String },
}

impl Writer {
    /// A writer for `channel` of the server called `host`; message ids are unique to `run`.
    pub fn new(channel: &Channel, host: &str, run: u64) -> Self {
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n",
            channel.path()
        );
        let carrier = match &channel.carrier {
            Carrier::Meta {
                phone_number_id,
                business_account_id,
                app_secret,
                ..
            } => Written::Meta {
                key: hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes()),
                envelope: format!(
                    "{{\"object\":\"whatsapp_business_account\",\"entry\":[{{\"id\":\"{business_account_id}\",\"changes\":[{{\"field\":\"messages\",\"value\":{{\"messaging_product\":\"whatsapp\",\"metadata\":{{\"display_phone_number\":\"{}\",\"phone_number_id\":\"{phone_number_id}\"}},\"contacts\":[{{\"profile\":{{\"name\":\"Persona\"}},\"wa_id\":\"",
                    channel.number
                ),
            },
            Carrier::Gupshup { app, app_id, .. } => Written::Gupshup {
                app: app.clone(),
                app_id: app_id.clone(),
            },
        };
        Self { head, carrier, run }
    }

    /// The request that brings `messages` of one person.
    pub fn request(&self, wa_id: &str, messages: &[Message<'_>]) -> Vec<u8> {
        let mut request = Vec::with_capacity(self.head.len() + 800 + 320 * messages.len());
        request.extend_from_slice(self.head.as_bytes());
        let body = match &self.carrier {
            Written::Meta { key, envelope } => {
                let body = self.meta(envelope, wa_id, messages);
                let tag = hmac::sign(key, body.as_bytes());
                let mut hex = [0; 64];
                hex::encode_to_slice(tag.as_ref(), &mut hex).expect("a tag has 32 bytes");
                request.extend_from_slice(
                    b"user-agent: facebookexternalua\r\nx-hub-signature-256: sha256=",
                );
                request.extend_from_slice(&hex);
                request.extend_from_slice(b"\r\n");
                body
            }
            Written::Gupshup { app, app_id } => self.gupshup(app, app_id, wa_id, messages),
        };
        request.extend_from_slice(b"content-length: ");
        request.extend_from_slice(body.len().to_string().as_bytes());
        request.extend_from_slice(b"\r\n\r\n");
        request.extend_from_slice(body.as_bytes());
        request
    }

    fn meta(&self, envelope: &str, wa_id: &str, messages: &[Message<'_>]) -> String {
        let mut body = String::with_capacity(envelope.len() + 320 * messages.len() + 64);
        body.push_str(envelope);
        body.push_str(wa_id);
        body.push_str("\"}],\"messages\":[");
        self.messages(&mut body, wa_id, messages, PICTURE);
        body.push_str("]}}]}]}");
        body
    }

    /// A single message in version 2, which holds no more; several in version 3.
    fn gupshup(&self, app: &str, app_id: &str, wa_id: &str, messages: &[Message<'_>]) -> String {
        if let [message] = messages {
            let kind = match &message.content {
                Content::Text(text) => {
                    format!("\"type\":\"text\",\"payload\":{{\"text\":\"{text}\"}}")
                }
                Content::Picture => format!(
                    "\"type\":\"image\",\"payload\":{{\"contentType\":\"image/jpeg\",\"url\":\"{FILE_URL}\"}}"
                ),
            };
            return format!(
                "{{\"app\":\"{app}\",\"timestamp\":{}000,\"version\":2,\"type\":\"message\",\"payload\":{{\"id\":\"wamid.{:016x}{:016x}\",\"source\":\"{wa_id}\",{kind},\"sender\":{{\"phone\":\"{wa_id}\",\"name\":\"Persona\"}}}}}}",
                message.stamp, self.run, message.number
            );
        }
        let mut body = format!(
            "{{\"gs_app_id\":\"{app_id}\",\"object\":\"whatsapp_business_account\",\"entry\":[{{\"id\":\"{app_id}\",\"changes\":[{{\"field\":\"messages\",\"value\":{{\"messaging_product\":\"whatsapp\",\"contacts\":[{{\"profile\":{{\"name\":\"Persona\"}},\"wa_id\":\"{wa_id}\"}}],\"messages\":["
        );
        let picture = format!("\"mime_type\":\"image/jpeg\",\"url\":\"{FILE_URL}\"");
        self.messages(&mut body, wa_id, messages, &picture);
        body.push_str("]}}]}]}");
        body
    }

    fn messages(&self, body: &mut String, wa_id: &str, messages: &[Message<'_>], picture: &str) {
        for (at, message) in messages.iter().enumerate() {
            if at > 0 {
                body.push(',');
            }
            let Message {
                number,
                stamp,
                content,
            } = message;
            // Writing to a String cannot fail.
            let _ = write!(
                body,
                "{{\"from\":\"{wa_id}\",\"id\":\"wamid.{:016x}{number:016x}\",\"timestamp\":\"{stamp}\",",
                self.run
            );
            match content {
                Content::Text(text) => {
                    body.push_str("\"type\":\"text\",\"text\":{\"body\":\"");
                    body.push_str(text);
                    body.push_str("\"}}");
                }
                Content::Picture => {
                    body.push_str("\"type\":\"image\",\"image\":{");
                    body.push_str(picture);
                    body.push_str("}}");
                }
            }
        }
    }
}

/// A picture at Meta; nobody can fetch it.
const PICTURE: &str = "\"mime_type\":\"image\\/jpeg\",\"sha256\":\"ypj2CAuYcRJ8CqZGUdK1\",\"id\":\"1908647269898587\"";
/// Where Gupshup would keep a file; nobody can fetch it.
const FILE_URL: &str = "https://filemanager.gupshup.io/wa/none/wa/media/0?download=false";

/// A text as Meta puts it into JSON: quotes, slashes and everything beyond ASCII escaped.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut units = [0u16; 2];
    for character in text.chars() {
        match character {
            '"' | '\\' | '/' => out.extend(['\\', character]),
            plain if plain.is_ascii() && !plain.is_ascii_control() => out.push(plain),
            other => {
                for unit in other.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_request_is_signed_json_with_every_message() {
        let channel = Channel::meta(3);
        let writer = Writer::new(&channel, "127.0.0.1:1", 7);
        let text = escaped("¿cómo va \"mi\" ticket 12?");
        let messages = [
            Message {
                number: 1,
                stamp: 1_700_000_000,
                content: Content::Text(&text),
            },
            Message {
                number: 2,
                stamp: 1_700_000_001,
                content: Content::Picture,
            },
        ];
        let request = String::from_utf8(writer.request("51900000001", &messages)).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())));
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"load-app-secret-03");
        let signature = hex::encode(hmac::sign(&key, body.as_bytes()));
        assert!(head.contains(&format!("sha256={signature}\r\n")));
        assert!(body.is_ascii());
        let body: Value = serde_json::from_str(body).unwrap();
        let value = &body["entry"][0]["changes"][0]["value"];
        assert_eq!(value["metadata"]["phone_number_id"], "206540352200003");
        assert_eq!(
            value["messages"][0]["text"]["body"],
            "¿cómo va \"mi\" ticket 12?"
        );
        assert_eq!(value["messages"][1]["type"], "image");
        assert_ne!(value["messages"][0]["id"], value["messages"][1]["id"]);
    }

    #[test]
    fn a_request_of_gupshup_proves_itself_by_its_address() {
        let writer = Writer::new(&Channel::gupshup(17), "127.0.0.1:1", 7);
        let text = escaped("¿cómo va?");
        let message = |number, content| Message {
            number,
            stamp: 1_700_000_000,
            content,
        };
        let body = |messages: &[Message<'_>]| {
            let request = String::from_utf8(writer.request("51900000001", messages)).unwrap();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(
                head.starts_with("POST /webhooks/gupshup/load-17/load-path-secret-17 HTTP/1.1")
            );
            assert!(head.ends_with(&format!("content-length: {}", body.len())));
            serde_json::from_str::<Value>(body).unwrap()
        };
        let one = body(&[message(1, Content::Text(&text))]);
        assert_eq!(
            (&one["version"], &one["app"]),
            (&2.into(), &"LoadApp17".into())
        );
        assert_eq!(one["payload"]["payload"]["text"], "¿cómo va?");
        assert_eq!(one["payload"]["sender"]["phone"], "51900000001");
        assert_eq!(one["timestamp"], 1_700_000_000_000_i64);
        let album = body(&[message(2, Content::Picture), message(3, Content::Picture)]);
        let messages = &album["entry"][0]["changes"][0]["value"]["messages"];
        assert_eq!(messages[1]["type"], "image");
        assert!(messages[1]["image"]["url"].is_string());
    }
}
