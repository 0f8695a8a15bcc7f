//! A door with a core and a directory held in memory, and words to talk to it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actors::journal::keys::{Ring, SystemEntropy};
use actors::journal::media::{Incoming, MediaError, MediaStore, Reading};
use actors::journal::{CommitError, Desk, Entry, ReadError, Refused};
use actors::model::{
    ChannelId, ContactId, EffectId, GatewayId, Identity, IdentityKey, InEvent, InSeq, Key, Millis,
    Name, Phone, TenantId,
};
use actors::ports::{ChannelSettings, Clock};
use actors::waiting::Waiting;
use actors::{channel, contact};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use ring::digest;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::config::{Config, Tier};
use crate::directory::{self, Entries, Published, TemplateRow, Token};
use crate::http::{
    Awaited, Bounds, Core, DoorMeters, Edge, EraseFailed, Forgotten, Minutes, Parts, router,
};
use crate::spans::Spans;
use crate::templates::Catalogues;

/// A core that keeps what it is given.
#[derive(Default)]
pub struct Memory {
    pub taken: Mutex<Vec<InEvent>>,
    pub refuses: Mutex<Option<Refused>>,
    pub histories: Mutex<HashMap<Key, Vec<Entry>>>,
    pub desk: Mutex<Desk>,
    pub orders: Mutex<Vec<String>>,
    pub contacts: Mutex<HashMap<ContactId, (contact::State, InSeq)>>,
    pub settings: Mutex<Option<Arc<ChannelSettings>>>,
    pub waiting: Mutex<Vec<Waiting>>,
    pub people: Mutex<HashMap<ContactId, contact::State>>,
    pub files: Mutex<Option<Arc<MediaStore>>>,
}

impl Core for Memory {
    fn ingest(&self, events: Vec<InEvent>) -> Awaited<'_, Result<(), Refused>> {
        Box::pin(async move {
            if let Some(refused) = self.refuses.lock().expect("no panic").clone() {
                return Err(refused);
            }
            self.taken.lock().expect("no panic").extend(events);
            Ok(())
        })
    }

    fn health(&self) -> Awaited<'_, Value> {
        Box::pin(async {
            serde_json::json!({
                "contacts": {"live": 1, "parked": 1, "parked_ids": ["ct_1"], "some": ["ct_2"]},
                "gateways": [{"tenant": "demo"}, {"tenant": "other"}],
            })
        })
    }

    fn timeline(&self, key: Key) -> Awaited<'_, Result<Vec<Entry>, ReadError>> {
        let found = self.histories.lock().expect("no panic").get(&key).cloned();
        Box::pin(async { Ok(found.unwrap_or_default()) })
    }

    fn contact(&self, id: ContactId) -> Awaited<'_, Result<contact::State, ReadError>> {
        let found = self.people.lock().expect("no panic").get(&id).cloned();
        Box::pin(async { Ok(found.unwrap_or_default()) })
    }

    fn channel(&self, id: ChannelId) -> Awaited<'_, Result<channel::State, ReadError>> {
        let taken = self.taken.lock().expect("no panic").clone();
        let inputs = taken.iter().filter(|event| event.key == Key::Channel(id));
        let state = inputs.fold(channel::State::default(), |state, event| {
            let context = channel::Context {
                now: event.received,
                kept_ms: u64::MAX,
                position: InSeq(1),
                seen_before: false,
            };
            channel::decide(&state, event, context).state
        });
        Box::pin(async { Ok(state) })
    }

    fn contact_at(&self, id: ContactId) -> Awaited<'_, Result<(contact::State, InSeq), ReadError>> {
        let contacts = self.contacts.lock().expect("no panic");
        let found = contacts.get(&id).cloned().unwrap_or_default();
        Box::pin(async { Ok(found) })
    }

    /// Decided at once, as the contact's actor would.
    fn command(&self, event: InEvent) -> Awaited<'_, Result<InSeq, Refused>> {
        if let Some(refused) = self.refuses.lock().expect("no panic").clone() {
            return Box::pin(async { Err(refused) });
        }
        let mut contacts = self.contacts.lock().expect("no panic");
        let Key::Contact(id) = event.key else {
            panic!("a command to a contact");
        };
        let (state, consumed) = contacts.entry(id).or_default();
        *consumed = InSeq(consumed.0 + 1);
        let settings = self.settings.lock().expect("no panic").clone();
        let context = contact::Context {
            again: None,
            now: event.received,
            position: *consumed,
            seen_before: false,
            settings: settings.as_deref(),
            alias_of: None,
            siblings: &[],
        };
        *state = contact::decide(state, &event, context).state;
        let position = *consumed;
        self.taken.lock().expect("no panic").push(event);
        Box::pin(async move { Ok(position) })
    }

    fn waiting(&self, tenant: &TenantId, queue: &Name) -> Vec<Waiting> {
        let rows = self.waiting.lock().expect("no panic").clone();
        let here = |row: &Waiting| row.tenant == *tenant && row.queue.as_ref() == Some(queue);
        rows.into_iter().filter(here).collect()
    }

    fn waiting_is_complete(&self) -> bool {
        true
    }

    fn desk(&self, _: usize) -> Awaited<'_, Result<Desk, ReadError>> {
        let desk = self.desk.lock().expect("no panic").clone();
        Box::pin(async { Ok(desk) })
    }

    fn redrive(&self, effect: EffectId) {
        self.orders
            .lock()
            .expect("no panic")
            .push(format!("redrive {effect}"));
    }

    fn dismiss(&self, effect: EffectId) {
        self.orders
            .lock()
            .expect("no panic")
            .push(format!("dismiss {effect}"));
    }

    fn release(&self, position: InSeq, input: InEvent) -> Awaited<'_, Result<(), Refused>> {
        let order = format!("release {} of {}", position.0, input.key);
        self.orders.lock().expect("no panic").push(order);
        Box::pin(async { Ok(()) })
    }

    fn discard(&self, key: Key, position: InSeq) -> Awaited<'_, Result<(), CommitError>> {
        let order = format!("discard {} of {key}", position.0);
        self.orders.lock().expect("no panic").push(order);
        Box::pin(async { Ok(()) })
    }

    fn erase(
        &self,
        contact: ContactId,
        of: Option<TenantId>,
    ) -> Awaited<'_, Result<Option<Forgotten>, EraseFailed>> {
        let order = format!("erase {contact} of {of:?}");
        self.orders.lock().expect("no panic").push(order);
        Box::pin(async { Ok(None) })
    }

    fn media(
        &self,
        contact: ContactId,
        name: String,
    ) -> Awaited<'_, Result<Option<Reading>, MediaError>> {
        let files = self.files.lock().expect("no panic").clone();
        Box::pin(async move { files.map_or(Ok(None), |files| files.read(contact, &name)) })
    }

    fn keep(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Awaited<'_, Result<Incoming, MediaError>> {
        let files = self.files.lock().expect("no panic").clone();
        Box::pin(async move { files.ok_or(MediaError::Full)?.begin(&tenant, contact) })
    }

    fn unpark(&self, contact: ContactId) {
        self.orders
            .lock()
            .expect("no panic")
            .push(format!("unpark {contact}"));
    }
}

