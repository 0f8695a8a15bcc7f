//! What the world of one simulated WhatsApp number is like; every field can be changed
//! through `_control`.
//!
//! The default world is the friendly one of the demo: every number exists, every window is
//! open, limits are Meta's, webhooks arrive once, one by one and soon.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::whatsapp::settings::merge;
pub use super::super::whatsapp::settings::{Statuses, Windows};

/// One business number and the world around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineSettings {
    /// Name in the simulators' own paths (`/_phone/{slug}/…`).
    pub slug: String,
    /// Id in the sending path and in webhooks.
    pub phone_number_id: String,
    /// WhatsApp business account, `entry[].id` of webhooks.
    pub waba_id: String,
    /// The business number, digits.
    pub display_phone_number: String,
    /// The bearer token that may act for this number.
    pub access_token: String,
    /// Key of the webhook signature.
    pub app_secret: String,
    /// What the verification call presents.
    pub verify_token: String,
    /// Where webhooks go; nobody is told anything while this is absent.
    pub callback_url: Option<String>,
    /// Shape of the webhooks: from v24.0 on a status has no `conversation`.
    pub graph_version: String,
    /// The only numbers on WhatsApp; every number when absent.
    pub known: Option<BTreeSet<String>>,
    /// Numbers that are not on WhatsApp (131026 as a failed status).
    pub unknown: BTreeSet<String>,
    /// Whether windows are open by default or must be opened by the person writing.
    pub windows: Windows,
    /// Messages a second, in and out together (130429); 0 = no limit.
    pub mps: u32,
    /// Whether the pair limit holds (131056).
    pub pair_limit: bool,
    /// Dialled digits → WhatsApp id, for numbers whose id differs (BR, MX, AR).
    pub wa_ids: BTreeMap<String, String>,
    /// WhatsApp id → business-scoped user id.
    pub user_ids: BTreeMap<String, String>,
    /// WhatsApp ids whose number is hidden: webhooks carry the user id only.
    pub hidden: BTreeSet<String>,
    /// Approved and other templates.
    pub templates: Vec<Template>,
    /// The statuses that follow a send.
    pub statuses: Statuses,
    /// How webhooks are delivered.
    pub webhooks: Webhooks,
    /// Messages kept per conversation for the phone side.
    pub keep_messages: usize,
}

/// A message template as far as sending checks it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// `[a-z0-9_]+`.
    pub name: String,
    /// Exact language code.
    pub language: String,
    /// MARKETING, UTILITY or AUTHENTICATION.
    #[serde(default = "utility")]
    pub category: String,
    /// APPROVED, PAUSED, DISABLED, PENDING, REJECTED.
    #[serde(default = "approved")]
    pub status: String,
    /// Body text; its `{{…}}` variables are counted.
    pub body: String,
    /// All components as they were given when it was made; none for one that is a body alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Value>,
}

fn utility() -> String {
    "UTILITY".to_owned()
}

fn approved() -> String {
    "APPROVED".to_owned()
}

/// Delivery of webhooks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Most updates in one POST (1 to 1000).
    pub batch: usize,
    /// An update that is due waits up to this much longer for others to share its POST.
    /// Milliseconds.
    pub linger_ms: u64,
    /// Each update waits up to this much longer, which shuffles them. Milliseconds.
    pub shuffle_ms: u64,
    /// Chance that a POST is sent once more.
    pub duplicate: f64,
    /// Chance that an update is never sent.
    pub drop: f64,
    /// Time for an answer, milliseconds.
    pub timeout_ms: u64,
    /// Wait before the first retry, doubled from then on. Milliseconds.
    pub retry_ms: u64,
    /// Longest wait between retries, milliseconds.
    pub retry_max_ms: u64,
    /// Given up after this many seconds (Meta: 7 days).
    pub retry_for_s: u64,
    /// POSTs under way at once.
    pub concurrency: usize,
    /// While true nothing leaves; the queue grows and bursts out when released.
    pub paused: bool,
}

