//! The demo's world on a port of its own, and how its numbers are reached.

use std::time::Duration;

use chasqui::providers::{gupshup, meta};
use chasqui::simulators::{Settings, Simulators, demo};
use serde_json::{Value, json};

/// Running simulators, for one test.
pub struct World {
    simulators: Simulators,
    _log: tempfile::TempDir,
}

impl World {
    pub async fn start() -> Self {
        let log = tempfile::tempdir().expect("a folder");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let settings = Settings::demo(listen, log.path().to_owned());
        let simulators = Simulators::start(settings).await.expect("started");
        Self {
            simulators,
            _log: log,
        }
    }

    /// The address of something in it.
    pub fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.simulators.local_addr())
    }

    /// Changes it.
    pub fn control(&self, change: Value) {
        self.simulators.control(&change).expect("a known change");
    }

    /// The next such request meets a fault; one of any method unless one is named.
    pub fn fault(&self, provider: &str, method: Option<&str>, path: &str, mut kind: Value) {
        kind["provider"] = provider.into();
        kind["path"] = path.into();
        kind["method"] = method.into();
        kind["count"] = 1.into();
        self.control(json!({"faults": [kind]}));
    }

    /// What the phone of this number shows of its talk with a channel.
    pub async fn shown(&self, channel: &str, phone: &str) -> Vec<Value> {
        let path = format!("/_phone/{channel}/{phone}/messages");
        let answer = reqwest::get(self.address(&path)).await.expect("an answer");
        let body: Value = answer.json().await.expect("JSON");
        body["messages"].as_array().expect("a list").clone()
    }

    /// The demo's number at Meta.
    pub fn meta(&self, timeout: Duration) -> meta::Settings {
        meta::Settings {
            base_url: self.address("/meta"),
            version: "v25.0".into(),
            phone_number_id: demo::PHONE_NUMBER_ID.into(),
            token: demo::ACCESS_TOKEN.into(),
            timeout,
        }
    }

    /// The demo's number behind Gupshup.
    pub fn gupshup(&self, timeout: Duration) -> gupshup::Settings {
        gupshup::Settings {
            base_url: self.address("/gupshup"),
            app: demo::GUPSHUP_APP.into(),
            app_id: demo::GUPSHUP_APP_ID.into(),
            source: demo::GUPSHUP_SOURCE.into(),
            api_key: demo::GUPSHUP_API_KEY.into(),
            timeout,
        }
    }
}
