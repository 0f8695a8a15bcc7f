//! What the world of one simulated app is like; every field can be changed through `_control`.
//!
//! The default world is the friendly one of the demo: every number exists, everybody may be written
//! to, the wallet is full, events arrive once, in order and soon.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::whatsapp::settings::merge;
pub use super::super::whatsapp::settings::{Statuses, Windows};

/// One app, which is one WhatsApp number, and the world around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppSettings {
    /// Name in the simulators' own paths (`/_phone/{slug}/…`).
    pub slug: String,
    /// The app's name, `src.name` of a send.
    pub name: String,
    /// The app's id.
    pub id: String,
    /// The key that may act for this app.
    pub api_key: String,
    /// The business number, digits.
    pub source: String,
    /// Where events go; nobody is told anything while this is absent.
    pub callback_url: Option<String>,
    /// Bodies of the events.
    pub version: Version,
    /// Further addresses that get copies.
    pub subscriptions: Vec<Subscription>,
    /// The only numbers on WhatsApp; every number when absent.
    pub known: Option<BTreeSet<String>>,
    /// Numbers that are not on WhatsApp (1002 as a failed event).
    pub unknown: BTreeSet<String>,
    /// Whether windows are open by default or must be opened by the person writing.
    pub windows: Windows,
    /// Whether people must have opted in (1006 and 1008), as with older apps.
    pub opt_in_checked: bool,
    /// People who opted in, beside those who wrote.
    pub opted_in: BTreeSet<String>,
    /// People who opted out (1012).
    pub opted_out: BTreeSet<String>,
    /// Messages a second (HTTP 429); 0 = no limit.
    pub mps: u32,
    /// Whether WhatsApp's pair limit holds (131056 as a failed event).
    pub pair_limit: bool,
    /// Dialled digits → WhatsApp id, for numbers whose id differs (BR, MX).
    pub wa_ids: BTreeMap<String, String>,
    /// Money in the wallet, millionths of a dollar; an empty one fails messages (1003).
    pub wallet_micros: i64,
    /// What one message costs, millionths of a dollar.
    pub fee_micros: i64,
    /// Approved and other templates.
    pub templates: Vec<Template>,
    /// HTTP status of an accepted send: 202 or 200.
    pub accepted_status: u16,
    /// Content type of answers to sends; the body is JSON all the same.
    pub content_type: ContentType,
    /// When `enqueued` is emitted, milliseconds after the acceptance.
    pub enqueued_ms: u64,
    /// The events that follow.
    pub statuses: Statuses,
    /// How events are delivered.
    pub webhooks: Webhooks,
    /// Oddities of real bodies.
    pub oddities: Oddities,
    /// Messages kept per conversation for the phone side.
    pub keep_messages: usize,
}

/// Form of the events' bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Version {
    /// Gupshup's own.
    #[serde(rename = "2")]
    Two,
    /// Meta's, passed on.
    #[serde(rename = "3")]
    Three,
    /// Either, by the dice.
    #[serde(rename = "mixed")]
    Mixed,
}

/// What answers to sends claim to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentType {
    /// `text/html`, as real ones often do.
    Html,
    /// `application/json`.
    Json,
}

/// A further address that gets events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The address.
    pub url: String,
    /// Form of its bodies.
    #[serde(default = "two")]
    pub version: Version,
    /// Upper-case modes such as `SENT` and `MESSAGE`; `ALL` for everything.
    #[serde(default = "all_modes")]
    pub modes: Vec<String>,
    /// Headers added to each call.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

fn two() -> Version {
    Version::Two
}

fn all_modes() -> Vec<String> {
    vec!["ALL".to_owned()]
}

/// A template as far as sending checks it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Gupshup's id of it, not Meta's name.
    pub id: String,
    /// Meta's name.
    pub element_name: String,
    /// Exact language code.
    pub language_code: String,
    /// MARKETING, UTILITY or AUTHENTICATION.
    pub category: String,
    /// APPROVED, PAUSED, PENDING, REJECTED, …
    pub status: String,
    /// Body text; its `{{…}}` variables are counted.
    pub body: String,
}

