//! The door: everything that comes in over HTTP.
//!
//! Providers speak to `/webhooks`, clients of the API to `/api`, whoever watches the service to the
//! three addresses without a body. All routes stand on one page, [`router`], grouped by who calls
//! them. Nothing is done inside a webhook's request but to verify it, to read it and to make its
//! events durable; the answer is 200 only after that.

pub mod api;
mod auth;
pub mod body;
mod core;
mod door;
mod error;
mod files;
mod live;
mod meters;
mod minutes;
pub mod serve;
#[cfg(test)]
mod tests;
mod unplaced;
pub mod webhooks;
mod window;

use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use actors::model::IdentityKey;
use actors::ports::Clock;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{self, Next, from_extractor_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::directory::Published;
use crate::recording::Recorder;
use crate::setup::SetUp;
use crate::spans::Spans;
use crate::store::{Direction, Trace, TraceLevel};
use crate::templates::Catalogues;
use crate::trace::Tracer;

pub use auth::{Caller, Scope};
pub use core::{Awaited, Core, EraseFailed, Forgotten};
pub use error::ApiError;
pub use meters::DoorMeters;
pub use minutes::Minutes;

/// Everything behind the routes.
#[derive(Clone)]
pub struct Edge(Arc<Parts>);

/// The parts of [`Edge`].
pub struct Parts {
    /// The running system.
    pub core: Arc<dyn Core>,
    /// The published directory.
    pub directory: Arc<Published>,
    /// Names contacts and recognises repeated inputs.
    pub identity: IdentityKey,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What is refused at the door.
    pub bounds: Bounds,
    /// The requests of the last minute.
    pub minutes: Minutes,
    /// A place for each request under way.
    pub places: Semaphore,
    /// Where requests leave their lines.
    pub tracer: Arc<Tracer>,
    /// What the door counts.
    pub meters: DoorMeters,
    /// Where messages are traced.
    pub spans: Spans,
    /// Where messages leave for recordings.
    pub recorder: Recorder,
    /// The metrics in Prometheus' text format.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// Becomes true when the server is told to stop.
    pub closing: watch::Receiver<bool>,
    /// Where templates are synchronised.
    pub catalogues: Catalogues,
    /// Where rows are set up; none without a database.
    pub setup: Option<SetUp>,
}

/// The bounds of the door.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Largest webhook body in bytes.
    pub webhook_bytes_max: u64,
    /// Largest body of an API request in bytes.
    pub api_bytes_max: u64,
    /// Time for the body of a request, and as much again for the work on it.
    pub request_time: Duration,
}

impl Edge {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Edge {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// All routes, grouped by who calls them.
pub fn router(edge: Edge) -> Router {
    // Operators of a tenant or of the service, with a bearer token; their addresses stand on a page
    // of their own.
    let clients = api::routes::operations()
        .into_iter()
        .fold(Router::new(), |router, operation| {
            router.route(operation.path, operation.handler)
        })
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(edge.clone(), sized))
        .layer(from_extractor_with_state::<Caller, Edge>(edge.clone()))
        .layer(middleware::from_fn_with_state(edge.clone(), noted));
    // WhatsApp's providers, each with its own proof; their handlers keep to the bounds themselves.
    let doors = Router::new()
        .route(
            "/webhooks/meta/{channel}",
            get(door::handshake).post(door::receive),
        )
        .route(
            "/webhooks/gupshup/{channel}/{secret}",
            post(door::gupshup::receive),
        );
    let working = Router::new()
        // Help desks, with a proof of their own too.
        .route(
            "/webhooks/glpi/{connection}",
            get(door::glpi::challenge).post(door::glpi::receive),
        )
        // Providers that fetch what is sent to a person; the address is its own proof.
        .route("/files/{contact}/{name}", get(files::serve))
        .nest("/api/v1", clients)
        .layer(middleware::from_fn_with_state(edge.clone(), bounded));
    let watching = Router::new()
        // Whoever watches the service; nothing of a tenant is told here.
        .route("/healthz", get(live::healthz))
        .route("/readyz", get(live::readyz))
        .route("/metrics", get(live::metrics));
    doors
        .merge(working)
        .merge(watching)
        .fallback(unknown)
        .with_state(edge)
}

async fn unknown() -> ApiError {
    ApiError::NotFound { what: "address" }
}

/// One place and a bounded time for every request that makes work.
async fn bounded(
    State(edge): State<Edge>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    within_bounds(&edge, pin!(async { Ok(next.run(request).await) })).await
}

/// [`bounded`] for one handler: a layer costs a webhook as much as its signature does. The work stays
/// where it is, so that a request's memory holds it once.
async fn within_bounds<T>(
    edge: &Edge,
    work: Pin<&mut impl Future<Output = Result<T, ApiError>>>,
) -> Result<T, ApiError> {
    let _place = edge
        .places
        .try_acquire()
        .map_err(|_| ApiError::OVERLOADED)?;
    let done = timeout(2 * edge.bounds.request_time, work).await;
    done.unwrap_or(Err(ApiError::OVERLOADED))
}

/// Gives the handlers of the API a whole body within their bounds, whether or not they read it. A
/// file is left to its handler, which reads it in pieces and has bounds of its own.
async fn sized(
    State(edge): State<Edge>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if is_upload(&request) {
        return Ok(next.run(request).await);
    }
    let bounds = body::Bounds {
        max_bytes: edge.bounds.api_bytes_max,
        within: edge.bounds.request_time,
    };
    Ok(next.run(body::whole(request, bounds).await?).await)
}

/// Whether the request brings a file (`POST /contacts/{id}/media`).
fn is_upload(request: &Request) -> bool {
    request.method() == Method::POST && request.uri().path().ends_with("/media")
}

/// Leaves a line in the trace log for every request of the API. Its path holds ids only; what was
/// asked with it, a phone number perhaps, is left out.
async fn noted(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let asked = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    let status = response.status();
    let level = match status {
        status if status.is_server_error() => TraceLevel::Error,
        status if status.is_client_error() => TraceLevel::Warn,
        _ => TraceLevel::Info,
    };
    let at = edge.clock.now();
    edge.tracer.write(level, at, || Trace {
        at,
        level,
        module: "api".to_owned(),
        direction: Direction::In,
        correlation_id: asked
            .split('/')
            .find(|part| part.starts_with("ct_"))
            .unwrap_or_default()
            .to_owned(),
        payload_digest: None,
        message: format!("{asked}: {}", status.as_u16()),
    });
    response
}
