//! The world outside: WhatsApp and GLPI of both tenants, simulated in this process, so that
//! nothing of it ends when the server is killed.

use std::net::SocketAddr;
use std::time::Duration;

use chasqui::simulators::{Settings, Simulators};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::request_log::Line;
use crate::tenants::{self, TENANTS, Tenant};

/// Lines of one page of the log.
const PAGE: u64 = 5_000;
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub struct World {
    simulators: Simulators,
    http: reqwest::Client,
    _log: TempDir,
}

impl World {
    pub async fn start(seed: u64) -> Self {
        let log = tempfile::tempdir().unwrap();
        let settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            log_dir: log.path().to_owned(),
            seed,
            channels: TENANTS.iter().map(tenants::line).collect(),
            apps: Vec::new(),
            installations: TENANTS.iter().map(tenants::installation).collect(),
        };
        Self {
            simulators: Simulators::start(settings).await.unwrap(),
            http: client(),
            _log: log,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.simulators.local_addr())
    }

    /// Changes the world as `POST /_control` does.
    pub fn control(&self, change: Value) {
        self.simulators.control(&change).unwrap();
    }

    /// Adds one fault.
    pub fn fault(&self, fault: Value) {
        self.control(json!({"faults": [fault]}));
    }

    pub fn clear_faults(&self) {
        self.control(json!({"clear_faults": "all"}));
    }

    /// Changes settings of every number.
    pub fn lines(&self, change: Value) {
        for tenant in &TENANTS {
            self.control(json!({"meta": {tenant.channel: change}}));
        }
    }

    /// Points the webhooks at a server that has just started.
    pub fn call_back(&self, server: &str) {
        for tenant in &TENANTS {
            let address = webhook_address(server, tenant);
            self.simulators
                .set_callback(tenant.channel, &address)
                .unwrap();
        }
    }

    /// Every request so far, in order of arrival.
    pub async fn log(&self) -> Vec<Line> {
        self.log_after(0).await
    }

    /// The requests behind number `after`.
    pub async fn log_after(&self, mut after: u64) -> Vec<Line> {
        let mut lines = Vec::new();
        loop {
            let url = format!("{}/_log?after={after}&limit={PAGE}", self.url());
            let answer = self.http.get(url).send().await.unwrap();
            let text = answer.text().await.unwrap();
            let before = lines.len();
            lines.extend(text.lines().map(Line::read));
            if lines.len() - before < PAGE as usize {
                return lines;
            }
            after = lines.last().map_or(after, |line: &Line| line.n);
        }
    }

    /// Waits until the log fulfils `holds`; false when it does not within `patience`.
    pub async fn log_fulfils(&self, patience: Duration, holds: impl Fn(&[Line]) -> bool) -> bool {
        let begun = tokio::time::Instant::now();
        while !holds(&self.log().await) {
            if begun.elapsed() >= patience {
                return false;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        true
    }

    /// Requests and accepted requests by provider, effect and recipient.
    pub async fn counts(&self) -> Value {
        let url = format!("{}/_log/counts", self.url());
        let answer = self.http.get(url).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// A person types on their simulated phone; the simulator delivers the webhook.
    pub async fn type_on_phone(&self, tenant: &Tenant, phone: &str, text: &str) {
        let url = format!("{}/_phone/{}/{phone}/messages", self.url(), tenant.channel);
        let answer = self.http.post(url).json(&json!({"text": text})).send();
        assert_eq!(answer.await.unwrap().status(), 200);
    }
}

/// Where Meta would send the webhooks of a tenant's number.
pub fn webhook_address(server: &str, tenant: &Tenant) -> String {
    format!("{server}/webhooks/meta/{}", tenant.channel)
}

/// A client that talks to this machine alone.
pub fn client() -> reqwest::Client {
    // Another test of this process may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy();
    builder.build().unwrap()
}
