//! GLPI's legacy REST API as its clients see it, written from the API sheet and the behaviour
//! observed there on 10.0.19; `mode` 11 switches the text rules of version 11 on.
//!
//! An installation is found by its App-Token, so that many tenants live side by side. Each has
//! one lock, held for one call; calls do no I/O. Changed tickets are announced on `feed`.

mod criteria;
mod documents;
mod errors;
mod house;
mod options;
mod people;
mod php;
mod plain;
mod ranges;
mod reads;
mod rights;
mod routes;
mod schema;
mod search;
mod seed;
mod session;
pub mod settings;
mod showcase;
mod store;
mod text;
mod tickets;
mod timeline;
pub mod webhooks;
mod writes;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;

use super::Surroundings;
use super::exchange::{Arrived, Mark, Provider, Reply};
use super::faults::Kind as FaultKind;
use errors::Failure;
use house::House;
use routes::{json_reply, options_reply, parameters};
use schema::Kind;
use settings::Installation;

/// Ticket changes that a slow reader may lag behind.
const FEED_DEPTH: usize = 1_024;

/// A ticket changed.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Installation it belongs to.
    pub app_token: String,
    /// Its id.
    pub ticket: i64,
}

/// All simulated installations.
#[derive(Debug)]
pub struct Glpi {
    houses: RwLock<HashMap<String, Arc<Mutex<House>>>>,
    around: Arc<Surroundings>,
    /// Announces changed tickets.
    pub feed: broadcast::Sender<Changed>,
}

/// Commands beside settings in an installation's part of `_control`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Commands {
    users: Vec<Map<String, Value>>,
    entities: Vec<Map<String, Value>>,
    end_sessions: bool,
}

impl Glpi {
    /// No installations yet.
    pub fn new(around: Arc<Surroundings>) -> Self {
        Self {
            houses: RwLock::default(),
            around,
            feed: broadcast::channel(FEED_DEPTH).0,
        }
    }

    /// Adds an installation with its stock contents, or replaces the settings of one.
    pub fn put(&self, settings: Installation) {
        let token = settings.app_token.clone();
        if let Some(house) = self.house(&token) {
            let mut house = lock(&house);
            // A connector that is another user's login hands its token over to that user.
            let named = house.user_by_login(&settings.connector);
            let connector = named.or_else(|| house.user_by_login(&house.settings.connector));
            house.settings = settings;
            seed::set_tokens(&mut house, connector.unwrap_or_default());
            return;
        }
        let mut house = House {
            settings,
            now_s: self.around.clock.now_s(),
            ..House::default()
        };
        seed::fill(&mut house);
        let house = Arc::new(Mutex::new(house));
        self.houses
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(token, house);
    }

