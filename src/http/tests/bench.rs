//! A door with a core and a directory held in memory, and words to talk to it.

mod memory;
mod rows;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actors::journal::Entry;
use actors::journal::keys::{Ring, SystemEntropy};
use actors::model::{GatewayId, Identity, IdentityKey, Key, Millis, Name, Phone};
use actors::ports::Clock;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::config::Config;
use crate::directory::{self, Published};
use crate::http::{Bounds, DoorMeters, Edge, Minutes, Parts, router};
use crate::spans::Spans;
use crate::templates::Catalogues;
pub use memory::Memory;
use rows::entries;

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

    /// What is on record of an entity.
    pub fn records(&self, key: Key, entries: Vec<Entry>) {
        let histories = &self.core.histories;
        histories.lock().expect("no panic").insert(key, entries);
    }

    pub fn contact(&self, tenant: &str, number: &str) -> Key {
        let phone = Identity::Phone(Phone::parse(number).expect("a number"));
        Key::Contact(self.identity.contact_id(&name(tenant), &phone))
    }
}
/// The gateway of a tenant's channel.
pub fn gateway(tenant: &str) -> GatewayId {
    GatewayId::of("meta", &name(tenant), &name(&format!("{tenant}-meta")))
}
