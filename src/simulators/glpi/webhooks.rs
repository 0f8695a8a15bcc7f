//! Webhooks as GLPI 11's cron sends them: signed over body and time stamp, with the stamp of
//! queueing, tried again at each run (GLPI REST API, GLPI 11 webhooks).

use std::sync::Arc;
use std::time::Duration;

use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};

use super::{Changed, Glpi};

/// Tries of one webhook.
const TRIES: u32 = 4;
/// How long GLPI waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where an installation sends webhooks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// The address; nothing is sent while it is empty.
    pub url: String,
    /// The secret.
    pub secret: String,
    /// Time between two runs of the cron, milliseconds. GLPI's own is a minute.
    pub cron_ms: u64,
    /// Share of webhooks that are sent twice.
    pub duplicate: f64,
    /// Asks for proof of the secret before each delivery.
    pub challenge: bool,
    /// Signs with another secret.
    pub forged: bool,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            url: String::new(),
            secret: String::new(),
            cron_ms: 200,
            duplicate: 0.0,
            challenge: false,
            forged: false,
        }
    }
}

/// A queued webhook.
struct Queued {
    settings: Webhooks,
    body: String,
    stamp: String,
}

/// Sends a webhook for every change until the simulators close.
pub(in crate::simulators) async fn deliver(
    site: std::sync::Weak<super::super::Site>,
    mut feed: broadcast::Receiver<Changed>,
    client: reqwest::Client,
    mut closing: watch::Receiver<bool>,
) {
    loop {
        let changed = tokio::select! {
            changed = feed.recv() => changed,
            _ = closing.wait_for(|closed| *closed) => return,
        };
        let changed = match changed {
            Ok(changed) => changed,
            Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        let Some(site) = site.upgrade() else { return };
        let Some(queued) = site.glpi.queued(&changed) else {
            continue;
        };
        // The dice are rolled only where it matters, so that other seeds stay what they were.
        let share = queued.settings.duplicate;
        let twice = share > 0.0 && site.around.dice.hits(share);
        let queued = Arc::new(queued);
        for _ in 0..1 + u32::from(twice) {
            tokio::spawn(send(client.clone(), queued.clone()));
        }
    }
}

impl Glpi {
    fn queued(&self, changed: &Changed) -> Option<Queued> {
        let settings = self.settings(&changed.app_token)?.webhooks;
        if settings.url.is_empty() {
            return None;
        }
        let ticket = self.ticket(&changed.app_token, changed.ticket)?;
        let item = json!({
            "id": changed.ticket,
            "name": ticket["name"],
            "status": {"id": ticket["status"], "name": Value::Null},
        });
        let body = json!({"item": item, "event": "update"});
        Some(Queued {
            settings,
            body: serde_json::to_string_pretty(&body).unwrap_or_default(),
            stamp: self.around.clock.now_s().to_string(),
        })
    }
}

async fn send(client: reqwest::Client, queued: Arc<Queued>) {
    let settings = &queued.settings;
    for _ in 0..TRIES {
        tokio::time::sleep(Duration::from_millis(settings.cron_ms)).await;
        if settings.challenge && !is_known(&client, settings).await {
            continue;
        }
        let secret = match settings.forged {
            true => "another secret",
            false => settings.secret.as_str(),
        };
        let signature = signature(secret, &format!("{}{}", queued.body, queued.stamp));
        let answer = client
            .post(&settings.url)
            .timeout(TIMEOUT)
            .header("X-GLPI-signature", signature)
            .header("X-GLPI-timestamp", &queued.stamp)
            .body(queued.body.clone())
            .send()
            .await;
        if answer.is_ok_and(|answer| answer.status().as_u16() < 400) {
            return;
        }
    }
}

/// Whether the receiver proves that it knows the secret.
async fn is_known(client: &reqwest::Client, settings: &Webhooks) -> bool {
    let token = signature(&settings.secret, "validate_cra_challenge");
    let url = format!("{}?crc_token={token}", settings.url);
    let Ok(answer) = client.get(url).timeout(TIMEOUT).send().await else {
        return false;
    };
    let proof = answer.text().await.unwrap_or_default();
    proof == signature(&settings.secret, &token)
}

fn signature(secret: &str, data: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, data.as_bytes()))
}