impl Default for LineSettings {
    fn default() -> Self {
        Self {
            slug: String::new(),
            phone_number_id: String::new(),
            waba_id: String::new(),
            display_phone_number: String::new(),
            access_token: String::new(),
            app_secret: String::new(),
            verify_token: String::new(),
            callback_url: None,
            graph_version: "v23.0".to_owned(),
            known: None,
            unknown: BTreeSet::new(),
            windows: Windows::Open,
            mps: 80,
            pair_limit: true,
            wa_ids: BTreeMap::new(),
            user_ids: BTreeMap::new(),
            hidden: BTreeSet::new(),
            templates: stock_templates(),
            statuses: Statuses::default(),
            webhooks: Webhooks::default(),
            keep_messages: 100,
        }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            batch: 1,
            linger_ms: 0,
            shuffle_ms: 0,
            duplicate: 0.0,
            drop: 0.0,
            timeout_ms: 5_000,
            retry_ms: 1_000,
            retry_max_ms: 600_000,
            retry_for_s: 7 * 86_400,
            concurrency: 64,
            paused: false,
        }
    }
}

fn stock_templates() -> Vec<Template> {
    let template = |name: &str, language: &str, body: &str| Template {
        name: name.to_owned(),
        language: language.to_owned(),
        category: utility(),
        status: approved(),
        body: body.to_owned(),
        components: Vec::new(),
    };
    let marketing = |language: &str, body: &str| Template {
        category: "MARKETING".to_owned(),
        ..template("promo", language, body)
    };
    let standing = |name: &str, status: &str| Template {
        status: status.to_owned(),
        ..template(name, "es", "Hola {{1}}, esto espera.")
    };
    vec![
        marketing("es", "Hola {{1}}, este mes hay {{2}} para clientes."),
        marketing("pt_BR", "Olá {{1}}, este mês há {{2}} para clientes."),
        marketing("en", "Hello {{1}}, this month customers get {{2}}."),
        marketing("it", "Ciao {{1}}, questo mese {{2}} per i clienti."),
        standing("ticket_paused", "PAUSED"),
        standing("ticket_rejected", "REJECTED"),
        standing("ticket_pending", "PENDING"),
        template("hello_world", "en_US", "Welcome and congratulations!"),
        template(
            "ticket_update",
            "es",
            "Hola {{1}}, tu ticket {{2}} cambió a: {{3}}.",
        ),
        template(
            "ticket_update",
            "pt_BR",
            "Olá {{1}}, seu chamado {{2}} mudou para: {{3}}.",
        ),
        template(
            "ticket_update",
            "en",
            "Hello {{1}}, your ticket {{2}} is now: {{3}}.",
        ),
        template(
            "ticket_update",
            "it",
            "Ciao {{1}}, il tuo ticket {{2}} ora è: {{3}}.",
        ),
    ]
}

impl LineSettings {
    /// These settings with the given fields replaced; objects are merged field by field.
    pub fn patched(&self, patch: &Value) -> Result<Self, serde_json::Error> {
        let mut whole = serde_json::to_value(self)?;
        merge(&mut whole, patch);
        serde_json::from_value(whole)
    }

    /// Whether the digits belong to somebody on WhatsApp.
    pub fn exists(&self, wa_id: &str) -> bool {
        let listed = self
            .known
            .as_ref()
            .is_none_or(|known| known.contains(wa_id));
        listed && !self.unknown.contains(wa_id)
    }

    /// Whether statuses carry `conversation` (before v24.0).
    pub fn has_conversation(&self) -> bool {
        let major = self.graph_version.trim_start_matches('v').split('.').next();
        major
            .and_then(|major| major.parse::<u32>().ok())
            .is_none_or(|major| major < 24)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_changes_only_what_it_names() {
        let before = LineSettings::default();
        let patch = json!({"mps": 5, "statuses": {"sent_ms": 1}, "wa_ids": {"5511": "551"}});
        let after = before.patched(&patch).expect("valid");
        assert_eq!((after.mps, after.statuses.sent_ms), (5, 1));
        assert_eq!(after.statuses.delivered_ms, before.statuses.delivered_ms);
        assert_eq!(after.wa_ids["5511"], "551");
        assert!(before.patched(&json!({"msp": 5})).is_err());
    }
}
