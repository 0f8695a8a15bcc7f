//! Settings that every simulated number has, and how `_control` changes any of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Service windows of people who have not written yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Windows {
    /// Open unless closed through `_control`.
    Open,
    /// Closed until the person writes, then open for 24 hours.
    Tracked,
}

/// Statuses after a send; times are milliseconds after the acceptance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Statuses {
    /// Whether there are any.
    pub enabled: bool,
    /// When `sent` (or `failed`) is emitted.
    pub sent_ms: u64,
    /// When `delivered` is emitted.
    pub delivered_ms: u64,
    /// When `read` is emitted.
    pub read_ms: u64,
    /// Chance that the person reads it with receipts on.
    pub read_probability: f64,
    /// Chance that `sent` is emitted before the send is answered.
    pub before_answer: f64,
}

impl Default for Statuses {
    fn default() -> Self {
        Self {
            enabled: true,
            sent_ms: 250,
            delivered_ms: 600,
            read_ms: 1_500,
            read_probability: 0.8,
            before_answer: 0.0,
        }
    }
}

/// The settings in a channel's part of `_control`: all of it but the commands beside them.
pub fn without(commands: &[&str], patch: &Value, slug: &str) -> Value {
    let mut fields = patch.clone();
    if let Some(fields) = fields.as_object_mut() {
        for command in commands {
            fields.remove(*command);
        }
        fields.insert("slug".to_owned(), slug.into());
    }
    fields
}

/// Merges objects key by key; maps of names (`wa_ids`, `user_ids`) are merged as well.
pub fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch.clone(),
    }
}
