//! The WhatsApp Cloud API as its clients see it, written from the API sheet.
//!
//! Every business number is a `Line`, keyed by phone number id and guarded by its token, so
//! that the numbers of many tenants live side by side. Sending is in `sending`, the phone
//! side in `inbound`, webhooks in `webhook` (their bytes) and `courier` (their delivery), changes of
//! its world in `control`.

mod account;
mod checks;
mod control;
mod courier;
mod errors;
pub mod inbound;
pub mod line;
pub(super) mod media;
mod sending;
pub mod settings;
pub(super) mod shown;
mod templates;
mod webhook;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use axum::http::Method;
use bytes::Bytes;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::sync::watch;

use super::Surroundings;
use super::exchange::{Arrived, Mark, Provider, Reply};
use super::faults::Kind;
use super::whatsapp::courier::run;
use errors::Refusal;
use line::Line;
use media::{KeptFile, Media};
use settings::LineSettings;

/// All simulated numbers.
#[derive(Debug)]
pub struct Meta {
    lines: ArcSwap<Lines>,
    changes: Mutex<()>,
    media: Media,
    around: Arc<Surroundings>,
    client: reqwest::Client,
    closing: watch::Receiver<bool>,
}

#[derive(Debug, Default, Clone)]
struct Lines {
    by_id: HashMap<String, Arc<Line>>,
    by_slug: HashMap<String, Arc<Line>>,
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
    /// A new channel without the id it is addressed by.
    #[error("channel {0}: a new channel needs phone_number_id, access_token and app_secret")]
    Incomplete(String),
    /// The phone number id belongs to another channel.
    #[error("channel {0}: its phone_number_id belongs to another channel")]
    Taken(String),
}

impl Meta {
    /// No numbers yet.
    pub fn new(
        around: Arc<Surroundings>,
        client: reqwest::Client,
        closing: watch::Receiver<bool>,
    ) -> Self {
        Self {
            lines: ArcSwap::default(),
            changes: Mutex::default(),
            media: Media::default(),
            around,
            client,
            closing,
        }
    }

    /// Adds a number or replaces its settings. Call it inside a tokio runtime: a new number
    /// starts its courier.
    pub fn put(&self, settings: LineSettings) -> Result<(), WorldError> {
        let _one_at_a_time = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let slug = settings.slug.clone();
        if [
            &slug,
            &settings.phone_number_id,
            &settings.access_token,
            &settings.app_secret,
        ]
        .iter()
        .any(|field| field.is_empty())
        {
            return Err(WorldError::Incomplete(slug));
        }
        let mut lines = Lines::clone(&self.lines.load());
        let owner = lines.by_id.get(&settings.phone_number_id);
        if owner.is_some_and(|owner| owner.settings().slug != slug) {
            return Err(WorldError::Taken(slug));
        }
        let id = settings.phone_number_id.clone();
        let line = match lines.by_slug.get(&slug) {
            Some(line) => {
                lines.by_id.remove(&line.settings().phone_number_id);
                line.set(settings);
                line.courier.nudge();
                line.clone()
            }
            None => {
                let line = Arc::new(Line::new(settings, self.around.clone()));
                tokio::spawn(run(line.clone(), self.client.clone(), self.closing.clone()));
                line
            }
        };
        lines.by_id.insert(id, line.clone());
        lines.by_slug.insert(slug, line);
        self.lines.store(Arc::new(lines));
        Ok(())
    }

    /// The number with this channel slug.
    pub fn line(&self, slug: &str) -> Option<Arc<Line>> {
        self.lines.load().by_slug.get(slug).cloned()
    }

    /// Keeps a file that a person sends to the number with this id.
    pub fn keep_file(&self, owner: &str, mime: &str, bytes: Bytes) -> KeptFile {
        let id = self.around.ids.bits() >> 12;
        self.media.keep(id, owner, mime, bytes)
    }

    /// The bytes of a file that the number with this id holds.
    pub fn file(&self, id: &str, owner: &str) -> Option<Reply> {
        self.media.open(id, owner)
    }

    /// Settings and queues of all numbers, secrets included: this is a test bench.
    pub fn describe(&self) -> Value {
        let lines = self.lines.load();
        let entries = lines.by_slug.iter().map(|(slug, line)| {
            let settings = serde_json::to_value(&*line.settings()).unwrap_or_default();
            (
                slug.clone(),
                json!({"settings": settings, "webhooks": line.courier.describe()}),
            )
        });
        Value::Object(entries.collect())
    }

    /// What a request is about.
    pub fn mark(request: &Arrived) -> Mark {
        if request.method != Method::POST || !request.path.ends_with("/messages") {
            return Mark::default();
        }
        let text = |name: &str| request.json()?.get(name)?.as_str().map(str::to_owned);
        Mark {
            effect: text("biz_opaque_callback_data"),
            recipient: text("to").or_else(|| text("recipient")),
        }
    }

    /// Answers a request.
    pub fn answer(&self, request: &Arrived) -> Reply {
        let answer = self.route(request);
        answer.unwrap_or_else(|refusal| refusal.reply(self.around.ids.bits()))
    }