/// A clock that stands until it is moved.
#[derive(Default)]
pub struct Hand(AtomicU64);

impl Hand {
    pub fn forward(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::Relaxed))
    }
}

/// The door and what stands behind it.
pub struct Bench {
    pub core: Arc<Memory>,
    pub clock: Arc<Hand>,
    pub router: Router,
    pub directory: Arc<Published>,
    pub identity: IdentityKey,
}

/// An answer with its body read.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

pub fn name(text: &str) -> Name {
    Name::new(text).expect("a valid name")
}

impl Bench {
    /// With `places` requests at a time.
    pub fn with_places(places: usize) -> Self {
        let core = Arc::new(Memory::default());
        let clock = Arc::new(Hand::default());
        clock.forward(1_800_000_000_000);
        let folder = tempfile::tempdir().expect("a folder");
        let ring = Arc::new(Ring::generate(&SystemEntropy));
        let limits = directory::Limits::from(&Config::default());
        let directory = Published::open(folder.path(), ring, limits).expect("an empty one");
        directory
            .publish(1, &entries(clock.now()))
            .expect("rows that fit");
        let directory = Arc::new(directory);
        let identity = IdentityKey::new(&[7; 32]);
        let edge = Edge::new(Parts {
            core: core.clone(),
            directory: directory.clone(),
            identity: identity.clone(),
            clock: clock.clone(),
            bounds: Bounds {
                webhook_bytes_max: 3_145_728,
                api_bytes_max: 1_024,
                request_time: Duration::from_secs(10),
            },
            minutes: Minutes::new(100),
            places: Semaphore::new(places),
            tracer: Arc::default(),
            meters: DoorMeters::default(),
            spans: Spans::default(),
            recorder: crate::recording::Recorder::new(identity.clone()),
            metrics: Box::new(|| "chasqui_up 1\n".to_owned()),
            closing: watch::channel(false).1,
            catalogues: Catalogues::new().0,
            setup: None,
        });
        Self {
            core,
            clock,
            router: router(edge),
            directory,
            identity,
        }
    }

