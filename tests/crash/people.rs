//! People who write, and Meta as the carrier of what they wrote: every message has an id of
//! its own and is posted again, with the same bytes, until the server answers 200.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::StdRng;
use ring::hmac;
use serde_json::json;
use tokio::sync::watch;

use crate::names::{AREAS, FAMILY, GIVEN};
use crate::tenants::{TENANTS, Tenant};
use crate::world::{client, webhook_address};

/// How long Meta waits for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Somebody with a problem. The full name is theirs alone, so a ticket tells whose it is.
#[derive(Clone, Debug)]
pub struct Person {
    pub tenant: &'static Tenant,
    pub phone: String,
    pub name: String,
    pub area: &'static str,
}

impl Person {
    /// The `nth` person of a run; at most 4,096 have different names.
    pub fn nth(seed: u64, nth: usize) -> Self {
        let name = format!(
            "{} {} {}",
            GIVEN[nth % 16],
            FAMILY[nth / 16 % 16],
            FAMILY[(nth / 256 + seed as usize) % 16]
        );
        Self {
            tenant: &TENANTS[nth % TENANTS.len()],
            phone: format!("519{:02}{:06}", seed % 100, nth),
            name,
            area: AREAS[nth % AREAS.len()],
        }
    }

    /// What they write until they have a ticket.
    pub fn script(&self) -> [String; 3] {
        [
            "Hola, tengo un problema con mi computadora".to_owned(),
            "No enciende desde esta mañana".to_owned(),
            format!("{}, área de {}", self.name, self.area),
        ]
    }
}

/// A message as Meta posts it.
#[derive(Clone, Debug)]
pub struct Message {
    tenant: &'static Tenant,
    phone: String,
    index: usize,
    body: Vec<u8>,
    signature: String,
}

impl Message {
    /// The message with this index of what `person` writes, written just now.
    pub fn new(seed: u64, person: &Person, index: usize, text: &str) -> Self {
        let id = format!("wamid.{seed:x}.{}.{index}", person.phone);
        let tenant = person.tenant;
        let stamp = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": tenant.business_account_id, "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {
                    "display_phone_number": tenant.number,
                    "phone_number_id": tenant.phone_number_id,
                },
                "contacts": [{"profile": {"name": person.name}, "wa_id": person.phone}],
                "messages": [{
                    "from": person.phone,
                    "id": id,
                    "timestamp": stamp.to_string(),
                    "type": "text",
                    "text": {"body": text},
                }],
            }}]}],
        });
        let body = body.to_string().into_bytes();
        let signature = signature(tenant, &body);
        Self {
            tenant,
            phone: person.phone.clone(),
            index,
            body,
            signature,
        }
    }

    /// The bytes that are posted.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// What Meta puts in the header of a body for this tenant's number.
fn signature(tenant: &Tenant, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, tenant.app_secret.as_bytes());
    format!("sha256={}", hex::encode(hmac::sign(&key, body)))
}

/// Meta: posts messages to wherever the server is at the moment.
#[derive(Clone)]
pub struct Carrier {
    http: reqwest::Client,
    server: watch::Receiver<String>,
    counts: Arc<Counts>,
}

/// What the carrier saw.
#[derive(Debug, Default)]
pub struct Counts {
    /// Posts whose answer is awaited.
    pub at_the_door: AtomicUsize,
    /// Messages answered 200: who wrote it, and its index.
    accepted: Mutex<Vec<(String, usize)>>,
    /// Answers other than 200 by status; 0 is no answer.
    refusals: Mutex<BTreeMap<u16, u64>>,
}

impl Counts {
    /// Messages answered 200: who wrote it, and its index.
    pub fn accepted(&self) -> Vec<(String, usize)> {
        self.accepted.lock().unwrap().clone()
    }

    /// Answers other than 200 by status; 0 is no answer.
    pub fn refusals(&self) -> BTreeMap<u16, u64> {
        self.refusals.lock().unwrap().clone()
    }
}

impl Carrier {
    pub fn new(server: watch::Receiver<String>) -> Self {
        Self {
            http: client(),
            server,
            counts: Arc::default(),
        }
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Posts the message once; 0 when there was no answer.
    pub async fn post(&self, message: &Message) -> u16 {
        self.counts.at_the_door.fetch_add(1, Ordering::SeqCst);
        let posted = self.post_body(message.tenant, &message.body, &message.signature);
        let status = posted.await;
        self.counts.at_the_door.fetch_sub(1, Ordering::SeqCst);
        if status == 200 {
            let who = (message.phone.clone(), message.index);
            self.counts.accepted.lock().unwrap().push(who);
        } else {
            let mut refusals = self.counts.refusals.lock().unwrap();
            *refusals.entry(status).or_default() += 1;
        }
        status
    }

    /// Posts a body of its own making once, signed.
    pub async fn post_signed(&self, tenant: &Tenant, body: &[u8]) -> u16 {
        self.post_body(tenant, body, &signature(tenant, body)).await
    }

    /// Posts a body once; an empty signature is none.
    pub async fn post_body(&self, tenant: &Tenant, body: &[u8], signature: &str) -> u16 {
        let address = webhook_address(&self.server.borrow(), tenant);
        let mut request = self
            .http
            .post(address)
            .timeout(ANSWER_WITHIN)
            .header("content-type", "application/json");
        if !signature.is_empty() {
            request = request.header("x-hub-signature-256", signature);
        }
        let answer = request.body(body.to_vec()).send().await;
        answer.map_or(0, |answer| answer.status().as_u16())
    }

    /// Posts the message until it is answered 200.
    pub async fn deliver(&self, message: &Message) {
        while self.post(message).await != 200 {
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }
}

/// A person's whole conversation: every message follows the answer 200 to the one before,
/// after a short pause, whatever the bot has said meanwhile.
pub async fn converse(carrier: Carrier, seed: u64, nth: usize) {
    let mut dice = StdRng::seed_from_u64(seed ^ (nth as u64).rotate_left(32));
    let person = Person::nth(seed, nth);
    for (index, text) in person.script().iter().enumerate() {
        let message = Message::new(seed, &person, index, text);
        carrier.deliver(&message).await;
        let pause_ms = dice.random_range(0..400);
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    }
}
