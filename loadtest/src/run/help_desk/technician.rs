//! A technician of each channel's GLPI, who works in GLPI itself with an account that is not the
//! server's, and the webhooks that GLPI sends of it.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::connection;
use crate::client::Client;
use crate::stage::Stage;
use crate::world;

/// API token of the simulated installations' stock super-admin.
const ADMIN_TOKEN: &str = "demo-admin-token";
/// The stock account `tech`.
const TECH: u64 = 4;
/// The secret of the demo's connection, which every connection of the load world has.
const WEBHOOK_SECRET: &str = "demo-webhook-secret";

/// Somebody who is logged in.
pub(super) struct Technician(Client);

impl Technician {
    /// One for each channel.
    pub async fn of_all(stage: &Stage) -> anyhow::Result<Vec<Self>> {
        let mut all = Vec::with_capacity(stage.channels.len());
        for channel in &stage.channels {
            let client = || {
                let client = Client::new(stage.simulators.clone());
                client.with_header("app-token", &world::app_token_of(&channel.slug))
            };
            let authorization = format!("user_token {ADMIN_TOKEN}");
            let mut entering = client().with_header("authorization", &authorization);
            let answer = entering.json("/glpi/apirest.php/initSession").await?;
            let session = answer["session_token"].as_str();
            let session = session.context("GLPI opened no session")?;
            all.push(Self(client().with_header("session-token", session)));
        }
        Ok(all)
    }

    /// Writes in public into a ticket.
    pub async fn write(&mut self, ticket: u64, text: &str) -> anyhow::Result<()> {
        let input = json!({
            "itemtype": "Ticket", "items_id": ticket, "content": format!("<p>{text}</p>"),
            "is_private": 0, "users_id": TECH,
        });
        let body = json!({"input": input});
        self.0.post("/glpi/apirest.php/ITILFollowup", &body).await?;
        Ok(())
    }
}

/// Switches the webhooks of all installations on or off. GLPI sends what its cron finds queued; the
/// simulated cron runs every 200 ms.
pub(super) fn webhooks(stage: &Stage, enabled: bool) -> Value {
    let of = stage.channels.iter().map(|channel| {
        let url = match enabled {
            true => format!(
                "{}/webhooks/glpi/{}",
                stage.server.url(),
                connection(&channel.slug)
            ),
            false => String::new(),
        };
        let webhooks = json!({"url": url, "secret": WEBHOOK_SECRET, "cron_ms": 200});
        (
            world::app_token_of(&channel.slug),
            json!({"webhooks": webhooks}),
        )
    });
    json!({"glpi": Value::Object(of.collect())})
}
