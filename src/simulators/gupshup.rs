//! Gupshup's self-serve API as its clients see it, written from the API sheet.
//!
//! Every number is an `App`, keyed by its API key, so that the apps of many tenants live side by
//! side. Sending is in `sending`, the phone side in `inbound`, the account's own edges in `account`,
//! events in `event` (their bytes) and `courier` (their delivery), changes of its world in `control`.

mod account;
pub mod app;
mod checks;
mod control;
mod courier;
mod event;
pub mod fetch;
pub mod inbound;
mod refusal;
mod sending;
pub mod settings;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::sync::watch;

use super::Surroundings;
use super::exchange::{Arrived, Mark, Provider, Reply};
use super::faults::Kind;
use super::meta::media::{KeptFile, Media};
use super::whatsapp::courier::run;
use app::App;
use event::Event;
use fetch::Fetcher;
use refusal::Refusal;
use settings::AppSettings;

/// Life of a file's address, milliseconds.
const FILE_LIFE_MS: i64 = 7 * 86_400_000;

/// All simulated apps.
#[derive(Debug)]
pub struct Gupshup {
    by_slug: ArcSwap<HashMap<String, Arc<App>>>,
    changes: Mutex<()>,
    around: Arc<Surroundings>,
    client: reqwest::Client,
    closing: watch::Receiver<bool>,
    media: Arc<Media>,
}

/// Why a change of the world was refused.
#[derive(Debug, Error)]
pub enum WorldError {
    /// A field is unknown or has the wrong kind.
    #[error("channel {slug}: {source}")]
    Settings {
        /// The channel named in the change.
        slug: String,
        /// What serde found.
        source: serde_json::Error,
    },
    /// A new channel without what it is addressed by.
    #[error("channel {0}: a new app needs name, id, api_key and source")]
    Incomplete(String),
    /// The key or the id belongs to another channel.
    #[error("channel {0}: its api_key or id belongs to another channel")]
    Taken(String),
}

impl Gupshup {
    /// No apps yet.
    pub fn new(
        around: Arc<Surroundings>,
        client: reqwest::Client,
        closing: watch::Receiver<bool>,
    ) -> Self {
        Self {
            by_slug: ArcSwap::default(),
            changes: Mutex::default(),
            around,
            client,
            closing,
            media: Arc::default(),
        }
    }

    /// Adds an app or replaces its settings. Call it inside a tokio runtime: a new app starts its
    /// courier. A new address is told that it was set, as Gupshup does.
    pub fn put(&self, settings: AppSettings) -> Result<(), WorldError> {
        let _one_at_a_time = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let slug = settings.slug.clone();
        let needed = [
            &slug,
            &settings.name,
            &settings.id,
            &settings.api_key,
            &settings.source,
        ];
        if needed.iter().any(|field| field.is_empty()) {
            return Err(WorldError::Incomplete(slug));
        }
        let mut apps = HashMap::clone(&self.by_slug.load());
        let collides = |other: &Arc<App>| {
            let other = other.settings();
            let same = other.api_key == settings.api_key || other.id == settings.id;
            other.slug != slug && same
        };
        if apps.values().any(collides) {
            return Err(WorldError::Taken(slug));
        }
        let address = settings.callback_url.clone();
        let (app, before) = match apps.get(&slug) {
            Some(app) => {
                let before = app.settings().callback_url.clone();
                app.set(settings);
                app.courier.nudge();
                (app.clone(), before)
            }
            None => {
                let app = Arc::new(App::new(settings, self.around.clone()));
                tokio::spawn(run(app.clone(), self.client.clone(), self.closing.clone()));
                (app, None)
            }
        };
        if address.is_some() && address != before {
            let event = Event::User {
                phone: "callbackSetPhone".to_owned(),
                kind: "sandbox-start",
            };
            app.courier.post(&*app, event, Duration::ZERO);
        }
        apps.insert(slug, app);
        self.by_slug.store(Arc::new(apps));
        Ok(())
    }

    /// The app with this channel slug.
    pub fn app(&self, slug: &str) -> Option<Arc<App>> {
        self.by_slug.load().get(slug).cloned()
    }

    /// Keeps a file that a person sends to the app with this id, at an address of `host` that is
    /// good for a week and asks for no proof (Gupshup, media).
    pub fn keep_file(&self, app: &str, mime: &str, bytes: Bytes, host: &str) -> KeptFile {
        let id = self.around.ids.bits() >> 12;
        let kept = self.media.keep(id, app, mime, bytes);
        let path = format!("gupshup/wa/{app}/wa/media/{}", kept.id);
        KeptFile {
            url: Some(format!("http://{host}/{path}?download=false")),
            expires_ms: Some(self.around.clock.now_ms() + FILE_LIFE_MS),
            ..kept
        }
    }

