//! A door with a core and a directory held in memory, and words to talk to it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actors::journal::{Desk, Entry, ReadError, Refused};
use actors::model::{
    ChannelId, GatewayId, Identity, IdentityKey, InEvent, Key, Millis, Name, Phone, TenantId,
};
use actors::ports::Clock;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::http::auth::sha256;
use crate::http::webhooks::meta::{AppSecret, Line};
use crate::http::{
    Awaited, Bounds, Core, Directory, Edge, MetaDoor, Minutes, Parts, Reach, Shelf, Token, router,
};

/// A core that keeps what it is given.
#[derive(Default)]
pub struct Memory {
    pub taken: Mutex<Vec<InEvent>>,
    pub refuses: Mutex<Option<Refused>>,
    pub histories: Mutex<HashMap<Key, Vec<Entry>>>,
    pub desk: Mutex<Desk>,
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
        Box::pin(async { serde_json::json!({"contacts": {"live": 1}}) })
    }

    fn timeline(&self, key: Key) -> Awaited<'_, Result<Vec<Entry>, ReadError>> {
        let found = self.histories.lock().expect("no panic").get(&key).cloned();
        Box::pin(async { Ok(found.unwrap_or_default()) })
    }

    fn desk(&self, _: usize) -> Awaited<'_, Result<Desk, ReadError>> {
        let desk = self.desk.lock().expect("no panic").clone();
        Box::pin(async { Ok(desk) })
    }
}

/// A directory with the tenants `demo` (no limit) and `other` (300 a minute).
pub struct Book(HashMap<[u8; 32], Token>);

impl Directory for Book {
    fn token(&self, sha256: &[u8; 32]) -> Option<Token> {
        self.0.get(sha256).cloned()
    }

    fn requests_per_minute(&self, tenant: &TenantId) -> Option<u32> {
        (tenant.as_str() == "other").then_some(300)
    }

    fn tenant_of(&self, gateway: &GatewayId) -> Option<TenantId> {
        let tenants = [name("demo"), name("other")];
        let owns = |tenant: &TenantId| GatewayId::of("meta", tenant, &name("line")) == *gateway;
        tenants.into_iter().find(owns)
    }

    fn meta_door(&self, asked: &Name) -> Option<Arc<MetaDoor>> {
        (asked.as_str() == "demo-meta").then(|| {
            let tenant = name("demo");
            let channel = ChannelId::of(&tenant, asked);
            let line = Line {
                tenant,
                channel,
                phone_number_id: "106540352242922".into(),
            };
            let app_secret = AppSecret::new("demo-app-secret").expect("not empty");
            Arc::new(MetaDoor {
                line,
                app_secret,
                verify_token: "demo-verify-token".into(),
            })
        })
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
        let identity = IdentityKey::new(&[7; 32]);
        let edge = Edge::new(Parts {
            core: core.clone(),
            directory: Arc::new(Book(tokens(clock.now()))),
            identity: identity.clone(),
            clock: clock.clone(),
            bounds: Bounds {
                webhook_bytes_max: 3_145_728,
                request_time: Duration::from_secs(10),
            },
            minutes: Minutes::new(100),
            places: Semaphore::new(places),
            unplaced: Shelf::default(),
            metrics: Box::new(|| "chasqui_up 1\n".to_owned()),
            closing: watch::channel(false).1,
        });
        Self {
            core,
            clock,
            router: router(edge),
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

fn tokens(now: Millis) -> HashMap<[u8; 32], Token> {
    let all = ["health:read", "contacts:read", "effects:read"];
    let token = |text: &str, reach: Reach, scopes: &[&str], expires| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        (
            sha256(text.as_bytes()),
            Token {
                reach,
                scopes,
                expires,
            },
        )
    };
    let demo = || Reach::Tenant(name("demo"));
    let other = || Reach::Tenant(name("other"));
    HashMap::from([
        token("demo-token", demo(), &all, Some(now.plus_ms(3_600_000))),
        token("other-token", other(), &all, None),
        token("other-second", other(), &all, None),
        token("other-third", other(), &all, None),
        token("other-fourth", other(), &all, None),
        token("health-token", demo(), &["health:read"], None),
        token("ended-token", demo(), &all, Some(now)),
        token("operator-token", Reach::Platform, &all, None),
    ])
}
