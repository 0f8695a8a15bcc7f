//! Screens, written on the server and kept alive by server-sent events.
//!
//! Every screen works without anything from elsewhere: its style, script and picture are part of
//! the binary. The content security policy allows exactly these and no inline script.
//!
//! The demo's page speaks to one origin only. What it wants from the simulators, the phone of a
//! person and the tickets, is passed on from here, and one stream of events carries all three live
//! parts of the page, because a browser opens few connections to one origin.

mod assets;
mod live;
pub mod pages;
mod simulators;
mod technician;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{Html, Response};
use axum::routing::{get, post};
use tokio::sync::watch;

use crate::http::Core;
pub use simulators::Simulators;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the demo's page stands on.
#[derive(Clone)]
pub struct Demo(Arc<Parts>);

/// The parts of [`Demo`].
pub struct Parts {
    /// What the page says.
    pub page: pages::demo::Demo,
    /// Where the phone and the tickets are.
    pub simulators: Simulators,
    /// Where the numbers come from; the page shows the document of `/api/v1/health/actors`.
    pub core: Arc<dyn Core>,
    /// Becomes true when the server is told to stop; streams end then.
    pub closing: watch::Receiver<bool>,
}

impl Demo {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

/// The routes of the demo.
pub fn router(demo: Demo) -> Router {
    Router::new()
        // What a browser opens.
        .route("/", get(page))
        .route("/assets/{file}", get(assets::serve))
        // What the page's script asks for.
        .route("/demo/live/{channel}/{wa_id}", get(live::serve))
        .route(
            "/demo/phone/{channel}/{wa_id}/messages",
            get(simulators::conversation).post(simulators::write),
        )
        .route(
            "/demo/phone/{channel}/{wa_id}/files",
            post(simulators::send_file),
        )
        .route(
            "/demo/phone/{channel}/{wa_id}/files/{message}",
            get(simulators::show_file),
        )
        .route("/demo/tickets", get(simulators::tickets))
        .route("/demo/tickets/{id}/{act}", post(technician::act))
        .route("/demo/outages/{provider}", post(technician::fail))
        .layer(middleware::from_fn(guard))
        .with_state(demo)
}

async fn page(State(demo): State<Demo>) -> Html<String> {
    Html(pages::demo::page(&demo.0.page).into_string())
}

async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