    /// The answer of a fault, in the Cloud API's own shape.
    pub fn fault(&self, kind: &Kind) -> Reply {
        let trace = self.around.ids.bits();
        let refusal = |code, details: &str| Refusal::new(code, details).reply(trace);
        match kind {
            Kind::RateLimit { retry_after_s } => {
                let reply = refusal(130429, "Cloud API message throughput has been reached.");
                match retry_after_s {
                    Some(seconds) => reply.with("retry-after", &seconds.to_string()),
                    None => reply,
                }
            }
            // The API's own code would say that the message was not sent; only a machine before
            // it can fail with the message sent.
            Kind::Error {
                status,
                processed: true,
            } => Reply::page(*status, &format!("{status} Server Error")),
            Kind::Error { status, .. } => {
                let code = if *status == 503 { 131016 } else { 131000 };
                let mut reply = refusal(code, "Message failed to send due to an unknown error.");
                reply.status = *status;
                reply
            }
            Kind::Refuse { code } => refusal(*code, "Refused by the simulated world."),
            Kind::Unauthorized {} => {
                refusal(190, "Error validating access token: Session has expired.")
            }
            _ => refusal(131000, "Something went wrong."),
        }
    }

    fn route(&self, request: &Arrived) -> Result<Reply, Refusal> {
        let mut path = request.segments(Provider::Meta);
        if path.first().is_some_and(|first| is_version(first)) {
            path.remove(0);
        }
        let method = request.method.as_str();
        match (method, path.as_slice()) {
            ("POST", [id, "messages"]) => {
                let line = self.authorised(request, id)?;
                let body = json_body(request)?;
                shown::check(body, &self.media, id)?;
                sending::post(&line, body)
            }
            ("POST", [id, "media"]) => {
                self.authorised(request, id)?;
                self.media.upload(request, id, self.around.ids.bits() >> 12)
            }
            ("GET", ["_media", id]) => {
                let owner = self.by_token(request)?;
                Ok(self
                    .media
                    .download(request, id, &owner, self.around.clock.now_s()))
            }
            (_, [id]) if !self.lines.load().by_id.contains_key(*id) => {
                let owner = self.by_token(request)?;
                match self.by_template(request, id) {
                    Some(line) if method == "POST" => {
                        templates::edit(&line, id, json_body(request)?)
                    }
                    _ => self
                        .media
                        .answer(request, id, &owner, self.around.clock.now_s()),
                }
            }
            (_, [id, rest @ ..]) => {
                let line = match self.authorised(request, id) {
                    Ok(line) => line,
                    Err(refusal) => match self.by_account(request, id) {
                        Some(line) => line,
                        // A token that nobody has is said first.
                        None => return Err(self.by_token(request).err().unwrap_or(refusal)),
                    },
                };
                account::answer(&line, method, id, rest, request)
            }
            _ => Err(Refusal::no_such_object("")),
        }
    }

    fn authorised(&self, request: &Arrived, id: &str) -> Result<Arc<Line>, Refusal> {
        let token = bearer(request)?;
        let lines = self.lines.load();
        let line = lines
            .by_id
            .get(id)
            .ok_or_else(|| Refusal::no_such_object(id))?;
        if line.settings().access_token != token {
            return Err(Refusal::new(
                190,
                "Invalid OAuth access token - Cannot parse access token",
            ));
        }
        Ok(line.clone())
    }

    fn by_account(&self, request: &Arrived, id: &str) -> Option<Arc<Line>> {
        let token = bearer(request).ok()?;
        let lines = self.lines.load();
        let owned = lines.by_id.values().find(|line| {
            let settings = line.settings();
            settings.access_token == token && settings.waba_id == id
        });
        owned.cloned()
    }

    /// The number whose account has a template of this id, for a token that may act for it.
    fn by_template(&self, request: &Arrived, id: &str) -> Option<Arc<Line>> {
        let token = bearer(request).ok()?;
        let lines = self.lines.load();
        let mut lines = lines.by_id.values();
        let owner =
            lines.find(|line| line.settings().access_token == token && templates::has(line, id));
        owner.cloned()
    }

    /// The phone number id that a token acts for.
    fn by_token(&self, request: &Arrived) -> Result<String, Refusal> {
        let token = bearer(request)?;
        let lines = self.lines.load();
        let owned = lines
            .by_id
            .values()
            .find(|line| line.settings().access_token == token);
        let owned = owned.map(|line| line.settings().phone_number_id.clone());
        owned.ok_or_else(|| {
            Refusal::new(
                190,
                "Invalid OAuth access token - Cannot parse access token",
            )
        })
    }
}

fn bearer(request: &Arrived) -> Result<&str, Refusal> {
    let token = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    token.ok_or_else(|| Refusal::new(190, "An access token is required to request this resource."))
}

fn json_body(request: &Arrived) -> Result<&Value, Refusal> {
    let body = request.json().filter(|body| body.is_object());
    body.ok_or_else(|| Refusal::new(100, "The body must be a JSON object"))
}

/// `v23.0`, `v25.0`, …
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    !number.is_empty()
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}
