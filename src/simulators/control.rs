//! The test bench: `/_control` for faults and worlds, `/_log` and `/_log/counts` for what
//! was received. The JSON of `_control` is described in the head of the `simulators` module.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Site;
use super::exchange::Provider;
use super::faults::Fault;
use super::log;

/// Lines in one answer of `/_log` when no limit is named.
const LOG_LIMIT: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Change {
    seed: Option<u64>,
    advance_clock_ms: u64,
    clear_faults: Option<Clear>,
    faults: Vec<Fault>,
    meta: BTreeMap<String, Value>,
    gupshup: BTreeMap<String, Value>,
    glpi: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Clear {
    All,
    Meta,
    Gupshup,
    Glpi,
}

/// Applies a change of the world; the text says what is wrong with it.
pub fn apply(site: &Site, change: &Value) -> Result<(), String> {
    let change = Change::deserialize(change).map_err(|error| error.to_string())?;
    if let Some(seed) = change.seed {
        site.faults.reseed(seed);
        site.around.dice.reseed(seed, 3);
    }
    site.around.clock.advance(change.advance_clock_ms);
    match change.clear_faults {
        None => {}
        Some(Clear::All) => site.faults.clear(None),
        Some(Clear::Meta) => site.faults.clear(Some(Provider::Meta)),
        Some(Clear::Gupshup) => site.faults.clear(Some(Provider::Gupshup)),
        Some(Clear::Glpi) => site.faults.clear(Some(Provider::Glpi)),
    }
    for (slug, patch) in &change.meta {
        site.meta
            .change(slug, patch)
            .map_err(|error| error.to_string())?;
    }
    for (slug, patch) in &change.gupshup {
        site.gupshup
            .change(slug, patch)
            .map_err(|error| error.to_string())?;
    }
    for (app_token, patch) in &change.glpi {
        let changed = site.glpi.change(app_token, patch);
        changed.map_err(|error| format!("glpi {app_token}: {error}"))?;
    }
    site.faults.add(change.faults);
    Ok(())
}

/// `POST /_control`.
pub async fn change(State(site): State<Arc<Site>>, Json(body): Json<Value>) -> Response {
    match apply(&site, &body) {
        Ok(()) => Json(describe(&site)).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response(),
    }
}

/// `GET /_control`.
pub async fn show(State(site): State<Arc<Site>>) -> Json<Value> {
    Json(describe(&site))
}

fn describe(site: &Site) -> Value {
    json!({
        "now_ms": site.around.clock.now_ms(),
        "clock_ahead_ms": site.around.clock.offset_ms(),
        "faults": site.faults.describe(),
        "meta": site.meta.describe(),
        "gupshup": site.gupshup.describe(),
        "glpi": site.glpi.describe(),
    })
}

/// Query of `/_log`.
#[derive(Debug, Deserialize)]
pub struct LogQuery {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
    provider: Option<Provider>,
    settled: Option<String>,
}

/// `GET /_log`.
pub async fn log(State(site): State<Arc<Site>>, Query(query): Query<LogQuery>) -> Response {
    let LogQuery {
        after,
        limit,
        provider,
        settled,
    } = query;
    let query = log::Query {
        after,
        limit: limit.unwrap_or(LOG_LIMIT),
        provider,
        settled: is_on(settled),
    };
    let read = tokio::task::spawn_blocking(move || site.log.read(query)).await;
    match read {
        Ok(Ok(lines)) => ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response(),
        Ok(Err(error)) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Query of `/_log/counts`.
#[derive(Debug, Deserialize)]
pub struct CountsQuery {
    repeated: Option<String>,
    totals: Option<String>,
}

/// `GET /_log/counts`.
pub async fn counts(
    State(site): State<Arc<Site>>,
    Query(query): Query<CountsQuery>,
) -> Json<Value> {
    if is_on(query.totals) {
        return Json(site.log.totals());
    }
    Json(site.log.counts(is_on(query.repeated)))
}

fn is_on(flag: Option<String>) -> bool {
    flag.is_some_and(|flag| flag != "0" && flag != "false")
}
