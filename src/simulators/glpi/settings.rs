//! What one simulated GLPI is like; every field can be changed through `_control`.

use serde::{Deserialize, Serialize};

use super::webhooks::Webhooks;

/// A GLPI installation, addressed by its App-Token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Installation {
    /// The App-Token that leads here.
    pub app_token: String,
    /// API token of the connector user.
    pub user_token: String,
    /// Login of the connector user.
    pub connector: String,
    /// Profile of the connector user: 6 is the stock Technician, 9 the same with read right
    /// on ticket categories, 4 Super-Admin.
    pub connector_profile: i64,
    /// API token of the stock super-admin `glpi`; none when empty.
    pub admin_token: String,
    /// 10 encodes text as 9.5/10.0 do, 11 stores it raw.
    pub mode: u8,
    /// Language of message texts: `en` or `es`. Codes never change.
    pub language: String,
    /// Rows of a list without a range.
    pub list_limit: usize,
    /// Idle life of a session, seconds.
    pub session_idle_s: i64,
    /// Time every answer takes, milliseconds.
    pub latency_ms: u64,
    /// Up to this much more, milliseconds.
    pub latency_jitter_ms: u64,
    /// Solved tickets close at once.
    pub autoclose: bool,
    /// Closing a ticket asks its requester for a rating.
    pub survey: bool,
    /// The REST API is enabled.
    pub api_enabled: bool,
    /// An active API client covers the caller's address.
    pub ip_allowed: bool,
    /// The version to tell instead of the one of `mode`; none when empty.
    pub version: String,
    /// Where it sends webhooks, as GLPI 11 does.
    pub webhooks: Webhooks,
}

impl Default for Installation {
    fn default() -> Self {
        Self {
            app_token: String::new(),
            user_token: String::new(),
            connector: "chasqui".to_owned(),
            connector_profile: 9,
            admin_token: "demo-admin-token".to_owned(),
            mode: 10,
            language: "en".to_owned(),
            list_limit: 20,
            session_idle_s: 1_440,
            latency_ms: 0,
            latency_jitter_ms: 0,
            autoclose: false,
            survey: false,
            api_enabled: true,
            ip_allowed: true,
            version: String::new(),
            webhooks: Webhooks::default(),
        }
    }
}