/// Delivery of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Each event waits up to this much longer, which shuffles them. Milliseconds.
    pub shuffle_ms: u64,
    /// Chance that a POST is sent once more.
    pub duplicate: f64,
    /// Chance that an event is never sent.
    pub drop: f64,
    /// Time for an answer, milliseconds.
    pub timeout_ms: u64,
    /// Waits before the second, third, … try. Milliseconds.
    pub retries_ms: Vec<u64>,
    /// Calls under way at once.
    pub concurrency: usize,
    /// While true nothing leaves; the queue grows and bursts out when released.
    pub paused: bool,
}

/// Oddities seen in real bodies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oddities {
    /// Codes, instants and `billable` are texts.
    pub texts: bool,
    /// Events carry no `gsId`, as they do a week after the send.
    pub no_gs_id: bool,
    /// Failures that WhatsApp reports come without `id`.
    pub failed_without_id: bool,
    /// Senders come without name and with a blank phone.
    pub blank_sender: bool,
    /// The words of a 401 are nested once more.
    pub nested_refusal: bool,
    /// A tap on a session button has the type of a template's.
    pub button_as_quick_reply: bool,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            slug: String::new(),
            name: String::new(),
            id: String::new(),
            api_key: String::new(),
            source: String::new(),
            callback_url: None,
            version: Version::Two,
            subscriptions: Vec::new(),
            known: None,
            unknown: BTreeSet::new(),
            windows: Windows::Open,
            opt_in_checked: false,
            opted_in: BTreeSet::new(),
            opted_out: BTreeSet::new(),
            mps: 80,
            pair_limit: true,
            wa_ids: BTreeMap::new(),
            wallet_micros: 1_000_000_000,
            fee_micros: 1_000,
            templates: stock_templates(),
            accepted_status: 202,
            content_type: ContentType::Html,
            enqueued_ms: 100,
            statuses: Statuses::default(),
            webhooks: Webhooks::default(),
            oddities: Oddities::default(),
            keep_messages: 100,
        }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            shuffle_ms: 0,
            duplicate: 0.0,
            drop: 0.0,
            timeout_ms: 10_000,
            retries_ms: vec![5_000, 30_000, 120_000],
            concurrency: 16,
            paused: false,
        }
    }
}

fn stock_templates() -> Vec<Template> {
    let named = |id: &str, name: &str, category: &str, status: &str, body: &str| Template {
        id: id.to_owned(),
        element_name: name.to_owned(),
        language_code: "es".to_owned(),
        category: category.to_owned(),
        status: status.to_owned(),
        body: body.to_owned(),
    };
    let template = |id: &str, language: &str, body: &str| Template {
        id: id.to_owned(),
        element_name: "ticket_update".to_owned(),
        language_code: language.to_owned(),
        category: "UTILITY".to_owned(),
        status: "APPROVED".to_owned(),
        body: body.to_owned(),
    };
    vec![
        template(
            "c6aecef6-bcb0-4fb1-8100-28c094e3bc6b",
            "es",
            "Hola {{1}}, tu ticket {{2}} cambió a: {{3}}.",
        ),
        template(
            "1b2f7a52-8f6d-4f0b-9d53-0d7a9f1c3e11",
            "en",
            "Hello {{1}}, your ticket {{2}} is now: {{3}}.",
        ),
        template(
            "5e0c9d1e-52a4-4f1c-8b4e-6f0a2c7d9b22",
            "pt_BR",
            "Olá {{1}}, seu chamado {{2}} mudou para: {{3}}.",
        ),
        template(
            "9a7d3b40-1f6e-4c0d-a2b7-3e8c5d6f7a33",
            "it",
            "Ciao {{1}}, il tuo ticket {{2}} ora è: {{3}}.",
        ),
        named(
            "2d4f6a80-7b1c-4e3d-9f5a-8c0b1d2e3f44",
            "promo",
            "MARKETING",
            "APPROVED",
            "Hola {{1}}, este mes hay {{2}} para clientes.",
        ),
        named(
            "3e5a7b91-8c2d-4f4e-a06b-9d1c2e3f4a55",
            "ticket_paused",
            "UTILITY",
            "PAUSED",
            "Hola {{1}}, esto espera.",
        ),
        named(
            "4f6b8ca2-9d3e-405f-b17c-ae2d3f4a5b66",
            "ticket_rejected",
            "UTILITY",
            "REJECTED",
            "Hola {{1}}, esto espera.",
        ),
    ]
}

impl AppSettings {
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
}
