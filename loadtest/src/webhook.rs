//! Inbound webhooks as Meta would send them (WhatsApp Cloud API, webhooks).

use ring::hmac;

/// Builds and signs webhooks of one channel.
pub struct Writer {
    key: hmac::Key,
    phone_number_id: String,
    run: u64,
}

impl Writer {
    /// A writer whose message ids are unique to this `run`.
    pub fn new(app_secret: &str, phone_number_id: &str, run: u64) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes());
        Self {
            key,
            phone_number_id: phone_number_id.to_owned(),
            run,
        }
    }

    /// The body of the `nth` message of the run, from `wa_id`.
    pub fn text(&self, nth: u64, wa_id: &str, text: &str, stamp: u64) -> Vec<u8> {
        let body = serde_json::json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {
                    "display_phone_number": "15550783881",
                    "phone_number_id": self.phone_number_id,
                },
                "contacts": [{"profile": {"name": "Persona"}, "wa_id": wa_id}],
                "messages": [{
                    "from": wa_id,
                    "id": format!("wamid.{:016x}{nth:016x}", self.run),
                    "timestamp": stamp.to_string(),
                    "type": "text",
                    "text": {"body": text},
                }],
            }}]}],
        });
        body.to_string().into_bytes()
    }

    /// The value of `X-Hub-Signature-256` for a body.
    pub fn signature(&self, body: &[u8]) -> String {
        format!("sha256={}", hex::encode(hmac::sign(&self.key, body)))
    }
}