    /// The bytes of a file that the app with this id holds.
    pub fn file(&self, id: &str, owner: &str) -> Option<Reply> {
        self.media.open(id, owner)
    }

    /// Settings and queues of all apps, keys included: this is a test bench.
    pub fn describe(&self) -> Value {
        let apps = self.by_slug.load();
        let entries = apps.iter().map(|(slug, app)| {
            let settings = serde_json::to_value(&*app.settings()).unwrap_or_default();
            let facts = json!({
                "settings": settings,
                "webhooks": app.courier.describe(),
                "balance_micros": app.balance_micros(),
            });
            (slug.clone(), facts)
        });
        Value::Object(entries.collect())
    }

    /// What a request is about.
    pub fn mark(request: &Arrived) -> Mark {
        if !request.path.ends_with("/msg") {
            return Mark::default();
        }
        let form = sending::form(request);
        Mark {
            effect: sending::tracking(&form),
            recipient: sending::recipient(&form),
        }
    }

    /// Answers a request.
    pub fn answer(&self, request: &Arrived) -> Reply {
        if let ["wa", app, "wa", "media", id] = request.segments(Provider::Gupshup).as_slice() {
            let kept = self.media.open(id, app);
            return kept.unwrap_or_else(|| Reply::text(404, "text/plain", "Not Found"));
        }
        let key = request.header("apikey").unwrap_or_default();
        let app = self
            .by_slug
            .load()
            .values()
            .find(|app| app.settings().api_key == key)
            .cloned();
        let nested = |app: &Arc<App>| app.settings().oddities.nested_refusal;
        match app {
            Some(app) => {
                let fetcher = Fetcher {
                    client: self.client.clone(),
                    media: self.media.clone(),
                    around: self.around.clone(),
                };
                let answer = route(&app, request, fetcher);
                answer.unwrap_or_else(|refusal| refusal.reply(nested(&app)))
            }
            None => {
                let nested = self.by_slug.load().values().any(nested);
                Refusal::UNAUTHENTICATED.reply(nested)
            }
        }
    }

    /// The answer of a fault, in Gupshup's own shape.
    pub fn fault(&self, kind: &Kind) -> Reply {
        match kind {
            Kind::RateLimit { retry_after_s } => {
                let reply = Refusal::THROTTLED.reply(false);
                match retry_after_s {
                    Some(seconds) => reply.with("retry-after", &seconds.to_string()),
                    None => reply,
                }
            }
            Kind::Unauthorized {} => Refusal::UNAUTHENTICATED.reply(false),
            Kind::Refuse { .. } => Refusal::bad("Invalid Destination").reply(false),
            Kind::Error { status, .. } => Refusal {
                status: *status,
                message: "Internal server error",
            }
            .reply(false),
            _ => Refusal {
                status: 500,
                message: "Internal server error",
            }
            .reply(false),
        }
    }
}

fn route(app: &Arc<App>, request: &Arrived, fetcher: Fetcher) -> Result<Reply, Refusal> {
    let settings = app.settings();
    let path = request.segments(Provider::Gupshup);
    let own_name = |name: &str| super::exchange::decoded(name) == settings.name;
    let method = request.method.as_str();
    match (method, path.as_slice()) {
        ("POST", ["wa", "api", "v1", "msg"]) => {
            sending::session(app, &sending::form(request), fetcher)
        }
        ("POST", ["wa" | "sm", "api", "v1", "template", "msg"]) => {
            sending::template(app, &sending::form(request))
        }
        ("PUT", ["wa", "app", id, "msg", message, "read"]) if *id == settings.id => {
            sending::read(app, message)
        }
        ("GET", ["wa", "app", id, "template"]) if *id == settings.id => Ok(account::templates(app)),
        ("GET", ["sm", "api", "v1", "template", "list", name]) if own_name(name) => {
            Ok(account::templates(app))
        }
        ("POST", ["sm", "api", "v1", "app", "opt", way @ ("in" | "out"), name])
            if own_name(name) =>
        {
            account::consent(app, *way == "in", &sending::form(request))
        }
        ("GET", ["sm", "api", "v1", "users", name]) if own_name(name) => Ok(account::users(app)),
        ("GET", ["sm", "api", "v2", "wallet", "balance"]) => Ok(account::wallet(app)),
        (_, ["wa" | "sm", ..]) => Err(Refusal::bad("Invalid App Details")),
        _ => Err(Refusal {
            status: 404,
            message: "Not Found",
        }),
    }
}
