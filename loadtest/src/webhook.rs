//! Inbound webhooks as Meta would send them: rendered and signed as one finished HTTP request
//! (WhatsApp Cloud API, webhook endpoint; inbound messages).

use std::fmt::Write as _;

use ring::hmac;

use crate::world::Channel;

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
    key: hmac::Key,
    head: String,
    envelope: String,
    run: u64,
}

impl Writer {
    /// A writer for `channel` of the server called `host`; message ids are unique to `run`.
    pub fn new(channel: &Channel, host: &str, run: u64) -> Self {
        let head = format!(
            "POST /webhooks/meta/{} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nuser-agent: facebookexternalua\r\nx-hub-signature-256: sha256=",
            channel.slug
        );
        let envelope = format!(
            "{{\"object\":\"whatsapp_business_account\",\"entry\":[{{\"id\":\"{}\",\"changes\":[{{\"field\":\"messages\",\"value\":{{\"messaging_product\":\"whatsapp\",\"metadata\":{{\"display_phone_number\":\"{}\",\"phone_number_id\":\"{}\"}},\"contacts\":[{{\"profile\":{{\"name\":\"Persona\"}},\"wa_id\":\"",
            channel.business_account_id, channel.number, channel.phone_number_id
        );
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, channel.app_secret.as_bytes()),
            head,
            envelope,
            run,
        }
    }

    /// The request that brings `messages` of one person.
    pub fn request(&self, wa_id: &str, messages: &[Message<'_>]) -> Vec<u8> {
        let body = self.body(wa_id, messages);
        let tag = hmac::sign(&self.key, body.as_bytes());
        let mut hex = [0; 64];
        hex::encode_to_slice(tag.as_ref(), &mut hex).expect("a tag has 32 bytes");
        let length = body.len().to_string();
        let mut request = Vec::with_capacity(self.head.len() + 96 + body.len());
        request.extend_from_slice(self.head.as_bytes());
        request.extend_from_slice(&hex);
        request.extend_from_slice(b"\r\ncontent-length: ");
        request.extend_from_slice(length.as_bytes());
        request.extend_from_slice(b"\r\n\r\n");
        request.extend_from_slice(body.as_bytes());
        request
    }

    fn body(&self, wa_id: &str, messages: &[Message<'_>]) -> String {
        let mut body = String::with_capacity(self.envelope.len() + 320 * messages.len() + 64);
        body.push_str(&self.envelope);
        body.push_str(wa_id);
        body.push_str("\"}],\"messages\":[");
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
                Content::Picture => body.push_str(
                    "\"type\":\"image\",\"image\":{\"mime_type\":\"image\\/jpeg\",\"sha256\":\"ypj2CAuYcRJ8CqZGUdK1\",\"id\":\"1908647269898587\"}}",
                ),
            }
        }
        body.push_str("]}}]}]}");
        body
    }
}

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
        let channel = Channel::nth(3);
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
        let key = hmac::Key::new(hmac::HMAC_SHA256, channel.app_secret.as_bytes());
        let signature = hex::encode(hmac::sign(&key, body.as_bytes()));
        assert!(head.contains(&format!("sha256={signature}\r\n")));
        assert!(body.is_ascii());
        let body: Value = serde_json::from_str(body).unwrap();
        let value = &body["entry"][0]["changes"][0]["value"];
        assert_eq!(
            value["metadata"]["phone_number_id"],
            channel.phone_number_id.as_str()
        );
        assert_eq!(
            value["messages"][0]["text"]["body"],
            "¿cómo va \"mi\" ticket 12?"
        );
        assert_eq!(value["messages"][1]["type"], "image");
        assert_ne!(value["messages"][0]["id"], value["messages"][1]["id"]);
    }
}
