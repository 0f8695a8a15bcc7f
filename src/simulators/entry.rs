//! The way of a request through the simulators: read, log, fault, answer.
//!
//! The provider answers in one synchronous call together with the completion of the log line,
//! so that a client that hangs up cannot separate what happened from what is recorded. A
//! delayed request runs in its own task: a slow server goes on working when its client has
//! given up, and a create can commit late.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio_stream::StreamExt;

use super::Site;
use super::exchange::{Arrived, Mark, Provider, Reply};
use super::faults::{Kind, Plan};
use super::listener::Switch;
use super::log::Ticket;

/// Largest body; media uploads of 16 MB must fit.
const BODY_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Pieces of a slow body.
const SLOW_PIECES: usize = 10;

/// Entry of the Cloud API.
pub async fn meta(State(site): State<Arc<Site>>, request: Request) -> Response {
    receive(site, Provider::Meta, request).await
}

/// Entry of Gupshup.
pub async fn gupshup(State(site): State<Arc<Site>>, request: Request) -> Response {
    receive(site, Provider::Gupshup, request).await
}

/// Entry of GLPI.
pub async fn glpi(State(site): State<Arc<Site>>, request: Request) -> Response {
    receive(site, Provider::Glpi, request).await
}

async fn receive(site: Arc<Site>, provider: Provider, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let connection = parts
        .extensions
        .get::<ConnectInfo<Switch>>()
        .map(|info| info.0.clone());
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let arrived = Arrived {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        read: OnceLock::new(),
    };
    let mark = mark(provider, &arrived);
    let ticket = site
        .log
        .arrive(provider, &arrived, &mark, site.around.clock.now_us());
    let plan = site.faults.plan(provider, &arrived);
    let outcome = if plan.before.is_zero() {
        process(&site, provider, &arrived, &ticket, &plan)
    } else {
        let (site, plan) = (site.clone(), plan.clone());
        let late = tokio::spawn(async move {
            tokio::time::sleep(plan.before).await;
            process(&site, provider, &arrived, &ticket, &plan)
        });
        late.await.unwrap_or(None)
    };
    let Some(reply) = outcome else {
        return cut(connection);
    };
    let wait = plan.after + reply.hold;
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    match plan.verdict {
        Some(Kind::SlowBody { ms }) => respond_slowly(reply, Duration::from_millis(ms)),
        _ => respond(reply),
    }
}

fn mark(provider: Provider, request: &Arrived) -> Mark {
    match provider {
        Provider::Meta => super::meta::Meta::mark(request),
        Provider::Gupshup => super::gupshup::Gupshup::mark(request),
        Provider::Glpi => super::glpi::Glpi::mark(request),
    }
}

/// Lets the request take effect, or the fault, and completes its log line. `None` = the
/// connection is to be cut.
fn process(
    site: &Site,
    provider: Provider,
    request: &Arrived,
    ticket: &Ticket,
    plan: &Plan,
) -> Option<Reply> {
    let answer = || match provider {
        Provider::Meta => site.meta.answer(request),
        Provider::Gupshup => site.gupshup.answer(request),
        Provider::Glpi => site.glpi.answer(request),
    };
    let fault = |kind: &Kind| match provider {
        Provider::Meta => site.meta.fault(kind),
        Provider::Gupshup => site.gupshup.fault(kind),
        Provider::Glpi => site.glpi.fault(kind, request),
    };
    let (reply, accepted) = match &plan.verdict {
        None | Some(Kind::SlowBody { .. } | Kind::Delay { .. }) => {
            let reply = answer();
            let accepted = reply.is_success();
            (Some(reply), accepted)
        }
        Some(Kind::Drop {}) => (None, false),
        Some(Kind::LoseAnswer {}) => (None, answer().is_success()),
        Some(
            kind @ Kind::Error {
                processed: true, ..
            },
        ) => {
            let accepted = answer().is_success();
            (Some(fault(kind)), accepted)
        }
        Some(kind) => (Some(fault(kind)), false),
    };
    site.log.finish(
        ticket,
        reply.as_ref().map_or(0, |reply| reply.status),
        accepted,
    );
    reply
}

fn respond(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        response.headers_mut().append(name, value);
    }
    response
}

fn respond_slowly(mut reply: Reply, over: Duration) -> Response {
    let body = std::mem::take(&mut reply.body);
    let size = body.len().div_ceil(SLOW_PIECES).max(1);
    let starts = (0..body.len()).step_by(size);
    let pieces: Vec<Bytes> = starts
        .map(|at| body.slice(at..body.len().min(at + size)))
        .collect();
    let pause = over / u32::try_from(pieces.len().max(1)).unwrap_or(1);
    let stream = tokio_stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Infallible>(piece)
    });
    let length = HeaderValue::from(body.len());
    let mut response = respond(reply);
    *response.body_mut() = Body::from_stream(stream);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

/// Ends the connection without an answer.
fn cut(connection: Option<Switch>) -> Response {
    match connection {
        Some(connection) => {
            connection.cut();
            Response::new(Body::empty())
        }
        // Mounted in somebody else's server, the best there is: a body that breaks off.
        None => {
            let broken =
                tokio_stream::once(Err::<Bytes, _>(std::io::Error::other("cut by a fault")));
            Response::new(Body::from_stream(broken))
        }
    }
}
