//! The GLPI side of the demo page: tickets as they are and as they change.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::BroadcastStream;

use super::phone::until;
use super::{Site, demo};

/// Which installation, and how many of its newest tickets.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    app_token: Option<String>,
    #[serde(default = "limit")]
    limit: usize,
}

fn limit() -> usize {
    100
}

impl Wanted {
    fn app_token(&self) -> &str {
        self.app_token.as_deref().unwrap_or(demo::GLPI_APP_TOKEN)
    }
}

/// `GET /_world/glpi/tickets`.
pub async fn tickets(State(site): State<Arc<Site>>, Query(wanted): Query<Wanted>) -> Json<Value> {
    let tickets = site.glpi.tickets(wanted.app_token(), wanted.limit);
    Json(json!({"tickets": tickets}))
}

/// `GET /_world/glpi/events`: one `ticket` event per change, with the whole ticket.
pub async fn events(
    State(site): State<Arc<Site>>,
    Query(wanted): Query<Wanted>,
) -> impl IntoResponse {
    let app_token = wanted.app_token().to_owned();
    let closing = site.closing.clone();
    let changes = BroadcastStream::new(site.glpi.feed.subscribe());
    let stream = changes.filter_map(move |change| {
        let change = change.ok().filter(|change| change.app_token == app_token)?;
        let ticket = site.glpi.ticket(&app_token, change.ticket)?;
        Some(Ok::<_, Infallible>(
            Event::default().event("ticket").data(ticket.to_string()),
        ))
    });
    Sse::new(until(stream, closing)).keep_alive(KeepAlive::default())
}