    /// Applies an installation's part of `_control`.
    pub fn change(&self, app_token: &str, patch: &Value) -> Result<(), serde_json::Error> {
        let commands = Commands::deserialize(patch)?;
        let before = self
            .house(app_token)
            .map(|house| lock(&house).settings.clone());
        let mut whole = serde_json::to_value(before.unwrap_or_default())?;
        for (key, value) in patch.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "users" | "entities" | "end_sessions") {
                whole[key] = value.clone();
            }
        }
        whole["app_token"] = app_token.into();
        self.put(serde_json::from_value(whole)?);
        let Some(house) = self.house(app_token) else {
            return Ok(());
        };
        let mut house = lock(&house);
        house.now_s = self.around.clock.now_s();
        for entity in &commands.entities {
            let name = entity
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or("Entity");
            let parent = entity
                .get("entities_id")
                .and_then(store::as_int)
                .unwrap_or(0);
            house.insert_entity(name, parent);
        }
        for user in &commands.users {
            people::create_user(&mut house, user);
        }
        if commands.end_sessions {
            house.sessions.clear();
        }
        Ok(())
    }

    /// Settings and sizes of all installations, tokens included: this is a test bench.
    pub fn describe(&self) -> Value {
        let houses = self.houses.read().unwrap_or_else(PoisonError::into_inner);
        let entries = houses.iter().map(|(token, house)| {
            let house = lock(house);
            let sizes = json!({
                "settings": house.settings,
                "sessions": house.sessions.len(),
                "tickets": house.store.len(Kind::Ticket),
                "users": house.store.len(Kind::User),
            });
            (token.clone(), sizes)
        });
        Value::Object(entries.collect())
    }

    /// What a request is about: the hidden marker of a create, and for whom a ticket is.
    pub fn mark(request: &Arrived) -> Mark {
        let path = request.path.as_str();
        if request.method != Method::POST || path.contains("/search/") || path.ends_with("Session")
        {
            return Mark::default();
        }
        let text = String::from_utf8_lossy(&request.body);
        // The last one: a person may have typed the first.
        let marker = text.rsplit_once("chasqui:").map(|(_, rest)| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
            let id: String = rest.chars().take_while(|c| allowed(*c)).collect();
            // The end of an HTML comment may follow without a space.
            id.trim_end_matches('-').to_owned()
        });
        let requester = text
            .split_once("\"_users_id_requester\":")
            .map(|(_, rest)| {
                rest.trim_start()
                    .chars()
                    .take_while(char::is_ascii_digit)
                    .collect::<String>()
            });
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Mark {
            effect: filled(marker),
            recipient: filled(requester),
        }
    }

    /// Answers a request.
    pub fn answer(&self, request: &Arrived) -> Reply {
        let params = match parameters(request) {
            Ok(params) => params,
            Err(failure) => return failure.reply("en"),
        };
        if request.method == Method::OPTIONS {
            return options_reply();
        }
        let path = request.segments(Provider::Glpi);
        let path: Vec<&str> = path
            .into_iter()
            .filter(|segment| *segment != "api")
            .collect();
        if path.is_empty() {
            return Reply::text(
                200,
                "text/html; charset=UTF-8",
                "<html><title>GLPI API</title></html>",
            );
        }
        let (token, house) = match self.authorised(request, &params) {
            Ok(found) => found,
            Err(failure) => return failure.reply("en"),
        };
        let mut house = lock(&house);
        house.now_s = self.around.clock.now_s();
        let random = (self.around.ids.bits(), self.around.ids.bits());
        let language = house.settings.language.clone();
        let answer = routes::route(&mut house, request, &path, &params, random);
        let changed = std::mem::take(&mut house.changed);
        let wait =
            house.settings.latency_ms + self.around.dice.up_to(house.settings.latency_jitter_ms);
        drop(house);
        self.announce(&token, changed);
        let mut reply = answer.unwrap_or_else(|failure| failure.reply(&language));
        if request.method == Method::GET {
            let exposed = "content-type, content-range, accept-range";
            reply = reply.with("access-control-expose-headers", exposed);
        }
        if request.header("origin").is_some() {
            reply = reply.with("access-control-allow-origin", "*");
        }
        reply.hold = Duration::from_millis(wait);
        reply
    }

    /// The answer of a fault, as a proxy or a dying PHP gives it.
    pub fn fault(&self, kind: &FaultKind, request: &Arrived) -> Reply {
        match kind {
            FaultKind::Unauthorized {} => {
                let params = parameters(request).unwrap_or_default();
                if let Ok((_, house)) = self.authorised(request, &params) {
                    let token = request.header("session-token").unwrap_or_default();
                    lock(&house).sessions.remove(token);
                }
                Failure::new(
                    401,
                    "ERROR_SESSION_TOKEN_INVALID",
                    "session_token seems invalid",
                )
                .reply("en")
            }
            FaultKind::RateLimit { retry_after_s } => {
                let reply = Reply::page(429, "429 Too Many Requests");
                match retry_after_s {
                    Some(seconds) => reply.with("retry-after", &seconds.to_string()),
                    None => reply,
                }
            }
            FaultKind::Error { status, .. } => {
                Reply::page(*status, &format!("{status} Server Error"))
            }
            _ => Reply::page(500, "500 Internal Server Error"),
        }
    }

    /// The newest tickets of an installation, oldest first.
    pub fn tickets(&self, app_token: &str, limit: usize) -> Vec<Value> {
        let Some(house) = self.house(app_token) else {
            return Vec::new();
        };
        let house = lock(&house);
        let newest = house.store.rows(Kind::Ticket).rev().take(limit.min(1_000));
        let mut shown: Vec<_> = newest
            .map(|ticket| showcase::ticket(&house, ticket))
            .collect();
        shown.reverse();
        shown
    }

    /// One ticket as the demo page shows it.
    pub fn ticket(&self, app_token: &str, id: i64) -> Option<Value> {
        let house = self.house(app_token)?;
        let house = lock(&house);
        let ticket = house.store.get(Kind::Ticket, id)?;
        Some(showcase::ticket(&house, ticket))
    }

    /// The settings of an installation.
    fn settings(&self, app_token: &str) -> Option<Installation> {
        let house = self.house(app_token)?;
        Some(lock(&house).settings.clone())
    }

    fn house(&self, app_token: &str) -> Option<Arc<Mutex<House>>> {
        self.houses
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(app_token)
            .cloned()
    }

    fn authorised(
        &self,
        request: &Arrived,
        params: &Map<String, Value>,
    ) -> Result<(String, Arc<Mutex<House>>), Failure> {
        let token = request.header("app-token").map(str::to_owned);
        let token = token.or_else(|| params.get("app_token")?.as_str().map(str::to_owned));
        let token = token.ok_or_else(|| {
            Failure::new(
                400,
                "ERROR_APP_TOKEN_PARAMETERS_MISSING",
                "missing parameter app_token",
            )
        })?;
        let house = self.house(&token).ok_or_else(|| {
            Failure::new(
                400,
                "ERROR_WRONG_APP_TOKEN_PARAMETER",
                "parameter app_token seems wrong",
            )
        })?;
        let (enabled, allowed) = {
            let house = lock(&house);
            (house.settings.api_enabled, house.settings.ip_allowed)
        };
        if !enabled {
            return Err(Failure::generic("API disabled"));
        }
        if !allowed {
            let text = "There isn't an active API client matching your IP address in the \
                        configuration (127.0.0.1)";
            return Err(Failure::new(400, "ERROR_NOT_ALLOWED_IP", text));
        }
        Ok((token, house))
    }

    fn announce(&self, app_token: &str, changed: BTreeSet<i64>) {
        if self.feed.receiver_count() == 0 {
            return;
        }
        for ticket in changed {
            // The last reader may have left meanwhile.
            let _ = self.feed.send(Changed {
                app_token: app_token.to_owned(),
                ticket,
            });
        }
    }
}

fn lock(house: &Mutex<House>) -> MutexGuard<'_, House> {
    house.lock().unwrap_or_else(PoisonError::into_inner)
}