    pub fn new() -> Self {
        Self::with_places(16)
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let mut request = Request::get(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.send(request.body(Body::empty()).expect("a valid request"))
            .await
    }

    pub async fn post(&self, path: &str, token: &str) -> Answer {
        let request = Request::post(path).header("authorization", format!("Bearer {token}"));
        self.send(request.body(Body::empty()).expect("a valid request"))
            .await
    }

    /// An answer that goes on.
    pub async fn stream(&self, path: &str, token: &str) -> Body {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        let request = request.body(Body::empty()).expect("a valid request");
        let response = self.router.clone().oneshot(request).await;
        response.expect("infallible").into_body()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::String(text));
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub fn contact(&self, tenant: &str, number: &str) -> Key {
        let phone = Identity::Phone(Phone::parse(number).expect("a number"));
        Key::Contact(self.identity.contact_id(&name(tenant), &phone))
    }
}

/// The demo's directory, a second tenant with a number of its own, and their tokens.
fn entries(now: Millis) -> Entries {
    let listen = "127.0.0.1:0".parse().expect("an address");
    let demo = Config::demo("data".into(), listen, "http://127.0.0.1:8090").bootstrap;
    let mut entries = Entries {
        tenants: demo.tenants,
        glpi_connections: demo.glpi_connections,
        queues: demo.queues,
        channels: demo.channels,
        cohorts: demo.cohorts,
        rules: demo.rules,
        tokens: tokens(now),
        templates: templates(),
    };
    let mut tenant = entries.tenants[0].clone();
    (tenant.id, tenant.tier) = (name("other"), Tier::Basic);
    tenant.responsible = "rosa".to_owned();
    entries.tenants.push(tenant);
    let mut channel = entries.channels[0].clone();
    (channel.id, channel.tenant, channel.glpi) = (name("other-meta"), name("other"), None);
    (channel.phone_number_id, channel.queue) = ("106540352242923".into(), None);
    entries.channels.push(channel);
    entries
}

/// One template of the demo's number at Meta, and one that rests.
fn templates() -> Vec<TemplateRow> {
    let row = |name: &str, category: &str, approval: &str, body: &str| TemplateRow {
        channel: self::name("demo-meta"),
        name: name.to_owned(),
        language: "es".to_owned(),
        category: category.to_owned(),
        approval: approval.to_owned(),
        provider_id: "1".to_owned(),
        second_id: None,
        header: String::new(),
        header_media: String::new(),
        body: body.to_owned(),
        footer: String::new(),
        buttons: "[]".to_owned(),
    };
    vec![
        row("ticket_update", "utility", "approved", "Hola {{1}}: {{2}}"),
        row("promo", "marketing", "approved", "Oferta para {{1}}"),
        row("rests", "utility", "paused", "Hola"),
    ]
}

fn tokens(now: Millis) -> Vec<Token> {
    let all = [
        "health:read",
        "contacts:read",
        "effects:read",
        "templates:read",
        "messages:write",
        "contacts:erase",
    ];
    let token = |text: &str, tenant: Option<&str>, scopes: &[&str], expires_at_s| Token {
        digest: hex::encode(digest::digest(&digest::SHA256, text.as_bytes())),
        tenant: tenant.map(name),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        expires_at_s,
    };
    let now_s = now.0 / 1000;
    vec![
        token("demo-token", Some("demo"), &all, Some(now_s + 3600)),
        token("other-token", Some("other"), &all, None),
        token("other-second", Some("other"), &all, None),
        token("other-third", Some("other"), &all, None),
        token("other-fourth", Some("other"), &all, None),
        token("health-token", Some("demo"), &["health:read"], None),
        token("ended-token", Some("demo"), &all, Some(now_s)),
        token("desk-token", Some("demo"), &["effects:write"], None),
        token("setup-token", Some("demo"), &["setup"], None),
        token(
            "other-people",
            Some("other"),
            &["contacts:read", "conversations:write"],
            None,
        ),
        token(
            "people-token",
            Some("demo"),
            &["contacts:read", "conversations:write"],
            None,
        ),
        token(
            "operator-token",
            None,
            &[&all[..], &["effects:write", "templates:write"]].concat(),
            None,
        ),
    ]
}

/// The gateway of a tenant's channel.
pub fn gateway(tenant: &str) -> GatewayId {
    GatewayId::of("meta", &name(tenant), &name(&format!("{tenant}-meta")))
}
