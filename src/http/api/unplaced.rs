//! What came in webhooks for nobody.

use actors::channel::{Item, State};
use actors::model::ChannelId;
use axum::Json;
use axum::extract::State as Shared;
use serde_json::{Map, Value, json};

use super::line;
use crate::http::{ApiError, Caller, Edge, Scope};

/// Rows of one answer; the channels after those that fill it are counted only.
const ROWS_MAX: usize = 1_000;

/// `GET /api/v1/unplaced`: readable items of webhooks that belong to nobody, the newest of each
/// channel in force, oldest first, with the counts by reason since the channel began.
pub async fn unplaced(Shared(edge): Shared<Edge>, caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::EffectsRead)?;
    let mut rows = Vec::new();
    let mut channels = Vec::new();
    for channel in channels_of(&edge, &caller) {
        let state = edge.core.channel(channel).await?;
        let room = ROWS_MAX - rows.len();
        rows.extend(state.items.iter().take(room).map(|item| row(channel, item)));
        if !state.counts.is_empty() {
            channels.push(counts(channel, &state));
        }
    }
    Ok(Json(json!({"unplaced": rows, "channels": channels})))
}

/// The channels in force that the caller sees, always in the same order.
fn channels_of(edge: &Edge, caller: &Caller) -> Vec<ChannelId> {
    let directory = edge.directory.current();
    let seen = directory
        .channels()
        .filter(|channel| caller.sees(Some(&channel.tenant)));
    let mut ids: Vec<_> = seen.map(|channel| channel.channel_id()).collect();
    ids.sort_unstable();
    ids
}

fn row(channel: ChannelId, item: &Item) -> Value {
    json!({
        "channel": channel.to_string(),
        "position": item.position.0,
        "received": line::time(item.received),
        "why": item.why.name(),
        "items": item.items,
        "bytes": item.bytes,
        "raw": item.raw,
    })
}

fn counts(channel: ChannelId, state: &State) -> Value {
    let counts = state.counts.iter();
    let counts: Map<_, _> = counts
        .map(|(why, count)| (why.name().to_owned(), Value::from(*count)))
        .collect();
    json!({
        "channel": channel.to_string(),
        "counts": counts,
        "repeats": state.repeats,
    })
}
